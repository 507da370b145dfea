"""XML as it was written: every element with the places of its parts in the text, so that one part can be
exchanged and the rest stays byte for byte. Well-formedness is checked before, by ``hardened.parse_xml``."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from engine.hardened import parse_xml

XMLNS = "http://www.w3.org/2000/xmlns/"
XML = "http://www.w3.org/XML/1998/namespace"

_SPACES = re.compile(r"\r\n|[\r\n\t]")
_TOKEN = re.compile(
    r"<!--.*?-->|<\?.*?\?>|<!\[CDATA\[(?P<cdata>.*?)\]\]>|</(?P<close>[^\s>]+)\s*>"
    r"|<(?P<open>[^\s/>!?]+)(?P<attributes>(?:[^>\"'/]|/(?!>)|\"[^\"]*\"|'[^']*')*)(?P<empty>/?)>|(?P<text>[^<]+)",
    re.DOTALL,
)
_ATTRIBUTE = re.compile(r"\s+(?P<name>[^\s=]+)\s*=\s*(?:\"(?P<double>[^\"]*)\"|'(?P<single>[^']*)')")
_ENTITY = re.compile(r"&(?:#x([0-9a-fA-F]+)|#([0-9]+)|(lt|gt|amp|quot|apos));")
_NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"', "apos": "'"}
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute: its name as written, its value as meant, and where both stand."""

    name: str
    value: str
    begin: int
    """Where the white space before the name begins."""
    value_begin: int
    value_end: int
    end: int

    def namespace(self, scope: dict[str, str]) -> str:
        """The namespace of its prefix; "" without one."""
        prefix = _prefix(self.name)
        return scope.get(prefix, "") if prefix else ""


@dataclass(eq=False, slots=True)
class Node:
    """One element: what it says, and where it says so."""

    tag: str
    """``{namespace}name``"""
    name: str
    """As written, with its prefix."""
    scope: dict[str, str]
    """The namespaces of the prefixes that are known here."""
    begin: int
    attributes_end: int
    head_end: int
    tail: int = 0
    """Where the end tag begins; for ``<a/>`` the same as ``head_end``."""
    end: int = 0
    parent: Node | None = None
    attributes: dict[str, Attribute] = field(default_factory=dict)
    """By ``{namespace}name``; a plain name for an attribute without a prefix or with that of its element,
    which editors use for one another."""
    children: list[Node] = field(default_factory=list)
    text: str = ""
    """Its own characters, without those of its children; line ends are ``\\n``."""

    @property
    def id(self) -> str | None:
        found = self.attributes.get("id")
        return found.value if found is not None else None

    @property
    def local(self) -> str:
        return self.tag.rpartition("}")[2]

    @property
    def namespace(self) -> str:
        return self.tag[1:].rpartition("}")[0]

    @property
    def is_empty_tag(self) -> bool:
        return self.tail == self.head_end == self.end

    def walk(self) -> Iterator[Node]:
        """This element and all within, in document order."""
        yield self
        for child in self.children:
            yield from child.walk()


@dataclass(frozen=True, slots=True)
class Source:
    """A whole file."""

    text: str
    codec: str
    root: Node

    def encode(self, text: str) -> bytes:
        """``text`` in this file's encoding; a character that it has no room for becomes a reference."""
        return text.encode(self.codec, "xmlcharrefreplace")


def as_text(content: bytes, what: str) -> str:
    """The characters of an XML file, whatever its encoding: what a browser's editor is given. Raises ``Rejected``."""
    return read_source(content, what).text.removeprefix("\ufeff")


def read_source(content: bytes, what: str) -> Source:
    """The file with its places. Raises ``Rejected`` for what is not small, plain, well-formed XML."""
    declared = parse_xml(content, what).getroottree().docinfo.encoding or "utf-8"
    codec = next((name for mark, name in _MARKS if content.startswith(mark)), declared)
    text = content.decode(codec)
    return Source(text, codec, _read(text))


def _read(text: str) -> Node:
    top = Node("", "", {"xml": XML}, 0, 0, 0)
    stack = [top]
    for token in _TOKEN.finditer(text):
        node = stack[-1]
        if token["open"] is not None:
            child = _opened(token, node)
            node.children.append(child)
            if token["empty"]:
                child.tail = child.end = child.head_end
            else:
                stack.append(child)
        elif token["close"] is not None:
            node.tail, node.end = token.start(), token.end()
            stack.pop()
        elif token["cdata"] is not None:
            node.text += _lines(token["cdata"])
        elif token["text"] is not None:
            node.text += _meant(_lines(token["text"]))
    root = top.children[0]
    root.parent = None
    return root


def _opened(token: re.Match[str], parent: Node) -> Node:
    offset = token.start("attributes")
    found = [
        Attribute(
            part["name"],
            _meant(_SPACES.sub(" ", part["double"] if part["double"] is not None else part["single"])),
            offset + part.start(),
            offset + part.start("double" if part["double"] is not None else "single"),
            offset + part.end("double" if part["double"] is not None else "single"),
            offset + part.end(),
        )
        for part in _ATTRIBUTE.finditer(token["attributes"])
    ]
    scope = parent.scope
    for attribute in found:
        prefix, _, local = attribute.name.partition(":")
        if prefix == "xmlns":
            scope = {**scope, local: attribute.value}
    node = Node(
        f"{{{scope.get(_prefix(token['open']), '')}}}{token['open'].rpartition(':')[2]}",
        token["open"],
        scope,
        token.start(),
        max([offset, *(attribute.end for attribute in found)]),
        token.end(),
        parent=parent,
    )
    for attribute in found:
        if attribute.name.partition(":")[0] != "xmlns":
            local, uri = attribute.name.rpartition(":")[2], attribute.namespace(scope)
            node.attributes[f"{{{uri}}}{local}" if uri and uri != node.namespace else local] = attribute
    return node


def _prefix(name: str) -> str:
    return name.rpartition(":")[0]


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _meant(text: str) -> str:
    """With references replaced by their characters."""

    def character(reference: re.Match[str]) -> str:
        if reference[3]:
            return _NAMED[reference[3]]
        return chr(int(reference[1], 16) if reference[1] else int(reference[2]))

    return _ENTITY.sub(character, text) if "&" in text else text
