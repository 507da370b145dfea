"""What the linter says: a rule's name, the place, how bad it is, and a sentence."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

Severity: TypeAlias = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Finding:
    """A mistake. ``element``: the id of the decision or knowledge model. ``row`` and ``column`` count from 1.

    The columns are the inputs and then the outputs; ``None`` where the whole table or expression is meant.
    """

    rule: str
    element: str
    row: int | None
    column: int | None
    severity: Severity
    template: str
    params: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        sentence = self.template % self.params if self.params else self.template
        place = "".join(
            f", {name} {number}" for name, number in (("row", self.row), ("column", self.column)) if number is not None
        )
        return f"{self.element}{place}: {sentence} [{self.rule}]"
