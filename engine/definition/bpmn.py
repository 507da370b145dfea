"""BPMN 2.0 XML → ``Diagram``, for display and for running alike.

Reading is lenient about what cannot run (that is said by ``lint``) and strict about what cannot be
understood: ids must be unique and every reference must lead somewhere. A sequence flow without an
id gets one made of its ends, so that none is ever lost.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from lxml import etree

from engine.definition import bpmn_events, bpmn_shapes
from engine.definition.bpmn_elements import (
    CHOREOGRAPHY,
    KNOWN,
    B,
    Reading,
    local,
    ours,
    properties,
    read_element,
    reference,
    text_of,
)
from engine.definition.diagram import NODES, Diagram, Flow, Lane, Message
from engine.errors import Rejected
from engine.hardened import parse_xml

ELEMENTS_MAX = 5_000
_KEPT = 128
NESTING_MAX = 50


def read_diagram(content: bytes, what: str = "the diagram") -> Diagram:
    """The executable process of a BPMN file (its first process if none is). Raises ``Rejected``."""
    diagrams = read_diagrams(content, what)
    if not diagrams:
        raise Rejected("Expected a BPMN process but %(what)s has none. Draw one.", what=what)
    return next((diagram for diagram in diagrams if diagram.executable), diagrams[0])


@lru_cache(_KEPT)
def read_diagrams(content: bytes, what: str = "the diagram") -> tuple[Diagram, ...]:
    """All processes of a BPMN file, in document order. Raises ``Rejected``, naming the element.

    Kept by content: nothing changes a diagram that was read, and lint, floor and compiler ask for the same.
    """
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
                executable=node.get("isExecutable") in ("true", "1") or node.tag != B + "process",
                attributes=ours(node),
                elements=reading.elements,
                flows=reading.flows,
                lanes=tuple(reading.lanes),
                messages=messages,
                properties=properties(node),
                shapes={k: v for k, v in shapes.items() if k in own or _is_pool_of(by_id.get(k), node)},
                edges={k: v for k, v in edges.items() if k in own},
                ignored=tuple(reading.ignored),
                process_type=node.get("processType") or "None",
                is_global_task=node.tag != B + "process",
            )
        )
    return tuple(diagrams)


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
            attributes.get("correlation", ""),
            attributes.get("keep", ""),
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
    reading.elements[key] = read_element(reading, node, kind, None, key)


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
            reading.elements[key] = read_element(reading, node, tag, parent, key)
            if reading.elements[key].is_subprocess:
                _read_scope(reading, node, key, depth + 1)
        elif tag == "sequenceFlow":
            _read_flow(reading, node, parent)
        elif tag in CHOREOGRAPHY or (tag not in KNOWN and not tag.endswith("EventDefinition")):
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
