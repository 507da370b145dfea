"""What BPMN 2.0.2 itself forbids, whoever executes the diagram: rules over the XML, in families.

A rule yields (element id, sentence, values); ``check`` makes findings of them. Reading refuses what cannot
be understood, these rules refuse what contradicts the standard, ``lint.executable`` what we do not run.
"""

from __future__ import annotations

from engine.definition.finding import Finding
from engine.definition.schema import check_schema
from engine.definition.validity import data, events, flows, references
from engine.definition.validity.document import Document
from engine.hardened import parse_xml


def check(content: bytes, process: str = "") -> list[Finding]:
    """All breaches of the standard in a BPMN file. Raises ``Rejected`` for what is not XML at all."""
    document = Document(parse_xml(content, "the diagram"))
    found = check_schema(content, process)
    for family in (references, flows, events, data):
        for rule in family.RULES:
            for node, template, params in rule(document):
                key = document.nearest_id(node)
                found.append(Finding("standard", key, "error", template, {"element": key, **params}, process))
    return found
