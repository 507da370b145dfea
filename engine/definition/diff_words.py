"""What people call what a comparison tells of: roles, levels, forms, tables, processes, events, repetition."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from types import MappingProxyType
from typing import Any, Final

from engine.decision.reader import read_definitions
from engine.definition.bpmn import read_diagram
from engine.definition.bundle import toml
from engine.definition.diagram import Diagram, Element, EventDefinition, Loop
from engine.definition.finding import Term
from engine.errors import ShangmenError

Resources = Mapping[tuple[str, str], bytes]
Called = Mapping[tuple[str, str], str]
"""(what it is: role, level, form, decision, process or document; its key) → its name."""

NAMELESS: Called = MappingProxyType({})
KINDS: Final = {
    "task": "step",
    "userTask": "a person's task",
    "manualTask": "work without a form",
    "serviceTask": "the machine's task",
    "scriptTask": "calculation",
    "businessRuleTask": "decision table",
    "sendTask": "message sent",
    "receiveTask": "message awaited",
    "callActivity": "a process of its own",
    "subProcess": "subprocess",
    "transaction": "transaction",
    "adHocSubProcess": "subprocess in any order",
    "exclusiveGateway": "either-or",
    "parallelGateway": "all at once",
    "inclusiveGateway": "one or several",
    "eventBasedGateway": "whatever happens first",
    "complexGateway": "complex gateway",
    "startEvent": "start",
    "endEvent": "end",
    "intermediateCatchEvent": "wait",
    "intermediateThrowEvent": "event",
    "boundaryEvent": "event during a step",
}
EVENTS: Final = {
    "timer": "timer",
    "message": "message",
    "error": "error",
    "signal": "signal",
    "escalation": "escalation",
    "conditional": "condition",
    "link": "link",
    "compensate": "compensation",
    "cancel": "cancellation",
    "terminate": "ends everything",
}
_CONNECTORS: Final = {
    "document": "makes a paper",
    "notify": "sends a notice",
    "archive": "keeps the dossier",
    "reserve": "reserves a place",
}
_SETTINGS: Final = {
    "title": Term("name of the procedure"),
    "title_en": Term("English name of the procedure"),
    "document": Term("document that it rests on"),
    "process": Term("main process"),
    "start_form": Term("form with which a case begins"),
    "start_roles": Term("who may begin a case"),
    "personal_roles": Term("who may have no deputy"),
    "number_prefix": Term("beginning of the case numbers"),
    "parts": Term("processes for others to call"),
    "roles": Term("names of the roles"),
    "levels": Term("names of the levels"),
    "variables": Term("names of the data"),
}
_NAMES_IN: Final = {
    "process": "process", "parts": "process", "start_form": "form", "start_roles": "role", "personal_roles": "role"
}  # fmt: skip
"""Setting of a manifest → what its values are keys of."""


def setting(name: str) -> Term | str:
    """What a setting of a manifest is about."""
    return _SETTINGS.get(name, name)


def named(name: str, value: Any, called: Called) -> Any:
    """The value of a setting, keys by their names."""
    what = _NAMES_IN.get(name, "")
    if isinstance(value, list):
        return [called.get((what, str(one)), str(one)) for one in value]
    return called.get((what, value), value) if isinstance(value, str) else value


def names_of(resources: Resources) -> dict[tuple[str, str], str]:
    """What people call roles, levels, forms, tables and processes; what cannot be read has no names."""
    found: dict[tuple[str, str], str] = {}
    for (kind, key), content in resources.items():
        with suppress(ShangmenError, ValueError, LookupError, AttributeError, TypeError):
            if kind == "bundle":
                manifest = toml(content, key)
                for what, table in (("role", "roles"), ("level", "levels")):
                    found |= {(what, one): str(name) for one, name in manifest.get(table, {}).items()}
            elif kind == "form":
                found[kind, key] = str(json.loads(content)["properties"]["title"])
            elif kind == "process":
                found[kind, key] = read_diagram(content, key).name
            elif kind == "decision":
                found[kind, key] = getattr(read_definitions(content).elements[key], "name", "")
    return {place: name for place, name in found.items() if name}


def value_of(what: str, text: str, called: Called) -> Any:
    """The value of an element's attribute as people read it: names for keys, words for what the machine does."""
    if what == "connector" and text in _CONNECTORS:
        return Term(_CONNECTORS[text])
    if what == "roles":
        return [called.get(("role", role), role) for role in text.split()]
    if what == "calledElements":
        return [called.get(("process", key), key) for key in text.replace(",", " ").split()]
    return called.get((what, text), text)


def kind_of(element: Element) -> Term | str:
    """A BPMN tag as people call it."""
    return Term(KINDS[element.kind]) if element.kind in KINDS else element.kind


def step_name(diagram: Diagram, key: str | None) -> Term | str:
    """What a step is called; what it is where it has no name."""
    element = diagram.elements.get(key or "")
    return (element.name or kind_of(element)) if element else ""


def named_before(diagram: Diagram, key: str) -> list[str]:
    """The names of the steps right before one; a step without a name is passed over."""
    found: dict[str, None] = {}
    seen, ahead = {key}, [key]
    while ahead:
        element = diagram.elements[ahead.pop(0)]
        sources = [diagram.flows[flow].source for flow in element.incoming]
        for source in [*sources, element.attached_to] if element.attached_to else sources:
            if source in seen:
                continue
            seen.add(source)
            if name := diagram.elements[source].name:
                found[name] = None
            else:
                ahead.append(source)
    return list(found)


def events_of(element: Element) -> list[Any]:
    """What an event waits for or says, one by one."""
    return [_event(definition) for definition in element.definitions]


def _event(definition: EventDefinition) -> Any:
    kind: Any = Term(EVENTS[definition.kind]) if definition.kind in EVENTS else definition.kind
    detail = definition.expression or definition.name
    return Term("%(kind)s “%(detail)s”", {"kind": kind, "detail": detail}) if detail else kind


def loop_of(element: Element) -> Any:
    """How a step is repeated."""
    loop = element.loop
    if loop is None:
        return ""
    params: dict[str, Any] = {"items": loop.collection or loop.cardinality, "condition": loop.condition}
    if loop.kind == "standard":
        ends = Term("again as long as %(condition)s, at most %(most)s times", params | {"most": loop.maximum or "–"})
    elif loop.kind == "parallel":
        ends = Term("for each of %(items)s, all at once", params)
    else:
        ends = Term("for each of %(items)s, one after the other", params)
    early = _early(loop)
    return [ends, early] if early else ends


def _early(loop: Loop) -> Term | None:
    if not loop.completion:
        return None
    return Term("ending early when %(completion)s", {"completion": loop.completion})
