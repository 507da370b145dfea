"""What is sent to a unit that became part of another reaches the heir, or says clearly why it cannot."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from engine.commands.correlation import broadcast_signal, correlate_message, discard_message
from engine.errors import NotFound, Rejected
from engine.history import events as e
from engine.queries.undelivered import count_undelivered, undelivered
from engine.store.directory import system_actor
from engine.store.known import find_tenant
from tests.commands.letters import ALARM, Post, is_whole, waiting
from tests.commands.test_correlation import BEGINNING
from tests.commands.unit_changes import change
from tests.world import World


def send(world: World, unit: str, key: str = "k", id: str = "1", signal: str = "") -> dict[str, Any]:
    """From outside, addressed to a unit by its id, as the command line and an interface do."""
    with world.platform.database.read() as connection:
        sender = system_actor(find_tenant(connection, unit))
    if signal:
        return world.platform.run(lambda uow: broadcast_signal(uow, signal, {}, id), sender, world.now)
    return world.platform.run(lambda uow: correlate_message(uow, "letter", [key], {}, id), sender, world.now)


def kept(world: World, login: str) -> list[str]:
    with world.platform.database.read() as connection:
        actor = world.actor(login)
        assert count_undelivered(connection, actor) == len(undelivered(connection, actor))
        return [one.id for one in undelivered(connection, actor)]


@pytest.mark.parametrize("owner", ["ann.east", "ann.west"])
def test_a_message_to_a_merged_unit_reaches_the_case_at_the_heir(make_world: Callable[..., World], owner: str) -> None:
    world = make_world(waiting())
    case = world.start(owner, note="k")
    change(world, "merge", "east", heir="west")

    sent = send(world, "east")

    assert (sent["status"], sent["instance"]) == ("delivered", case)
    assert world.open(case) == ["check"]
    assert is_whole(world)


def test_without_the_merge_another_unit_s_case_is_not_reached(make_world: Callable[..., World]) -> None:
    world = make_world(waiting())
    case = world.start("ann.west", note="k")

    assert send(world, "east")["status"] == "waiting"
    assert world.open(case) == []


def test_the_same_message_again_after_the_merge_is_the_same_message(make_world: Callable[..., World]) -> None:
    world = make_world(waiting())
    case = world.start("ann.east", note="k")
    first = send(world, "east")
    change(world, "merge", "east", heir="west")

    assert send(world, "east") == first
    assert len(Post(world).told(case, e.MessageReceived)) == 1


def test_a_case_that_a_message_begins_begins_at_the_heir(make_world: Callable[..., World]) -> None:
    world = make_world(BEGINNING)
    change(world, "merge", "east", heir="west")

    case = send(world, "east")["instance"]

    (started,) = Post(world).told(case, e.InstanceStarted)
    assert started.tenant == "west"
    assert is_whole(world)


def test_an_alarm_to_a_merged_unit_is_heard_at_the_heir(make_world: Callable[..., World]) -> None:
    world = make_world(ALARM)
    world.start("ann.west", note="x")
    change(world, "merge", "east", heir="west")

    assert send(world, "east", signal="alarm")["cases"] == 1


def test_a_message_to_a_unit_that_was_closed_is_refused_and_says_so(make_world: Callable[..., World]) -> None:
    world = make_world(waiting())
    world.start("ann.west", note="k")
    change(world, "close", "east")

    for signal in ("", "alarm"):
        with pytest.raises(Rejected, match="is closed, and no unit took its place"):
            send(world, "east", signal=signal)
    assert Post(world).rows("message", "signal") == []


def test_what_was_kept_for_a_unit_before_it_was_merged_is_the_heir_s_to_settle(
    make_world: Callable[..., World],
) -> None:
    world = make_world(waiting())
    sent = send(world, "east", key="later")["message"]
    boss = ("west.admin", "west", "west", ["administrator"])
    from engine.commands.people import add_user

    world.platform.run(lambda uow: add_user(uow, *boss), system_actor(), world.now)
    assert kept(world, "west.admin") == []
    discard = lambda uow: discard_message(uow, sent, "not needed")
    with pytest.raises(NotFound):
        world.platform.run(discard, world.actor("west.admin"), world.now)

    change(world, "merge", "east", heir="west")

    assert kept(world, "west.admin") == [sent]
    case = world.start("ann.west", note="later")
    assert world.open(case) == ["check"], "and it is delivered as soon as a case of the heir waits for it"
    assert kept(world, "west.admin") == []
    assert is_whole(world)
