"""What a call of a built-in function answers, and whether its arguments can be right."""

from __future__ import annotations

from dataclasses import replace

from engine.feel import syntax
from engine.feel.analysis.finding import Notes
from engine.feel.analysis.kinds import ANY, NULL, RESULTS, SAME_LIST, Kind, joined, kind_named, list_of
from engine.feel.builtins import BUILTINS
from engine.feel.builtins.patterns import pattern_is_usable
from engine.feel.functions import Overload
from engine.feel.literals import read_date, read_date_time, read_duration, read_time
from engine.feel.syntax import Node

Argument = tuple[str, Node]

_PATTERNS = {"matches": (1, "pattern"), "replace": (1, "pattern"), "split": (1, "delimiter")}
_READERS = {"date": read_date, "time": read_time, "date and time": read_date_time, "duration": read_duration}
_ROUNDING = frozenset({"decimal", "round up", "round down", "round half up", "round half down", "floor", "ceiling"})
_NEVER_NULL = frozenset(
    {"count", "list contains", "is", "concatenate", "append", "flatten", "union", "distinct values"}
)


def call_kind(
    node: syntax.Call | syntax.NamedCall, name: str, arguments: list[Argument], kinds: list[Kind], notes: Notes
) -> Kind:
    """The kind a built-in's call yields; notes calls that cannot be right."""
    if not any(_can_place(overload, arguments) for overload in BUILTINS[name].overloads):
        notes.error("arguments", node.at, "%(name)s: these arguments do not fit.", name=name)
        return NULL
    _check_pattern(name, arguments, notes)
    literal = _literal(name, arguments, notes)
    if literal is not None:
        return literal
    nullable = any(kind.nullable for kind in kinds) if name != "count" else bool(kinds and kinds[0].nullable)
    return replace(_result(name, kinds), nullable=_may_be_null(name, nullable, kinds), is_variable=False)


def _can_place(overload: Overload, arguments: list[Argument]) -> bool:
    names = {parameter.name for parameter in overload.parameters}
    required = {parameter.name for parameter in overload.parameters if not parameter.optional}
    if arguments and arguments[0][0]:
        given = {name for name, _ in arguments}
        return given <= names and required <= given
    return len(arguments) >= overload.required and (overload.variadic or len(arguments) <= len(names))


def _may_be_null(name: str, nullable: bool, kinds: list[Kind]) -> bool:
    if name == "not":
        return nullable or kinds[0].name != "boolean"
    is_sound = name in _NEVER_NULL or name in ("string", "upper case", "lower case", "string length", "contains")
    is_sound = is_sound or name in ("starts with", "ends with") or name in _ROUNDING or name == "abs"
    return nullable or not is_sound


def _result(name: str, kinds: list[Kind]) -> Kind:
    if name in SAME_LIST:
        first = kinds[0] if kinds and kinds[0].name == "list" else list_of(kinds[0] if kinds else ANY)
        if name in ("append", "concatenate", "insert before", "list replace") and len(kinds) > 1 and first.element:
            other = kinds[-1].element if name == "concatenate" and kinds[-1].element else kinds[-1]
            return list_of(joined(first.element, other))
        return first
    if name in ("min", "max", "sum"):
        return _over_list(name, kinds)
    if name in ("floor", "ceiling") and len(kinds) == 1:
        return Kind("number", whole=True)
    if name in ("abs", "modulo") and kinds and kinds[0].name == "number":
        return replace(kinds[0], whole=all(kind.whole for kind in kinds), exact=all(kind.exact for kind in kinds))
    if name == "duration":
        return ANY
    if name == "get value" and kinds and kinds[0].members is not None:
        return ANY
    return RESULTS.get(name, ANY)


def _over_list(name: str, kinds: list[Kind]) -> Kind:
    """What ``min``, ``max`` and ``sum`` answer: the kind of what they run over."""
    element = kinds[0].element if len(kinds) == 1 and kinds[0].name == "list" else None
    if element is None and kinds and kinds[0].name != "list":
        element = kinds[0]
        for kind in kinds[1:]:
            element = joined(element, kind)
    if element is None or not element.is_known:
        return ANY
    if name == "sum" and element.name == "number" and not element.whole:
        return Kind("number", exact=False)
    return element


def _check_pattern(name: str, arguments: list[Argument], notes: Notes) -> None:
    pattern = _argument(arguments, *_PATTERNS.get(name, (99, "")))
    flags = _argument(arguments, 3 if name == "replace" else 2, "flags")
    if isinstance(pattern, syntax.StringLiteral):
        letters = flags.value if isinstance(flags, syntax.StringLiteral) and name != "split" else ""
        if not pattern_is_usable(pattern.value, letters):
            notes.error(
                "pattern",
                pattern.at,
                "The pattern “%(pattern)s” cannot be used: no back-references and no look-arounds.",
                pattern=pattern.value[:80],
            )


def _argument(arguments: list[Argument], index: int, name: str) -> Node | None:
    for found, node in arguments:
        if found and found == name:
            return node
    if index < len(arguments) and not arguments[index][0]:
        return arguments[index][1]
    return None


def _literal(name: str, arguments: list[Argument], notes: Notes) -> Kind | None:
    """``date("2026-09-21")``: read now, and noted if it cannot be read."""
    read = _READERS.get(name)
    text = arguments[0][1] if len(arguments) == 1 else None
    if read is None or not isinstance(text, syntax.StringLiteral):
        return None
    value = read(text.value)
    if value is None:
        notes.error("literal", text.at, "“%(text)s” is not a %(kind)s.", text=text.value[:80], kind=name)
        return NULL
    if name == "duration":
        short = type(value).__name__ == "DaysTimeDuration"
        return kind_named("days and time duration" if short else "years and months duration").certain()
    return kind_named(name).certain()
