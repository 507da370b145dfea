"""The timeline of a case: parallel work one under another, repeated work side by side, what was broken off is said."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from engine.history import events as e
from engine.queries.audit import film
from tests.world import World, branches, flow, process, user_task
from web.render.timeline import Row, Timeline, timeline


class Plain:
    """Names as the diagram has them."""

    def element(self, event: e.AtElement) -> str:
        return event.element

    def lane(self, event: e.Event) -> str:
        return event.role if isinstance(event, e.UserTaskCreated) else "machine"

    def within(self, scope: str) -> str:
        return scope

    def span(self, span: timedelta) -> str:
        return f"{span.total_seconds():.0f} s"


def drawn(world: World, case: str) -> Timeline:
    with world.platform.database.read() as connection:
        told = film(connection, world.platform.known, world.actor("north.auditor"), case)
    return timeline(told.facts, world.now, Plain())


def rows(found: Timeline) -> dict[str, Row]:
    return {row.name: row for lane in found.lanes for row in lane.rows}


def overlap(one: Row, other: Row) -> bool:
    first, second = one.passages[0], other.passages[0]
    return first.left < second.left + second.width and second.left < first.left + first.width


def test_parallel_branches_lie_one_under_another(make_world: Callable[..., World]) -> None:
    world = make_world(branches(2))
    case = world.start()
    world.now += timedelta(days=1)
    world.complete(case, "branch_0", outcome="forward")
    world.now += timedelta(days=1)
    world.complete(case, "branch_1", outcome="forward")
    world.now += timedelta(days=2)

    found = rows(drawn(world, case))

    assert overlap(found["branch_0"], found["branch_1"])
    assert not overlap(found["branch_1"], found["last"])
    assert [found[name].passages[0].state for name in ("branch_0", "branch_1", "last")] == ["done", "done", "now"]


def test_a_loop_is_one_row_with_several_bars(world: World) -> None:
    case = world.start()
    for outcome in ("back", "back", "forward"):
        world.now += timedelta(days=1)
        world.complete(case, "check", outcome=outcome)

    found = drawn(world, case)

    assert [lane.name for lane in found.lanes] == ["reviewer", "leader"]
    assert len(rows(found)["check"].passages) == 3
    assert len(rows(found)["decide"].passages) == 1
    lefts = [passage.left for passage in rows(found)["check"].passages]
    assert lefts == sorted(set(lefts))


def test_at_a_moment_bars_are_still_to_come_lasting_or_over(world: World) -> None:
    case = world.start()
    world.now += timedelta(days=1)
    world.complete(case, "check", outcome="forward")
    world.now += timedelta(days=1)
    check, decide = rows(drawn(world, case))["check"], rows(drawn(world, case))["decide"]

    begun, ended = check.passages[0].begun, check.passages[0].ended
    assert ended is not None
    assert [check.passages[0].at(moment) for moment in (begun - 1, begun, ended)] == [" later", " open", ""]
    assert 'class="bar is-now later"' in decide.bars(begun)
    assert 'class="bar is-now open"' in decide.bars(99)


def test_what_was_broken_off_is_marked(world: World) -> None:
    from engine.commands.instances import cancel_instance

    case, other = world.start(), world.start()
    world.platform.run(lambda uow: cancel_instance(uow, case, "mistake"), world.actor("root.admin"), world.now)

    assert rows(drawn(world, case))["check"].passages[0].state == "cancelled"
    assert rows(drawn(world, other))["check"].passages[0].state == "now"


def test_very_many_visits_of_a_subprocess_are_one_row(make_world: Callable[..., World], monkeypatch: Any) -> None:
    inner = '<subProcess id="inner"><startEvent id="in"/>' + user_task("check") + '<endEvent id="out"/>'
    inner += flow(10, "in", "check") + flow(11, "check", "out") + "</subProcess>"
    loop = f'<startEvent id="begin"/>{inner}<exclusiveGateway id="well" default="f3"/><endEvent id="done"/>'
    loop += flow(1, "begin", "inner") + flow(2, "inner", "well") + flow(3, "well", "inner")
    world = make_world(process("review", loop + flow(4, "well", "done", 'outcome = "forward"')))
    case = world.start()
    for _ in range(3):
        world.wait(hours=1)
        world.complete(case, "check", outcome="back")

    apart = [row for lane in drawn(world, case).lanes for row in lane.rows]
    monkeypatch.setattr("web.render.timeline.VISITS_SHOWN_MAX", 3)
    (folded,) = [row for lane in drawn(world, case).lanes for row in lane.rows]

    assert [len(row.passages) for row in apart] == [1, 1, 1, 1]
    assert len({row.within for row in apart}) == 4
    assert [passage.state for passage in folded.passages] == ["done", "done", "done", "now"]
    assert "4" in folded.within
