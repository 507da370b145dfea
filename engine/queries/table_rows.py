"""A row of a decision table that decided, with the names of the data that its columns are about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.decision.elements import DecisionTable


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table that matched: ``tests`` and ``results`` are (column, text).

    ``names`` says which data a column is about: what its words are called in is found there.
    """

    decision: str
    number: int
    tests: tuple[tuple[str, str], ...]
    results: tuple[tuple[str, str], ...]
    description: str
    names: Mapping[str, str] = field(default_factory=dict)


def row_of(name: str, table: DecisionTable, number: int, result: str) -> Row:
    """The row with this number (from 1) of a table whose outcome lies in the data under ``result``."""
    rule = table.rules[number - 1]
    tests = zip(table.inputs, rule.inputs, strict=False)
    results = zip(table.outputs, rule.outputs, strict=False)
    return Row(
        name,
        number,
        tuple((clause.label or clause.text or "", text) for clause, text in tests if text.strip() not in ("", "-")),
        tuple((clause.label or clause.name or "", text) for clause, text in results),
        rule.description,
        {
            **{clause.label or clause.text or "": (clause.text or "").strip() for clause in table.inputs},
            **{
                clause.label or clause.name or "": _result(clause.name or "", result, table) for clause in table.outputs
            },
        },
    )


def _result(output: str, result: str, table: DecisionTable) -> str:
    """Where an output stands in the data: a table with several gives a context."""
    return f"{result}.{output}" if len(table.outputs) > 1 else result
