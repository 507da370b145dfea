"""Closures for lists, contexts, ranges, paths and filters (DMN 1.5, clauses 10.3.2.5 to 10.3.2.9)."""

from __future__ import annotations

from decimal import Decimal

from engine.feel.comparison import ORDER, compare
from engine.feel.compile.frame import Closure, Compiler, Frame
from engine.feel.environment import Evaluation
from engine.feel.numbers import whole
from engine.feel.properties import property_of
from engine.feel.syntax import (
    ContextLiteral,
    Filter,
    ListLiteral,
    Negation,
    Node,
    NumberLiteral,
    Path,
    RangeLiteral,
    UnaryRange,
)
from engine.feel.temporal import Date
from engine.feel.values import Range, Value, kind


def list_literal(node: ListLiteral, compiler: Compiler) -> Closure:
    """``[a, b]``."""
    items = compiler.compile_all(node.items)

    def build(frame: Frame) -> list[Value]:
        frame.evaluation.tick()
        return frame.evaluation.entries([item(frame) for item in items])

    return build


def context_literal(node: ContextLiteral, compiler: Compiler) -> Closure:
    """``{a: 1, b: a + 1}``: each entry sees the ones before it; null when a key comes twice."""
    names = [entry.name for entry in node.entries]
    at = node.at
    if len(set(names)) != len(names):
        return lambda frame: frame.evaluation.warn(at, "The context has the same key twice.")
    with compiler.binding():  # an entry may read an outer variable of its own name: nothing is *certainly* bound
        entries = [(entry.name, compiler.compile(entry.value)) for entry in node.entries]

    def build(frame: Frame) -> dict[str, Value]:
        frame.evaluation.tick()
        frame.evaluation.hold(len(entries))
        context: dict[str, Value] = {}
        inner = Frame(context, frame, frame.evaluation)
        for key, value in entries:
            context[key] = value(inner)
        return context

    return build


def range_literal(node: RangeLiteral, compiler: Compiler) -> Closure:
    """``[start..end]``; null when the ends are of different kinds or the wrong way round."""
    start, end = compiler.compile_all((node.start, node.end))
    at, start_included, end_included = node.at, node.start_included, node.end_included

    def build(frame: Frame) -> Range | None:
        low, high = start(frame), end(frame)
        warn = frame.evaluation.warn
        if low is None and high is None:
            return None
        for bound in (low, high):
            if bound is not None and type(bound) not in ORDER:
                return warn(at, "A range cannot end at a %(kind)s.", kind=kind(bound))
        if low is not None and high is not None:
            if type(low) is not type(high):
                return warn(at, "The ends of the range are a %(start)s and a %(end)s.", start=kind(low), end=kind(high))
            if compare(">", low, high) is True:
                return warn(at, "The range ends before it starts.")
        return Range(low, high, start_included, end_included)

    return build


def unary_range(node: UnaryRange, compiler: Compiler) -> Closure:
    """``(< 10)``."""
    bound = compiler.compile(node.bound)
    symbol = node.operator

    def build(frame: Frame) -> Range | None:
        value = bound(frame)
        if value is None or symbol == "!=":
            return None
        if symbol == "=":
            return Range(value, value, True, True, unbounded_start=True, unbounded_end=True)
        if symbol[0] == "<":
            return Range(None, value, False, symbol == "<=", unbounded_start=True)
        return Range(value, None, symbol == ">=", False, unbounded_end=True)

    return build


def path(node: Path, compiler: Compiler) -> Closure:
    """``source.name``."""
    source = compiler.compile(node.source)
    wanted, at = node.name, node.at

    def read(frame: Frame) -> Value:
        value = source(frame)
        if type(value) is dict and wanted in value:
            return value[wanted]
        return property_of(value, wanted, frame.evaluation, at)

    return read


def filter_(node: Filter, compiler: Compiler) -> Closure:
    """``source[condition]``: the entry at a position, or the entries for which the condition is true."""
    source = compiler.compile(node.source)
    literal = _literal_position(node.condition)
    if literal is not None:
        return lambda frame: _entry_at(_listed(source(frame), frame.evaluation, null_is_entry=True), literal)
    with compiler.binding(("item",)), compiler.binding():  # the entry's own keys are bound too, whatever they are
        condition = compiler.compile(node.condition)
    at = node.at

    def select(frame: Frame) -> Value:
        evaluation = frame.evaluation
        items = _listed(source(frame), evaluation, null_is_entry=False)
        kept = []
        for index, item in enumerate(items):
            evaluation.tick()
            inner = Frame({"item": item}, frame, evaluation)
            if type(item) is dict:
                inner = Frame(item, inner, evaluation)
            answer = condition(inner)
            if answer is True:
                kept.append(item)
            elif index == 0 and type(answer) is Decimal:
                return _entry_at(items, answer)
            elif index == 0 and answer is not None and answer is not False:
                return evaluation.warn(
                    at, "A filter needs true, false or a position, not a %(kind)s.", kind=kind(answer)
                )
        return evaluation.entries(kept)

    return select


def _literal_position(condition: Node) -> Decimal | None:
    match condition:
        case NumberLiteral(digits=digits):
            return Decimal(digits)
        case Negation(operand=NumberLiteral(digits=digits)):
            return -Decimal(digits)
    return None


def _listed(value: Value, evaluation: Evaluation, *, null_is_entry: bool) -> list[Value]:
    if type(value) is Range:
        value = range_entries(value, evaluation)
    if value is None:
        return [None] if null_is_entry else []
    return value if type(value) is list else [value]


def _entry_at(items: list[Value], position: Decimal) -> Value:
    number = whole(position)
    if number is None or number == 0 or abs(number) > len(items):
        return None
    return items[number - 1] if number > 0 else items[number]


def range_entries(interval: Range, evaluation: Evaluation) -> list[Value] | None:
    """The whole numbers or the days of a range, charged for; ``None`` when it has no such entries."""
    return counted(interval.start, interval.end, evaluation, interval.start_included, interval.end_included)


def counted(
    start: Value,
    end: Value,
    evaluation: Evaluation,
    start_included: bool = True,
    end_included: bool = True,
    *,
    may_fall: bool = False,
) -> list[Value] | None:
    """From one whole number or day to another; downwards only if ``may_fall``."""
    if type(start) is not type(end):
        return None
    first: int | None
    last: int | None
    if type(start) is Date:
        first, last = start.number, end.number
    elif type(start) is Decimal:
        first, last = whole(start), whole(end)
    else:
        return None
    if first is None or last is None:
        return None
    steps = range(first, last - 1, -1) if may_fall and first > last else range(first, last + 1)
    if not start_included:
        steps = steps[1:]
    if not end_included:
        steps = steps[:-1]
    evaluation.check_list_length(len(steps))
    evaluation.tick(len(steps) + 1)
    build = Date if type(start) is Date else Decimal
    return evaluation.entries([build(number) for number in steps])
