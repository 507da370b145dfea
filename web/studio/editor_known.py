"""What an editor may choose from: roles, levels, forms, tables, processes and duties of what a draft composes."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from html import unescape
from typing import Any, Final

from engine.decision.reader import read_definitions
from engine.definition.bpmn import read_diagram
from engine.definition.bundle import SINGLE
from engine.definition.diagram import Diagram
from engine.definition.lint.offered import offered
from engine.errors import ShangmenError
from engine.model import Actor, Tenant
from engine.queries.cases import place
from engine.queries.people import levels_of_roles, organisations
from web.language import gettext, word
from web.render.words import level_name, role_name
from web.transaction import reader

Resources = Mapping[tuple[str, str], bytes]
Choices = list[dict[str, Any]]
_TITLE: Final = re.compile(r"<title>([^<]{1,200})</title>")


def choices(actor: Actor, resources: Resources, manifest: Mapping[str, Any]) -> dict[str, Choices]:
    """By name, the lists of choices as ``{key, name}``. A file that cannot be read has its key for a name.

    A role also says at which ``levels`` somebody has it.
    """
    names = names_of(resources)
    roles = {role: word(str(name)) for role, name in manifest.get("roles", {}).items()} or _roles(resources)
    held = levels_of_roles(reader(), actor)
    return {
        "roles": [one | {"levels": held.get(one["key"], [])} for one in _named(roles)],
        "levels": _named(_levels(actor)),
        **{
            f"{kind}s" if kind != "process" else "processes": _named(
                {key: name for (found, key), name in names.items() if found == kind}
            )
            for kind in ("form", "decision", "process", "document")
        },
        "connectors": _named(
            {
                "document": gettext("makes a paper"),
                "notify": gettext("sends a notice"),
                "archive": gettext("keeps the dossier"),
                "reserve": gettext("reserves a place"),
            }
        ),
        "duties": list(_duties(resources)),
        "offered": [{"key": key} for key in sorted(offered())],
    }


def names_of(resources: Resources) -> dict[tuple[str, str], str]:
    """(kind, key) → what the author calls the file; "" for kinds of which there is one, which are called by kind."""
    single = SINGLE.values()
    return {
        place: "" if place[0] in single else word(_name(place, content)) for place, content in sorted(resources.items())
    }


def element_names(content: bytes) -> dict[str, str]:
    """Id → name of everything in a diagram that has one; empty for one that cannot be read."""
    try:
        diagram = read_diagram(content)
    except ShangmenError:
        return {}
    return _elements(diagram)


def _elements(diagram: Diagram) -> dict[str, str]:
    named = {diagram.process: diagram.name} | {lane.id: lane.name for lane in diagram.lanes}
    named |= {key: " ".join(element.name.split()) for key, element in diagram.elements.items()}
    return named | {
        key: flow.name or f"{named.get(flow.source) or flow.source} → {named.get(flow.target) or flow.target}"
        for key, flow in diagram.flows.items()
    }


def _name(place: tuple[str, str], content: bytes) -> str:
    kind, key = place
    try:
        match kind:
            case "process":
                return read_diagram(content, key).name or key
            case "form":
                return str(json.loads(content)["properties"].get("title") or key)
            case "decision":
                found = read_definitions(content).elements.get(key)
                return (found.name if found else "") or key
            case "document":
                title = _TITLE.search(content.decode("utf-8", "replace"))
                return " ".join(unescape(title[1]).split()) if title and "{" not in title[1] else key
    except (ShangmenError, ValueError, KeyError, TypeError, AttributeError):
        pass
    return key


def _named(found: Mapping[str, str]) -> Choices:
    return [{"key": key, "name": name} for key, name in found.items()]


def _roles(resources: Resources) -> dict[str, str]:
    """The roles that the lanes name, where the manifest lists none."""
    found = set()
    for (kind, _), content in resources.items():
        if kind == "process":
            try:
                diagram = read_diagram(content)
            except ShangmenError:
                continue
            attributes = [lane.attributes for lane in diagram.lanes]
            attributes += [element.attributes for element in diagram.elements.values()]
            found |= {one["role"] for one in attributes if "role" in one}
    return {role: role_name(role) for role in sorted(found)}


def _levels(actor: Actor) -> dict[str, str]:
    """Level → the first unit that has it, above or below the actor's own: the key alone says little."""
    found: dict[str, str] = {}
    above = [unit for key in reversed(actor.tenant.lineage_ids) if (unit := place(reader(), key)) is not None]
    for unit in (*above, *organisations(reader(), actor)):
        found.setdefault(unit.level, _level(unit))
    return found


def _level(unit: Tenant) -> str:
    example, name = gettext("like %(name)s", name=unit.name), level_name(unit.level)
    return example if name == unit.level else gettext("%(level)s, %(example)s", level=name, example=example)


def _duties(resources: Resources) -> Iterator[dict[str, Any]]:
    """The rules that steps are done by different people, with the names of the steps."""
    steps: dict[str, str] = {}
    for (kind, _), content in resources.items():
        if kind == "process":
            steps |= element_names(content)
    for (kind, _), content in sorted(resources.items()):
        if kind != "duties":
            continue
        try:
            found = tomllib.loads(content.decode("utf-8")).get("duty", [])
        except (tomllib.TOMLDecodeError, UnicodeDecodeError):
            continue
        for duty in found if isinstance(found, list) else []:
            keys = [str(key) for key in duty.get("elements", [])]
            yield {
                "name": str(duty.get("name", "")),
                "elements": [{"key": key, "name": word(steps.get(key) or key)} for key in keys],
            }
