"""The portable profile: expressions that the browser's evaluator (feelin, in form-js) computes exactly as we do.

The browser counts in binary floating point, takes anything for a condition that JavaScript takes for one, and
gives dates to expressions as text. What may differ is an error here, with what to write instead. The pinned
evaluator is compared with ours in tests/feel/differential.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from engine.feel import syntax
from engine.feel.analysis.finding import Notes
from engine.feel.analysis.inference import literal_number
from engine.feel.analysis.kinds import ANY, Kind
from engine.feel.analysis.portable_calls import FUNCTION_CHECKS, PORTABLE_FUNCTIONS, note_fraction
from engine.feel.builtins import BUILTINS
from engine.feel.syntax import Node, walk

_Kinds = Mapping[int, Kind]


def note_unportable(tree: Node, kinds: _Kinds, notes: Notes) -> None:
    """Note what the browser's evaluator may compute differently. ``kinds``: by the identity of the nodes."""
    for node in walk(tree):
        check = _CHECKS.get(type(node))
        if check is not None:
            check(node, kinds, notes)
    _check_dates(tree, kinds, notes)


def _kind(node: Node, kinds: _Kinds) -> Kind:
    return kinds.get(id(node), ANY)


def _check_truth(node: Node, kinds: _Kinds, notes: Notes) -> None:
    found = _kind(node, kinds)
    if found.name not in ("boolean", "null"):
        notes.error(
            "portable-condition",
            node.at,
            "Expected certainly true or false, but this is a %(found)s.",
            found=found.name,
        )


def _logic(node: syntax.Logic, kinds: _Kinds, notes: Notes) -> None:
    for operand in node.operands:
        _check_truth(operand, kinds, notes)


def _if(node: syntax.If, kinds: _Kinds, notes: Notes) -> None:
    _check_truth(node.condition, kinds, notes)


def _quantified(node: syntax.Quantified, kinds: _Kinds, notes: Notes) -> None:
    _check_truth(node.condition, kinds, notes)
    if _kind(node, kinds).nullable:
        notes.error(
            "portable-null",
            node.at,
            "“%(word)s” over values that may be null can differ. Leave nulls out of the list first.",
            word=node.quantifier,
        )


def _filter(node: syntax.Filter, kinds: _Kinds, notes: Notes) -> None:
    if literal_number(node.condition) is None:
        _check_truth(node.condition, kinds, notes)


def _comparison(node: syntax.Comparison, kinds: _Kinds, notes: Notes) -> None:
    _check_pair(node, _kind(node.left, kinds), _kind(node.right, kinds), notes, node.operator in ("=", "!="))


def _check_pair(node: Node, left: Kind, right: Kind, notes: Notes, is_equality: bool) -> None:
    if is_equality and "null" in (left.name, right.name):
        return
    if not left.is_known or left.name != right.name:
        notes.error(
            "portable-comparison",
            node.at,
            "Expected two values of one known kind, but this compares a %(left)s with a %(right)s.",
            left=left.name,
            right=right.name,
        )
    elif left.name in ("list", "context", "range", "function"):
        notes.error("portable-comparison", node.at, "Comparing a %(left)s can differ.", left=left.name)
    elif not (left.exact and right.exact):
        note_fraction(node, notes)


def _between(node: syntax.Between, kinds: _Kinds, notes: Notes) -> None:
    low, high = literal_number(node.low), literal_number(node.high)
    if low is None or high is None or low > high:
        notes.error(
            "portable-comparison",
            node.at,
            "“between” is the same everywhere only for two numbers in order. Write x >= 1 and x <= 10 instead.",
        )
    for bound in (node.low, node.high):
        _check_pair(node, _kind(node.operand, kinds), _kind(bound, kinds), notes, False)


def _in(node: syntax.In, kinds: _Kinds, notes: Notes) -> None:
    operand = _kind(node.operand, kinds)
    for test in node.tests:
        if isinstance(test, syntax.ComparisonTest):
            _check_pair(test, operand, _kind(test.operand, kinds), notes, False)
            _check_certain(test, operand, notes)
            continue
        expected = _kind(test.expression, kinds)
        if expected.name == "range":
            _check_pair(test, operand, expected.element or ANY, notes, False)
            _check_certain(test, operand, notes)
        elif expected.name == "list" or (expected.name == "boolean" and operand.name != "boolean"):
            notes.error("portable-in", test.at, "“in” with a %(kind)s can differ.", kind=expected.name)
        else:
            _check_pair(test, operand, expected, notes, True)


def _check_certain(node: Node, operand: Kind, notes: Notes) -> None:
    if operand.nullable:
        notes.error(
            "portable-null",
            node.at,
            "“in” a range can differ when the value is null. Write x >= 1 and x <= 10 instead.",
        )


def _arithmetic(node: syntax.Arithmetic, kinds: _Kinds, notes: Notes) -> None:
    left, right = _kind(node.left, kinds), _kind(node.right, kinds)
    pair = (left.name, right.name)
    if "null" in pair or (pair == ("number", "number") and node.operator != "**"):
        return
    if pair == ("string", "string") and node.operator == "+":
        return
    if node.operator in ("+", "-") and left.name == "date" and right.name.endswith("duration"):
        return
    notes.error(
        "portable-arithmetic",
        node.at,
        "“%(operator)s” between a %(left)s and a %(right)s can differ.",
        operator=node.operator,
        left=left.name,
        right=right.name,
    )


