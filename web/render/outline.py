"""A diagram in words: the numbered steps beside every picture, and what a screen reader says of one element.

The order is the one a person would tell: from the start along the flows, what is reached first is named
first, and the way that ends soonest does not interrupt the way that goes on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from engine.definition.diagram import Diagram, Element, Flow
from web.language import N_, gettext, word

KINDS: Final = {
    "task": N_("step"),
    "userTask": N_("a person's task"),
    "manualTask": N_("work without a form"),
    "serviceTask": N_("the machine's task"),
    "scriptTask": N_("calculation"),
    "businessRuleTask": N_("decision table"),
    "sendTask": N_("message sent"),
    "receiveTask": N_("message awaited"),
    "callActivity": N_("a process of its own"),
    "subProcess": N_("subprocess"),
    "transaction": N_("transaction"),
    "adHocSubProcess": N_("subprocess in any order"),
    "exclusiveGateway": N_("either-or"),
    "parallelGateway": N_("all at once"),
    "inclusiveGateway": N_("one or several"),
    "eventBasedGateway": N_("whatever happens first"),
    "complexGateway": N_("complex gateway"),
    "startEvent": N_("start"),
    "endEvent": N_("end"),
    "intermediateCatchEvent": N_("wait"),
    "intermediateThrowEvent": N_("event"),
    "boundaryEvent": N_("event during a step"),
}
"""BPMN tag → what people call it."""

EVENT_KINDS: Final = {
    "timer": N_("timer"),
    "message": N_("message"),
    "error": N_("error"),
    "signal": N_("signal"),
    "escalation": N_("escalation"),
    "conditional": N_("condition"),
    "link": N_("link"),
    "compensate": N_("compensation"),
    "cancel": N_("cancellation"),
    "terminate": N_("ends everything"),
}

STATES: Final = {
    "done": N_("done"),
    "now": N_("the case is here"),
    "stuck": N_("stuck"),
    "cancelled": N_("broken off"),
    "added": N_("added"),
    "changed": N_("changed"),
    "removed": N_("removed"),
}
"""State of a node → what is said of it."""


@dataclass(frozen=True, slots=True)
class Mark:
    """What happened at one element: ``state`` is a key of ``STATES``, ``visits`` how often it was reached.

    ``badge`` and ``said`` stand instead of the state's own sign and word where many cases are told of.
    """

    state: str
    visits: int = 1
    badge: str = ""
    said: str = ""


@dataclass(frozen=True, slots=True)
class Marks:
    """What happened in one diagram: by element, and which sequence flows were taken."""

    nodes: Mapping[str, Mark] = field(default_factory=dict)
    flows: frozenset[str] = frozenset()


NOTHING: Final = Marks()


@dataclass(frozen=True, slots=True)
class Onward:
    """Where a step leads: on which condition, and to which step's number (None for one that is not listed)."""

    flow: str
    target: str
    number: int | None


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the outline. ``depth`` counts the subprocesses around it."""

    number: int
    element: str
    name: str
    kind: str
    lane: str
    onward: tuple[Onward, ...]
    during: str = ""
    state: str = ""
    visits: int = 0
    depth: int = 0
    called: str = ""


def outline(diagram: Diagram, marks: Marks = NOTHING) -> list[Step]:
    """The steps of a diagram in the order of telling, in the reader's language."""
    order = telling_order(diagram)
    numbers = {element.id: n for n, element in enumerate(order, 1)}
    return [_step(diagram, element, numbers, marks) for element in order]


def _step(diagram: Diagram, element: Element, numbers: Mapping[str, int], marks: Marks) -> Step:
    mark = marks.nodes.get(element.id)
    lane = diagram.lane_of(element.id)
    host = diagram.elements[element.attached_to] if element.attached_to else None
    return Step(
        number=numbers[element.id],
        element=element.id,
        name=title(element),
        kind=kind(element),
        lane=word(lane.name) if lane else "",
        onward=tuple(
            Onward(word(flow.name), title(diagram.elements[flow.target]), numbers.get(flow.target))
            for flow in diagram.flows_out(element.id)
        ),
        during=title(host) if host else "",
        state=(mark.said or gettext(STATES[mark.state])) if mark else "",
        visits=mark.visits if mark and not mark.said else 0,
        depth=_depth(diagram, element),
        called=element.called,
    )


def title(element: Element) -> str:
    """The name of an element; a nameless one is called by its kind."""
    return word(" ".join(element.name.split())) if element.name else kind(element)


def kind(element: Element) -> str:
    """What kind of element this is, in the reader's words."""
    said = gettext(KINDS.get(element.kind, element.kind))
    about = [gettext(EVENT_KINDS[d.kind]) for d in element.definitions if d.kind in EVENT_KINDS]
    return f"{said} ({gettext(', ').join(about)})" if about else said


def spoken(diagram: Diagram, element: Element, mark: Mark | None = None) -> str:
    """What a screen reader says of an element: name, kind, lane, state, and where it leads."""
    parts = [title(element)]
    if element.name:
        parts.append(kind(element))
    lane = diagram.lane_of(element.id)
    if lane:
        parts.append(gettext("lane %(name)s", name=lane.name))
    if mark:
        times = gettext("%(count)s times", count=mark.visits) if mark.visits > 1 and not mark.said else ""
        parts += [mark.said or gettext(STATES[mark.state]), times]
    ways = [_way(diagram, flow) for flow in diagram.flows_out(element.id)]
    parts.append(gettext("leads to %(steps)s", steps=gettext("; ").join(ways)) if ways else gettext("nothing follows"))
    return gettext(", ").join(part for part in parts if part)


def _way(diagram: Diagram, flow: Flow) -> str:
    target = title(diagram.elements[flow.target])
    return f"{word(flow.name)}: {target}" if flow.name else target


def _depth(diagram: Diagram, element: Element) -> int:
    depth, parent = 0, element.parent
    while parent is not None:
        depth, parent = depth + 1, diagram.elements[parent].parent
    return depth


def telling_order(diagram: Diagram, parent: str | None = None) -> list[Element]:
    """Depth first, but the branch with most ahead of it first; then whatever no flow reaches, in document order."""
    seen: dict[str, Element] = {}

    def visit(element: Element) -> None:
        waiting = [element]
        while waiting:
            here = waiting.pop()
            if here.id in seen:
                continue
            seen[here.id] = here
            if here.is_subprocess:
                for inner in telling_order(diagram, here.id):
                    seen.setdefault(inner.id, inner)
            events = list(diagram.boundary_events(here.id))
            onward = [diagram.elements[flow.target] for flow in diagram.flows_out(here.id)]
            onward.sort(key=lambda e: e.kind == "endEvent")  # stable: a short way out is told last
            waiting += [*reversed(events), *reversed(onward)]

    for start in diagram.starts(parent):
        visit(start)
    for element in diagram.children(parent):
        if element.attached_to is None:
            visit(element)
    return list(seen.values())
