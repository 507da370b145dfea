"""Runs the rules over the main file of a model. A rule that fails becomes a finding; it never stops the others."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from engine.decision.elements import BusinessKnowledgeModel, Decision
from engine.decision.lint import cells, coverage, meaning, names, structure
from engine.decision.lint.finding import Finding
from engine.decision.model import Model
from engine.decision.table import CompiledTable

_TABLE_RULES: tuple[Callable[[CompiledTable], Iterator[Finding]], ...] = (structure.check, cells.check, coverage.check)


def lint(model: Model) -> list[Finding]:
    """Every mistake in the decisions and knowledge models of the main file, in its order."""
    found: list[Finding] = []
    for element in model.definitions.elements.values():
        if not isinstance(element, Decision | BusinessKnowledgeModel):
            continue
        key = (model.definitions.namespace, element.id)
        for table in model.tables[key]:
            for rule in _TABLE_RULES:
                found.extend(_guarded(rule, element.id, table))
        for written in model.written[key]:
            found.extend(cells.broken(written, element.id, None, None))
        for check in (names.check, meaning.check):
            found.extend(_guarded(check, element.id, model, key))
    return found


def _guarded(rule: Callable[..., Iterator[Finding]], element: str, *subject: Any) -> Iterator[Finding]:
    try:
        yield from rule(*subject)
    except Exception as problem:
        yield Finding(
            "rule-error",
            element,
            None,
            None,
            "warning",
            "A rule of the linter failed here (%(rule)s): %(problem)s. Please report it.",
            {"rule": rule.__module__.rsplit(".", 1)[-1], "problem": str(problem)},
        )
