"""One element of a BPMN file → ``Element``: its attributes, loops, data associations and scripts."""

from __future__ import annotations

from dataclasses import dataclass, field

from lxml import etree

from engine.definition import bpmn_events
from engine.definition.diagram import NODES, Association, Element, Flow, Lane, Loop
from engine.errors import Rejected

MODEL = "http://www.omg.org/spec/BPMN/20100524/MODEL"
OURS = "urn:shangmen:bpmn:1"
B = f"{{{MODEL}}}"
S = f"{{{OURS}}}"
CHOREOGRAPHY = {"callChoreography", "choreographyTask", "subChoreography"}
KNOWN = {
    "incoming",
    "outgoing",
    "documentation",
    "extensionElements",
    "sequenceFlow",
    "laneSet",
    "ioSpecification",
    "dataInputAssociation",
    "dataOutputAssociation",
    "property",
    "script",
    "standardLoopCharacteristics",
    "multiInstanceLoopCharacteristics",
    "dataObject",
    "dataObjectReference",
    "dataStoreReference",
    "association",
    "textAnnotation",
    "group",
    "category",
    "completionCondition",
    "activationCondition",
    "auditing",
    "monitoring",
    "performer",
    "humanPerformer",
    "potentialOwner",
    "resourceRole",
    "rendering",
    "supportedInterfaceRef",
    "ioBinding",
    "eventDefinitionRef",
    "dataInput",
    "dataOutput",
    "inputSet",
    "outputSet",
    "correlationSubscription",
    "conversation",
}


@dataclass
class Reading:
    """What is being read: the file's name, everything with an id, and what was found."""

    what: str
    root: etree._Element
    by_id: dict[str, etree._Element] = field(default_factory=dict)
    elements: dict[str, Element] = field(default_factory=dict)
    flows: dict[str, Flow] = field(default_factory=dict)
    lanes: list[Lane] = field(default_factory=list)
    ignored: list[tuple[str, str]] = field(default_factory=list)


def local(node: etree._Element) -> str:
    """The tag without its namespace."""
    return etree.QName(node).localname


def ours(node: etree._Element) -> dict[str, str]:
    """The attributes of our own namespace."""
    return {name.removeprefix(S): value for name, value in node.attrib.items() if name.startswith(S)}


def text_of(node: etree._Element | None) -> str:
    """The stripped text inside a node, "" for none."""
    return "".join(node.itertext()).strip() if node is not None else ""


def reference(value: str | None) -> str | None:
    """A QName reference without its prefix."""
    return value.strip().rpartition(":")[2] if value and value.strip() else None


def read_element(reading: Reading, node: etree._Element, kind: str, parent: str | None, key: str) -> Element:
    boundary = kind == "boundaryEvent"
    start = kind == "startEvent"
    interrupting = (
        node.get("cancelActivity", "true") != "false"
        if boundary
        else (node.get("isInterrupting", "true") != "false" if start else True)
    )
    attached = reference(node.get("attachedToRef")) if boundary else None
    script = node.find(B + "script")
    messages = bpmn_events.message_of(reading.by_id, node, kind)
    return Element(
        id=key,
        kind=kind,
        name=node.get("name") or "",
        parent=parent,
        attributes=ours(node),
        attached_to=attached,
        interrupting=interrupting,
        default=reference(node.get("default")),
        definitions=bpmn_events.definitions(reading.by_id, node),
        parallel_multiple=node.get("parallelMultiple") == "true",
        loop=_loop(reading, node),
        script=text_of(script),
        script_format=(node.get("scriptFormat") or node.get("scriptLanguage") or "").strip(),
        called=_called(node.get("calledElement")),
        documentation=text_of(node.find(B + "documentation")),
        triggered_by_event=node.get("triggeredByEvent") == "true",
        for_compensation=node.get("isForCompensation") == "true",
        compensation=_compensation_handler(reading, node) if boundary else None,
        start_quantity=_integer(node, "startQuantity", 1),
        completion_quantity=_integer(node, "completionQuantity", 1),
        instantiate=node.get("instantiate") == "true",
        message=messages,
        activation=text_of(node.find(B + "activationCondition")),
        ordering=node.get("ordering") or "Parallel",
        completion=text_of(node.find(B + "completionCondition")),
        cancel_remaining=node.get("cancelRemainingInstances") != "false",
        inputs=_associations(reading, node, "dataInputAssociation"),
        outputs=_associations(reading, node, "dataOutputAssociation"),
        properties=properties(node),
        markers=_markers(node),
    )


def _called(value: str | None) -> str:
    """The key of the called process, or an expression after ``=`` that yields it."""
    text = (value or "").strip()
    return text if text.startswith("=") else reference(text) or ""


