"""The DMN TCK through the real reader and the real engine: how many cases give what the standard's authors expect."""

from __future__ import annotations

import os
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from engine.decision import DecisionFailed, Model, read_decisions
from engine.errors import Rejected
from engine.feel import Environment
from tests.conformance.dmn_tck import Case, Expected, TestFile, read_tck, same

_CORPORA = os.environ.get("SHANGMEN_CORPORA")
_ENVIRONMENT = Environment(now=datetime(2026, 9, 7, 9, 0, tzinfo=UTC), profile="table")
_REFUSED = "0076-feel-external-java"  # needs a Java machine: refused on purpose

pytestmark = pytest.mark.skipif(
    _CORPORA is None, reason="Set SHANGMEN_CORPORA to the folder of public test models to run the DMN TCK."
)


class Score:
    """Passed and total, by level and by suite; and those among them that expect a value."""

    def __init__(self) -> None:
        self.total: Counter[Any] = Counter()
        self.passed: Counter[Any] = Counter()
        self.failures: list[str] = []
        self.refused = 0

    def count(self, file: TestFile, case: Case, problem: str) -> None:
        keys = [("level", file.level), ("suite", file.level, file.suite)]
        if case.wants_a_value:
            keys.append(("value", file.level))
        for key in keys:
            self.total[key] += 1
            self.passed[key] += not problem
        if problem:
            self.failures.append(f"{file.suite} {case.id}: {problem}")

    def line(self, key: Any) -> str:
        return f"{self.passed[key]}/{self.total[key]}"


@pytest.fixture(scope="module")
def score() -> Score:
    """Every case of the corpus, run once."""
    score = Score()
    for file in read_tck(Path(_CORPORA or "") / "dmn-tck"):
        if file.suite == _REFUSED:
            score.refused += len(file.cases)
            continue
        model = read_decisions(file.model.read_bytes(), _library(file))
        for case in file.cases:
            score.count(file, case, _problem(model, case))
    return score


def _library(file: TestFile) -> list[bytes]:
    return [path.read_bytes() for path in sorted(file.path.parent.glob("*.dmn")) if path != file.model]


def _problem(model: Model, case: Case) -> str:
    """What is wrong with the answers to a case; "" when nothing is."""
    for node in case.expected:
        try:
            answer = _answer(model, case, node)
        except (DecisionFailed, Rejected) as refusal:
            if not node.is_error:
                return f"{node.name}: {refusal}"
            continue
        if not (answer is None if node.is_error else same(node.value, answer)):
            return f"{node.name}: expected {node.value!r}, found {answer!r}"
    return ""


def _answer(model: Model, case: Case, node: Expected) -> Any:
    names = {element.name: id for id, element in model.definitions.elements.items()}
    session = model.open_session(case.inputs, _ENVIRONMENT)
    if not case.invocable:
        return model.answer(names[node.name], session)
    answer = model.answer(names[case.invocable], session)
    several = len(getattr(model.definitions.elements[names[case.invocable]], "outputs", ())) > 1
    return answer[node.name] if several and isinstance(answer, dict) and node.name in answer else answer


def test_the_score_is_printed_per_suite(score: Score, capsys: pytest.CaptureFixture[str]) -> None:
    with capsys.disabled():
        print()
        for key in sorted(key for key in score.total if key[0] == "suite"):
            print(f"  level {key[1]}  {key[2]:42} {score.line(key)}")
        for level in (2, 3):
            line, of_values = score.line(("level", level)), score.line(("value", level))
            print(f"level {level}: {line}, of which expect a value: {of_values}")
        print(f"refused on purpose (external Java): {score.refused}")
        for failure in score.failures:
            print("  failed:", failure[:200])
    assert score.total["level", 2] >= 116
    assert score.total["level", 3] >= 1_400


def test_level_2_passes_completely(score: Score) -> None:
    assert score.passed["level", 2] == score.total["level", 2]


def test_level_3_passes_to_99_percent(score: Score) -> None:
    assert score.passed["level", 3] >= 0.99 * score.total["level", 3], "\n".join(score.failures)


def test_no_case_that_once_passed_is_lost(score: Score) -> None:
    """A ratchet: raise the numbers when more pass. Cases that expect a value are what an always-null engine fails."""
    assert score.passed["level", 3] >= 1_400, "\n".join(score.failures)
    assert score.passed["value", 3] >= 1_091, "\n".join(score.failures)


def test_external_java_is_refused_when_the_file_is_read() -> None:
    folder = Path(_CORPORA or "") / "dmn-tck" / "compliance-level-3" / _REFUSED
    with pytest.raises(Rejected, match="external function"):
        read_decisions(next(folder.glob("*.dmn")).read_bytes())


def test_external_java_inside_an_expression_gives_nothing() -> None:
    folder = Path(_CORPORA or "") / "dmn-tck" / "compliance-level-3" / _REFUSED
    content = next(folder.glob("*.dmn")).read_bytes().replace(b'kind="Java"', b'kind="FEEL"')
    model = read_decisions(content)
    others = [decision for decision in model.decisions if decision.name != "boxed_001"]  # the one in a box
    assert len(others) == 17
    for decision in others:
        result = model.evaluate(decision.id, {}, _ENVIRONMENT)
        assert "External functions are not allowed." in map(str, result.warnings), decision.name
