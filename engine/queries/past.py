"""Organisations and calendar as they were at any time, from their own histories."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime
from functools import partial

from sqlalchemy import Connection

from engine.calendar import Calendar
from engine.history import events as e
from engine.history.facts import Fact
from engine.model import Tenant, acting_unit
from engine.runtime.interpreter import Surroundings
from engine.store.known import lineage_along
from engine.store.reading import facts_of

_CHANGES = (e.TenantAdded, e.TenantRenamed, e.TenantMoved, e.TenantClosed)


class Past:
    """Asks the histories; each is read once."""

    def __init__(self, connection: Connection) -> None:
        self._changes = [fact for fact in facts_of(connection, "organisations") if isinstance(fact.event, _CHANGES)]
        self._moments = [fact.at for fact in self._changes]
        self._units: dict[int, Mapping[str, Tenant]] = {}
        self._calendar = list(facts_of(connection, "calendar"))
        self._calendars: dict[int, Calendar] = {}

    def units_at(self, now: datetime) -> Mapping[str, Tenant]:
        """Every organisation that there was, by id, closed ones too."""
        return self._units_after(bisect_right(self._moments, now))

    def surroundings(self, instance_id: str, path: str, levels: frozenset[str], now: datetime) -> Surroundings:
        """What a command of that moment could know."""
        there = self.units_at(now)
        ids = path.split("/")
        units = tuple(
            sorted(
                (
                    unit
                    for unit in there.values()
                    if unit.id not in ids
                    and unit.level in levels
                    and unit.closed_on is None
                    and unit.path.rsplit("/", 1)[0].split("/")[-1] in ids
                ),
                key=lambda unit: unit.path,
            )
        )
        return Surroundings(
            instance_id=instance_id,
            now=now,
            lineage=tuple(lineage_along(path, there)),
            units=units,
            calendar=self._calendar_at(now),
            find_tenant=partial(acting_unit, there.get),
        )

    def name_of(self, tenant_id: str, at: datetime | None = None) -> str:
        """What an organisation is called – or was at a moment –, "" for one that never was."""
        unit = (self._units_after(len(self._changes)) if at is None else self.units_at(at)).get(tenant_id)
        return unit.name if unit else ""

    def units_to_choose(self, path: str, level: str, now: datetime, within: str = "") -> list[Tenant]:
        """The units of a level that a form could offer then: those below the nearest organisation that had any.

        With ``within``, a level: those that belonged to the nearest organisation of that level themselves.
        """
        known = self.units_at(now)
        there = [unit for unit in known.values() if unit.level == level and unit.closed_on is None]
        levels = {unit.path: unit.level for unit in known.values()}
        parts = path.split("/")
        for depth in range(len(parts), 0, -1):
            above = "/".join(parts[:depth])
            if within and levels.get(above) != within:
                continue
            below = (unit for unit in there if unit.path.startswith(above + "/"))
            own = (unit for unit in below if not within or unit.path.rpartition("/")[0] == above)
            if found := sorted(own, key=lambda unit: unit.path):
                return found
        return []

    def _units_after(self, count: int) -> Mapping[str, Tenant]:
        if count not in self._units:
            units: dict[str, Tenant] = {}
            for fact in self._changes[:count]:
                _changed(units, fact.event)
            self._units[count] = units
        return self._units[count]

    def _calendar_at(self, now: datetime) -> Calendar:
        version = max((fact.seq for fact in self._calendar if fact.at <= now), default=0)
        if version not in self._calendars:
            self._calendars[version] = _calendar(fact.event for fact in self._calendar if fact.seq <= version)
        return self._calendars[version]


def place_after(path: str, facts: Iterable[Fact]) -> str:
    """The path of a case's unit after some facts, when it was ``path`` before."""
    for fact in facts:
        match fact.event:
            case e.InstanceStarted(tenant_path=found):
                path = found
            case e.InstanceHandedOver(place_path=found) | e.InstancePlaced(place_path=found):
                path = found
    return path


def _changed(units: dict[str, Tenant], event: e.Event) -> None:
    match event:
        case e.TenantAdded() as new:
            units[new.tenant] = Tenant(new.tenant, new.path, new.name, new.level, new.code)
        case e.TenantRenamed(tenant=id_, name=name):
            units[id_] = replace(units[id_], name=name)
        case e.TenantMoved() as moved:
            for id_, path in {moved.tenant: moved.path, **moved.below}.items():
                units[id_] = replace(units[id_], path=path)
        case e.TenantClosed(tenant=id_, since=since, heir=heir):
            units[id_] = replace(units[id_], closed_on=since, heir=heir or None)


def _calendar(events: Iterable[e.Event]) -> Calendar:
    days: dict[date, bool] = {}
    years: set[int] = set()
    count = 0
    for count, event in enumerate(events, 1):  # noqa: B007 - the number of the last one is the version
        match event:
            case e.CalendarImported():
                years |= set(event.years)
                days.update({date.fromisoformat(day): bool(working) for day, working, _ in event.days})
            case e.CalendarDaySet():
                days[event.day] = event.working
    return Calendar(str(count), days, frozenset(years))
