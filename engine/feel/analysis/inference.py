"""Walking a syntax tree to find kinds, and noting on the way what cannot be right."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from engine.feel import syntax
from engine.feel.analysis.calls import call_kind
from engine.feel.analysis.finding import Notes
from engine.feel.analysis.kinds import (
    ANY,
    BOOLEAN,
    COMPUTED,
    FUNCTION,
    INTEGER,
    NULL,
    PROPERTIES,
    STRING,
    Kind,
    joined,
    list_of,
    temporal_result,
)
from engine.feel.analysis.scope import Scope
from engine.feel.builtins import BUILTINS
from engine.feel.comparison import compare
from engine.feel.literals import read_at_literal, read_number
from engine.feel.syntax import Node
from engine.feel.values import kind as kind_of_value

_LOOP_MAX = 20_000
_FLOAT_DIGITS = 15


class Inference(Scope):
    """Finds the kinds of a tree's nodes. ``names`` is ``None`` when the variables are not known.

    ``found`` keeps the kinds by the identity of their nodes, for rules that run afterwards.
    """

    def __init__(self, notes: Notes, names: Mapping[str, Kind] | None) -> None:
        super().__init__(notes, names)
        self.found: dict[int, Kind] = {}

    def kind(self, node: Node) -> Kind:
        """What can be known of the node's value."""
        found = _RULES[type(node)](self, node)
        self.found[id(node)] = found
        return found

    def kinds(self, nodes: Iterable[Node]) -> list[Kind]:
        """What can be known of each node's value."""
        return [self.kind(node) for node in nodes]

    # Names and literals

    def number(self, node: syntax.NumberLiteral) -> Kind:
        value = read_number(node.digits.lower())
        digits = "" if value is None else "".join(map(str, value.normalize().as_tuple().digits))
        is_whole = value is not None and value == value.to_integral_value()
        return Kind("number", False, whole=is_whole, exact=len(digits) <= _FLOAT_DIGITS)

    def at_literal(self, node: syntax.AtLiteral) -> Kind:
        value = read_at_literal(node.text)
        if value is None:
            self.notes.error("literal", node.at, "“%(text)s” is not a date, time or duration.", text=node.text[:80])
            return NULL
        return Kind(kind_of_value(value), False)

    # Operators

    def negation(self, node: syntax.Negation) -> Kind:
        return replace(self.kind(node.operand), is_variable=False)

    def arithmetic(self, node: syntax.Arithmetic) -> Kind:
        left, right = self.kinds((node.left, node.right))
        nullable = left.nullable or right.nullable
        if left.name == right.name == "number":
            is_exact = left.whole and right.whole and node.operator in ("+", "-", "*")
            result = INTEGER if is_exact else COMPUTED
            return replace(result, nullable=nullable or node.operator in ("/", "**"))
        if left.name == right.name == "string" and node.operator == "+":
            return replace(STRING, nullable=nullable)
        if left.is_known and right.is_known:
            temporal = temporal_result(node.operator, left.name, right.name)
            if temporal is None:
                self._always_null(node, left, right)
                return NULL
            return temporal
        return ANY

    def _always_null(
        self, node: syntax.Arithmetic | syntax.Comparison | syntax.ComparisonTest, left: Kind, right: Kind
    ) -> None:
        self.notes.warning(
            "always-null",
            node.at,
            "“%(operator)s” between a %(left)s and a %(right)s is always null.",
            operator=node.operator,
            left=left.name,
            right=right.name,
        )

    def comparison(self, node: syntax.Comparison) -> Kind:
        left, right = self.kinds((node.left, node.right))
        is_equality = node.operator in ("=", "!=")
        if is_equality and "null" in (left.name, right.name):
            return BOOLEAN.certain()
        if left.is_known and right.is_known and left.name != right.name:
            self._always_null(node, left, right)
            return BOOLEAN
        nullable = left.nullable or right.nullable or not (left.is_known and right.is_known)
        return replace(BOOLEAN, nullable=nullable and not (is_equality and left.name == right.name))

    def logic(self, node: syntax.Logic) -> Kind:
        kinds = self.kinds(node.operands)
        for operand, found in zip(node.operands, kinds, strict=True):
            self.condition(operand, found)
        return replace(BOOLEAN, nullable=any(found.nullable for found in kinds))

    def condition(self, node: Node, found: Kind) -> None:
        """Note a condition that is certainly neither true nor false."""
        if found.is_known and found.name not in ("boolean", "null"):
            self.notes.error(
                "condition-kind", node.at, "Expected true or false, but this is a %(found)s.", found=found.name
            )

    def between(self, node: syntax.Between) -> Kind:
        kinds = self.kinds((node.operand, node.low, node.high))
        return replace(BOOLEAN, nullable=any(found.nullable for found in kinds))

    def conditional(self, node: syntax.If) -> Kind:
        self.condition(node.condition, self.kind(node.condition))
        return replace(joined(self.kind(node.then), self.kind(node.otherwise)), is_variable=False)

    def in_(self, node: syntax.In) -> Kind:
        found = self.kind(node.operand)
        self.tests(node.tests, found)
        return BOOLEAN

    def tests(self, tests: Iterable[syntax.Test], value: Kind) -> None:
        """Look into the tests of a value of this kind."""
        for test in tests:
            if isinstance(test, syntax.ExpressionTest):
                with self.knowing({"?": value}):
                    self.kind(test.expression)
                continue
            other = self.kind(test.operand)
            if not {value.name, other.name} & {"Any", "null"} and value.name != other.name:
                self._always_null(test, value, other)

    # Structures

    def list_literal(self, node: syntax.ListLiteral) -> Kind:
        kinds = self.kinds(node.items)
        if not kinds:
            return list_of(ANY, nullable=False)
        element = kinds[0]
        for found in kinds[1:]:
            element = joined(element, found)
        return list_of(replace(element, is_variable=False), nullable=False)

    def context_literal(self, node: syntax.ContextLiteral) -> Kind:
        members: dict[str, Kind] = {}
        for entry in node.entries:
            if entry.name in BUILTINS:
                self._shadows(entry)
            with self.knowing(members):
                members[entry.name] = self.kind(entry.value)
        return Kind("context", False, members=members)

    def _shadows(self, entry: syntax.Entry) -> None:
        self.notes.warning(
            "shadows-builtin",
            entry.at,
            "“%(name)s” is a built-in function; as a variable it would hide it from readers.",
            name=entry.name,
        )

    def range_literal(self, node: syntax.RangeLiteral) -> Kind:
        start, end = self.kinds((node.start, node.end))
        if start.is_known and end.is_known and start.name != end.name and "null" not in (start.name, end.name):
            self.notes.error(
                "range",
                node.at,
                "The ends of the range are a %(start)s and a %(end)s.",
                start=start.name,
                end=end.name,
            )
        low, high = literal_number(node.start), literal_number(node.end)
        if low is not None and high is not None and compare(">", low, high):
            self.notes.error("range", node.at, "The range ends before it starts.")
        return Kind("range", start.nullable or end.nullable, joined(start, end))

    def unary_range(self, node: syntax.UnaryRange) -> Kind:
        return Kind("range", True, self.kind(node.bound))

    def path(self, node: syntax.Path) -> Kind:
        return self.member(self.kind(node.source), node.name, node.at)

    def member(self, source: Kind, name: str, at: int) -> Kind:
        """What ``source.name`` is."""
        if source.name == "list":
            return list_of(self.member(source.element or ANY, name, at), nullable=source.nullable)
        if source.name == "context" and source.members is not None:
            if name not in source.members:
                self.notes.error("unknown-name", at, "The context has no entry “%(name)s”.", name=name)
                return NULL
            found = source.members[name]
            return found.possible() if source.nullable else found
        properties = PROPERTIES.get(source.name)
        if properties is None:
            return ANY
        if name not in properties:
            self.notes.error("unknown-name", at, "A %(kind)s has no property “%(name)s”.", kind=source.name, name=name)
            return NULL
        return properties[name]

    def filter_(self, node: syntax.Filter) -> Kind:
        source = self.kind(node.source)
        element = (source.element or ANY) if source.name in ("list", "range") else source
        members = element.members if element.name == "context" else None
        is_open = not element.is_known or (element.name == "context" and members is None)
        with self.knowing({"item": element, **(members or {})}, open_names=is_open):
            condition = self.kind(node.condition)
        if condition.name == "number":
            return element.possible()
        self.condition(node.condition, condition)
        return list_of(element, nullable=False)

    # Loops and functions

    def iteration(self, node: syntax.Iteration) -> Kind:
        start, end = self.kinds((node.start, node.end))
        low, high = literal_number(node.start), literal_number(node.end)
        if low is not None and high is not None and abs(high - low) > _LOOP_MAX:
            self.notes.error("loop-size", node.at, "Expected at most %(most)s turns.", most=_LOOP_MAX)
        return list_of(joined(start, end), nullable=start.nullable or end.nullable)

    def _loops(self, iterations: tuple[syntax.Entry, ...], body: Node) -> Kind:
        """What the body yields inside all loops; perhaps null if a loop runs over what may be null."""
        first, *rest = iterations
        source = self.kind(first.value)
        element = (source.element or ANY) if source.name in ("list", "range") else source
        with self.knowing({first.name: replace(element, is_variable=False)}):
            found = self._loops(tuple(rest), body) if rest else self.kind(body)
        return found.possible() if source.nullable else found

    def for_(self, node: syntax.For) -> Kind:
        with self.knowing({"partial": Kind("list", False)}):
            return list_of(self._loops(node.iterations, node.body))

    def quantified(self, node: syntax.Quantified) -> Kind:
        found = self._loops(node.iterations, node.condition)
        self.condition(node.condition, found)
        return replace(BOOLEAN, nullable=found.nullable)

    def function(self, node: syntax.FunctionDefinition) -> Kind:
        with self.knowing({parameter.name: ANY for parameter in node.parameters}):
            self.kind(node.body)
        return FUNCTION

    def external(self, node: syntax.ExternalFunction) -> Kind:
        self.notes.error("external-function", node.at, "External functions are not allowed.")
        return NULL

    def call(self, node: syntax.Call | syntax.NamedCall) -> Kind:
        if isinstance(node, syntax.NamedCall):
            arguments = [(entry.name, entry.value) for entry in node.arguments]
        else:
            arguments = [("", argument) for argument in node.arguments]
        kinds = self.kinds(argument for _, argument in arguments)
        if not isinstance(node.function, syntax.Name):
            self.kind(node.function)
            return ANY
        name = node.function.name
        if name in BUILTINS:
            return call_kind(node, name, arguments, kinds, self.notes)
        if self.may_exist(name):
            return ANY
        self.note_unknown("unknown-function", node.function)
        return ANY

    def instance_of(self, node: syntax.InstanceOf) -> Kind:
        self.kind(node.operand)
        return BOOLEAN


