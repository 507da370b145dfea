"""BPMN 2.0 XML → ``Diagram``, for display and for running alike.

Reading is lenient about what cannot run (that is said by ``lint``) and strict about what cannot be
understood: ids must be unique and every reference must lead somewhere. A sequence flow without an
id gets one made of its ends, so that none is ever lost.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree

from engine.definition import bpmn_events, bpmn_shapes
from engine.definition.diagram import NODES, Association, Diagram, Element, Flow, Lane, Loop, Message
from engine.definition.hardened import parse_xml
from engine.errors import Rejected

MODEL = "http://www.omg.org/spec/BPMN/20100524/MODEL"
OURS = "urn:shangmen:bpmn:1"
B = f"{{{MODEL}}}"
S = f"{{{OURS}}}"
ELEMENTS_MAX = 5_000
NESTING_MAX = 12
_KINDS = {"callChoreography", "choreographyTask", "subChoreography"}
_QUIET = {
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


def read_diagram(content: bytes, what: str = "the diagram") -> Diagram:
    """The executable process of a BPMN file (its first process if none is). Raises ``Rejected``."""
    diagrams = read_diagrams(content, what)
    if not diagrams:
        raise Rejected("Expected a BPMN process but %(what)s has none. Draw one.", what=what)
    return next((diagram for diagram in diagrams if diagram.executable), diagrams[0])


def read_diagrams(content: bytes, what: str = "the diagram") -> tuple[Diagram, ...]:
    """All processes of a BPMN file, in document order. Raises ``Rejected``, naming the element."""
    root = parse_xml(content, what)
    if root.tag != B + "definitions":
        raise Rejected(
            "Expected BPMN 2.0 but %(what)s begins with %(found)s. Export the diagram as BPMN 2.0.",
            what=what,
            found=local(root),
        )
    by_id = _index(root, what)
    shapes, edges = bpmn_shapes.read_shapes(root)
    messages = {m.id: m for m in _messages(root)}
    diagrams = []
    for node in [*root.iterfind(B + "process"), *_global_tasks(root)]:
        reading = Reading(what, root, by_id)
        _read_process(reading, node)
        own = set(reading.elements) | set(reading.flows) | {lane.id for lane in reading.lanes}
        diagrams.append(
            Diagram(
                process=node.get("id") or "",
                name=node.get("name") or "",
                executable=node.get("isExecutable") == "true" or node.tag != B + "process",
                attributes=ours(node),
                elements=reading.elements,
                flows=reading.flows,
                lanes=tuple(reading.lanes),
                messages=messages,
                properties=_properties(node),
                shapes={k: v for k, v in shapes.items() if k in own or _is_pool_of(by_id.get(k), node)},
                edges={k: v for k, v in edges.items() if k in own},
                ignored=tuple(reading.ignored),
                process_type=node.get("processType") or "None",
                is_global_task=node.tag != B + "process",
            )
        )
    return tuple(diagrams)


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


def _index(root: etree._Element, what: str) -> dict[str, etree._Element]:
    by_id: dict[str, etree._Element] = {}
    for node in root.iter(f"{B}*"):
        key = node.get("id")
        if key is None:
            continue
        if key in by_id:
            raise Rejected(
                "Expected every id once but %(id)s stands twice in %(what)s. Rename one of them.", id=key, what=what
            )
        by_id[key] = node
    return by_id


def _messages(root: etree._Element) -> Iterator[Message]:
    for node in root.iterfind(B + "message"):
        attributes = ours(node)
        yield Message(
            node.get("id") or "",
            node.get("name") or node.get("id") or "",
            tuple(attributes.get("roles", "").replace(",", " ").split()),
            attributes.get("form", ""),
        )


def _global_tasks(root: etree._Element) -> list[etree._Element]:
    names = {
        B + n
        for n in ("globalScriptTask", "globalUserTask", "globalManualTask", "globalTask", "globalBusinessRuleTask")
    }
    return [node for node in root if node.tag in names]


def _is_pool_of(pool: etree._Element | None, process: etree._Element) -> bool:
    return pool is not None and pool.tag == B + "participant" and reference(pool.get("processRef")) == process.get("id")


def _read_process(reading: Reading, node: etree._Element) -> None:
    if not node.get("id"):
        raise Rejected("Expected an id on every process but one in %(what)s has none. Give it one.", what=reading.what)
    if node.tag != B + "process":
        _read_global_task(reading, node)
        return
    _read_scope(reading, node, None, 0)
    if len(reading.elements) + len(reading.flows) > ELEMENTS_MAX:
        raise Rejected(
            "Expected at most %(limit)s elements but %(what)s has more. Split the diagram with call activities.",
            limit=ELEMENTS_MAX,
            what=reading.what,
        )
    for lane_set in node.iterfind(B + "laneSet"):
        _read_lanes(reading, lane_set)
    _connect(reading)


def _read_global_task(reading: Reading, node: etree._Element) -> None:
    """A global task is a process of one task."""
    kind = local(node).replace("global", "")
    kind = kind[0].lower() + kind[1:]
    key = f"{node.get('id')}_task"
    reading.elements[key] = _element(reading, node, kind, None, key)


def _read_scope(reading: Reading, scope: etree._Element, parent: str | None, depth: int) -> None:
    if depth > NESTING_MAX:
        raise Rejected(
            "Expected subprocesses nested at most %(limit)s deep but %(element)s is deeper. Use a call activity.",
            limit=NESTING_MAX,
            element=parent,
        )
    for node in scope:
        if not isinstance(node.tag, str) or not node.tag.startswith(B):
            continue
        tag = local(node)
        if tag in NODES:
            key = node.get("id")
            if not key:
                raise Rejected(
                    "Expected an id on every element but a %(kind)s in %(what)s has none. Give it one.",
                    kind=tag,
                    what=reading.what,
                )
            reading.elements[key] = _element(reading, node, tag, parent, key)
            if reading.elements[key].is_subprocess:
                _read_scope(reading, node, key, depth + 1)
        elif tag == "sequenceFlow":
            _read_flow(reading, node, parent)
        elif tag in _KINDS or (tag not in _QUIET and not tag.endswith("EventDefinition") and parent is None):
            reading.ignored.append((node.get("id") or "", tag))


def _read_flow(reading: Reading, node: etree._Element, parent: str | None) -> None:
    source, target = reference(node.get("sourceRef")), reference(node.get("targetRef"))
    key = node.get("id") or _free_id(reading, f"flow_{source}_{target}")
    if not source or not target:
        raise Rejected(
            "Expected a source and a target but the sequence flow %(flow)s lacks one. Draw it again.", flow=key
        )
    condition = node.find(B + "conditionExpression")
    reading.flows[key] = Flow(
        key, source, target, node.get("name") or "", text_of(condition) if condition is not None else None, parent
    )


def _free_id(reading: Reading, wanted: str) -> str:
    key, n = wanted, 1
    while key in reading.by_id or key in reading.flows:
        n += 1
        key = f"{wanted}_{n}"
    return key


def _element(reading: Reading, node: etree._Element, kind: str, parent: str | None, key: str) -> Element:
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
        called=reference(node.get("calledElement")) or "",
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
        properties=_properties(node),
        markers=_markers(node),
    )


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


def _properties(node: etree._Element) -> tuple[str, ...]:
    return tuple(p.get("name") or p.get("id") or "" for p in node.iterfind(B + "property"))


def _markers(node: etree._Element) -> tuple[str, ...]:
    return tuple(
        local(child)
        for child in node
        if isinstance(child.tag, str)
        and child.tag.startswith(B)
        and local(child) not in _QUIET
        and local(child) not in NODES
        and not local(child).endswith("EventDefinition")
        and local(child) not in _KINDS
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


def _read_lanes(reading: Reading, lane_set: etree._Element) -> None:
    """Lanes in document order, outer before inner."""
    for node in lane_set.iterfind(B + "lane"):
        members = tuple(text_of(member) for member in node.iterfind(B + "flowNodeRef"))
        reading.lanes.append(Lane(node.get("id") or "", node.get("name") or "", ours(node), members))
        inner = node.find(B + "childLaneSet")
        if inner is not None:
            _read_lanes(reading, inner)


def _connect(reading: Reading) -> None:
    """Give every element its flows and lane, and check that references lead somewhere."""
    incoming: dict[str, list[str]] = {}
    outgoing: dict[str, list[str]] = {}
    for flow in reading.flows.values():
        for end in (flow.source, flow.target):
            if end not in reading.elements:
                raise Rejected(
                    "Expected the sequence flow %(flow)s to connect elements but %(end)s is none. Draw it again.",
                    flow=flow.id,
                    end=end,
                )
        outgoing.setdefault(flow.source, []).append(flow.id)
        incoming.setdefault(flow.target, []).append(flow.id)
    lanes = {member: lane.id for lane in reading.lanes for member in lane.elements}
    for key, element in reading.elements.items():
        for other in (element.attached_to, element.compensation):
            if other is not None and other not in reading.elements:
                raise Rejected(
                    "Expected %(element)s to be attached to an activity but %(end)s is none. Draw it again.",
                    element=key,
                    end=other,
                )
        if element.default is not None and element.default not in outgoing.get(key, []):
            raise Rejected(
                "Expected the default flow of %(element)s to leave it but %(flow)s does not. Choose it again.",
                element=key,
                flow=element.default,
            )
        reading.elements[key] = bpmn_events.placed(
            element, tuple(incoming.get(key, ())), tuple(outgoing.get(key, ())), lanes.get(key)
        )
