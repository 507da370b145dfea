"""A world for dry runs: the organisations and the calendar as values. Its people are made up as a story names them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from engine.calendar import Calendar
from engine.model import Tenant
from engine.queries.calendars import calendar_in_force
from engine.queries.neighbourhood import neighbourhood
from engine.runtime.interpreter import Surroundings
from engine.store.known import Known
from forms.schema import Form, Option

if TYPE_CHECKING:
    from sqlalchemy import Connection

_CHOICES_MAX = 500
_Around = tuple[tuple[Tenant, ...], tuple[Tenant, ...]]
"""The lineage of a unit, and the units that lanes may name beside it."""


@dataclass(frozen=True)
class World:
    """``tenants`` by id. Nothing in it changes while stories are played."""

    tenants: Mapping[str, Tenant]
    calendar: Calendar
    _children: dict[str, list[Tenant]] = field(default_factory=dict)
    _around: dict[tuple[str, frozenset[str]], _Around] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for unit in sorted(self.tenants.values(), key=lambda unit: unit.path):
            if unit.closed_on is None:
                self._children.setdefault(unit.path.rpartition("/")[0], []).append(unit)

    def surroundings(self, instance: str, tenant: Tenant, levels: frozenset[str], now: datetime) -> Surroundings:
        """What a case at ``tenant`` may know of this world."""
        known = self._around.get((tenant.path, levels))
        if known is None:
            known = self._around[tenant.path, levels] = self._found_around(tenant, levels)
        return Surroundings(instance, now, *known, self.calendar, self.tenants.get)

    def _found_around(self, tenant: Tenant, levels: frozenset[str]) -> _Around:
        lineage = tuple(self.tenants[id_] for id_ in tenant.lineage_ids if id_ in self.tenants)
        units = [
            child
            for place in lineage
            for child in self._children.get(place.path, ())
            if child.level in levels and child not in lineage
        ]
        return lineage, tuple(sorted(units, key=lambda unit: unit.path))

    def options(self, form: Form, near: Tenant) -> dict[str, tuple[Option, ...]]:
        """The choices of fields that offer organisations."""
        return {
            asked.key: tuple(
                Option(unit.id, unit.name) for unit in self.near(near, asked.options_from, asked.options_within)
            )
            for asked in form.fields
            if asked.options_from
        }

    def near(self, near: Tenant, level: str, within: str = "") -> list[Tenant]:
        """The units of a level below the nearest organisation above ``near`` that has any.

        With ``within``, a level: those that belong to the nearest organisation of that level themselves.
        """
        for path in near.lineage_paths:
            owner = self.tenants.get(path.rpartition("/")[2])
            if within and (owner is None or owner.level != within):
                continue
            units = self._children.get(path, ()) if within else self._below(path)
            found = [unit for unit in units if unit.level == level]
            if found:
                return found[:_CHOICES_MAX]
        return []

    def _below(self, path: str) -> Iterable[Tenant]:
        for child in self._children.get(path, ()):
            yield child
            yield from self._below(child.path)


def world_of(connection: Connection, known: Known, tenant_ids: Collection[str]) -> World:
    """The organisations around these units and the calendar, as they are now."""
    found = {unit.id: unit for unit in neighbourhood(connection, tenant_ids)}
    return World(found, calendar_in_force(connection, known))
