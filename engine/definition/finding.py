"""One thing that a check found in a diagram."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Finding:
    """``template % params`` is an English sentence: what was expected, what was found, what to do.

    ``process`` and ``element`` say where (``element`` "" for the whole file). An error stops publishing.
    """

    rule: str
    element: str
    severity: Severity
    template: str
    params: dict[str, Any] = field(default_factory=dict)
    process: str = ""
    trail: tuple[tuple[str, str], ...] = ()
    """The way that shows it, as (process, element) in the order of the visits."""

    def __str__(self) -> str:
        return self.template % self.params if self.params else self.template
