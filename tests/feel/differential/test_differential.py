"""The evaluator of form-js and ours answer alike: random expressions of the portable profile, no difference.

Install: npm ci --ignore-scripts --prefix tests/feel/differential
In full: SHANGMEN_DIFFERENTIAL=6000 pytest tests/feel/differential -s (SHANGMEN_SEED repeats a run)
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from engine.feel import FeelError, compile_expression
from engine.feel.analysis import analyse
from tests.feel.differential.expressions import CASE, KINDS, Expressions, browser_case
from tests.feel.differential.reviewed import REVIEWED

HERE = Path(__file__).parent
COMPARED = int(os.environ.get("SHANGMEN_DIFFERENTIAL", "500"))
SEED = int(os.environ.get("SHANGMEN_SEED", "983104779"))
INSTALLED = shutil.which("node") is not None and (HERE / "node_modules/@bpmn-io/feelin").is_dir()
needs_browser_evaluator = pytest.mark.skipif(
    not INSTALLED,
    reason="needs Node and feelin: run npm ci --ignore-scripts --prefix tests/feel/differential",
)


def in_browser(expressions: list[str]) -> list[Any]:
    """What form-js's evaluator answers; a mark of its own for an error."""
    asked = json.dumps({"expressions": expressions, "context": browser_case()})
    done = subprocess.run(
        ["node", "evaluate.mjs"], cwd=HERE, input=asked, capture_output=True, text=True, check=True, timeout=120
    )
    return [outcome.get("value", "<error>") for outcome in json.loads(done.stdout)]


def here(expression: str) -> Any:
    """What our engine answers, as JSON would carry it."""
    try:
        return plain(compile_expression(expression).evaluate(CASE))
    except FeelError:
        return "<error>"


def plain(value: Any) -> Any:
    match value:
        case bool():
            return value
        case Decimal() | int():
            return float(value)
        case date():
            return value.isoformat()
        case list():
            return [plain(item) for item in value]
        case dict():
            return {key: plain(item) for key, item in value.items()}
    return value


def same(ours: Any, theirs: Any) -> bool:
    """Equal, numbers to the 12 digits a browser can be trusted with."""
    if isinstance(ours, bool) or isinstance(theirs, bool):
        return ours is theirs
    if isinstance(ours, int | float) and isinstance(theirs, int | float):
        return abs(ours - theirs) <= 1e-12 * max(1, abs(ours))
    if isinstance(ours, list) and isinstance(theirs, list):
        return len(ours) == len(theirs) and all(map(same, ours, theirs))
    return type(ours) is type(theirs) and bool(ours == theirs)


@cache
def portable_expressions(seed: int, count: int) -> tuple[str, ...]:
    """Random expressions that the profile lets pass."""
    source = Expressions(seed)
    found: dict[str, None] = {}
    while len(found) < count:
        text = source.next()
        if text not in found and not analyse(text, variables=KINDS, portable=True):
            found[text] = None
    return tuple(found)


@cache
def reviewed_in_browser() -> dict[str, Any]:
    """What form-js's evaluator answers to the reviewed differences."""
    texts = [difference.text for difference in REVIEWED]
    return dict(zip(texts, in_browser(texts), strict=True))


@needs_browser_evaluator
def test_portable_expressions_mean_the_same_in_the_browser() -> None:
    print(f"SHANGMEN_SEED={SEED}")
    expressions = list(portable_expressions(SEED, COMPARED))
    differences = [
        (expression, ours, theirs)
        for expression, theirs in zip(expressions, in_browser(expressions), strict=True)
        if not same(ours := here(expression), theirs)
    ]

    shortest = sorted(differences, key=lambda difference: len(difference[0]))[:20]
    print(f"{len(expressions)} expressions compared, {len(differences)} differ")
    assert not differences, f"SHANGMEN_SEED={SEED}: {len(differences)} differ, such as {shortest}"


@needs_browser_evaluator
@pytest.mark.parametrize("difference", REVIEWED, ids=lambda difference: difference.text)
def test_a_reviewed_difference_is_as_it_was_reviewed(difference: Any) -> None:
    """When an upgrade changes one of these, the list is read again. A difference that is gone leaves the list."""
    theirs = reviewed_in_browser()[difference.text]
    ours = here(difference.text)

    assert same(ours, difference.ours)
    assert same(theirs, difference.theirs)
    assert not same(ours, theirs)


@pytest.mark.parametrize("difference", REVIEWED, ids=lambda difference: difference.text)
def test_the_profile_keeps_a_reviewed_difference_out_of_forms(difference: Any) -> None:
    findings = analyse(difference.text, variables=KINDS, portable=True)

    assert bool(findings) is not difference.slips_through


def test_the_expressions_are_varied_and_true_as_often_as_not() -> None:
    expressions = portable_expressions(SEED, COMPARED)[:500]
    answers = [here(text) for text in expressions]

    assert sum(answer is True for answer in answers) > 30
    assert sum(answer is False for answer in answers) > 30
    assert sum(answer is None for answer in answers) < len(answers) / 2
