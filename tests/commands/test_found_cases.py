"""What a list says of a case: who it waits for, or the time that it waits for when nobody has anything to do."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from engine.commands.instances import cancel_instance
from engine.queries.cases import Awaited, CaseRow, find_cases
from tests.world import World, flow, process, user_task

TIMER = "<timerEventDefinition><timeDuration>{}</timeDuration></timerEventDefinition>"
TIMERS = ("long", "short", "silent")
MAIN = process(
    "review",
    '<startEvent id="begin"/>'
    + user_task("ask")
    + '<parallelGateway id="split"/><endEvent id="done"/>'
    + '<intermediateCatchEvent id="long" name="term is over">' + TIMER.format("P9D") + "</intermediateCatchEvent>"
    + '<intermediateCatchEvent id="short" name="notice is over">' + TIMER.format("P5D") + "</intermediateCatchEvent>"
    + '<intermediateCatchEvent id="silent">' + TIMER.format("P1D") + "</intermediateCatchEvent>"
    + flow(1, "begin", "ask")
    + flow(2, "ask", "split")
    + "".join(flow(n, "split", one) + flow(n + 10, one, "done") for n, one in enumerate(TIMERS, 11)),
)  # fmt: skip


def found(world: World, case: str) -> CaseRow:
    with world.platform.database.read() as connection:
        rows = find_cases(connection, world.actor("bob.east")).rows
    return next(row for row in rows if row.id == case)


def test_a_case_that_waits_for_people_says_so_and_no_time(make_world: Callable[..., World]) -> None:
    world = make_world(MAIN)
    case = world.start()

    assert found(world, case).waiting == ("ask",)
    assert found(world, case).awaited is None


def test_a_case_that_waits_for_nobody_says_what_comes_first_and_when(make_world: Callable[..., World]) -> None:
    world = make_world(MAIN)
    case, other = world.start(), world.start()
    world.complete(case, "ask")

    assert found(world, case).waiting == ()
    assert found(world, case).awaited == Awaited("notice is over", world.now + timedelta(days=5))
    assert found(world, other).awaited is None


def test_a_case_that_has_ended_waits_for_nothing(make_world: Callable[..., World]) -> None:
    world = make_world(MAIN)
    case = world.start()
    world.complete(case, "ask")
    world.platform.run(lambda uow: cancel_instance(uow, case, "twice"), world.actor("root.admin"), world.now)

    assert found(world, case).status == "cancelled"
    assert found(world, case).awaited is None
