"""What the analysis has to say about an expression."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Finding:
    """One remark. ``severity``: "error" or "warning"; ``position`` counts from 0, ``line`` and ``column`` from 1."""

    rule: str
    severity: str
    position: int
    line: int
    column: int
    template: str
    params: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.template % self.params if self.params else self.template


class Notes:
    """Findings about one text, collected while its tree is walked."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._found: list[Finding] = []

    def error(self, rule: str, position: int, template: str, **params: Any) -> None:
        """Something that must be corrected."""
        self._add(rule, "error", position, template, params)

    def warning(self, rule: str, position: int, template: str, **params: Any) -> None:
        """Something that is probably a mistake."""
        self._add(rule, "warning", position, template, params)

    def _add(self, rule: str, severity: str, position: int, template: str, params: dict[str, Any]) -> None:
        line = self._text.count("\n", 0, position) + 1
        column = position - self._text.rfind("\n", 0, position)
        finding = Finding(rule, severity, position, line, column, template, params)
        if finding not in self._found:
            self._found.append(finding)

    def in_order(self) -> tuple[Finding, ...]:
        """All findings, by their place in the text."""
        return tuple(sorted(self._found, key=lambda finding: finding.position))
