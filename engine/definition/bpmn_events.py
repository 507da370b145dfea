"""Event definitions of a BPMN file, with what they refer to looked up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from lxml import etree

from engine.definition.diagram import Element, EventDefinition
from engine.errors import Rejected

B = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
_REFERENCES = {
    "message": "messageRef",
    "signal": "signalRef",
    "error": "errorRef",
    "escalation": "escalationRef",
    "compensate": "activityRef",
}
_CODES = {"error": "errorCode", "escalation": "escalationCode"}


def definitions(by_id: Mapping[str, etree._Element], node: etree._Element) -> tuple[EventDefinition, ...]:
    """The event definitions inside a node, its own and those it refers to."""
    found = []
    for child in node:
        if not isinstance(child.tag, str) or not child.tag.startswith(B):
            continue
        tag = child.tag.removeprefix(B)
        if tag.endswith("EventDefinition"):
            found.append(_definition(by_id, child, tag.removesuffix("EventDefinition")))
        elif tag == "eventDefinitionRef":
            target = referenced(by_id, child.text)
            if target is not None:
                found.append(target)
    return tuple(found)


def referenced(by_id: Mapping[str, etree._Element], value: str | None) -> EventDefinition | None:
    """The event definition with this id. Raises ``Rejected`` if there is none of that id."""
    if not value or not value.strip():
        return None
    key = value.strip().rpartition(":")[2]
    node = by_id.get(key)
    tag = str(node.tag) if node is not None else ""
    if node is None or not tag.endswith("EventDefinition"):
        raise Rejected("Expected an event definition but %(ref)s is none. Define the event where it is used.", ref=key)
    return _definition(by_id, node, tag.removeprefix(B).removesuffix("EventDefinition"))


def message_of(by_id: Mapping[str, etree._Element], node: etree._Element, kind: str) -> str | None:
    """The message that a send or receive task is about."""
    if kind not in ("sendTask", "receiveTask"):
        return None
    value = node.get("messageRef")
    key = value.strip().rpartition(":")[2] if value else None
    if key is not None and key not in by_id:
        raise Rejected(
            "Expected %(element)s to name a message but %(ref)s is none. Choose a message.",
            element=node.get("id"),
            ref=key,
        )
    return key


def placed(element: Element, incoming: tuple[str, ...], outgoing: tuple[str, ...], lane: str | None) -> Element:
    """The element with its flows and its lane."""
    return replace(element, incoming=incoming, outgoing=outgoing, lane=lane)


def _definition(by_id: Mapping[str, etree._Element], node: etree._Element, kind: str) -> EventDefinition:
    attribute = _REFERENCES.get(kind)
    value = node.get(attribute) if attribute else None
    ref = value.strip().rpartition(":")[2] if value and value.strip() else None
    target = by_id.get(ref) if ref else None
    holder = node.getparent()
    if ref and target is None:
        raise Rejected(
            "Expected the %(kind)s event %(element)s to refer to a %(kind)s but %(ref)s is none. Choose one.",
            kind=kind,
            element=holder.get("id") if holder is not None else "",
            ref=ref,
        )
    name = node.get("name") or ""
    if kind == "link" and not name and holder is not None:
        name = holder.get("name") or ""
    code = None
    if target is not None:
        name = target.get("name") or ref or ""
        code = target.get(_CODES[kind]) if kind in _CODES else None
    timer, expression = "", ""
    for child in node:
        tag = child.tag.removeprefix(B) if isinstance(child.tag, str) else ""
        if tag in ("timeDate", "timeDuration", "timeCycle"):
            timer, expression = tag, "".join(child.itertext()).strip()
        elif tag == "condition":
            expression = "".join(child.itertext()).strip()
    return EventDefinition(kind, ref, name, code, timer, expression, node.get("waitForCompletion") != "false")
