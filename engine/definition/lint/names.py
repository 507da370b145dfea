"""Names in expressions over a whole bundle: somebody gives each of them a value, and a condition is a yes or no.

A typing mistake in a condition is no mistake of the language: the name is simply unknown, and the case would get
stuck there one day. What a form asks, a table answers, a script assigns or a loop hands out is known here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from engine.definition.diagram import Diagram
from engine.definition.finding import Finding, term
from engine.definition.lint.data import texts
from engine.feel import FeelError, compile_expression
from engine.feel.analysis import Variables, analyse, known_variables
from engine.feel.syntax import ContextLiteral
from forms.formjs import FormError, read_form

ALWAYS = frozenset({"profile", "loopCounter", "nrOfInstances", "nrOfActiveInstances", "nrOfCompletedInstances"})
_CONDITIONS = ("condition", "completion", "conditional")


def findings(resources: Mapping[tuple[str, str], bytes], diagrams: Mapping[str, Diagram]) -> list[Finding]:
    """Names that nothing gives a value to, and conditions that can be neither true nor false."""
    known = known_variables(dict.fromkeys(given_names(resources, diagrams), "Any"))
    return [found for diagram in diagrams.values() for found in _in_diagram(diagram, known)]


def given_names(resources: Mapping[tuple[str, str], bytes], diagrams: Mapping[str, Diagram]) -> frozenset[str]:
    """Every name that a form, table, script, loop, message or data object of the bundle can give a value to."""
    names = set(ALWAYS)
    for (kind, key), content in resources.items():
        if kind == "form":
            try:
                names |= {field.key for field in read_form(content, key).fields}
            except FormError:
                continue  # said by the form's own check
    for diagram in diagrams.values():
        names |= set(_given_by(diagram))
    return frozenset(names)


def _given_by(diagram: Diagram) -> Iterator[str]:
    yield from diagram.properties
    for element in diagram.elements.values():
        if element.attributes.get("result"):
            yield element.attributes["result"]
        if element.loop is not None:
            yield from (name for name in (element.loop.item, element.loop.output, element.loop.outputs) if name)
        if element.kind == "scriptTask" and element.script:
            yield from _assigned(element.script)
        for association in (*element.inputs, *element.outputs):
            yield from (name for name in (association.source, association.target) if name)


def _assigned(script: str) -> Iterator[str]:
    try:
        tree = compile_expression(script).tree
    except FeelError:
        return
    if isinstance(tree, ContextLiteral):
        yield from (entry.name for entry in tree.entries)


def _in_diagram(diagram: Diagram, known: Variables) -> Iterator[Finding]:
    for where, what, text in texts(diagram):
        expected = "boolean" if what in _CONDITIONS else None
        for found in analyse(text, variables=known, expected=expected):
            if found.rule in ("syntax",):
                continue  # the rule "feel" says it
            severity = "error" if found.severity == "error" and found.rule != "unknown-name" else "warning"
            yield Finding(
                f"feel-{found.rule}",
                where,
                "error" if severity == "error" else "warning",
                "Look at %(expression)s (%(what)s of %(element)s): %(reason)s",
                {"expression": text[:200], "what": term(what), "element": _name(diagram, where), "reason": found},
                diagram.process,
            )


def _name(diagram: Diagram, where: str) -> str:
    element = diagram.elements.get(where)
    if element is not None:
        return element.name or element.id
    flow = diagram.flows.get(where)
    return (flow.name or flow.id) if flow is not None else where
