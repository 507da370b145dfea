"""Reading XML that a stranger sent: nothing is fetched, nothing is expanded, everything is bounded."""

from __future__ import annotations

from lxml import etree

from engine.errors import Rejected

BYTES_MAX = 2_000_000
ELEMENTS_MAX = 60_000
"""XML elements in a file; the number of BPMN elements is limited apart, by the reader of diagrams."""
DEPTH_MAX = 64


def parse_xml(content: bytes, what: str) -> etree._Element:
    """The root element of ``content``. Raises ``Rejected`` (with ``what`` naming the file) for anything
    that is not small, plain, well-formed XML without a DOCTYPE."""
    if len(content) > BYTES_MAX:
        raise Rejected(
            "Expected a file of at most %(limit)s bytes but %(what)s has %(found)s. Make it smaller.",
            limit=BYTES_MAX,
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
    _check_size(root, what)
    return root


def _has_doctype_in_wide_encoding(content: bytes) -> bool:
    return b"<\0!\0D\0O\0C" in content or b"\0<\0!\0D\0O\0C" in content


def _check_size(root: etree._Element, what: str) -> None:
    """Raises ``Rejected`` for too many or too deeply nested XML elements, in one walk."""
    depth = count = 0
    for event, _ in etree.iterwalk(root, events=("start", "end")):
        depth += 1 if event == "start" else -1
        count += event == "start"
        if depth > DEPTH_MAX:
            raise Rejected(
                "Expected XML nested at most %(limit)s deep but %(what)s is deeper. Flatten it.",
                limit=DEPTH_MAX,
                what=what,
            )
        if count > ELEMENTS_MAX:
            raise Rejected(
                "Expected at most %(limit)s XML elements but %(what)s has more. Split the diagram.",
                limit=ELEMENTS_MAX,
                what=what,
            )
