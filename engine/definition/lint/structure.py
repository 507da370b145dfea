"""Rules about how a diagram is drawn: ways in, ways out, and where conditions stand."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from engine.definition.diagram import GATEWAYS, Diagram, Element
from engine.definition.finding import Finding

Keys = Mapping[str, frozenset[str]]
Rule = Callable[[Diagram, Keys], Iterable[Finding]]
_NAME_MAX = 24


def reached(diagram: Diagram) -> set[str]:
    """Every element that a token can reach from the starts, boundaries, handlers and links included."""
    stack = [e.id for e in diagram.starts(None)] + [e.id for e in diagram.children(None) if e.triggered_by_event]
    seen: set[str] = set()
    while stack:
        key = stack.pop()
        if key in seen:
            continue
        seen.add(key)
        element = diagram.elements[key]
        stack += [diagram.flows[flow].target for flow in element.outgoing]
        stack += [boundary.id for boundary in diagram.boundary_events(key)]
        if element.compensation:
            stack.append(element.compensation)
        if element.is_subprocess:
            stack += [e.id for e in diagram.starts(key)]
            stack += [e.id for e in diagram.children(key) if e.triggered_by_event]
            if element.kind == "adHocSubProcess":
                stack += [e.id for e in diagram.children(key) if not e.incoming]
        stack += _link_targets(diagram, element)
    return seen


def _link_targets(diagram: Diagram, element: Element) -> Iterator[str]:
    link = element.definition("link")
    if link is None or element.kind != "intermediateThrowEvent":
        return
    for other in diagram.children(element.parent):
        found = other.definition("link")
        if other.kind == "intermediateCatchEvent" and found is not None and found.name == link.name:
            yield other.id


def executable(diagram: Diagram, _: Keys) -> Iterator[Finding]:
    """BPMN leaves it open what an unmarked process is: what runs is marked, so that no drawing runs by mistake."""
    if not diagram.executable:
        yield finding(
            diagram,
            "executable",
            diagram.process,
            "error",
            "Expected the process %(element)s to be marked as executable but it is not. "
            'Set isExecutable="true" on it if it is meant to run.',
        )


def reachable(diagram: Diagram, _: Keys) -> Iterator[Finding]:
    seen = reached(diagram)
    starts = {parent: diagram.starts(parent) for parent in {e.parent for e in diagram.elements.values()}}
    drawn = {parent for parent, found in starts.items() if any(start.kind == "startEvent" for start in found)}
    beginning = {start.id for found in starts.values() for start in found}
    for element in diagram.elements.values():
        beside = element.parent in drawn
        ad_hoc = element.parent is not None and diagram.elements[element.parent].kind == "adHocSubProcess"
        loose = element.kind != "startEvent" and element.id in beginning and beside and not ad_hoc
        if element.id not in seen or loose:
            yield finding(
                diagram,
                "reachable",
                element.id,
                "error",
                "Expected a way to %(name)s but no flow leads to %(element)s. Connect it or remove it.",
                name=element.name,
            )


def begins(diagram: Diagram, _: Keys) -> Iterator[Finding]:
    """A case is begun by a person or by a call, so each process has one plain start; others wait for a message only."""
    starts = [element for element in diagram.starts(None) if element.kind == "startEvent"]
    plain = [element for element in starts if not element.definitions]
    if len(plain) != 1:
        yield finding(
            diagram,
            "start",
            diagram.process,
            "error",
            "Expected one plain start event in %(element)s but found %(count)s. Draw exactly one.",
            count=len(plain),
        )
    for element in starts:
        if any(definition.kind != "message" for definition in element.definitions):
            yield finding(
                diagram,
                "start",
                element.id,
                "error",
                "Expected cases to be begun by people but %(element)s waits for a %(kind)s. "
                "Draw a plain start event, and the waiting after it.",
                kind=element.definitions[0].kind,
            )


def dead_ends(diagram: Diagram, _: Keys) -> Iterator[Finding]:
    for element in diagram.elements.values():
        thrown_link = element.kind == "intermediateThrowEvent" and element.definition("link") is not None
        ends = element.kind == "endEvent" or thrown_link or element.triggered_by_event or element.for_compensation
        inside_ad_hoc = element.parent is not None and diagram.elements[element.parent].kind == "adHocSubProcess"
        waits = element.kind == "boundaryEvent" and element.definition("compensate") is not None
        if not element.outgoing and not ends and not inside_ad_hoc and not waits:
            yield finding(
                diagram,
                "dead-end",
                element.id,
                "error",
                "Expected a way on from %(name)s but no flow leaves "
                "%(element)s. Draw one, to an end event if it is over.",
                name=element.name,
            )
        if element.kind == "endEvent" and element.outgoing:
            yield finding(
                diagram,
                "dead-end",
                element.id,
                "error",
                "Expected no flow out of the end event %(element)s but there is one. Use an intermediate event.",
            )


def scopes(diagram: Diagram, _: Keys) -> Iterator[Finding]:
    for flow in diagram.flows.values():
        if diagram.elements[flow.source].parent != diagram.elements[flow.target].parent:
            yield finding(
                diagram,
                "scope",
                flow.id,
                "error",
                "Expected the flow %(element)s to stay inside one "
                "subprocess but it crosses the border. Draw it to the border's own flow.",
            )
    for element in diagram.elements.values():
        host = diagram.elements.get(element.attached_to or "")
        if element.kind == "boundaryEvent" and (host is None or not host.is_activity):
            yield finding(
                diagram,
                "scope",
                element.id,
                "error",
                "Expected the boundary event %(element)s on an activity but it is not. Attach it to one.",
            )
        if element.kind == "boundaryEvent" and element.incoming:
            yield finding(
                diagram,
                "scope",
                element.id,
                "error",
                "Expected no flow into the boundary event %(element)s but there is one. Remove it.",
            )


def conditions(diagram: Diagram, _: Keys) -> Iterator[Finding]:
    """Conditions stand on flows out of exclusive and inclusive gateways, and one way is always open."""
    for flow in diagram.flows.values():
        kind = diagram.elements[flow.source].kind
        if flow.condition is not None and kind not in ("exclusiveGateway", "inclusiveGateway"):
            yield finding(
                diagram,
                "condition",
                flow.id,
                "error",
                "Expected conditions only on flows out of an exclusive "
                "or inclusive gateway but %(element)s has one. Draw a gateway.",
            )
        if flow.condition is not None and diagram.elements[flow.source].default == flow.id:
            yield finding(
                diagram,
                "condition",
                flow.id,
                "warning",
                "Expected no condition on the default flow %(element)s but it has one. It is not read: remove it.",
            )
    for element in diagram.elements.values():
        decides = element.kind in ("exclusiveGateway", "inclusiveGateway") and len(element.outgoing) > 1
        if decides and element.default is None:
            yield finding(
                diagram,
                "exhaustive",
                element.id,
                "warning",
                "Expected a default flow out of %(element)s but "
                "there is none. If no condition holds, the case stops with an incident: make one the default.",
                name=element.name,
            )


def joins(diagram: Diagram, _: Keys) -> Iterator[Finding]:
    for element in diagram.elements.values():
        gateway = element.kind in GATEWAYS and element.kind != "eventBasedGateway"
        if gateway and len(element.incoming) > 1 and len(element.outgoing) > 1:
            yield finding(
                diagram,
                "mixed",
                element.id,
                "warning",
                "Expected a gateway to join or to split but %(element)s does both. Draw two gateways.",
            )
        if element.is_activity and len(element.outgoing) > 1:
            yield finding(
                diagram,
                "implicit-split",
                element.id,
                "warning",
                "Expected one flow out of %(name)s but there are several: all are taken. Draw a parallel gateway.",
                name=element.name,
            )


def names(diagram: Diagram, _: Keys) -> Iterator[Finding]:
    for element in diagram.elements.values():
        if element.is_activity and not element.name:
            yield finding(
                diagram,
                "name",
                element.id,
                "warning",
                "Expected a name on %(element)s but it has none. Write what is done there.",
            )
        if len(element.name) > _NAME_MAX:
            yield finding(
                diagram,
                "name",
                element.id,
                "warning",
                "Expected a short name on %(element)s but it is long. Shorten it so that it fits its shape.",
            )


def unused(diagram: Diagram, _: Keys) -> Iterator[Finding]:
    """What an editor or another product wrote and nothing here reads is said, not dropped in silence."""
    for element in diagram.elements.values():
        for marker in element.markers:
            yield finding(
                diagram,
                "unused",
                element.id,
                "warning",
                "Expected only what is used here but %(element)s has %(marker)s. It does nothing: remove it, or say it "
                "with the attributes of this platform.",
                marker=marker,
            )


def layout(diagram: Diagram, _: Keys) -> Iterator[Finding]:
    for element in diagram.elements.values():
        if element.id not in diagram.shapes:
            yield finding(
                diagram,
                "layout",
                element.id,
                "warning",
                "Expected a place on the page for %(element)s but it has none. Open the diagram and put it somewhere.",
            )


def finding(diagram: Diagram, rule: str, element: str, severity: str, template: str, **params: object) -> Finding:
    """A finding about one element."""
    return Finding(
        rule,
        element,
        "error" if severity == "error" else "warning",
        template,
        {"element": element, **params},
        diagram.process,
    )


RULES: tuple[Rule, ...] = (
    executable,
    reachable,
    begins,
    dead_ends,
    scopes,
    conditions,
    joins,
    names,
    unused,
    layout,
)
