"""What an input can be, cut into stretches in which no cell of its column changes its answer.

Numbers are cut at every bound a cell names, texts at every text; *true*, *false* and *null* are stretches of
their own. Allowed values and the type leave out what cannot come.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from engine.decision.column import Constants, constants_of, stretch_samples
from engine.decision.expressions import DecisionFailed, WrittenTests
from engine.decision.table import CompiledTable
from engine.feel import Environment, Evaluation

_TABLE = Environment(profile="table")
_OTHER_TEXT = "\N{HORIZONTAL ELLIPSIS}"
ANYTHING: Any = object()
"""The sample of a value about which nothing is known: only cells that admit everything admit it."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """``sample`` stands for all its values; ``sure`` are the rows (bits) that admit it, ``open`` those that may.

    ``bounds`` of a stretch of numbers: the lowest and highest, ``None`` for no bound; a single number is both.
    """

    label: str
    sample: Any
    sure: int
    open: int
    bounds: tuple[Decimal | None, Decimal | None] | None = None


def joined_label(stretches: Sequence[Stretch]) -> str:
    """What neighbouring stretches of one input are together: ``[0.2..0.3)``, or a list."""
    first, last = stretches[0].bounds, stretches[-1].bounds
    if len(stretches) == 1 or first is None or last is None:
        return ", ".join(stretch.label for stretch in stretches)
    (low, low_end), (high_start, high) = first, last
    low_included, high_included = low == low_end, high == high_start
    if low is None:
        return _OTHER_TEXT if high is None else f"{'<=' if high_included else '<'} {high:f}"
    if high is None:
        return f"{'>=' if low_included else '>'} {low:f}"
    return f"{'[' if low_included else '('}{low:f}..{high:f}{']' if high_included else ')'}"


def domain_of(table: CompiledTable, index: int) -> list[Stretch]:
    """The stretches of an input column; null comes at the end."""
    column = table.columns[index]
    kinds = _kinds(table, index)
    allowed = allowed_tests(table, index)
    stretches = []
    for label, sample, bounds in _samples(table, index, kinds):
        if allowed is not None and sample is not None and not _admits(allowed, sample):
            continue
        if sample is ANYTHING:
            stretches.append(Stretch(label, sample, column.always, ~column.always))
        else:
            stretches.append(Stretch(label, sample, column.candidates(sample) & ~column.open, column.open, bounds))
    return stretches


def allowed_tests(table: CompiledTable, index: int) -> WrittenTests | None:
    """The allowed values of an input: its own, or those of its type."""
    own = table.allowed[index]
    if own is not None:
        return own
    type_name = table.table.inputs[index].type
    found = table.types.find(type_name) if type_name else None
    if found is None or not found[1].allowed or found[1].is_collection:
        return None
    return WrittenTests(found[1].allowed, found[1].name, frozenset())


def type_of_input(table: CompiledTable, index: int) -> str | None:
    """The simple type of an input, through its item definition; ``None`` when it has none."""
    type_name = table.table.inputs[index].type
    return table.types.simple(type_name) if type_name else None


def column_constants(table: CompiledTable, index: int) -> Iterator[Constants]:
    """The constants of every cell that has only constants."""
    for row in range(len(table.table.rules)):
        cell = table.cell(row, index)
        constants = None if cell is None else constants_of(cell.tree)
        if constants is not None:
            yield constants


def _kinds(table: CompiledTable, index: int) -> set[str]:
    """The kinds of values that can come: from the type, else from what the cells and allowed values name."""
    declared = type_of_input(table, index)
    if declared is not None:
        return {declared}
    kinds: set[str] = set()
    allowed = allowed_tests(table, index)
    named = list(column_constants(table, index))
    if allowed is not None and (constants := constants_of(allowed.tree)) is not None:
        named.append(constants)
    for constants in named:
        kinds |= constants.kinds
    return kinds


_Bounds = tuple[Decimal | None, Decimal | None]


def _samples(table: CompiledTable, index: int, kinds: set[str]) -> Iterator[tuple[str, Any, _Bounds | None]]:
    numbers: set[Decimal] = set()
    texts: set[str] = set()
    allowed = allowed_tests(table, index)
    named = list(column_constants(table, index))
    if allowed is not None and (constants := constants_of(allowed.tree)) is not None:
        named.append(constants)
    for constants in named:
        numbers |= constants.numbers
        texts |= constants.texts
    if "number" in kinds:
        yield from _number_stretches(sorted(numbers))
    if "string" in kinds:
        yield from ((f'"{text}"', text, None) for text in sorted(texts))
        yield _OTHER_TEXT, _OTHER_TEXT, None
    if "boolean" in kinds:
        yield from (("true", True, None), ("false", False, None))
    if not kinds & {"number", "string", "boolean"}:
        yield _OTHER_TEXT, ANYTHING, None
    yield "null", None, None


def _number_stretches(bounds: list[Decimal]) -> Iterator[tuple[str, Decimal, _Bounds]]:
    for place, sample in enumerate(stretch_samples(bounds)):
        if place % 2:
            yield f"{sample:f}", sample, (sample, sample)
            continue
        low = bounds[place // 2 - 1] if place else None
        high = bounds[place // 2] if place // 2 < len(bounds) else None
        yield _open_label(low, high), sample, (low, high)


def _open_label(low: Decimal | None, high: Decimal | None) -> str:
    if low is None:
        return _OTHER_TEXT if high is None else f"< {high:f}"
    return f"> {low:f}" if high is None else f"({low:f}..{high:f})"


def _admits(tests: WrittenTests, sample: Any) -> bool:
    if sample is ANYTHING:
        return True
    try:
        return tests.test(sample, {"?": sample}, Evaluation(_TABLE)) is True
    except DecisionFailed:
        return True
