"""What every command needs and what seldom changes, kept in memory: compiled definitions, organisations, calendars.

Definitions never change once published, so they are kept by their pins. Organisations and the calendar
do change; they are kept together with the length of their stream, which each command reads anyway.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from sqlalchemy import Connection, RowMapping, or_, select

from engine.calendar import Calendar
from engine.errors import NotFound
from engine.history.seal import canonical, digest
from engine.model import Pins, Tenant
from engine.runtime.interpreter import ProcessDefinition, compile_definition
from engine.store import tables as t
from engine.store.long_cases import LongCases

_DEFINITIONS_MAX = 200


class Known:
    """The memory of one process. Thread-safe; everything it hands out is immutable."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._definitions: dict[str, ProcessDefinition] = {}
        self._units: dict[tuple[str, frozenset[str]], tuple[int, tuple[Tenant, ...]]] = {}
        self._calendar: tuple[int, Calendar] | None = None
        self.long_cases = LongCases()

    def definition(self, connection: Connection, process: str, pins: Pins) -> ProcessDefinition:
        """The compiled definition for these pins; read and compiled at first use."""
        key = digest(canonical([process, dict(pins)]))
        found = self._definitions.get(key)
        if found is None:
            found = compile_definition(process, read_resources(connection, pins))
            with self._lock:
                if len(self._definitions) >= _DEFINITIONS_MAX:
                    self._definitions.pop(next(iter(self._definitions)))
                self._definitions[key] = found
        return found

    def units(self, connection: Connection, path: str, levels: frozenset[str], version: int) -> tuple[Tenant, ...]:
        """The lineage of ``path`` (nearest first), then the children of the lineage that have one of ``levels``."""
        kept = self._units.get((path, levels))
        if kept is not None and kept[0] == version:
            return kept[1]
        ids = path.split("/")
        rows = connection.execute(
            select(t.tenant).where(
                or_(
                    t.tenant.c.id.in_(ids),
                    t.tenant.c.parent_id.in_(ids) & t.tenant.c.level.in_(levels) & t.tenant.c.closed_on.is_(None),
                )
            )
        ).mappings()
        found = {row["id"]: tenant_of(row) for row in rows}
        lineage = lineage_along(path, found)
        for unit in lineage:
            found.pop(unit.id)
        units = (*lineage, *sorted(found.values(), key=lambda unit: unit.path))
        with self._lock:
            self._units[(path, levels)] = (version, units)
        return units

    def calendar(self, connection: Connection, version: int) -> Calendar:
        """The calendar as its stream stands at ``version``."""
        if self._calendar is None or self._calendar[0] != version:
            self._calendar = (version, read_calendar(connection, version))
        return self._calendar[1]


def tenant_of(row: RowMapping | Mapping[str, Any]) -> Tenant:
    """A row of the tenant table as a value."""
    return Tenant(
        row["id"], row["path"], row["name"], row["level"], row["code"], row.get("closed_on"), row.get("heir_id")
    )


def lineage_along(path: str, known: Mapping[str, Tenant]) -> list[Tenant]:
    """The units of a case's path, nearest first, at the places that this path says.

    A case whose unit was moved stays where it was until a fact of its own places it.
    """
    ids = path.split("/")
    places = {id_: "/".join(ids[: depth + 1]) for depth, id_ in enumerate(ids)}
    return [replace(known[id_], path=places[id_]) for id_ in reversed(ids) if id_ in known]


def find_tenant(connection: Connection, tenant_id: str) -> Tenant | None:
    """The organisation with this id, or None."""
    row = connection.execute(select(t.tenant).where(t.tenant.c.id == tenant_id)).mappings().first()
    return tenant_of(row) if row else None


def read_calendar(connection: Connection, version: int) -> Calendar:
    """The calendar table as a value."""
    days = connection.execute(select(t.calendar_day.c.day, t.calendar_day.c.working)).all()
    years = connection.execute(select(t.calendar_year.c.year)).scalars()
    return Calendar(str(version), {day: bool(working) for day, working in days}, frozenset(years))


def read_resources(
    connection: Connection, pins: Pins, drafted: Mapping[str, bytes] = MappingProxyType({})
) -> dict[tuple[str, str], bytes]:
    """The pinned files, ready to compile: ``(kind, key)`` → content.

    Of several profiles the nearest comes first: ``key``, ``key@1`` … ``drafted``: files that are not published
    yet, by the id that pins give them.

    Raises ``NotFound`` when a pinned file is missing.
    """
    rows = connection.execute(
        select(t.resource.c.id, t.file.c.content)
        .join(t.file, t.file.c.digest == t.resource.c.checksum)
        .where(t.resource.c.id.in_(set(pins.values())))
    ).all()
    contents: dict[str, bytes] = {**{row.id: row.content for row in rows}, **drafted}
    missing = sorted(set(pins.values()) - contents.keys())
    if missing:
        raise NotFound("The published file %(resource)s is missing.", resource=missing[0])
    resources: dict[tuple[str, str], bytes] = {}
    profiles: dict[str, list[tuple[int, bytes]]] = {}
    for pin, id_ in pins.items():
        kind, _, key = pin.partition(":")
        if kind == "profile":
            name, _, place = key.partition("#")
            profiles.setdefault(name, []).append((int(place or 0), contents[id_]))
        else:
            resources[(kind, key)] = contents[id_]
    for name, files in profiles.items():
        for distance, (_, content) in enumerate(sorted(files)):
            resources[("profile", f"{name}@{distance}" if distance else name)] = content
    return resources
