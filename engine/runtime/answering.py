"""What a form asks of the engine while somebody fills it in: the value of an expression."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from engine.calendar import Calendar
from engine.errors import ShangmenError
from engine.feel import Environment, compile_expression


def evaluator(now: datetime, calendar: Calendar, profile: Mapping[str, Any]) -> Callable[[str, Mapping[str, Any]], Any]:
    """The FEEL evaluator that a form is handed: (text, variables) → value; ``ValueError`` when it cannot."""
    environment = Environment(now=now, calendar=calendar)

    def evaluate(text: str, variables: Mapping[str, Any]) -> Any:
        try:
            return compile_expression(text).evaluate({**variables, "profile": profile}, environment)
        except ShangmenError as error:
            raise ValueError(str(error)) from error

    return evaluate
