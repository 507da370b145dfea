"""An input column made fast: for an input value, which rows its cell admits, as one bit per row.

Most cells are constants (``"mild"``, ``null``, ``true``) or intervals of numbers (``[26..40)``, ``>= 72``,
``not(1, 2)``). Such a cell answers the same for every number between two neighbouring bounds and for every
text it does not name. So each cell is *asked once per stretch* — with the FEEL engine itself, never with a second
implementation of it — and afterwards a value finds its rows by bisection or by one dictionary look-up.
Cells that read other names, dates and the like stay ``open``: they are asked every time.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from decimal import Context, Decimal
from itertools import accumulate
from operator import xor
from typing import Any

from engine.decision.expressions import DecisionFailed, WrittenTests
from engine.feel import syntax
from engine.feel.environment import Environment, Evaluation
from engine.feel.literals import read_number

ANY_CELLS = frozenset({"", "-"})
"""What a cell holds that admits everything."""

_CONSTANTS_MAX = 12  # a cell that names more is asked each time: asking per stretch grows with the square
_QUESTIONS_MAX = 1_000_000
_EXACT = Context(prec=200)


class Constants:
    """The numbers and texts a cell names, when these and nothing else decide what it answers."""

    __slots__ = ("has_truths", "numbers", "texts")

    def __init__(self) -> None:
        self.numbers: set[Decimal] = set()
        self.texts: set[str] = set()
        self.has_truths = False

    @property
    def kinds(self) -> set[str]:
        """The FEEL kinds of the constants."""
        found = {"number": self.numbers, "string": self.texts, "boolean": self.has_truths}
        return {name for name, present in found.items() if present}


def constants_of(tests: syntax.UnaryTests | None) -> Constants | None:
    """The constants of a cell; ``None`` if it reads anything else (a name, a date, a function)."""
    if tests is None:
        return None
    found = Constants()
    return found if all(_collect(test, found) for test in tests.tests) else None


def _collect(test: syntax.Test, found: Constants) -> bool:
    if isinstance(test, syntax.ComparisonTest):
        only_equality = test.operator in ("=", "!=")
        return _constant(test.operand, found) if only_equality else _number(test.operand, found)
    match test.expression:
        case syntax.RangeLiteral(start=start, end=end):
            return _number(start, found) and _number(end, found)
        case syntax.UnaryRange(bound=bound):
            return _number(bound, found)
        case expression:
            return _constant(expression, found)


def _constant(node: syntax.Node, found: Constants) -> bool:
    match node:
        case syntax.StringLiteral(value=value):
            found.texts.add(value)
            return True
        case syntax.BooleanLiteral():
            found.has_truths = True
            return True
        case syntax.NullLiteral():
            return True
    return _number(node, found)


def _number(node: syntax.Node, found: Constants) -> bool:
    number = number_of(node)
    if number is None:
        return False
    found.numbers.add(number)
    return True


def number_of(node: syntax.Node) -> Decimal | None:
    """The number a literal (or its negation) stands for."""
    match node:
        case syntax.NumberLiteral(digits=digits):
            return read_number(digits)
        case syntax.Negation(operand=syntax.NumberLiteral(digits=digits)):
            number = read_number(digits)
            return None if number is None else -number
    return None


class Questions:
    """How much indexing a file may cost: about a second. The cells beyond stay open, which is slower and as right."""

    __slots__ = ("left",)

    def __init__(self) -> None:
        self.left = _QUESTIONS_MAX

    def afford(self, constants: Constants) -> bool:
        """Charge the asking of a cell: four kinds and two stretches per constant, each up to one test per constant."""
        size = len(constants.numbers) + len(constants.texts)
        self.left -= (2 * size + 4) * (size + 1)
        return size <= _CONSTANTS_MAX and self.left >= 0


class Column:
    """The cells of one input, indexed. Bit *n* of an answer stands for row *n* (from 0)."""

    __slots__ = ("_bounds", "_false", "_null", "_other_text", "_stretches", "_texts", "_true", "always", "open")

    def __init__(self, cells: Sequence[WrittenTests | None], questions: Questions) -> None:
        """``None`` for a cell that admits everything."""
        self.always = 0
        self.open = 0
        indexed: list[tuple[int, WrittenTests, Constants]] = []
        for row, cell in enumerate(cells):
            if cell is None:
                self.always |= 1 << row
                continue
            constants = constants_of(cell.tree)
            if constants is None or not questions.afford(constants):
                self.open |= 1 << row
            else:
                indexed.append((1 << row, cell, constants))
        self._null = self._rows(indexed, None)
        self._true = self._rows(indexed, True)
        self._false = self._rows(indexed, False)
        self._index_numbers(indexed)
        self._index_texts(indexed)

    def candidates(self, value: Any) -> int:
        """The rows whose cell may admit the value: surely those not in ``open``."""
        kind = type(value)
        if isinstance(value, Decimal):
            place = bisect_left(self._bounds, value)
            on_bound = int(place < len(self._bounds) and self._bounds[place] == value)
            return self._stretches[2 * place + on_bound]
        if kind is str:
            return self._texts.get(value, self._other_text)
        if value is None:
            return self._null
        if kind is bool:
            return self._true if value else self._false
        return -1  # a date, list or context: every cell that is not "anything" must be asked

    def unsure(self, value: Any) -> int:
        """The rows whose cell must be asked with this value."""
        kind = type(value)
        if kind is Decimal or kind is str or value is None or kind is bool:
            return self.open
        return ~self.always

    def _rows(self, indexed: Iterable[tuple[int, WrittenTests, Constants]], value: Any) -> int:
        found = self.always | self.open
        for bit, cell, _ in indexed:
            if _admits(cell, value):
                found |= bit
        return found

    def _index_numbers(self, indexed: list[tuple[int, WrittenTests, Constants]]) -> None:
        """``_stretches[2n]`` is open before bound *n*, ``_stretches[2n + 1]`` is the bound itself."""
        self._bounds: list[Decimal] = sorted({number for _, _, constants in indexed for number in constants.numbers})
        place = {number: index for index, number in enumerate(self._bounds)}
        toggles = [0] * (2 * len(self._bounds) + 1)
        for bit, cell, constants in indexed:
            admitted = False
            own = sorted(constants.numbers)
            for index, sample in enumerate(stretch_samples(own)):
                admits = _admits(cell, sample)
                if admits != admitted:
                    toggles[_stretch(index, own, place)] ^= bit
                    admitted = admits
        base = self.always | self.open
        self._stretches: list[int] = [rows | base for rows in accumulate(toggles, xor)]

    def _index_texts(self, indexed: list[tuple[int, WrittenTests, Constants]]) -> None:
        self._other_text = self._rows(indexed, _unused_text(constants.texts for _, _, constants in indexed))
        self._texts: dict[str, int] = {}
        for bit, cell, constants in indexed:
            for text in constants.texts:
                rows = self._texts.get(text, self._other_text)
                self._texts[text] = rows | bit if _admits(cell, text) else rows & ~bit


def _stretch(index: int, own: list[Decimal], place: dict[Decimal, int]) -> int:
    """Where stretch ``index`` of a cell with its ``own`` bounds begins among the stretches of the column."""
    if index == 0:
        return 0
    if index % 2:
        return 2 * place[own[index // 2]] + 1
    return 2 * place[own[index // 2 - 1]] + 2


def stretch_samples(bounds: Sequence[Decimal]) -> Iterator[Decimal]:
    """A number for each stretch that sorted bounds make: below the first, each bound, each between, above the rest."""
    if not bounds:
        yield Decimal(0)
        return
    yield _EXACT.subtract(bounds[0], Decimal(1))
    for bound, following in zip(bounds, [*bounds[1:], None], strict=True):
        yield bound
        if following is None:
            yield _EXACT.add(bound, Decimal(1))
        else:
            yield _EXACT.divide(_EXACT.add(bound, following), Decimal(2))


def _unused_text(named: Iterable[set[str]]) -> str:
    taken = set().union(*named)
    text = "?"
    while text in taken:
        text += "?"
    return text


_TABLE = Environment(profile="table")


def _admits(cell: WrittenTests, value: Any) -> bool:
    try:
        return cell.test(value, {"?": value}, Evaluation(_TABLE)) is True
    except DecisionFailed:
        return False
