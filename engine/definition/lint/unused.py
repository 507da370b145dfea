"""Files that nothing uses: they would be published, and no case would ever meet them."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator, Mapping

from engine.definition.diagram import Diagram
from engine.definition.finding import Finding


def findings(resources: Mapping[tuple[str, str], bytes], diagrams: Mapping[str, Diagram], main: str) -> list[Finding]:
    """Processes, forms and tables that no step names. ``main`` is the process that begins a case; "" looks at none."""
    if not main:
        return []
    found = []
    keys = {kind: sorted(key for one, key in resources if one == kind) for kind in ("process", "form", "decision")}
    called = {main, *_parts(resources)} | {key for diagram in diagrams.values() for key in diagram.called_processes()}
    found += [_process(key) for key in keys["process"] if key not in called and key in diagrams]
    asked = set(_forms(resources, diagrams))
    found += [_form(key) for key in keys["form"] if key not in asked]
    decided = {element.attributes.get("decision") for one in diagrams.values() for element in one.elements.values()}
    found += [_table(key) for key in keys["decision"] if key not in decided and not _is_read(resources, key)]
    return found


def _parts(resources: Mapping[tuple[str, str], bytes]) -> Iterator[str]:
    """The processes that the manifest offers for others to call (``parts``)."""
    for (kind, _), content in resources.items():
        if kind == "bundle":
            try:
                yield from map(str, tomllib.loads(content.decode()).get("parts", ()))
            except (ValueError, TypeError, RecursionError):
                continue


def _process(key: str) -> Finding:
    sentence = (
        "Expected a step that calls the process %(key)s but none does. Choose it in a call activity, or drop the file."
    )
    return Finding("unused-file", "", "warning", sentence, {"key": key}, key)


def _form(key: str) -> Finding:
    sentence = "Expected a task or message that asks the form %(key)s but none does. Choose it there, or drop the file."
    return Finding("unused-file", "", "warning", sentence, {"key": key}, key)


def _table(key: str) -> Finding:
    sentence = "Expected a step that decides by the table %(key)s but none does. Choose it there, or drop the file."
    return Finding("unused-file", "", "warning", sentence, {"key": key}, key)


def _forms(resources: Mapping[tuple[str, str], bytes], diagrams: Mapping[str, Diagram]) -> Iterator[str]:
    for diagram in diagrams.values():
        yield from (element.attributes.get("form", "") for element in diagram.elements.values())
        yield from (message.form for message in diagram.messages.values())
    for (kind, _), content in resources.items():
        if kind == "bundle":
            try:
                yield str(tomllib.loads(content.decode()).get("start_form", ""))
            except (ValueError, RecursionError):
                continue
        if kind == "form":
            try:
                yield str(json.loads(content)["properties"].get("extends", ""))
            except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
                continue


def _is_read(resources: Mapping[tuple[str, str], bytes], key: str) -> bool:
    """Whether another table mentions this one; which of its decisions it reads does not matter."""
    tables = (text for (kind, other), text in resources.items() if kind == "decision" and other != key)
    return any(key.encode() in text for text in tables)
