"""Every reference leads to something, and to something of the right kind."""

from __future__ import annotations

import re
from collections.abc import Iterator

from engine.definition.validity.document import ACTIVITIES, EVENTS, NODES, Breach, Document, Rule, ref, tag, text

_DEFINITION = {
    f"{kind}EventDefinition"
    for kind in (
        "timer",
        "message",
        "signal",
        "error",
        "escalation",
        "conditional",
        "link",
        "compensate",
        "cancel",
        "terminate",
    )
}
_ITEMS = {"dataObject", "dataObjectReference", "dataStoreReference", "property", "dataInput", "dataOutput", "dataStore"}
_ENDS = ACTIVITIES | EVENTS | {"participant", "choreographyTask", "callChoreography", "subChoreography"}
_WRONG = "Expected %(what)s of %(element)s to name one of its kind but %(ref)s is %(found)s. Correct the reference."

_ATTRIBUTES: dict[tuple[str, str], set[str]] = {
    ("messageFlow", "messageRef"): {"message"},
    ("messageFlow", "sourceRef"): _ENDS,
    ("messageFlow", "targetRef"): _ENDS,
    ("message", "itemRef"): {"itemDefinition"},
    ("sequenceFlow", "sourceRef"): NODES,
    ("sequenceFlow", "targetRef"): NODES,
    ("participant", "processRef"): {"process"},
    ("boundaryEvent", "attachedToRef"): ACTIVITIES,
    ("process", "definitionalCollaborationRef"): {"collaboration"},
    ("dataObjectReference", "dataObjectRef"): {"dataObject"},
    ("messageEventDefinition", "messageRef"): {"message"},
    ("signalEventDefinition", "signalRef"): {"signal"},
    ("errorEventDefinition", "errorRef"): {"error"},
    ("escalationEventDefinition", "escalationRef"): {"escalation"},
    ("compensateEventDefinition", "activityRef"): ACTIVITIES,
    **{(task, "messageRef"): {"message"} for task in ("sendTask", "receiveTask")},
    **{(task, "operationRef"): {"operation"} for task in ("sendTask", "receiveTask", "serviceTask")},
    **{(node, "default"): {"sequenceFlow"} for node in NODES},
}
_CHILDREN: dict[str, set[str]] = {
    "interfaceRef": {"interface"},
    "participantRef": {"participant"},
    "eventDefinitionRef": _DEFINITION,
    "dataInputRefs": {"dataInput"},
    "optionalInputRefs": {"dataInput"},
    "whileExecutingInputRefs": {"dataInput"},
    "dataOutputRefs": {"dataOutput"},
    "optionalOutputRefs": {"dataOutput"},
    "whileExecutingOutputRefs": {"dataOutput"},
    "inMessageRef": {"message"},
    "outMessageRef": {"message"},
    "errorRef": {"error"},
    "operationRef": {"operation"},
    "correlationPropertyRef": {"correlationProperty"},
    "flowNodeRef": NODES | {"dataObjectReference", "dataStoreReference"},
}
_URI = re.compile(r"[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=]*(%[0-9A-Fa-f]{2}[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=]*)*")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:|[A-Za-z0-9./#]")
_MIME = re.compile(r"[\w.+-]+/[\w.+*-]+(;.*)?")


def attributes(document: Document) -> Iterator[Breach]:
    for node in document.nodes:
        for name, value in node.attrib.items():
            allowed = _ATTRIBUTES.get((tag(node), str(name)))
            if allowed is not None and document.kind(ref(str(value))) not in allowed:
                yield node, _WRONG, _params(document, str(name), ref(str(value)))


def children(document: Document) -> Iterator[Breach]:
    for node in document.nodes:
        allowed = _CHILDREN.get(tag(node))
        if allowed is not None and document.kind(ref(text(node))) not in allowed:
            yield node, _WRONG, _params(document, tag(node), ref(text(node)))


def associations(document: Document) -> Iterator[Breach]:
    """Data flows between things that hold data, and not into a process's inputs or out of its outputs."""
    for node in document.all("dataInputAssociation", "dataOutputAssociation"):
        incoming = tag(node) == "dataInputAssociation"
        for child in node:
            if tag(child) not in ("sourceRef", "targetRef"):
                continue
            key = ref(text(child))
            kind = document.kind(key)
            if kind not in _ITEMS:
                yield node, _WRONG, _params(document, tag(child), key)
                continue
            holder = document.by_id[key].getparent()
            of_process = holder is not None and tag(holder.getparent()) == "process"
            wrong = "dataOutput" if incoming else "dataInput"
            if of_process and kind == wrong:
                yield (
                    node,
                    "Expected %(element)s to use data that is there but %(ref)s goes the other way. Connect another.",
                    {"ref": key},
                )


def places(document: Document) -> Iterator[Breach]:
    """Where things may stand, and what must be said at all."""
    for node in document.all("property"):
        if tag(node.getparent()) not in ACTIVITIES | EVENTS | {"process"}:
            yield (
                node,
                "Expected the property %(element)s inside a process, activity or event but it is not. Move it.",
                {},
            )
    for node in document.all("dataState"):
        if not node.get("name"):
            yield node, "Expected a name on the data state of %(element)s but it has none. Name it.", {}
    for node in document.all("globalConversation"):
        if any(tag(child) in ("conversation", "subConversation", "callConversation") for child in node):
            yield node, "Expected no conversations inside %(element)s but there are some. Use a collaboration.", {}
    for node in document.all("participantMultiplicity"):
        low, high = node.get("minimum", "0"), node.get("maximum", "1")
        if low.isdigit() and high.isdigit() and int(low) > int(high):
            yield (
                node,
                "Expected at least as many as the minimum in %(element)s but found less. Correct the numbers.",
                {},
            )
    for node in document.all("performer", "humanPerformer", "potentialOwner", "resourceRole"):
        names = {tag(child) for child in node}
        if "resourceAssignmentExpression" in names and names & {"resourceRef", "resourceParameterBinding"}:
            yield node, "Expected either a resource or an expression in %(element)s but found both. Keep one.", {}


def spellings(document: Document) -> Iterator[Breach]:
    """Media types and addresses are spelled as such."""
    for node in document.all("documentation", "textAnnotation"):
        format_ = node.get("textFormat")
        if format_ is not None and not _MIME.fullmatch(format_):
            yield (
                node,
                "Expected a media type such as text/plain in %(element)s but found %(found)s. Correct it.",
                {"found": format_[:50]},
            )
    for node in document.nodes:
        for name in ("language", "method", "typeLanguage", "expressionLanguage"):
            value = node.get(name)
            if value and not (value.startswith("##") or (_URI.fullmatch(value) and _SCHEME.match(value))):
                yield (
                    node,
                    "Expected an address in %(what)s of %(element)s but found %(found)s. Correct it.",
                    {"what": name, "found": value[:50]},
                )


def _params(document: Document, what: str, key: str) -> dict[str, str]:
    return {"what": what, "ref": key or "nothing", "found": document.kind(key) or "nowhere"}


RULES: tuple[Rule, ...] = (attributes, children, associations, places, spellings)
