"""Rules about expressions: every FEEL text of a diagram is read before it runs."""

from __future__ import annotations

from collections.abc import Iterator

from engine.definition.diagram import Diagram, Element
from engine.definition.finding import Finding, term
from engine.definition.lint.structure import Keys, Rule, finding
from engine.feel import FeelError, compile_expression

_FEEL_ATTRIBUTES = ("dueWorkingDays", "dueDays", "dueMonths", "dueFrom", "input", "correlation", "payload")


def expressions(diagram: Diagram, _: Keys) -> Iterator[Finding]:
    for where, what, text in texts(diagram):
        try:
            compile_expression(text)
        except FeelError as error:
            yield finding(
                diagram,
                "feel",
                where,
                "error",
                "Expected a FEEL expression as %(what)s of %(element)s but found a mistake: %(reason)s. Correct it.",
                what=term(what),
                reason=error,
                text=text[:200],
            )


def texts(diagram: Diagram) -> Iterator[tuple[str, str, str]]:
    """(element or flow id, what it is, text) of every FEEL expression in a diagram."""
    if diagram.attributes.get("title"):
        yield diagram.process, "title", diagram.attributes["title"]
    for flow in diagram.flows.values():
        if flow.condition is not None:
            yield flow.id, "condition", flow.condition
    for message in diagram.messages.values():
        if message.correlation:
            yield message.id, "correlation", message.correlation
        if message.keep.startswith("="):
            yield message.id, "keep", message.keep
    for lane in diagram.lanes:
        if lane.attributes.get("tenant", "").startswith("="):
            yield lane.id, "tenant", lane.attributes["tenant"]
    for element in diagram.elements.values():
        yield from ((element.id, what, text) for what, text in _of_element(element))


def _of_element(element: Element) -> Iterator[tuple[str, str]]:
    for name in _FEEL_ATTRIBUTES:
        if name in element.attributes:
            yield name, element.attributes[name]
    if element.attributes.get("tenant", "").startswith("="):
        yield "tenant", element.attributes["tenant"]
    if element.called.startswith("="):
        yield "calledElement", element.called
    if element.kind == "scriptTask" and element.script:
        yield "script", element.script
    for definition in element.definitions:
        if definition.expression and (definition.kind == "conditional" or definition.expression.startswith("=")):
            yield definition.kind, definition.expression
    loop = element.loop
    if loop is not None:
        for what in ("collection", "cardinality", "completion", "condition"):
            if getattr(loop, what):
                yield what, getattr(loop, what)
        if loop.output.startswith("="):
            yield "output", loop.output


RULES: tuple[Rule, ...] = (expressions,)
