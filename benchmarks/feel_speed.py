"""What an expression costs, beside what Python needs for the same: a cached condition, a loop, and compiling.

    python -m benchmarks.feel_speed          # prints microseconds and ratios; exits with 1 when a bar is missed

Best of many short batches. The microseconds are for an idle machine of the usual kind; a busy or slow one is
measured against itself: a bar is met in microseconds *or* as a multiple of what Python needs in the same run.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from time import perf_counter
from typing import Any

from engine.feel import compile_expression
from engine.feel.expression import Expression, known_names

CONDITION = 'amount > 1000000 and department = "finance"'
LOOP = "sum(for item in items return item.price * item.count) > 1000"
CASE: dict[str, Any] = {
    "amount": 2_000_000,
    "department": "finance",
    "items": [{"price": Decimal("9.5"), "count": number} for number in range(20)],
}
_MILLION = Decimal(1_000_000)


@dataclass(frozen=True, slots=True)
class Measured:
    """``bar``: microseconds at most, or this many times what Python needs (``multiple``)."""

    name: str
    microseconds: float
    python: float
    bar: float | None = None
    multiple: float | None = None

    @property
    def ratio(self) -> float:
        return self.microseconds / self.python

    @property
    def is_met(self) -> bool:
        if self.bar is None or self.multiple is None:
            return True
        return self.microseconds <= self.bar or self.ratio <= self.multiple


def microseconds(call: Callable[[], object], *, batches: int = 200, calls: int = 200) -> float:
    """The best batch's time per call."""
    best = float("inf")
    for _ in range(batches):
        start = perf_counter()
        for _ in range(calls):
            call()
        best = min(best, perf_counter() - start)
    return best / calls * 1e6


def condition_in_python(case: dict[str, Any]) -> bool:
    """What a programmer would write for ``CONDITION``, decimal as FEEL is."""
    return Decimal(case["amount"]) > _MILLION and case["department"] == "finance"


def loop_in_python(case: dict[str, Any]) -> bool:
    """What a programmer would write for ``LOOP``."""
    return sum((item["price"] * Decimal(item["count"]) for item in case["items"]), Decimal(0)) > 1000


def measure() -> list[Measured]:
    """All measurements of one run."""
    condition, loop = compile_expression(CONDITION), compile_expression(LOOP)
    names = known_names()
    in_python = CONDITION.replace(" = ", " == ")
    python_condition = microseconds(lambda: condition_in_python(CASE))
    python_compile = microseconds(lambda: compile(in_python, "", "eval"), calls=20)
    return [
        Measured("cached condition", microseconds(lambda: condition.evaluate(CASE)), python_condition, 2.0, 12.0),
        Measured(
            "the same, found in the cache",
            microseconds(lambda: compile_expression(CONDITION).evaluate(CASE)),
            python_condition,
        ),
        Measured(
            "sum over 20 rows",
            microseconds(lambda: loop.evaluate(CASE), calls=20),
            microseconds(lambda: loop_in_python(CASE)),
        ),
        Measured(
            "parse and compile",
            microseconds(lambda: Expression(CONDITION, names), calls=20),
            python_compile,
            25.0,
            3.2,
        ),
        Measured("parse and compile a loop", microseconds(lambda: Expression(LOOP, names), calls=20), python_compile),
    ]


def main() -> int:
    """Print the table. Answers 1 when a bar is missed."""
    measured = measure()
    print(f"{'':32}{'µs':>8}{'Python':>9}{'ratio':>8}")
    for row in measured:
        verdict = "" if row.bar is None else f"  bar {row.bar:g} µs: {'met' if row.is_met else 'MISSED'}"
        print(f"{row.name:32}{row.microseconds:8.2f}{row.python:9.2f}{row.ratio:8.1f}{verdict}")
    return 0 if all(row.is_met for row in measured) else 1


if __name__ == "__main__":
    sys.exit(main())
