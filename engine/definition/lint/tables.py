"""The decision tables of a bundle: what their own linter finds, and files that cannot be read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from engine.decision import Finding as TableFinding
from engine.decision import lint as lint_model
from engine.decision import read_decisions
from engine.definition.finding import Finding
from engine.definition.schema import check_schema
from engine.errors import ShangmenError


def findings(tables: Mapping[str, bytes]) -> Iterator[Finding]:
    """All findings about the decision files (key → content); they may import each other."""
    for key, content in tables.items():
        yield from check_schema(content, key, f"{key}.dmn")
        try:
            model = read_decisions(content, [other for name, other in tables.items() if name != key])
            main = model.main
        except ShangmenError as refusal:
            yield Finding("readable", "", "error", refusal.template, refusal.params, key)
            continue
        if main != key:
            yield Finding(
                "references",
                main,
                "error",
                "Expected the main decision %(key)s in %(key)s.dmn but found %(found)s. Rename one of them.",
                {"key": key, "found": main},
                key,
            )
        for found in lint_model(model):
            yield Finding(found.rule, place(found), found.severity, found.template, found.params, key)


def place(found: TableFinding) -> str:
    """Where it is: the element's id, then row and column of the table where there are such: ``grade 2:1``."""
    if found.row is None and found.column is None:
        return found.element
    return f"{found.element} {found.row or '-'}:{found.column or '-'}"
