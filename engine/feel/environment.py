"""What surrounds an evaluation: its moment, the calendar in force, the limits; and its running record."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias, TypeVar

from engine.calendar import PLAIN, Calendar
from engine.feel.errors import FeelWarning
from engine.feel.limits import PROFILES, Budget

TypeCheck: TypeAlias = Callable[[str, Any], bool | None]
"""Whether a value has the named type; ``None`` when there is no such type."""

_Value = TypeVar("_Value")

_WARNINGS_MAX = 20


@dataclass(frozen=True, slots=True)
class Environment:
    """``now``: the command's moment (aware); ``calendar``: the one in force; ``profile``: "gateway" or "table"."""

    now: datetime | None = None
    calendar: Calendar = PLAIN
    profile: str = "gateway"


NOWHERE = Environment()
"""No moment, plain calendar: ``now()`` and ``today()`` yield null with a warning."""


class Evaluation(Budget):
    """One running evaluation: its budget, its environment, and the warnings it collected.

    ``has_type`` answers ``instance of`` for types that FEEL does not know (item definitions).
    Share one evaluation between expressions that must share one budget, as a decision does.
    """

    __slots__ = ("environment", "has_type", "warnings")

    def __init__(self, environment: Environment = NOWHERE, has_type: TypeCheck | None = None) -> None:
        super().__init__(PROFILES[environment.profile])
        self.environment = environment
        self.has_type = has_type
        self.warnings: list[FeelWarning] = []

    def warn(self, position: int | None, template: str, **params: Any) -> _Value | None:
        """Remember why something yields null. Always answers null: ``return evaluation.warn(…)``."""
        if len(self.warnings) < _WARNINGS_MAX:
            self.warnings.append(FeelWarning(template, params, position))
        return None
