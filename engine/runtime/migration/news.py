"""What is new in the files that a case moves to, in the words of the people who published them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from engine.runtime.compiled import ProcessDefinition

_SHOWN_MAX = 3


@dataclass(frozen=True, slots=True)
class NewFile:
    """One file that a version has and another has not: its name ("" for one of which there is one), whose it is."""

    kind: str
    name: str
    owner: str
    version: int


def files_that_differ(
    definition: ProcessDefinition, former: Mapping[str, str], pins: Mapping[str, str]
) -> tuple[NewFile, ...]:  # fmt: skip
    """The files of ``pins`` that ``former`` has nowhere, those first that people know by name."""
    changed = [pin for pin in sorted(pins, key=_rank) if pins[pin] not in former.values()]
    return tuple(_file(definition, pin, pins[pin]) for pin in changed)


def what_is_new(definition: ProcessDefinition, former: Mapping[str, str], pins: Mapping[str, str]) -> str:
    """The files that differ, by name and version: ``Review 3, Opinion 2``.

    ``definition`` is what ``pins`` compile to.
    """
    files = files_that_differ(definition, former, pins)
    words = [f"{file.name} {file.version}" for file in files if file.name]
    if files and not words:  # of settings there is one each
        words = [f"{file.kind}.toml {file.version}" for file in files]
    elif not files:
        words = sorted(f"− {pin.partition(':')[2]}" for pin in former.keys() - pins.keys())
    more = len(words) > _SHOWN_MAX or 0 < len(words) < len(files)
    return ", ".join(words[:_SHOWN_MAX]) + (" …" if more else "")


def _rank(pin: str) -> tuple[bool, bool, str]:
    """Processes first, then forms: what people know by name."""
    kind = pin.partition(":")[0]
    return kind != "process", kind != "form", pin


def _file(definition: ProcessDefinition, pin: str, resource: str) -> NewFile:
    version = resource.rpartition("@")[2]
    return NewFile(
        pin.partition(":")[0],
        _name(definition, pin),
        resource.partition(":")[0],
        int(version) if version.isdigit() else 0,
    )


def _name(definition: ProcessDefinition, pin: str) -> str:
    kind, _, key = pin.partition(":")
    key = key.partition("#")[0]
    if kind == "process" and key in definition.processes:
        return definition.processes[key].name or key
    if kind == "form" and key in definition.forms:
        return definition.forms[key].title or key
    if kind == "decision" and key in definition.decisions:
        return next((one.name for one in definition.decisions[key].decisions if one.id == key and one.name), key)
    return "" if kind in ("profile", "duties", "words", "bundle", "floor", "oversight") else key
