"""Where stories are told: at home, or at a like unit of the organisation whose draft they judge."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from engine.history.seal import canonical, digest
from engine.model import Tenant
from engine.queries.neighbourhood import neighbourhood, unit_below
from engine.scenarios.player import Stage
from engine.scenarios.pretended_world import World, world_of
from engine.scenarios.script import Scenario

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from engine.store.known import Known


@dataclass(frozen=True)
class Theatre:
    """A world, and the unit in it at which each story is told: the story's own unit → the one that stands for it."""

    world: World
    homes: dict[str, str]

    @cached_property
    def key(self) -> str:
        """The same for the same organisations, calendar and homes, whatever they are called by where they are kept."""
        units = sorted(repr(unit) for unit in self.world.tenants.values())
        calendar = self.world.calendar
        days = [f"{day} {working}" for day, working in sorted(calendar.exceptions.items())]
        return digest(canonical([calendar.version, days, sorted(calendar.official_years), units, self.homes]))

    def stage(self, scenario: Scenario) -> Stage:
        """Where to tell a story; units that its answers name are replaced by the nearest of their level."""
        home = self.homes.get(scenario.tenant, scenario.tenant)
        if home == scenario.tenant or home not in self.world.tenants:
            return Stage()
        return Stage(tenant=home, overrides=dict(_moved(scenario, self.world, self.world.tenants[home])))


def theatre_for(connection: Connection, known: Known, tenant: Tenant, scenarios: Collection[Scenario]) -> Theatre:
    """The world around ``tenant`` for these stories.

    A story from elsewhere is told at the first unit of ``tenant`` that has its level; one from a place that is
    not known here, at the unit deepest down.
    """
    wanted = {scenario.tenant for scenario in scenarios}
    known_units = {unit.id: unit for unit in neighbourhood(connection, wanted)}
    homes = {}
    for id_ in sorted(wanted):
        own = known_units.get(id_)
        if own is not None and tenant.contains(own.path):
            homes[id_] = id_
        elif own is not None and own.level == tenant.level:
            homes[id_] = tenant.id
        else:
            like = unit_below(connection, tenant, own.level if own else "")
            homes[id_] = like.id if like else tenant.id
    return Theatre(world_of(connection, known, {*wanted, *homes.values(), tenant.id}), homes)


def theatre_at(connection: Connection, known: Known, tenant: Tenant, level: str) -> tuple[Theatre, Tenant]:
    """The world around ``tenant`` and a unit of it at which a story can begin: of ``level``, else the deepest."""
    home = tenant if tenant.level == level else unit_below(connection, tenant, level) or tenant
    return Theatre(world_of(connection, known, {tenant.id, home.id}), {home.id: home.id}), home


def _moved(scenario: Scenario, world: World, home: Tenant) -> Iterable[tuple[str, Any]]:
    for step in (scenario.start, *scenario.steps):
        for key, value in step.answers.items():
            unit = world.tenants.get(value) if isinstance(value, str) else None
            if unit is not None and (near := world.near(home, unit.level)):
                yield key, near[0].id
