"""Changes of units for tests: do one, let an hour pass and the cases follow, and see that the record agrees."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from engine.commands.deployments import publish
from engine.commands.organisations import change_unit, today
from engine.errors import Invalid
from engine.following import tend_units
from engine.queries.cases import find_cases
from engine.queries.reexecution import Past, re_execute
from engine.queries.worklist import list_tasks
from engine.store.directory import system_actor
from engine.store.known import find_tenant
from engine.store.unit_changes import Wanted
from tests.world import REVIEW, World, bundle


def wanted(world: World, kind: str, tenant: str, days: int = 0, **words: str) -> Wanted:
    return Wanted(kind, tenant, today(world.now) + timedelta(days=days), **words)


def change(world: World, kind: str, tenant: str, days: int = 0, who: str = "root.admin", **words: str) -> str:
    """Do it, let an hour pass and the cases follow."""
    world.now += timedelta(minutes=1)
    asked = wanted(world, kind, tenant, days, **words)
    found = world.platform.run(lambda uow: change_unit(uow, asked), world.actor(who), world.now)
    settle(world)
    return found


def publish_at(world: World, tenant: str, words: bytes) -> None:
    """An own version of the words there, with the rest as it is."""
    own = bundle(REVIEW, words__review=words)
    world.platform.run(lambda uow: publish(uow, own, tenant, ""), system_actor(), world.now)


def settle(world: World, **span: float) -> None:
    world.now += timedelta(**(span or {"minutes": 1}))
    tend_units(world.platform, world.now)


def refused(world: World, kind: str, tenant: str, days: int = 0, **words: str) -> str:
    with pytest.raises(Invalid) as problems:
        change(world, kind, tenant, days, **words)
    return " ".join(str(problem) for problem in problems.value.problems)


def unit(world: World, tenant: str) -> Any:
    with world.platform.database.read() as connection:
        return find_tenant(connection, tenant)


def cases_of(world: World, who: str) -> set[str]:
    with world.platform.database.read() as connection:
        return {row.id for row in find_cases(connection, world.actor(who)).rows}


def tasks_of(world: World, who: str) -> int:
    with world.platform.database.read() as connection:
        return list_tasks(connection, world.actor(who), world.now).total


def agrees(world: World, *cases: str) -> None:
    assert world.verdict().findings == ()
    with world.platform.database.read() as connection:
        for case in cases:
            assert re_execute(connection, world.platform.known, case, Past(connection)).difference is None
