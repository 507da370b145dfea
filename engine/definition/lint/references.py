"""Rules about what a diagram refers to: forms, roles, and who does the work."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from engine.definition.apart import kept_apart
from engine.definition.diagram import Diagram
from engine.definition.finding import Finding
from engine.definition.lint.structure import Keys, Rule, finding


def forms(diagram: Diagram, keys: Keys) -> Iterator[Finding]:
    known = keys.get("form", frozenset())
    for element in diagram.elements.values():
        if element.kind != "userTask":
            continue
        form = element.attributes.get("form", "")
        if not form:
            yield finding(
                diagram,
                "form",
                element.id,
                "error",
                "Expected a form on %(name)s but it has none. Choose one.",
                name=element.name or element.id,
            )
        elif form not in known:
            yield finding(
                diagram,
                "form",
                element.id,
                "error",
                "Expected the form of %(name)s but there is none called %(form)s. Add it or choose one.",
                name=element.name or element.id,
                form=form,
            )
    for message in diagram.messages.values():
        if message.form and message.form not in known:
            yield finding(
                diagram,
                "form",
                message.id,
                "error",
                "Expected the form of the message %(name)s but there is none called %(form)s. Add it or choose one.",
                name=message.name,
                form=message.form,
            )


def roles(diagram: Diagram, _: Keys) -> Iterator[Finding]:
    for element in diagram.elements.values():
        if element.kind != "userTask":
            continue
        around: str | None = element.id
        role = False
        while around is not None and not role:
            node = diagram.elements[around]
            role = "role" in node.attributes or any(
                "role" in lane.attributes for lane in diagram.lanes if around in lane.elements
            )
            around = node.parent
        if not role:
            yield finding(
                diagram,
                "role",
                element.id,
                "error",
                "Expected a role for %(name)s but neither it nor its lane has one. Give the lane a role.",
                name=element.name or element.id,
            )


RULES: tuple[Rule, ...] = (forms, roles)


def apart(diagrams: Mapping[str, Diagram]) -> list[Finding]:
    """A step is kept apart only from people's tasks that there are, wherever in the procedure they are drawn."""
    tasks = {e.id for diagram in diagrams.values() for e in diagram.elements.values() if e.kind == "userTask"}
    return [
        finding(
            diagram,
            "apart",
            element.id,
            "error",
            "Expected %(name)s to be kept apart from other people's tasks but %(other)s is none. Choose a step that "
            "there is.",
            name=element.name or element.id,
            other=other,
        )
        for diagram in diagrams.values()
        for element in diagram.elements.values()
        for other in kept_apart(element)
        if other == element.id or other not in tasks
    ]
