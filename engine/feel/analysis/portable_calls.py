"""Which built-in functions the browser's evaluator computes exactly as we do, and for which arguments."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from engine.feel import syntax
from engine.feel.analysis.finding import Notes
from engine.feel.analysis.inference import literal_number
from engine.feel.analysis.kinds import Kind
from engine.feel.syntax import Node

PORTABLE_FUNCTIONS = frozenset(
    {"abs", "all", "any", "append", "ceiling", "concatenate", "contains", "count", "date", "decimal"}
    | {"distinct values", "duration", "ends with", "even", "floor", "index of", "list contains", "lower case"}
    | {"matches", "max", "mean", "min", "modulo", "not", "odd", "replace", "reverse", "round down"}
    | {"round half down", "round half up", "round up", "split", "starts with", "string", "string join"}
    | {"string length", "substring", "substring after", "substring before", "sum", "union", "upper case"}
)
"""The built-in functions that the differential test compares."""


def note_fraction(node: Node, notes: Notes) -> None:
    """Note that a fraction was computed and not rounded."""
    notes.error(
        "portable-fraction",
        node.at,
        "The browser computes fractions only nearly. Round first: round half up(…, 2).",
    )


def _text_of_value(node: syntax.Call, arguments: list[Kind], notes: Notes) -> None:
    if arguments[0].name not in ("number", "string", "boolean", "null"):
        notes.error("portable-function", node.at, "The text of a %(kind)s can differ.", kind=arguments[0].name)
    elif not arguments[0].exact:
        note_fraction(node, notes)


def _substring(node: syntax.Call, arguments: list[Kind], notes: Notes) -> None:
    numbers = [literal_number(argument) for argument in node.arguments[1:]]
    if any(number is None or number < 1 or number != int(number) for number in numbers):
        notes.error(
            "portable-function", node.at, "“substring” is the same everywhere only for literal positions from 1."
        )


def _whole(node: syntax.Call, arguments: list[Kind], notes: Notes) -> None:
    if not all(argument.whole for argument in arguments):
        notes.error("portable-function", node.at, "This function is the same everywhere only for whole numbers.")


def _exact(node: syntax.Call, arguments: list[Kind], notes: Notes) -> None:
    """0.29 * 100 is a little less than 29 in the browser: what cuts off would cut off a whole unit."""
    _of_kind("number")(node, arguments, notes)
    if not all(argument.exact for argument in arguments):
        note_fraction(node, notes)


def _joined(node: syntax.Call, arguments: list[Kind], notes: Notes) -> None:
    if len(arguments) > 2:
        notes.error("portable-function", node.at, "“string join” is the same everywhere only with one delimiter.")


def _pattern(node: syntax.Call, arguments: list[Kind], notes: Notes) -> None:
    if not isinstance(node.arguments[1], syntax.StringLiteral):
        notes.error("portable-function", node.at, "A pattern must be written out here, so that it can be checked.")


def _replacement(node: syntax.Call, arguments: list[Kind], notes: Notes) -> None:
    _pattern(node, arguments, notes)
    new = node.arguments[2] if len(node.arguments) > 2 else None
    if not isinstance(new, syntax.StringLiteral) or "$" in new.value or "\\" in new.value:
        notes.error("portable-function", node.at, "The replacement must be written out here, without $ and \\.")


def _date(node: syntax.Call, arguments: list[Kind], notes: Notes) -> None:
    is_text = arguments[0].name == "string" or (arguments[0].name == "date" and arguments[0].is_variable)
    if len(arguments) != 1 or not is_text:
        notes.error("portable-function", node.at, "“date” is the same everywhere only for a date field or a text.")


def _truth(node: syntax.Call, arguments: list[Kind], notes: Notes) -> None:
    if arguments[0].name not in ("boolean", "null"):
        notes.error(
            "portable-condition",
            node.at,
            "Expected certainly true or false, but this is a %(found)s.",
            found=arguments[0].name,
        )


def _of_kind(*names: str) -> Callable[[syntax.Call, list[Kind], Notes], None]:
    def check(node: syntax.Call, arguments: list[Kind], notes: Notes) -> None:
        for argument in arguments:
            if argument.name not in (*names, "null"):
                notes.error(
                    "portable-function",
                    node.at,
                    "Expected a %(wanted)s, but this is a %(found)s.",
                    wanted=names[0],
                    found=argument.name,
                )

    return check


def _list_of_one_kind(node: syntax.Call, arguments: list[Kind], notes: Notes) -> None:
    element = arguments[0].element
    if len(arguments) != 1 or element is None or element.name not in ("number", "string", "boolean"):
        notes.error("portable-function", node.at, "Expected one list whose entries are of one known kind.")
    elif element.nullable:
        notes.error("portable-null", node.at, "A list with nulls can differ. Leave nulls out first.")


FUNCTION_CHECKS: Mapping[str, Callable[[syntax.Call, list[Kind], Notes], None]] = MappingProxyType(
    {
        "string": _text_of_value,
        "substring": _substring,
        "modulo": _whole,
        "odd": _whole,
        "even": _whole,
        "string join": _joined,
        "matches": _pattern,
        "replace": _replacement,
        "split": _pattern,
        "date": _date,
        "not": _truth,
        "min": _list_of_one_kind,
        "max": _list_of_one_kind,
        "sum": _list_of_one_kind,
        "mean": _list_of_one_kind,
        "all": _list_of_one_kind,
        "any": _list_of_one_kind,
    }
    | dict.fromkeys(("abs", "decimal", "round half up", "round half down"), _of_kind("number"))
    | dict.fromkeys(("floor", "ceiling", "round up", "round down"), _exact)
    | dict.fromkeys(("contains", "ends with", "lower case", "starts with"), _of_kind("string"))
    | dict.fromkeys(("string length", "substring after", "substring before", "upper case"), _of_kind("string"))
)
