"""The schemas of BPMN 2.0 and DMN 1.3, from the installed SpiffWorkflow package, and what they say in plain words.

Extension elements and attributes of other namespaces are allowed, as the standard says. What the schema cannot
say (references of the right kind, flows that make sense) is said by ``validity``.
"""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, Final

from lxml import etree

from engine.definition.finding import Finding
from engine.errors import Rejected
from engine.hardened import parse_xml

FINDINGS_MAX: Final = 20
"""One slip can make every line after it wrong."""

_FILES: Final = {
    "http://www.omg.org/spec/BPMN/20100524/MODEL": "bpmn/parser/schema/BPMN20.xsd",
    "https://www.omg.org/spec/DMN/20191111/MODEL/": "dmn/parser/schema/DMN13.xsd",
}
_NAMESPACE = re.compile(r"\{[^}']*\}")
_HEAD = re.compile(r"^Element '([^']*)'(?:, attribute '[^']*')?: ")


def check_schema(content: bytes, process: str = "", what: str = "the file") -> list[Finding]:
    """Where a file breaks its schema, with line and element. [] for a namespace whose schema nobody installed,
    and for what is no XML at all: that is refused by whoever reads it."""
    try:
        root = parse_xml(content, what)
    except Rejected:
        return []
    name = _FILES.get(etree.QName(root).namespace or "")
    schema = _schema(name) if name else None
    if schema is None or schema.validate(root):
        return []
    return list(_findings(root, list(schema.error_log)[:FINDINGS_MAX], process))


@cache
def _schema(name: str) -> etree.XMLSchema:
    """One schema; read without network, from the package that depends on it."""
    found = importlib.util.find_spec("SpiffWorkflow")
    if found is None or found.origin is None:
        raise RuntimeError("Expected the package SpiffWorkflow to be installed. Install the requirements.")
    parser = etree.XMLParser(no_network=True, resolve_entities=False)
    return etree.XMLSchema(etree.parse(str(Path(found.origin).parent / name), parser))


def _findings(root: etree._Element, errors: list[Any], process: str) -> Iterator[Finding]:
    for error in errors:
        head = _HEAD.match(error.message)
        tag = head[1] if head else ""
        said = error.message[head.end() :] if head else error.message
        params = {"line": error.line, "element": _NAMESPACE.sub("", tag)}
        template, more = _sentence(_NAMESPACE.sub("", said))
        yield Finding("schema", _nearest_id(root, error.line, tag), "error", template, {**params, **more}, process)


def _nearest_id(root: etree._Element, line: int, tag: str) -> str:
    node = next((node for node in root.iter() if node.sourceline == line and node.tag == tag), None)
    while node is not None and not node.get("id"):
        node = node.getparent()
    return node.get("id") or "" if node is not None else ""


def _value(found: re.Match[str]) -> dict[str, str]:
    return {"found": found[1][:80]}


def _expected(found: re.Match[str]) -> dict[str, str]:
    """The first few of the names that may stand there."""
    names = re.findall(r"[\w:]+", found[1].replace("##other", ""))
    return {"expected": ", ".join(names[:6]) + (" …" if len(names) > 6 else "")}


def _sentence(said: str) -> tuple[str, dict[str, str]]:
    """The sentence for what the schema says, and its values."""
    for pattern, template, values in _SENTENCES:
        found = re.search(pattern, said)
        if found is not None:
            return template, values(found)
    return (
        "Expected what the schema of the standard allows in line %(line)s but <%(element)s> is not: %(found)s "
        "Correct it in the editor.",
        {"found": said.strip()[:200]},
    )


_SENTENCES: Final[tuple[tuple[str, str, Callable[[re.Match[str]], dict[str, str]]], ...]] = (
    (
        r"^This element is not expected\. Expected is (?:one of )?\( (.*) \)",
        "Expected one of %(expected)s in line %(line)s but found <%(element)s>. Move it to its place, or remove it.",
        _expected,
    ),
    (
        r"^(This element is not expected)",
        "Expected nothing more in line %(line)s but found <%(element)s>. Move it to its place, or remove it.",
        lambda found: {},
    ),
    (
        r"^Missing child element\(s\)\. Expected is (?:one of )?\( (.*) \)",
        "Expected %(expected)s inside <%(element)s> of line %(line)s but it is missing. Add it.",
        _expected,
    ),
    (
        r"^The attribute '([^']*)' is required but missing",
        "Expected the attribute %(found)s on <%(element)s> of line %(line)s but it is missing. Add it.",
        _value,
    ),
    (
        r"^The attribute '([^']*)' is not allowed",
        "Expected only attributes of the standard on <%(element)s> of line %(line)s but found %(found)s. "
        "Remove it, or give it a namespace of its own.",
        _value,
    ),
    (
        r"^\[facet 'enumeration'\] The value '([^']*)' is not an element of the set \{(.*)\}",
        "Expected one of %(expected)s for <%(element)s> in line %(line)s but found %(found)s. Choose one of them.",
        lambda found: {"found": found[1][:80], "expected": found[2].replace("'", "")[:120]},
    ),
    (
        r"^'([^']*)' is not a valid value of the atomic type 'xs:ID'",
        "Expected an id that stands once and begins with a letter in line %(line)s but found %(found)s. Change the id.",
        _value,
    ),
    (
        r"^'([^']*)' is not a valid value",
        "Expected a value of the right kind on <%(element)s> in line %(line)s but found %(found)s. Correct it.",
        _value,
    ),
    (
        r"^(Character content)",
        "Expected no text between the elements of <%(element)s> in line %(line)s but found some. Remove the text.",
        lambda found: {},
    ),
)
