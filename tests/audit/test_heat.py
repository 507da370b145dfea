"""Where cases go and where they wait: counts and medians per element, from facts without personal values."""

from __future__ import annotations

from datetime import timedelta

from engine.queries.heat import Heat, heat
from engine.queries.traces import Wanted
from tests.world import World


def seen(world: World, login: str = "north.auditor", **wanted: str) -> Heat:
    with world.platform.database.read() as connection:
        return heat(connection, world.actor(login), Wanted(**wanted))


def test_every_element_is_counted_by_visits_and_cases(world: World) -> None:
    first = world.start()
    world.complete(first, "check", outcome="back")
    world.complete(first, "check", outcome="forward")
    world.start()

    found = seen(world)
    check, well = found.spots["review", "check"], found.spots["review", "well"]

    assert found.cases == 2
    assert (check.visits, check.cases, check.open) == (3, 2, 1)
    assert (well.visits, well.cases, well.open, well.typical) == (2, 1, 0, None)
    assert ("review", "done") not in found.spots
    assert found.flows["review", "f3"] == 1
    assert ("review", "f5") not in found.flows


def test_the_longest_wait_is_the_hottest(world: World) -> None:
    case = world.start()
    world.now += timedelta(hours=6)
    world.complete(case, "check", outcome="forward")
    world.now += timedelta(days=10)
    world.complete(case, "decide", outcome="forward")

    found = seen(world)

    assert found.spots["review", "check"].typical == timedelta(hours=6)
    assert found.spots["review", "decide"].typical == timedelta(days=10)
    assert (found.spots["review", "check"].level, found.spots["review", "decide"].level) == (1, 4)
    assert found.spots["review", "well"].level == 0


def test_what_one_may_not_see_is_not_counted(world: World) -> None:
    world.start("ann.east")
    world.start("ann.west")

    assert seen(world).cases == 2
    assert seen(world, "ann.east").cases == 1
    assert seen(world, state="completed") == Heat()
