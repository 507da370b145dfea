"""Which events may stand where, and what they must say (BPMN 2.0.2 chapter 10.5)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree

from engine.definition.validity.document import SUBPROCESSES, Breach, Document, Rule, ref, tag, text

_START = {"message", "timer", "signal", "conditional"}
_HANDLER = _START | {"error", "escalation", "compensate"}
_BOUNDARY = _HANDLER | {"cancel"}
_ALLOWED = {
    "intermediateCatchEvent": {"message", "timer", "signal", "conditional", "link"},
    "intermediateThrowEvent": {"message", "signal", "escalation", "compensate", "link"},
    "endEvent": {"message", "signal", "escalation", "compensate", "error", "cancel", "terminate"},
    "boundaryEvent": _BOUNDARY,
}
_KIND = "Expected another kind of event at %(element)s but found a %(kind)s. Choose an event that may stand there."
_TIME = re.compile(r"(R\d*/)?(-?P[0-9YMWDTHS.]+|\d{4}-\d\d-\d\d(T[\d:.]+(Z|[+-]\d\d:?\d\d)?)?)(/.+)?")


def kinds(document: Document) -> Iterator[Breach]:
    for node in document.all(*_ALLOWED):
        for kind in document.kinds(node):
            if kind not in _ALLOWED[tag(node)]:
                yield node, _KIND, {"kind": kind}
    for node in document.all("intermediateCatchEvent", "boundaryEvent"):
        if not document.definitions(node):
            yield node, _KIND, {"kind": "plain"}


def starts(document: Document) -> Iterator[Breach]:
    for node in document.all("startEvent"):
        around = node.getparent()
        handler = around is not None and around.get("triggeredByEvent") == "true"
        inside = tag(around) in SUBPROCESSES
        allowed = _HANDLER if handler else set() if inside else _START
        for kind in document.kinds(node):
            if kind not in allowed:
                yield node, _KIND, {"kind": kind}
        if handler and not document.kinds(node):
            yield node, _KIND, {"kind": "plain"}
        if document.into.get(node.get("id") or ""):
            yield node, "Expected no flow into the start event %(element)s but there is one. Remove it.", {}
    for node in document.all("endEvent"):
        if document.out.get(node.get("id") or ""):
            yield node, "Expected no flow out of the end event %(element)s but there is one. Remove it.", {}


def boundaries(document: Document) -> Iterator[Breach]:
    for node in document.all("boundaryEvent"):
        found = set(document.kinds(node))
        key = node.get("id") or ""
        if node.get("cancelActivity") == "false" and found & {"cancel", "compensate", "error"}:
            yield node, "Expected %(element)s to interrupt, as its kind always does, but it does not. Correct it.", {}
        if document.into.get(key):
            yield node, "Expected no flow into the boundary event %(element)s but there is one. Remove it.", {}
        if "compensate" in found:
            if document.out.get(key):
                yield node, "Expected no flow out of %(element)s but an association to what undoes. Draw that.", {}
            for association in document.all("association"):
                handler = document.by_id.get(ref(association.get("targetRef")))
                if (
                    ref(association.get("sourceRef")) == key
                    and handler is not None
                    and handler.get("isForCompensation") != "true"
                ):
                    yield (
                        handler,
                        "Expected %(element)s to be marked as being for compensation but it is not. Mark it.",
                        {},
                    )
        if "cancel" in found and document.kind(ref(node.get("attachedToRef"))) != "transaction":
            yield node, "Expected the cancel event %(element)s on a transaction but it is not. Move it.", {}
    for node in document.all("endEvent"):
        if "cancel" in document.kinds(node) and tag(node.getparent()) != "transaction":
            yield node, "Expected the cancel event %(element)s inside a transaction but it is not. Move it.", {}


def links(document: Document) -> Iterator[Breach]:
    """Every link is thrown and caught in one scope, and the two name each other if they name anything."""
    thrown, caught = _links(document, "intermediateThrowEvent"), _links(document, "intermediateCatchEvent")
    for event, link in thrown:
        partners = [other for other, target in caught if _fits(link, target) and other.getparent() is event.getparent()]
        if not partners:
            yield event, "Expected the link %(element)s to be caught beside it but it is not. Draw its other end.", {}
    for event, link in caught:
        partners = [other for other, source in thrown if _fits(source, link) and other.getparent() is event.getparent()]
        if not partners:
            yield event, "Expected the link %(element)s to be thrown beside it but it is not. Draw its other end.", {}


def _links(document: Document, kind: str) -> list[tuple[etree._Element, etree._Element]]:
    return [
        (event, link)
        for event in document.all(kind)
        for link in document.definitions(event)
        if tag(link) == "linkEventDefinition"
    ]


def _fits(source: etree._Element, target: etree._Element) -> bool:
    """The throw names the catch and the catch the throw; without references, their names are the same."""
    to = [ref(text(c)) for c in source if tag(c) == "target"]
    back = [ref(text(c)) for c in target if tag(c) == "source"]
    if to or back:
        good = not to or target.get("id") in to
        return good and (not back or source.get("id") in back)
    return _link_name(source) == _link_name(target)


def _link_name(link: etree._Element) -> str:
    holder = link.getparent()
    return link.get("name") or (holder.get("name") if holder is not None else "") or ""


def times(document: Document) -> Iterator[Breach]:
    for node in document.all("timeDate", "timeDuration", "timeCycle"):
        value = text(node)
        if value and not value.startswith("=") and not _TIME.fullmatch(value):
            yield (
                node,
                "Expected a time such as PT5M or an expression after = at %(element)s but found %(found)s. Correct it.",
                {"found": value[:50]},
            )


RULES: tuple[Rule, ...] = (kinds, starts, boundaries, links, times)
