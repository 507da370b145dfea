"""Opens a DMN file from outside and finds its parts. What is refused in any XML is said in ``engine.hardened``."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from engine.errors import Rejected
from engine.hardened import TABLE, parse_xml

NAMESPACES = {
    "https://www.omg.org/spec/DMN/20191111/MODEL/": "1.3",
    "https://www.omg.org/spec/DMN/20211108/MODEL/": "1.4",
    "https://www.omg.org/spec/DMN/20230324/MODEL/": "1.5",
}
"""The namespaces that are read, with the version of DMN each belongs to."""


def open_document(content: bytes) -> etree._Element:
    """The root element of a DMN file. Raises ``Rejected`` for anything that is not plain, small DMN 1.3 to 1.5."""
    root = parse_xml(content, "the decision file", TABLE)
    namespace = etree.QName(root).namespace
    if etree.QName(root).localname != "definitions" or namespace not in NAMESPACES:
        raise Rejected(
            "Expected DMN 1.3, 1.4 or 1.5, but the file begins with %(found)s. "
            "Open it in the editor and save it again, or convert it.",
            found=root.tag,
        )
    return root


def local_name(element: etree._Element) -> str:
    """The tag without its namespace; "" for an element of another vocabulary than DMN's."""
    name = etree.QName(element)
    return name.localname if name.namespace in NAMESPACES else ""


def children(element: etree._Element, name: str) -> Iterator[etree._Element]:
    """The child elements of that DMN name, in order."""
    return (child for child in element if local_name(child) == name)


def child(element: etree._Element, name: str) -> etree._Element | None:
    """The first child element of that DMN name."""
    return next(children(element, name), None)


def text_of(element: etree._Element | None) -> str | None:
    """The content of the ``text`` child, as written."""
    inner = None if element is None else child(element, "text")
    return None if inner is None else "".join(inner.itertext())


def type_of(element: etree._Element | None) -> str | None:
    """The ``typeRef``, as attribute or as child element."""
    if element is None:
        return None
    inner = child(element, "typeRef")
    written = element.get("typeRef") or (None if inner is None else "".join(inner.itertext()).strip())
    return written or None


def required(element: etree._Element, attribute: str) -> str:
    """An attribute that must be there. Raises ``Rejected`` naming the element and its line."""
    value = element.get(attribute)
    if not value:
        raise Rejected(
            "Expected an attribute %(attribute)s on <%(element)s>, but line %(line)s has none. Add it.",
            attribute=attribute,
            element=local_name(element),
            line=element.sourceline,
        )
    return value
