"""Where in an element expressions stand: in boxes, in the headings of a table, in its cells."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

from engine.decision.expressions import WrittenExpression, WrittenTests
from engine.decision.model import Model
from engine.decision.session import ElementKey
from engine.decision.table import CompiledTable

Placed: TypeAlias = tuple[int | None, int | None, WrittenExpression | WrittenTests]
"""Row and column from 1, ``None`` where there is none, and the text."""


def written_in(model: Model, key: ElementKey) -> Iterator[Placed]:
    """Every expression and unary test of an element."""
    for written in model.written[key]:
        yield None, None, written
    for table in model.tables[key]:
        yield from _table(table)


def _table(table: CompiledTable) -> Iterator[Placed]:
    for column, expression in enumerate(table.inputs, 1):
        yield None, column, expression
        for row in range(len(table.table.rules)):
            cell = table.cell(row, column - 1)
            if cell is not None:
                yield row + 1, column, cell
    for column, output in enumerate(table.outputs, len(table.inputs) + 1):
        for row, written in enumerate(output.cells, 1):
            if written is not None:
                yield row, column, written
