"""Opens an XML file from outside: no DOCTYPE, no entities, no network, no compression, bounded size and depth.

lxml is told to load nothing; a DOCTYPE is refused before parsing, so no entity can even be declared.
"""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from engine.errors import Rejected

NAMESPACES = {
    "https://www.omg.org/spec/DMN/20191111/MODEL/": "1.3",
    "https://www.omg.org/spec/DMN/20211108/MODEL/": "1.4",
    "https://www.omg.org/spec/DMN/20230324/MODEL/": "1.5",
}
"""The namespaces that are read, with the version of DMN each belongs to."""

BYTES_MAX = 3_000_000
ELEMENTS_MAX = 150_000
DEPTH_MAX = 120


def open_document(content: bytes) -> etree._Element:
    """The root element of a DMN file. Raises ``Rejected`` for anything that is not plain, small DMN 1.3 to 1.5."""
    if len(content) > BYTES_MAX:
        raise Rejected(
            "Expected a decision file of at most %(most)s bytes, but found %(found)s. Split it.",
            most=BYTES_MAX,
            found=len(content),
        )
    root = _parse(content)
    namespace = etree.QName(root).namespace
    if etree.QName(root).localname != "definitions" or namespace not in NAMESPACES:
        raise Rejected(
            "Expected DMN 1.3, 1.4 or 1.5, but the file begins with %(found)s. "
            "Open it in the editor and save it again, or convert it.",
            found=root.tag,
        )
    _check_size(root)
    return root


def _parse(content: bytes) -> etree._Element:
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    # The text of a DOCTYPE can hide behind UTF-16 and the like: what the parser saw is what counts.
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError) as problem:
        raise Rejected(
            "Expected well-formed XML, but found: %(problem)s. Correct the file.", problem=str(problem)
        ) from None
    info = root.getroottree().docinfo
    if info.doctype or info.internalDTD is not None:
        raise Rejected("Expected a file without DOCTYPE, but found one. Remove it: entities are never read.")
    return root


def _check_size(root: etree._Element) -> None:
    depth_of = {root: 1}
    for count, element in enumerate(root.iter(), 1):
        if not isinstance(element.tag, str):  # an entity reference that was left unresolved
            raise Rejected("Expected plain XML, but found an entity reference. Write the text itself.")
        parent = element.getparent()
        depth_of[element] = 1 if parent is None else depth_of[parent] + 1
        if depth_of[element] > DEPTH_MAX or count > ELEMENTS_MAX:
            raise Rejected(
                "Expected at most %(elements)s elements, nested at most %(depth)s deep, but found more. Split it.",
                elements=ELEMENTS_MAX,
                depth=DEPTH_MAX,
            )


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
