"""The decision tables of the procedures, read once for the tests."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from engine.decision import Model, Result, read_library
from engine.feel import Environment

PROCESSES = Path(__file__).parents[2] / "processes"
ENVIRONMENT = Environment(now=datetime(2026, 9, 16, 9, 0, tzinfo=UTC))
ASSESSED_ON = date(2026, 9, 16)


@cache
def library(procedure: str = "disability_assessment") -> Mapping[str, Model]:
    """The models of a procedure by key."""
    return read_library({path.stem: path.read_bytes() for path in sorted((PROCESSES / procedure).glob("*.dmn"))})


def decide(key: str, *, procedure: str = "disability_assessment", **answers: Any) -> Result:
    """What the table of that key says about these answers."""
    return library(procedure)[key].evaluate(key, answers, ENVIRONMENT)


def graded(key: str, **answers: Any) -> tuple[str, int | None]:
    """The outcome and grade of a grade table."""
    outputs = decide(key, **answers).outputs
    return outputs["outcome"], outputs["grade"]


def born(years: int, months: int = 0) -> dict[str, date]:
    """The dates of a person of that age on the day of assessment."""
    month_count = ASSESSED_ON.year * 12 + ASSESSED_ON.month - 1 - years * 12 - months
    birth_date = date(month_count // 12, month_count % 12 + 1, ASSESSED_ON.day)
    return {"birth_date": birth_date, "assessed_on": ASSESSED_ON}


def ears(right: float, left: float | None = None) -> dict[str, float]:
    """The same threshold at all four frequencies, per ear."""
    sides = {"right": right, "left": right if left is None else left}
    return {f"hearing_{side}_{hz}": value for side, value in sides.items() for hz in (500, 1000, 2000, 4000)}
