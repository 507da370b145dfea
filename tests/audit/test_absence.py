"""Where a case has not been: what leads there, how far it came, and whether it still can; and what waits at a join."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from engine.queries.absence import Absence, absence
from engine.queries.audit import film
from engine.queries.explain import Explainer
from tests.world import World, branches, flow, process, user_task

NESTED = process(
    "review",
    '<startEvent id="begin"/><subProcess id="box" name="box"><startEvent id="inner"/>'
    + user_task("deep")
    + '<endEvent id="out"/>'
    + flow(11, "inner", "deep")
    + flow(12, "deep", "out")
    + '<subProcess id="handler" triggeredByEvent="true"><startEvent id="told"><messageEventDefinition id="m1" '
    + 'messageRef="stop"/></startEvent><endEvent id="heard"/>'
    + flow(13, "told", "heard")
    + "</subProcess></subProcess>"
    + '<boundaryEvent id="late" attachedToRef="box"><timerEventDefinition id="t1"><timeDuration>P30D</timeDuration>'
    + '</timerEventDefinition></boundaryEvent><endEvent id="too_late"/>'
    + user_task("check")
    + '<endEvent id="done"/>'
    + flow(1, "begin", "check")
    + flow(2, "check", "box")
    + flow(3, "box", "done")
    + flow(4, "late", "too_late"),
    '<message id="stop" name="stop" sm:roles="clerk"/>',
)


def missing(world: World, case: str, element: str) -> Absence:
    with world.platform.database.read() as connection:
        told = film(connection, world.platform.known, world.actor("north.auditor"), case)
        found = absence(Explainer(connection, told), element)
    assert found is not None
    return found


def test_a_join_waits_for_the_branches_that_have_not_come(make_world: Callable[..., World]) -> None:
    world = make_world(branches(3))
    case = world.start()
    assert not missing(world, case, "join").is_waiting
    world.complete(case, "branch_1")

    found = missing(world, case, "join")

    assert found.is_waiting
    assert found.ahead
    assert {one.source.id: (one.times, one.is_open, one.waiting) for one in found.arrivals} == {
        "branch_0": (0, True, 0),
        "branch_1": (1, False, 1),
        "branch_2": (0, True, 0),
    }
    for branch in ("branch_0", "branch_2"):
        world.complete(case, branch)
    found = missing(world, case, "join")
    assert not found.is_waiting
    assert [one.waiting for one in found.arrivals] == [0, 0, 0]


def test_what_is_inside_of_what_was_never_entered_says_so(make_world: Callable[..., World]) -> None:
    world = make_world(NESTED)
    case = world.start()

    for element in ("deep", "told", "heard"):
        found = missing(world, case, element)
        assert [one.id for one in found.not_entered] == ["box"], element
        assert found.ahead, element
    world.complete(case, "check")
    assert missing(world, case, "out").not_entered == ()
    assert [one.id for one in missing(world, case, "heard").not_entered] == ["handler"]


def test_an_event_at_an_activity_tells_whether_the_case_was_there(make_world: Callable[..., World]) -> None:
    world = make_world(NESTED)
    case = world.start()
    before = missing(world, case, "too_late")
    assert [(one.source.id, one.times) for one in before.arrivals] == [("late", 0)]
    late = missing(world, case, "late")
    assert (late.host.id if late.host else "", late.host_times, late.ahead) == ("box", 0, True)
    world.complete(case, "check")
    world.complete(case, "deep")

    assert missing(world, case, "too_late").ahead is None
    assert missing(world, case, "too_late").arrivals[0].broken_off == 1


def test_a_way_that_was_left_for_another_cannot_come_any_more(world: World) -> None:
    case = world.start()
    assert missing(world, case, "decide").ahead
    world.complete(case, "check", outcome="back")
    found = missing(world, case, "decide")
    (arrival,) = found.arrivals
    assert arrival.way is not None
    assert (arrival.way.holds, arrival.way.taken, dict(arrival.way.reads)) == (False, False, {"outcome": "back"})
    assert found.ahead, "the case went round and can come again"
    world.complete(case, "check", outcome="forward")

    assert missing(world, case, "done").ahead
    assert not missing(world, case, "check").ahead
    world.complete(case, "decide")
    assert missing(world, case, "check").ahead is None


def test_there_is_nothing_to_say_of_what_is_no_element(world: World) -> None:
    case = world.start()
    with world.platform.database.read() as connection:
        told = film(connection, world.platform.known, world.actor("north.auditor"), case)
        assert absence(Explainer(connection, told), "nothing") is None
        with pytest.raises(AssertionError):
            missing(world, case, "nothing")
