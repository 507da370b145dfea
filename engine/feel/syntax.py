"""The syntax tree: what the parser makes of a text (DMN 1.5, clause 10.3.1.2). ``at`` is the offset in the text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Node:
    """Anything that stands somewhere in the text."""

    at: int = field(compare=False)


@dataclass(frozen=True, slots=True)
class NumberLiteral(Node):
    digits: str


@dataclass(frozen=True, slots=True)
class StringLiteral(Node):
    value: str


@dataclass(frozen=True, slots=True)
class BooleanLiteral(Node):
    value: bool


@dataclass(frozen=True, slots=True)
class NullLiteral(Node):
    pass


@dataclass(frozen=True, slots=True)
class AtLiteral(Node):
    """``@"2026-09-21"``."""

    text: str


@dataclass(frozen=True, slots=True)
class Name(Node):
    name: str


@dataclass(frozen=True, slots=True)
class Negation(Node):
    operand: Node


@dataclass(frozen=True, slots=True)
class Arithmetic(Node):
    operator: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Comparison(Node):
    operator: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Logic(Node):
    """``a and b and c`` or ``a or b or c``: one node however long the chain."""

    operator: str
    operands: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Between(Node):
    operand: Node
    low: Node
    high: Node


@dataclass(frozen=True, slots=True)
class ComparisonTest(Node):
    """``< 10`` in a unary test."""

    operator: str
    operand: Node


@dataclass(frozen=True, slots=True)
class ExpressionTest(Node):
    """Any expression as a unary test: a value, a range, a list, or a truth about ``?``."""

    expression: Node


Test: TypeAlias = ComparisonTest | ExpressionTest


@dataclass(frozen=True, slots=True)
class UnaryTests(Node):
    """``tests`` is empty for ``-``: anything goes."""

    tests: tuple[Test, ...]
    negated: bool


@dataclass(frozen=True, slots=True)
class In(Node):
    operand: Node
    tests: tuple[Test, ...]


@dataclass(frozen=True, slots=True)
class If(Node):
    condition: Node
    then: Node
    otherwise: Node


@dataclass(frozen=True, slots=True)
class ListLiteral(Node):
    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Entry(Node):
    """A key and its value: in a context, a named argument, or an iteration's variable and what it runs over."""

    name: str
    value: Node


@dataclass(frozen=True, slots=True)
class ContextLiteral(Node):
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class RangeLiteral(Node):
    start: Node
    end: Node
    start_included: bool
    end_included: bool


@dataclass(frozen=True, slots=True)
class UnaryRange(Node):
    """``(< 10)``: an interval with one bound."""

    operator: str
    bound: Node


@dataclass(frozen=True, slots=True)
class Path(Node):
    source: Node
    name: str


@dataclass(frozen=True, slots=True)
class Filter(Node):
    source: Node
    condition: Node


@dataclass(frozen=True, slots=True)
class Iteration(Node):
    """``1..10`` after ``in``: may run downwards, unlike a range."""

    start: Node
    end: Node


@dataclass(frozen=True, slots=True)
class For(Node):
    iterations: tuple[Entry, ...]
    body: Node


@dataclass(frozen=True, slots=True)
class Quantified(Node):
    """``some`` or ``every``."""

    quantifier: str
    iterations: tuple[Entry, ...]
    condition: Node


@dataclass(frozen=True, slots=True)
class Type(Node):
    """A type by name."""

    name: str


@dataclass(frozen=True, slots=True)
class CollectionType(Type):
    """``list<…>`` or ``range<…>``."""

    element: Type


@dataclass(frozen=True, slots=True)
class ContextType(Type):
    """``context<name: type>``."""

    members: tuple[tuple[str, Type], ...]


@dataclass(frozen=True, slots=True)
class FunctionType(Type):
    """``function<types> -> type``."""

    parameters: tuple[Type, ...]
    result: Type


@dataclass(frozen=True, slots=True)
class Parameter(Node):
    name: str
    type: Type | None


@dataclass(frozen=True, slots=True)
class FunctionDefinition(Node):
    parameters: tuple[Parameter, ...]
    body: Node


@dataclass(frozen=True, slots=True)
class ExternalFunction(Node):
    """``function(…) external …``: read, so that it can be refused with a sentence."""


@dataclass(frozen=True, slots=True)
class Call(Node):
    function: Node
    arguments: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class NamedCall(Node):
    function: Node
    arguments: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class InstanceOf(Node):
    operand: Node
    type: Type


_FIELD_NAMES: dict[type[Node], tuple[str, ...]] = {}


def _field_names(kind: type[Node]) -> tuple[str, ...]:
    known = _FIELD_NAMES.get(kind)
    if known is None:
        known = _FIELD_NAMES[kind] = tuple(found.name for found in fields(kind) if found.name != "at")
    return known


def children(node: Node) -> Iterator[Node]:
    """The nodes directly below, in the order of the text."""
    for name in _field_names(type(node)):
        value = getattr(node, name)
        if isinstance(value, Node):
            yield value
        elif isinstance(value, tuple):
            yield from (item for item in value if isinstance(item, Node))


def walk(node: Node) -> Iterator[Node]:
    """The node and all below it."""
    waiting = [node]
    while waiting:
        current = waiting.pop()
        yield current
        waiting.extend(children(current))


def mentions(node: Node, name: str) -> bool:
    """Whether the name is read anywhere below, whoever binds it."""
    return any(isinstance(found, Name) and found.name == name for found in walk(node))
