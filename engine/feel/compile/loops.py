"""Closures for ``for``, ``some`` and ``every`` (DMN 1.5, clauses 10.3.2.10 and 10.3.2.11)."""

from __future__ import annotations

from collections.abc import Iterator

from engine.feel.compile.frame import Closure, Compiler, Frame
from engine.feel.compile.structures import counted, range_entries
from engine.feel.syntax import Entry, For, Iteration, Node, Quantified, mentions
from engine.feel.values import Range, Value

_Iteration = tuple[str, Closure]


def iteration(node: Iteration, compiler: Compiler) -> Closure:
    """``1..10`` after ``in``; ``10..1`` runs downwards."""
    start, end = compiler.compile_all((node.start, node.end))
    at = node.at

    def build(frame: Frame) -> list[Value] | None:
        items = counted(start(frame), end(frame), frame.evaluation, may_fall=True)
        return frame.evaluation.warn(at, "Can only count whole numbers or days.") if items is None else items

    return build


def _compile_iterations(
    iterations: tuple[Entry, ...], body: Node, compiler: Compiler, *, extra: str | None = None
) -> tuple[list[_Iteration], Closure]:
    """The loops, outermost first, and the body inside all of them: each loop adds one frame."""
    first, *rest = iterations
    source = compiler.compile(first.value)
    names = (first.name,) if extra is None or rest else (first.name, extra)
    with compiler.binding(names):
        if not rest:
            return [(first.name, source)], compiler.compile(body)
        inner, compiled = _compile_iterations(tuple(rest), body, compiler, extra=extra)
    return [(first.name, source), *inner], compiled


def _items(value: Value, frame: Frame, at: int) -> list[Value] | None:
    if type(value) is Range:
        items = range_entries(value, frame.evaluation)
        return frame.evaluation.warn(at, "Cannot go through this range one by one.") if items is None else items
    if value is None or type(value) is list:
        return value
    return [value]


class _NotIterable(Exception):
    """An iteration runs over null: the whole expression is null."""


def _frames(iterations: list[_Iteration], frame: Frame, at: int) -> Iterator[Frame]:
    """One frame per turn of all loops together, each charged one step."""
    (name, source), *rest = iterations
    items = _items(source(frame), frame, at)
    if items is None:
        raise _NotIterable
    evaluation = frame.evaluation
    for item in items:
        evaluation.tick()
        inner = Frame({name: item}, frame, evaluation)
        if rest:
            yield from _frames(rest, inner, at)
        else:
            yield inner


def for_(node: For, compiler: Compiler) -> Closure:
    """``for x in list return …``; ``partial`` is the list of results so far."""
    uses_partial = mentions(node.body, "partial")
    iterations, body = _compile_iterations(node.iterations, node.body, compiler, extra="partial")
    at = node.at

    def build(frame: Frame) -> list[Value] | None:
        evaluation = frame.evaluation
        results: list[Value] = []
        try:
            for inner in _frames(iterations, frame, at):
                if uses_partial:
                    # A copy: a body may keep it. Copies are cheap beside other cells, but not free.
                    evaluation.tick(len(results) // 32)
                    evaluation.hold(len(results) // 8)
                    inner.values["partial"] = list(results)
                results.append(body(inner))
                if len(results) & 0xFF == 0:
                    evaluation.check_list_length(len(results))
        except _NotIterable:
            return None
        return evaluation.entries(results)

    return build


def quantified(node: Quantified, compiler: Compiler) -> Closure:
    """``some x in list satisfies …`` and ``every …``: null when undecided and some answer is neither true nor false."""
    decisive = node.quantifier == "some"
    iterations, condition = _compile_iterations(node.iterations, node.condition, compiler)
    at = node.at

    def decide(frame: Frame) -> Value:
        answer: Value = not decisive
        try:
            for inner in _frames(iterations, frame, at):
                truth = condition(inner)
                if truth is decisive:
                    return decisive
                if type(truth) is not bool:
                    answer = None
        except _NotIterable:
            return None
        return answer

    return decide