def literal_number(node: Node) -> Any:
    """The number a literal stands for, or ``None``."""
    match node:
        case syntax.NumberLiteral(digits=digits):
            return read_number(digits)
        case syntax.Negation(operand=syntax.NumberLiteral(digits=digits)):
            return read_number("-" + digits)
    return None


_RULES: Mapping[type[Node], Callable[[Inference, Any], Kind]] = MappingProxyType(
    {
        syntax.NumberLiteral: Inference.number,
        syntax.StringLiteral: lambda _, node: STRING.certain(),
        syntax.BooleanLiteral: lambda _, node: BOOLEAN.certain(),
        syntax.NullLiteral: lambda _, node: NULL,
        syntax.AtLiteral: Inference.at_literal,
        syntax.Name: Scope.name,
        syntax.Negation: Inference.negation,
        syntax.Arithmetic: Inference.arithmetic,
        syntax.Comparison: Inference.comparison,
        syntax.Logic: Inference.logic,
        syntax.Between: Inference.between,
        syntax.If: Inference.conditional,
        syntax.In: Inference.in_,
        syntax.ListLiteral: Inference.list_literal,
        syntax.ContextLiteral: Inference.context_literal,
        syntax.RangeLiteral: Inference.range_literal,
        syntax.UnaryRange: Inference.unary_range,
        syntax.Path: Inference.path,
        syntax.Filter: Inference.filter_,
        syntax.Iteration: Inference.iteration,
        syntax.For: Inference.for_,
        syntax.Quantified: Inference.quantified,
        syntax.FunctionDefinition: Inference.function,
        syntax.ExternalFunction: Inference.external,
        syntax.Call: Inference.call,
        syntax.NamedCall: Inference.call,
        syntax.InstanceOf: Inference.instance_of,
    }
)
