"""How nodes may be connected: gateways by their direction, event subprocesses, message flows, expressions."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from engine.definition.validity.document import (
    ACTIVITIES,
    EVENTS,
    GATEWAYS,
    NODES,
    SUBPROCESSES,
    Breach,
    Document,
    Rule,
    ref,
    tag,
    text,
)

_XSI = "{http://www.w3.org/2001/XMLSchema-instance}type"
_EXPRESSIONS = {
    "conditionExpression",
    "loopCondition",
    "loopCardinality",
    "completionCondition",
    "activationCondition",
    "timeDate",
    "timeDuration",
    "timeCycle",
    "from",
    "to",
    "transformation",
}


def directions(document: Document) -> Iterator[Breach]:
    """A gateway does what its direction says (BPMN 2.0.2 table 8.46)."""
    for node in document.all(*GATEWAYS):
        key, direction = node.get("id") or "", node.get("gatewayDirection")
        ways_in, ways_out = len(document.into.get(key, ())), len(document.out.get(key, ()))
        wrong = (
            (direction == "Diverging" and ways_in > 1)
            or (direction == "Converging" and ways_out > 1)
            or (direction == "Mixed" and (ways_in < 2 or ways_out < 2))
            or (tag(node) == "eventBasedGateway" and direction == "Converging")
        )
        if wrong:
            yield (
                node,
                "Expected the gateway %(element)s to be %(direction)s but its flows are not. "
                "Correct its flows or its direction.",
                {"direction": direction},
            )


def event_subprocesses(document: Document) -> Iterator[Breach]:
    for node in document.all("subProcess"):
        if node.get("triggeredByEvent") != "true":
            continue
        key = node.get("id") or ""
        if document.into.get(key) or document.out.get(key):
            yield node, "Expected no flow at the event subprocess %(element)s but there is one. Remove it.", {}
        if sum(tag(child) == "startEvent" for child in node) != 1:
            yield (
                node,
                "Expected one start event in the event subprocess %(element)s but found another number. "
                "Draw exactly one.",
                {},
            )


def ad_hoc(document: Document) -> Iterator[Breach]:
    for node in document.all("adHocSubProcess"):
        if any(tag(child) in ("startEvent", "endEvent") for child in node):
            yield (
                node,
                "Expected no start or end event in the ad hoc subprocess %(element)s but there is one. Remove it.",
                {},
            )


def message_flows(document: Document) -> Iterator[Breach]:
    for node in document.all("messageFlow"):
        if document.kind(ref(node.get("sourceRef"))) == "startEvent":
            yield node, "Expected nothing to be sent by a start event but %(element)s is. Draw it from another.", {}
        if document.kind(ref(node.get("targetRef"))) == "endEvent":
            yield node, "Expected nothing to be sent to an end event but %(element)s is. Draw it to another.", {}


def connected(document: Document) -> Iterator[Breach]:
    """A node between others has a way in and a way out; a scope with a start or end has both everywhere."""
    for node in document.all("process", *SUBPROCESSES):
        if tag(node) == "adHocSubProcess":
            continue
        inside = [child for child in node if tag(child) in NODES]
        starts = any(tag(child) == "startEvent" for child in inside)
        ends = any(tag(child) == "endEvent" for child in inside)
        for child in inside:
            yield from _dangling(document, child, starts, ends)


def _dangling(document: Document, child: etree._Element, starts: bool, ends: bool) -> Iterator[Breach]:
    key = child.get("id") or ""
    name = tag(child)
    apart = child.get("triggeredByEvent") == "true" or child.get("isForCompensation") == "true"
    kinds = document.kinds(child) if name in EVENTS else []
    if apart or name in ("startEvent", "endEvent"):
        return
    no_way_in = not document.into.get(key) and name != "boundaryEvent" and "link" not in kinds
    instantiates = child.get("instantiate") == "true"
    handles = key in document.handlers
    if no_way_in and starts and not instantiates and not handles:
        yield child, "Expected a flow into %(element)s but there is none. Connect it.", {}
    no_way_out = not document.out.get(key) and "compensate" not in kinds and not handles
    thrown_link = name == "intermediateThrowEvent" and "link" in kinds
    needs = ends or name in ("intermediateCatchEvent", "intermediateThrowEvent")
    if no_way_out and needs and not thrown_link:
        yield child, "Expected a flow out of %(element)s but there is none. Connect it.", {}


def scopes(document: Document) -> Iterator[Breach]:
    for flow in document.all("sequenceFlow"):
        source, target = document.by_id.get(ref(flow.get("sourceRef"))), document.by_id.get(ref(flow.get("targetRef")))
        if source is not None and target is not None and source.getparent() is not target.getparent():
            yield (
                flow,
                "Expected the flow %(element)s to stay inside one subprocess but it crosses its border. "
                "Draw it to the border.",
                {},
            )
        if flow.get("isImmediate") is not None and document.executable(flow):
            yield flow, "Expected no isImmediate on the flow %(element)s of a process that runs. Remove it.", {}


def expressions(document: Document) -> Iterator[Breach]:
    """What runs is written formally (BPMN 2.0.2 8.3.7)."""
    for node in document.all(*_EXPRESSIONS):
        if document.executable(node) and text(node) and not (node.get(_XSI) or "").endswith("tFormalExpression"):
            yield (
                node,
                "Expected a formal expression at %(element)s but found a natural one. "
                'Write xsi:type="bpmn:tFormalExpression".',
                {},
            )
    for node in document.all("complexBehaviorDefinition"):
        condition = next((child for child in node if tag(child) == "condition"), None)
        if text(condition).lstrip("-").isdigit():
            yield node, "Expected a condition in the behaviour of %(element)s but found a number. Correct it.", {}


def loops(document: Document) -> Iterator[Breach]:
    for node in document.all(*ACTIVITIES):
        names = [tag(child) for child in node]
        if "standardLoopCharacteristics" in names and "multiInstanceLoopCharacteristics" in names:
            yield node, "Expected one way to repeat %(element)s but found two. Keep one.", {}
        for name in ("startQuantity", "completionQuantity"):
            if node.get(name) is not None and not (node.get(name) or "").isdigit():
                yield (
                    node,
                    "Expected a positive number in %(what)s of %(element)s but found %(found)s. Correct it.",
                    {"what": name, "found": (node.get(name) or "")[:20]},
                )


def gateways(document: Document) -> Iterator[Breach]:
    """What may follow an event-based gateway (BPMN 2.0.2 10.6.6)."""
    for node in document.all("eventBasedGateway"):
        key = node.get("id") or ""
        if len(document.out.get(key, ())) < 2:
            yield node, "Expected two events or more after %(element)s but found less. Draw them.", {}
        if node.get("instantiate") == "true" and document.into.get(key):
            yield node, "Expected no flow into %(element)s, which begins the process, but there is one. Remove it.", {}
        for flow in document.out.get(key, ()):
            target = document.by_id.get(ref(flow.get("targetRef")))
            good = tag(target) == "receiveTask" or (
                target is not None
                and tag(target) == "intermediateCatchEvent"
                and set(document.kinds(target)) <= {"message", "signal", "timer", "conditional"}
            )
            attached = [
                b
                for b in document.all("boundaryEvent")
                if target is not None and ref(b.get("attachedToRef")) == target.get("id")
            ]
            if not good or attached:
                yield (
                    node,
                    "Expected only plain catching events after %(element)s but %(ref)s is another. Draw an event.",
                    {"ref": ref(flow.get("targetRef"))},
                )


RULES: tuple[Rule, ...] = (
    directions,
    event_subprocesses,
    ad_hoc,
    message_flows,
    connected,
    scopes,
    expressions,
    loops,
    gateways,
)
