"""Traces as OCEL 2.0 in JSON: events with the case, the work item, the person and the unit that they concern."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from engine.queries.traces import Trace, TraceEvent

_OBJECT_TYPES: dict[str, tuple[str, ...]] = {
    "case": ("procedure", "status", "outcome", "title"),
    "work item": ("activity", "role"),
    "person": (),
    "unit": ("name",),
}
_EVENT_ATTRIBUTES = ("lifecycle", "kind", "element")


def to_ocel(traces: Iterable[Trace]) -> bytes:
    """A log in OCEL 2.0 (JSON)."""
    log = _Log()
    for trace in traces:
        log.add(trace)
    whole = {
        "objectTypes": [
            {"name": name, "attributes": [{"name": attribute, "type": "string"} for attribute in attributes]}
            for name, attributes in _OBJECT_TYPES.items()
        ],
        "eventTypes": [
            {"name": name, "attributes": [{"name": attribute, "type": "string"} for attribute in _EVENT_ATTRIBUTES]}
            for name in sorted(log.activities)
        ],
        "objects": list(log.objects.values()),
        "events": log.events,
    }
    return json.dumps(whole, ensure_ascii=False, indent=1).encode()


class _Log:
    """What was collected so far: objects by id, events in order."""

    def __init__(self) -> None:
        self.objects: dict[str, dict[str, Any]] = {}
        self.events: list[dict[str, Any]] = []
        self.activities: set[str] = set()

    def add(self, trace: Trace) -> None:
        """One case with all its events."""
        case = self._object("case", trace.case, trace.started_at, _case_attributes(trace))
        if trace.unit:
            self._relate(case, self._unit(trace.unit, trace.started_at), "unit")
        for event in trace.events:
            self.activities.add(event.activity)
            self.events.append(
                {
                    "id": f"{trace.case}/{event.seq}",
                    "type": event.activity,
                    "time": _time(event.at),
                    "attributes": [
                        {"name": "lifecycle", "value": event.transition},
                        {"name": "kind", "value": event.kind},
                        {"name": "element", "value": event.element},
                    ],
                    "relationships": self._concerned(case, event),
                }
            )

    def _concerned(self, case: str, event: TraceEvent) -> list[dict[str, str]]:
        found = [{"objectId": case, "qualifier": "case"}]
        if event.item:
            values = {"activity": event.activity, "role": event.role}
            item = self._object("work item", event.item, event.at, values)
            self._relate(item, case, "case")
            found.append({"objectId": item, "qualifier": "work item"})
        if event.person:
            found.append({"objectId": self._object("person", event.person, event.at, {}), "qualifier": "done by"})
        if event.principal:
            principal = self._object("person", event.principal, event.at, {})
            found.append({"objectId": principal, "qualifier": "on behalf of"})
        if event.unit:
            found.append({"objectId": self._unit(event.unit, event.at), "qualifier": "at"})
        return found

    def _unit(self, name: str, at: datetime) -> str:
        return self._object("unit", name, at, {"name": name})

    def _object(self, kind: str, name: str, at: datetime, values: dict[str, str]) -> str:
        id_ = name if name.startswith(("case-", "item-", "person-")) else f"{kind}:{name}"
        if id_ not in self.objects:
            attributes = [{"name": key, "time": _time(at), "value": value} for key, value in values.items() if value]
            self.objects[id_] = {"id": id_, "type": kind, "attributes": attributes, "relationships": []}
        return id_

    def _relate(self, one: str, other: str, qualifier: str) -> None:
        relation = {"objectId": other, "qualifier": qualifier}
        if relation not in self.objects[one]["relationships"]:
            self.objects[one]["relationships"].append(relation)


def _case_attributes(trace: Trace) -> dict[str, str]:
    return {
        "procedure": trace.procedure,
        "status": trace.status,
        "outcome": trace.outcome,
        "title": trace.title,
    }


def _time(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
