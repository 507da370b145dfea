"""Reading XML that a stranger sent: nothing is fetched, nothing is expanded, everything is bounded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from lxml import etree

from engine.errors import Rejected


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of a file is read: its size, its XML elements, and how deep they are nested."""

    size: int
    elements: int
    depth: int


DIAGRAM: Final = Limits(2_000_000, 60_000, 64)
"""The number of BPMN elements is limited apart, by the reader of diagrams."""
TABLE: Final = Limits(3_000_000, 150_000, 120)


def parse_xml(content: bytes, what: str, limits: Limits = DIAGRAM) -> etree._Element:
    """The root element of ``content``. Raises ``Rejected`` (with ``what`` naming the file) for anything
    that is not small, plain, well-formed XML without a DOCTYPE."""
    if len(content) > limits.size:
        raise Rejected(
            "Expected a file of at most %(limit)s bytes but %(what)s has %(found)s. Make it smaller.",
            limit=limits.size,
            what=what,
            found=len(content),
        )
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content or _has_doctype_in_wide_encoding(content):
        raise Rejected("Expected plain XML but %(what)s has a DOCTYPE. Remove the DOCTYPE.", what=what)
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise Rejected(
            "Expected well-formed XML but %(what)s is not: %(reason)s. Export the file again.",
            what=what,
            reason=str(error)[:200],
        ) from None
    if root.getroottree().docinfo.doctype:
        raise Rejected("Expected plain XML but %(what)s has a DOCTYPE. Remove the DOCTYPE.", what=what)
    _check_size(root, what, limits)
    return root


def _has_doctype_in_wide_encoding(content: bytes) -> bool:
    return b"<\0!\0D\0O\0C" in content or b"\0<\0!\0D\0O\0C" in content


def _check_size(root: etree._Element, what: str, limits: Limits) -> None:
    """Raises ``Rejected`` for too many or too deeply nested XML elements, in one walk."""
    depth = count = 0
    for event, _ in etree.iterwalk(root, events=("start", "end")):
        depth += 1 if event == "start" else -1
        count += event == "start"
        if depth > limits.depth:
            raise Rejected(
                "Expected XML nested at most %(limit)s deep but %(what)s is deeper. Flatten it.",
                limit=limits.depth,
                what=what,
            )
        if count > limits.elements:
            raise Rejected(
                "Expected at most %(limit)s XML elements but %(what)s has more. Split the diagram.",
                limit=limits.elements,
                what=what,
            )