def _negation(node: syntax.Negation, kinds: _Kinds, notes: Notes) -> None:
    if _kind(node.operand, kinds).name not in ("number", "null"):
        notes.error("portable-arithmetic", node.at, "A minus sign before anything but a number can differ.")


def _iterated(entries: tuple[syntax.Entry, ...], kinds: _Kinds, notes: Notes) -> None:
    for entry in entries:
        source = _kind(entry.value, kinds)
        is_numbers = source.element is not None and source.element.name == "number"
        if isinstance(entry.value, syntax.Iteration) and is_numbers:
            continue
        if source.name != "list":
            notes.error("portable-loop", entry.at, "Going through a %(kind)s can differ.", kind=source.name)


def _for(node: syntax.For, kinds: _Kinds, notes: Notes) -> None:
    _iterated(node.iterations, kinds, notes)
    if syntax.mentions(node.body, "partial"):
        notes.error("portable-loop", node.at, "“partial” can differ.")


def _some(node: syntax.Quantified, kinds: _Kinds, notes: Notes) -> None:
    _iterated(node.iterations, kinds, notes)
    _quantified(node, kinds, notes)


def _refused(template: str) -> Callable[[Any, _Kinds, Notes], None]:
    def check(node: Node, kinds: _Kinds, notes: Notes) -> None:
        notes.error("portable-syntax", node.at, template)

    return check


def _number(node: syntax.NumberLiteral, kinds: _Kinds, notes: Notes) -> None:
    if not _kind(node, kinds).exact:
        notes.error("portable-fraction", node.at, "The browser keeps only 15 digits of a number.")


def _path(node: syntax.Path, kinds: _Kinds, notes: Notes) -> None:
    source = _kind(node.source, kinds)
    is_date_part = source.name == "date" and node.name in ("year", "month", "day", "weekday")
    if source.name not in ("context", "list", "Any") and not is_date_part:
        notes.error("portable-path", node.at, "“.%(name)s” of a %(kind)s can differ.", name=node.name, kind=source.name)


def _named_call(node: syntax.NamedCall, kinds: _Kinds, notes: Notes) -> None:
    notes.error("portable-function", node.at, "Named arguments can differ.")


def _call(node: syntax.Call, kinds: _Kinds, notes: Notes) -> None:
    name = node.function.name if isinstance(node.function, syntax.Name) else ""
    if name not in BUILTINS:
        notes.error("portable-function", node.at, "The browser does not know the functions of this place.")
        return
    if len(node.arguments) < min(overload.required for overload in BUILTINS[name].overloads):
        return  # the rule "arguments" has spoken
    if name not in PORTABLE_FUNCTIONS:
        notes.error("portable-function", node.at, "“%(name)s” can differ in the browser.", name=name)
        return
    check = FUNCTION_CHECKS.get(name)
    if check is not None:
        check(node, [_kind(argument, kinds) for argument in node.arguments], notes)


def _date_names(node: syntax.Name, kinds: _Kinds) -> bool:
    found = _kind(node, kinds)
    return found.is_variable and found.name in ("date", "date and time", "time")


def _check_dates(tree: Node, kinds: _Kinds, notes: Notes) -> None:
    """A date field is a text in the browser: it may only stand inside ``date(…)`` or beside ``= null``."""
    allowed: set[int] = set()
    for node in walk(tree):
        if isinstance(node, syntax.Call) and isinstance(node.function, syntax.Name) and node.function.name == "date":
            allowed.update(id(argument) for argument in node.arguments)
        if isinstance(node, syntax.Comparison) and node.operator in ("=", "!="):
            sides = (node.left, node.right)
            if any(isinstance(side, syntax.NullLiteral) for side in sides):
                allowed.update(id(side) for side in sides)
    for node in walk(tree):
        if isinstance(node, syntax.Name) and _date_names(node, kinds) and id(node) not in allowed:
            notes.error(
                "portable-date",
                node.at,
                "“%(name)s” is a text in the browser. Write date(%(name)s).",
                name=node.name,
            )


_CHECKS: Mapping[type[Node], Callable[[Any, _Kinds, Notes], None]] = MappingProxyType(
    {
        syntax.Logic: _logic,
        syntax.If: _if,
        syntax.Filter: _filter,
        syntax.Comparison: _comparison,
        syntax.Between: _between,
        syntax.In: _in,
        syntax.Arithmetic: _arithmetic,
        syntax.Negation: _negation,
        syntax.For: _for,
        syntax.Quantified: _some,
        syntax.NumberLiteral: _number,
        syntax.Path: _path,
        syntax.Call: _call,
        syntax.NamedCall: _named_call,
        syntax.InstanceOf: _refused("“instance of” can differ."),
        syntax.FunctionDefinition: _refused("Functions of your own can differ."),
        syntax.ContextLiteral: _refused("Contexts can differ."),
        syntax.UnaryRange: _refused("A range with one end can differ."),
        syntax.AtLiteral: _refused('“@” can differ. Write date("…") or duration("…").'),
    }
)
