"""``range("[1..10]")``: a text into a range, whose ends may only be literals (DMN 1.5, clause 10.3.4.1)."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from engine.feel.builtins.registry import builtin
from engine.feel.comparison import ORDER, compare
from engine.feel.environment import Evaluation
from engine.feel.errors import FeelError
from engine.feel.literals import read_at_literal, read_date, read_date_time, read_duration, read_number, read_time
from engine.feel.names import Names
from engine.feel.parser import parse_expression
from engine.feel.syntax import AtLiteral, Call, Name, Negation, Node, NumberLiteral, StringLiteral
from engine.feel.values import Range, Value

_LENGTH_MAX = 500
_SHAPE = re.compile(r"\s*([\[\](])\s*(.*?)\s*\.\.\s*(.*?)\s*([\])\[])\s*\Z", re.S)
_NAMES = Names(("date and time",))
_READERS: dict[str, Callable[[str], Any]] = {
    "date": read_date,
    "time": read_time,
    "date and time": read_date_time,
    "duration": read_duration,
}


@builtin("range", "from: string")
def range_from(evaluation: Evaluation, source: str) -> Range | None:
    """The range that a text names."""
    match = _SHAPE.match(source) if len(source) <= _LENGTH_MAX else None
    if match is None:
        return None
    evaluation.tick(10)
    start, end = _literal(match[2]), _literal(match[3])
    open_start, open_end = match[2] == "", match[3] == ""
    if (start is None and not open_start) or (end is None and not open_end) or (open_start and open_end):
        return None
    start_included, end_included = match[1] == "[", match[4] == "]"
    if (open_start and start_included) or (open_end and end_included):
        return None
    if not open_start and not open_end and (type(start) not in ORDER or compare("<=", start, end) is not True):
        return None
    return Range(start, end, start_included, end_included, unbounded_start=open_start, unbounded_end=open_end)


def _literal(text: str) -> Value:
    if not text:
        return None
    try:
        return _value(parse_expression(text, _NAMES))
    except FeelError:
        return None


def _value(node: Node) -> Value:
    match node:
        case NumberLiteral():
            return read_number(node.digits)
        case Negation(operand=NumberLiteral(digits=digits)):
            return read_number("-" + digits)
        case StringLiteral():
            return node.value
        case AtLiteral():
            return read_at_literal(node.text)
        case Call(function=Name(name=name), arguments=(StringLiteral(value=text),)) if name in _READERS:
            return _READERS[name](text)
    return None
