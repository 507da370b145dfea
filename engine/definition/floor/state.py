"""Where the composed process is: a bag of tokens and what the followed variables may be, and a step in the making."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from engine.definition.floor.choices import Values
from engine.definition.floor.composed import TooLarge

TOKENS_MAX = 2
ENTER, DONE = "enter", "done"
Label = tuple[str, str]
"""(``enter`` or ``done``, node key)."""


@dataclass(frozen=True, slots=True)
class State:
    """``tokens`` sorted, a token in one place at most twice."""

    tokens: tuple[str, ...]
    values: Values


@dataclass(slots=True)
class Step:
    """A step in the making."""

    tokens: Counter[str]
    values: Values
    labels: list[Label] = field(default_factory=list)

    def copy(self) -> Step:
        return Step(Counter(self.tokens), self.values, list(self.labels))

    def take(self, token: str) -> None:
        self.tokens[token] -= 1
        if self.tokens[token] <= 0:
            del self.tokens[token]

    def put(self, token: str) -> None:
        self.tokens[token] += 1
        if self.tokens[token] > TOKENS_MAX:
            raise TooLarge(
                "Expected a step to be under way at most twice at a time but %(what)s can pile up. Join the branches.",
                what=token[2:],
            )
