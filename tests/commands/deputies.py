"""A world with an office where whoever checked may not decide, and the words to lend a role in it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from engine.commands import people, tasks
from engine.commands.delegations import end_delegation, give_delegation
from engine.history.facts import Fact
from engine.model import Actor
from engine.queries.worklist import Worklist, list_tasks
from engine.runtime.surroundings import ZONE
from engine.store.directory import system_actor
from engine.store.mandates import with_mandates
from engine.store.reading import facts_of
from tests.world import REVIEW, World

DUTIES = b'[[duty]]\nname = "two people"\nelements = ["check", "decide"]\n'


def furnish(make_world: Callable[..., World]) -> World:
    """Whoever checked may not decide. ``pam`` works at the region, one unit above both offices."""
    world = make_world(REVIEW, duties__review=DUTIES)
    add = lambda uow: people.add_user(uow, "pam.north", "pam", "north", ["supervisor"])
    world.platform.run(add, system_actor(), world.now)
    return world


def acting(world: World, login: str) -> Actor:
    """A person with what they may do for others now, as their session has it."""
    with world.platform.database.read() as connection:
        return with_mandates(connection, world.actor(login), world.now)


def lend(world: World, principal: str, deputy: str, **other: Any) -> str:
    """``principal`` names a deputy: for both roles, for a week from today, unless told otherwise."""
    today = world.now.astimezone(ZONE).date()
    who, stands_in = world.actor(principal), world.actor(deputy)
    wanted: dict[str, Any] = {
        "principal": who.user,
        "tenant_id": who.tenant.id,
        "roles": ["reviewer", "leader"],
        "deputy": stands_in.user,
        "begins": today,
        "ends": today + timedelta(days=6),
        "reason": "leave",
        **other,
    }
    by = wanted.pop("by", who)
    return str(world.platform.run(lambda uow: give_delegation(uow, **wanted), by, world.now))


def complete(world: World, case: str, element: str, actor: Actor, outcome: str = "forward", **more: Any) -> None:
    """Somebody completes a task of a case."""
    task = world.task(case, element)
    command = lambda uow: tasks.complete_task(uow, task, {"outcome": [outcome]}, {}, **more)
    world.platform.run(command, actor, world.now)


def end(world: World, delegation: str, by: str) -> None:
    """Somebody ends a delegation early."""
    world.platform.run(lambda uow: end_delegation(uow, delegation), world.actor(by), world.now)


def hold(world: World, case: str, element: str, who: str) -> None:
    """Somebody takes a task on."""
    task = world.task(case, element)
    world.platform.run(lambda uow: tasks.claim_task(uow, task), acting(world, who), world.now)


def facts(world: World, stream: str) -> list[Fact]:
    """A stream's facts."""
    with world.platform.database.read() as connection:
        return list(facts_of(connection, stream))


def listed(world: World, actor: Actor, **wanted: Any) -> Worklist:
    """A person's worklist."""
    with world.platform.database.read() as connection:
        return list_tasks(connection, actor, world.now, **wanted)