def _integer(node: etree._Element, name: str, otherwise: int) -> int:
    text = node.get(name)
    if text is None:
        return otherwise
    try:
        return int(text)
    except ValueError:
        raise Rejected(
            "Expected a number in %(attribute)s of %(element)s but found %(found)s. Write a number.",
            attribute=name,
            element=node.get("id"),
            found=text[:50],
        ) from None


def properties(node: etree._Element) -> tuple[str, ...]:
    return tuple(p.get("name") or p.get("id") or "" for p in node.iterfind(B + "property"))


def _markers(node: etree._Element) -> tuple[str, ...]:
    foreign = [name for name in node.attrib if name.startswith("{") and not name.startswith((S, B))]
    used = {"{http://www.w3.org/2001/XMLSchema-instance}type"}
    extensions = node.find(B + "extensionElements")
    inside = list(extensions) if extensions is not None else []
    return (
        *(etree.QName(name).localname for name in foreign if name not in used),
        *(etree.QName(child).localname for child in inside if isinstance(child.tag, str)),
        *(local(child) for child in node if isinstance(child.tag, str) and local(child) in _UNUSED),
        *_unknown(node),
    )


_UNUSED = {"performer", "humanPerformer", "potentialOwner", "resourceRole", "auditing", "monitoring", "ioBinding"}


def _unknown(node: etree._Element) -> tuple[str, ...]:
    """BPMN tags inside an element that are not known at all."""
    return tuple(
        local(child)
        for child in node
        if isinstance(child.tag, str)
        and child.tag.startswith(B)
        and local(child) not in KNOWN
        and local(child) not in NODES
        and not local(child).endswith("EventDefinition")
        and local(child) not in CHOREOGRAPHY
    )


def _compensation_handler(reading: Reading, node: etree._Element) -> str | None:
    """The activity that the association of a compensation boundary event leads to."""
    for association in reading.root.iter(B + "association"):
        if reference(association.get("sourceRef")) == node.get("id"):
            return reference(association.get("targetRef"))
    return None


def _data_name(reading: Reading, key: str) -> str:
    """What a data reference stands for: a reference for its object, everything else for itself."""
    node = reading.by_id.get(key)
    return (reference(node.get("dataObjectRef")) if node is not None else None) or key


def _associations(reading: Reading, node: etree._Element, tag: str) -> tuple[Association, ...]:
    """Data associations by the names of what they connect; a transformation is FEEL."""
    found = []
    for child in node.iterfind(B + tag):
        transformation = text_of(child.find(B + "transformation"))
        named = _data_name(reading, reference(text_of(child.find(B + "sourceRef"))) or "")
        target = _data_name(reading, reference(text_of(child.find(B + "targetRef"))) or "")
        found.append(Association(f"={transformation}" if transformation else named, target))
    return tuple(found)


def _loop(reading: Reading, node: etree._Element) -> Loop | None:
    standard = node.find(B + "standardLoopCharacteristics")
    if standard is not None:
        return Loop(
            "standard",
            condition=text_of(standard.find(B + "loopCondition")),
            maximum=_integer(standard, "loopMaximum", -1) if standard.get("loopMaximum") is not None else None,
            test_before=standard.get("testBefore") == "true",
        )
    multi = node.find(B + "multiInstanceLoopCharacteristics")
    if multi is None:
        return None
    attributes = ours(multi)
    item, output = multi.find(B + "inputDataItem"), multi.find(B + "outputDataItem")
    return Loop(
        "sequential" if multi.get("isSequential") == "true" else "parallel",
        collection=attributes.get("collection") or reference(text_of(multi.find(B + "loopDataInputRef"))) or "",
        item=attributes.get("element") or _name(item),
        cardinality=text_of(multi.find(B + "loopCardinality")),
        outputs=attributes.get("outputCollection") or reference(text_of(multi.find(B + "loopDataOutputRef"))) or "",
        output=attributes.get("outputElement") or _name(output),
        completion=text_of(multi.find(B + "completionCondition")),
        behavior=multi.get("behavior") or "All",
        one_event=bpmn_events.referenced(reading.by_id, multi.get("oneBehaviorEventRef")),
        none_event=bpmn_events.referenced(reading.by_id, multi.get("noneBehaviorEventRef")),
        complex_events=tuple(
            (text_of(c.find(B + "condition")), definition)
            for c in multi.iterfind(B + "complexBehaviorDefinition")
            for event in c.iterfind(B + "event")
            for definition in bpmn_events.definitions(reading.by_id, event)
        ),
    )


def _name(node: etree._Element | None) -> str:
    return "" if node is None else node.get("name") or node.get("id") or ""
