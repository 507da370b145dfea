"""What one evaluation may use up: steps, time, text, list cells and depth. The only clock in the engine.

The clock here measures how long an evaluation has run; it never becomes a value.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from time import monotonic
from types import MappingProxyType
from typing import Any

from engine.feel.errors import FeelLimit

_STEPS_BETWEEN_CLOCK_READS = 256


@dataclass(frozen=True, slots=True)
class Limits:
    """The most one evaluation may use; lengths are characters and entries, ``cells`` is what all of it may hold."""

    steps: int
    seconds: float
    string_length: int = 100_000
    list_length: int = 20_000
    depth: int = 40
    cells: int = 500_000
    result_cells: int = 100_000


PROFILES: Mapping[str, Limits] = MappingProxyType(
    {"gateway": Limits(steps=20_000, seconds=0.1), "table": Limits(steps=200_000, seconds=0.45)}
)
"""Named limits: ``gateway`` for conditions, timers, assignments and forms, ``table`` for decisions.

The seconds of ``table`` leave room to notice: no evaluation takes longer than 500 ms.
"""


class Budget:
    """What is left of the limits. Every loop and every built-in function draws on it."""

    __slots__ = ("_clock_due", "_deadline", "cells", "depth", "limits", "steps")

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.steps = limits.steps
        self.cells = limits.cells
        self.depth = 0
        self._clock_due = limits.steps - _STEPS_BETWEEN_CLOCK_READS
        self._deadline: float | None = None  # set at the first clock read: short evaluations never read the clock

    def tick(self, steps: int = 1) -> None:
        """Charge work. Raises ``FeelLimit`` when the steps or the time are used up."""
        self.steps -= steps
        if self.steps < self._clock_due:
            self._read_clock()

    def _read_clock(self) -> None:
        if self.steps < 0:
            raise FeelLimit(
                "Expected an evaluation of at most %(steps)s steps, but this one needs more.",
                hint="Loop over fewer entries.",
                steps=self.limits.steps,
            )
        self._clock_due = self.steps - _STEPS_BETWEEN_CLOCK_READS
        now = monotonic()
        if self._deadline is None:
            self._deadline = now + self.limits.seconds
        elif now > self._deadline:
            raise FeelLimit(
                "Expected an evaluation of at most %(milliseconds)s ms, but this one takes longer.",
                hint="Loop over fewer entries.",
                milliseconds=int(self.limits.seconds * 1000),
            )

    def hold(self, cells: int) -> None:
        """Charge memory: list entries, context entries or characters. Raises ``FeelLimit``."""
        self.cells -= cells
        if self.cells < 0:
            raise FeelLimit("Expected lists and texts of moderate size, but this evaluation builds too many of them.")

    def text(self, value: str) -> str:
        """``value``, charged for. Raises ``FeelLimit`` when it is too long."""
        self.check_text_length(len(value))
        if len(value) > 64:
            self.hold(len(value))
        return value

    def check_text_length(self, length: int) -> None:
        """Refuse a text of this length before it is built."""
        if length > self.limits.string_length:
            raise FeelLimit(
                "Expected a text of at most %(longest)s characters, but this one has %(found)s.",
                longest=self.limits.string_length,
                found=length,
            )

    def entries(self, value: list[Any]) -> list[Any]:
        """``value``, charged for. Raises ``FeelLimit`` when it is too long."""
        self.check_list_length(len(value))
        self.hold(len(value))
        return value

    def check_list_length(self, length: int) -> None:
        """Refuse a list of this length before it is built."""
        if length > self.limits.list_length:
            raise FeelLimit(
                "Expected a list of at most %(longest)s entries, but this one has %(found)s.",
                longest=self.limits.list_length,
                found=length,
            )

    def check_result(self, value: Any) -> None:
        """Refuse a result that is too large as a *tree*: shared parts are written out when it is stored."""
        cells = 0
        waiting = [value]
        while waiting:
            item = waiting.pop()
            match item:
                case list():
                    cells += len(item) + 1
                    waiting.extend(item)
                case dict():
                    cells += len(item) + 1
                    waiting.extend(item.values())
                case str():
                    cells += len(item) >> 6
            if cells > self.limits.result_cells:
                raise FeelLimit(
                    "Expected a result of at most %(largest)s entries, but this one has more.",
                    largest=self.limits.result_cells,
                )
