"""Cells that cannot mean what they say: not FEEL, of the wrong type, or not an allowed value."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from engine.decision.column import constants_of, number_of
from engine.decision.expressions import DecisionFailed, WrittenExpression, WrittenTests
from engine.decision.lint.domain import allowed_tests, type_of_input
from engine.decision.lint.finding import Finding
from engine.decision.table import CompiledOutput, CompiledTable
from engine.feel import Environment, Evaluation, kind, syntax

_TABLE = Environment(profile="table")


def check(table: CompiledTable) -> Iterator[Finding]:
    """Every cell and heading of a table."""
    for index, expression in enumerate(table.inputs):
        yield from broken(expression, table.owner, None, index + 1)
        allowed = table.allowed[index]
        if allowed is not None:
            yield from broken(allowed, table.owner, None, index + 1)
        for row in range(len(table.table.rules)):
            cell = table.cell(row, index)
            if cell is not None:
                yield from broken(cell, table.owner, row + 1, index + 1)
                yield from _input_cell(table, cell, row, index)
    for place, output in enumerate(table.outputs, len(table.inputs) + 1):
        for heading in (output.allowed, output.default):
            if heading is not None:
                yield from broken(heading, table.owner, None, place)
        for row, written in enumerate(output.cells, 1):
            if written is None:
                sentence = "The output cell is empty. Write null if nothing is meant."
                yield Finding("empty-output", table.owner, row, place, "warning", sentence)
                continue
            yield from broken(written, table.owner, row, place)
            yield from _output_cell(table, output, written, row, place)


def broken(
    written: WrittenExpression | WrittenTests, owner: str, row: int | None, column: int | None
) -> Iterator[Finding]:
    """A text that is not FEEL."""
    if written.problem is not None:
        yield Finding(
            "not-feel",
            owner,
            row,
            column,
            "error",
            "Expected FEEL, but found “%(text)s”: %(problem)s",
            {"text": written.text[:80], "problem": str(written.problem)},
        )


def _input_cell(table: CompiledTable, cell: WrittenTests, row: int, index: int) -> Iterator[Finding]:
    constants = constants_of(cell.tree)
    if constants is None:
        return
    expected = type_of_input(table, index)
    wrong = sorted(constants.kinds - {expected}) if expected else []
    if wrong:
        yield Finding(
            "cell-type",
            table.owner,
            row + 1,
            index + 1,
            "error",
            "Expected a test for a %(expected)s, but “%(text)s” is one for a %(found)s. Correct the cell or the type.",
            {"expected": expected, "text": cell.text[:80], "found": wrong[0]},
        )
        return
    allowed = allowed_tests(table, index)
    for text in sorted(constants.texts) if allowed is not None else ():
        if not _passes(allowed, text):
            yield _not_allowed(table.owner, row + 1, index + 1, f'"{text}"', allowed)


def _output_cell(
    table: CompiledTable, output: CompiledOutput, written: WrittenExpression, row: int, place: int
) -> Iterator[Finding]:
    known, value = literal_value(written.tree)
    if not known or value is None:
        return
    type_name = output.clause.type
    expected = table.types.simple(type_name) if type_name else None
    if expected and kind(value) != expected:
        yield Finding(
            "cell-type",
            table.owner,
            row,
            place,
            "error",
            "Expected a %(expected)s, but “%(text)s” is a %(found)s. Correct the cell or the type.",
            {"expected": expected, "text": written.text[:80], "found": kind(value)},
        )
    elif output.allowed is not None and not _passes(output.allowed, value):
        yield _not_allowed(table.owner, row, place, written.text, output.allowed)


def literal_value(tree: syntax.Node | None) -> tuple[bool, Any]:
    """Whether the expression is a literal, and its value."""
    match tree:
        case syntax.StringLiteral(value=value) | syntax.BooleanLiteral(value=value):
            return True, value
        case syntax.NullLiteral():
            return True, None
        case None:
            return False, None
    number = number_of(tree)
    return number is not None, number


def _passes(tests: WrittenTests | None, value: Any) -> bool:
    if tests is None:
        return True
    try:
        return tests.test(value, {"?": value}, Evaluation(_TABLE)) is not False
    except DecisionFailed:
        return True


def _not_allowed(owner: str, row: int, column: int, text: str, allowed: WrittenTests | None) -> Finding:
    return Finding(
        "value-not-allowed",
        owner,
        row,
        column,
        "error",
        "Expected one of %(allowed)s, but found %(text)s. Correct the cell or the allowed values.",
        {"allowed": allowed.text if allowed else "", "text": text[:80]},
    )
