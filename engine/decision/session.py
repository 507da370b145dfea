"""One evaluation of a model while it runs: the inputs, what was decided so far, and which rows matched."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from engine.decision.expressions import Scope
from engine.feel.environment import Evaluation

ElementKey: TypeAlias = tuple[str, str]
"""Namespace and id."""


@dataclass(frozen=True, slots=True)
class DecisionWarning:
    """Why something came out as null: the element in which it happened, a sentence and its values."""

    element: str
    template: str
    params: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.template % self.params if self.params else self.template


@dataclass(slots=True)
class Session:
    """``known`` holds the values of elements already evaluated; ``rows`` the rule numbers (from 1) per element id."""

    evaluation: Evaluation
    inputs: Mapping[str, Any]
    known: dict[ElementKey, Any] = field(default_factory=dict)
    rows: dict[str, list[int]] = field(default_factory=dict)
    warnings: list[DecisionWarning] = field(default_factory=list)

    def inside(self, known: dict[ElementKey, Any]) -> Session:
        """A session for a decision service: its parameters are known, nothing else is; budget and record are shared."""
        return Session(self.evaluation, self.inputs, known, self.rows, self.warnings)

    def claim_warnings(self, element: str) -> None:
        """Put the warnings that nothing has claimed yet down to this element."""
        fresh = self.evaluation.warnings[len(self.warnings) :]
        if fresh:
            self.warnings.extend(DecisionWarning(element, warning.template, warning.params) for warning in fresh)


Run: TypeAlias = Callable[[Scope, Session], Any]
"""A compiled boxed expression."""
