"""What a decision table costs: 10, 100 and 1,000 rules, worst case (only the last rule matches), and reading a file.

    python -m benchmarks.decision_tables            # prints microseconds; exits with 1 when a bar is missed

Best of many short batches: on a busy machine the best is what the code costs, the rest is what others cost.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from time import perf_counter

from engine.decision import read_decisions, read_library
from engine.feel import Environment

BARS = {100: 150.0, 1_000: 500.0}
"""Rules → microseconds at most."""

_ENVIRONMENT = Environment(now=datetime(2026, 9, 7, 9, 0, tzinfo=UTC))
_PROCESSES = Path(__file__).parents[1] / "processes" / "disability_assessment"
_HEAD = '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" name="b" namespace="urn:b">'


def table_of(rules: int, shift: int = 0) -> bytes:
    """A FIRST table of that many rules over a number, a text and a truth; the last rule catches all.

    ``shift`` makes the numbers and texts new, so that nothing is remembered from another table.
    """
    rows = [
        f"<rule><inputEntry><text>[{shift + row * 10}..{shift + row * 10 + 10})</text></inputEntry>"
        f'<inputEntry><text>"kind {shift} {row % 7}", "other"</text></inputEntry>'
        f"<inputEntry><text>{'true' if row % 2 else '-'}</text></inputEntry>"
        f"<outputEntry><text>{row}</text></outputEntry></rule>"
        for row in range(rules - 1)
    ]
    inputs = "".join(f'<inputData id="{name}" name="{name}"><variable name="{name}"/></inputData>' for name in "abc")
    columns = "".join(f"<input><inputExpression><text>{name}</text></inputExpression></input>" for name in "abc")
    required = "".join(
        f'<informationRequirement><requiredInput href="#{name}"/></informationRequirement>' for name in "abc"
    )
    last = (
        "<rule>" + "<inputEntry><text>-</text></inputEntry>" * 3 + "<outputEntry><text>-1</text></outputEntry></rule>"
    )
    table = f'<decisionTable hitPolicy="FIRST">{columns}<output/>{"".join(rows)}{last}</decisionTable>'
    decision = f'<decision id="d" name="d"><variable name="d"/>{required}{table}</decision>'
    return f"{_HEAD}{inputs}{decision}</definitions>".encode()


def microseconds(call: Callable[[], object], *, batches: int = 40, calls: int = 50) -> float:
    """The best batch's time per call."""
    best = float("inf")
    for _ in range(batches):
        start = perf_counter()
        for _ in range(calls):
            call()
        best = min(best, perf_counter() - start)
    return best / calls * 1e6


def evaluation(rules: int) -> float:
    """Microseconds for one evaluation in which only the last rule matches."""
    model = read_decisions(table_of(rules))
    answers = {"a": -5, "b": "nothing", "c": True}
    assert model.evaluate("d", answers, _ENVIRONMENT).rows == {"d": [rules]}
    return microseconds(lambda: model.evaluate("d", answers, _ENVIRONMENT))


def reading(rules: int) -> float:
    """Milliseconds to read and compile a table that was never seen before."""

    fresh = iter([table_of(rules, shift) for shift in range(100_000, 400_000, 100_000)])
    return microseconds(lambda: read_decisions(next(fresh)), batches=3, calls=1) / 1e3


def grade_check() -> float:
    """Microseconds for the check of a grade: eight tables and their helpers."""
    models = read_library({path.stem: path.read_bytes() for path in _PROCESSES.glob("*.dmn")})
    answers = {
        "categories": ["limb"],
        "limb_adl": "none",
        "limb_conditions": ["1i"],
        "conclusion": "qualified",
        "category": "4",
        "grade": "1",
        "birth_date": date(1950, 1, 1),
        "assessed_on": date(2026, 9, 16),
    }
    assert models["grade_check"].evaluate("grade_check", answers, _ENVIRONMENT).outputs["verdict"] == "consistent"
    return microseconds(lambda: models["grade_check"].evaluate("grade_check", answers, _ENVIRONMENT), calls=10)


def main() -> int:
    """Print the figures; 1 when a bar is missed."""
    missed = 0
    for rules in (10, 100, 1_000):
        found = evaluation(rules)
        bar = BARS.get(rules)
        missed += bar is not None and found > bar
        print(f"{rules:>5} rules  {found:8.1f} µs per evaluation" + (f"  (bar {bar:.0f})" if bar else ""))
    for rules in (100, 1_000):
        print(f"{rules:>5} rules  {reading(rules):8.1f} ms to read and compile")
    print(f"grade_check  {grade_check():8.1f} µs (8 tables)")
    return int(missed > 0)


if __name__ == "__main__":
    sys.exit(main())
