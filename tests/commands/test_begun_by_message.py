"""What a message begins follows the version that is in force at that moment: neither a planned one nor an old one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from engine.commands.deployments import publish_for
from engine.history import events as e
from engine.store.directory import system_actor
from engine.store.known import find_tenant
from tests.commands.letters import Post, is_whole
from tests.commands.test_correlation import BEGINNING
from tests.world import World, bundle

OTHER = BEGINNING.replace(b'id="check"', b'id="look"').replace(b'"check"', b'"look"')


def planned(world: World, at: datetime | None) -> None:
    """A version with another first step, from a moment on."""

    def plan(uow: object) -> None:
        root = find_tenant(uow.connection, "root")  # type: ignore[attr-defined]
        publish_for(uow, root, bundle(OTHER), "", effective_at=at)  # type: ignore[arg-type]

    world.platform.run(plan, system_actor(), world.now)


@pytest.mark.parametrize(("days", "first"), [(-1, "check"), (0, "look"), (1, "look")])
def test_a_planned_version_is_taken_from_its_moment_on_and_not_before(
    make_world: Callable[..., World], days: int, first: str
) -> None:
    post = Post(make_world(BEGINNING))
    begins = post.world.now + timedelta(days=10)
    planned(post.world, begins)
    post.world.now = begins + timedelta(days=days)

    case = post.send(note="by letter")["instance"]

    assert post.world.open(case) == [first]
    (started,) = post.told(case, e.InstanceStarted)
    assert started.pins["process:review"] == f"root:review:process:review@{1 if first == 'check' else 2}"
    assert is_whole(post.world)


def test_a_version_without_a_plan_is_taken_at_once(make_world: Callable[..., World]) -> None:
    post = Post(make_world(BEGINNING))
    planned(post.world, None)

    assert post.world.open(post.send(note="by letter")["instance"]) == ["look"]
