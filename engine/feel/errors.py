"""What the expression engine refuses, with the place in the text and a hint what to write instead.

FeelError               (a ShangmenError) anything wrong with an expression or its evaluation
├── FeelSyntaxError     the text is not an expression; nothing was evaluated
└── FeelLimit           the evaluation wanted more than its profile allows
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from engine.errors import ShangmenError


class FeelError(ShangmenError):
    """A problem in an expression.

    ``template % params`` says what is wrong, ``hint % params`` (may be empty) what to do about it;
    ``position`` is the offset into ``text``; ``line`` and ``column`` count from one, ``None`` when unknown.
    """

    def __init__(
        self, template: str, *, text: str = "", position: int | None = None, hint: str = "", **params: Any
    ) -> None:
        super().__init__(template, **params)
        self.text = text
        self.position = position
        self.hint = hint

    @property
    def line(self) -> int | None:
        """The line of the problem, from one."""
        return None if self.position is None else self.text.count("\n", 0, self.position) + 1

    @property
    def column(self) -> int | None:
        """The column of the problem, from one."""
        return None if self.position is None else self.position - self.text.rfind("\n", 0, self.position)

    def __str__(self) -> str:
        sentence = super().__str__()
        if self.hint:
            sentence += " " + (self.hint % self.params if self.params else self.hint)
        if self.position is None:
            return sentence
        return f"line {self.line}, column {self.column}: {sentence}"


class FeelSyntaxError(FeelError):
    """The text is not a FEEL expression."""


class FeelLimit(FeelError):
    """An evaluation asked for more steps, time, text or list than its profile allows."""


@dataclass(frozen=True, slots=True)
class FeelWarning:
    """Why an evaluation yielded null somewhere: a sentence, its values, and the offset into the expression."""

    template: str
    params: dict[str, Any] = field(default_factory=dict)
    position: int | None = None

    def __str__(self) -> str:
        return self.template % self.params if self.params else self.template
