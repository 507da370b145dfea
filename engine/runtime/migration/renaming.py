"""The saved state of a case with its elements called by their new ids; nothing else about it changes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from engine.runtime.compiled import ProcessDefinition

Renames = Mapping[str, str]
"""Old element id → new one; elements that are not named keep their ids."""


def fitting(mapping: Mapping[str, str], old: ProcessDefinition, new: ProcessDefinition) -> dict[str, str]:
    """The part of a mapping that means something between these two versions; one mapping serves many cases."""
    here = {element for diagram in old.processes.values() for element in diagram.elements}
    there = {element for diagram in new.processes.values() for element in diagram.elements}
    return {a: b for a, b in sorted(mapping.items()) if a != b and a in here and b in there}


def renamed(name: str, mapping: Renames) -> str:
    """A compiled element's name ``process/element`` in the new version."""
    process, _, element = name.partition("/")
    return f"{process}/{mapping.get(element, element)}"


def renamed_state(state: bytes, mapping: Renames) -> bytes:
    """The same tokens, scopes and records of what can be undone, at the new ids."""
    if not mapping:
        return state
    data = json.loads(state)
    for token in data["tokens"]:
        token[1] = renamed(token[1], mapping)
        _rename_note(token[5], mapping)
    for scope in data["scopes"]:
        if scope[4]:
            scope[4] = renamed(scope[4], mapping)
        scope[7] = [_entry(entry, mapping) for entry in scope[7]]
    data["outcome"][0] = mapping.get(data["outcome"][0], data["outcome"][0])
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


def _rename_note(note: dict[str, Any], mapping: Renames) -> None:
    """``handler``: an event subprocess; ``rest``: what an ad-hoc one has left; the others: what can be undone."""
    if "handler" in note:
        note["handler"] = mapping.get(note["handler"], note["handler"])
    if "rest" in note:
        note["rest"] = [mapping.get(element, element) for element in note["rest"]]
    for key in ("undo", "undoable", "inner", "done"):
        if isinstance(note.get(key), list):
            note[key] = [_entry(entry, mapping) for entry in note[key]]


def _entry(entry: dict[str, Any], mapping: Renames) -> dict[str, Any]:
    return {
        "element": mapping.get(entry["element"], entry["element"]),
        "handler": renamed(entry["handler"], mapping) if entry["handler"] else "",
        "inner": [_entry(inner, mapping) for inner in entry["inner"]],
    }
