"""Many cases are moved by one order: each by itself, with pause, stop, a reason for each that stays, and a way back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from engine.commands import migration_orders as orders
from engine.commands import tasks
from engine.commands.people import add_user, revoke_role
from engine.errors import NotFound, Rejected
from engine.history import events as e
from engine.model import Actor
from engine.queries import migration_orders as pages
from engine.queries.migrations import choose, outdated_counts, plans
from engine.runtime.migration import migrate
from engine.store import migration_orders as rows
from engine.store import tables as t
from engine.store.directory import system_actor
from engine.worker import run_order
from tests.commands.test_migrations import EXTRA, newer, row, told, whole
from tests.world import World


@pytest.fixture
def chief(world: World) -> Actor:
    """The administrator of the region."""
    world.platform.run(
        lambda uow: add_user(uow, "chief", "chief", "north", ["administrator"], None), system_actor(), world.now
    )
    return world.actor("chief")


def order(world: World, who: Actor, cases: list[str], **more: Any) -> str:
    with world.platform.database.read() as connection:
        found = choose(connection, world.platform.known, who, "review", world.now).cases
    targets = [(case.id, case.target.pins) for case in found if case.id in cases]
    mapping = more.pop("mapping", {})
    return world.platform.run(
        lambda uow: orders.order_moves(uow, "review", targets, mapping, "new rules", **more), who, world.now
    )


def run(world: World, order_id: str) -> int:
    return run_order(world.platform, order_id, lambda: world.now)


def results(world: World, who: Actor, order_id: str) -> dict[str, str]:
    with world.platform.database.read() as connection:
        pages.order(connection, who, order_id)
        return {one.instance: one.status for one in pages.results(connection, order_id, 1)}


def status(world: World, who: Actor, order_id: str) -> str:
    with world.platform.database.read() as connection:
        return pages.order(connection, who, order_id).status


def do(world: World, who: Actor, what: Callable[..., Any], *arguments: Any) -> Any:
    return world.platform.run(lambda uow: what(uow, *arguments), who, world.now)


def test_an_order_moves_what_can_go_and_says_why_the_rest_stays(world: World, chief: Actor) -> None:
    first, late, last = (world.start() for _ in "123")
    world.complete(late, "check", outcome="forward")
    newer(world, EXTRA.replace(b'"decide"', b'"rule"'))

    order_id = order(world, chief, [first, late, last])
    assert run(world, order_id) == 3

    assert results(world, chief, order_id) == {first: "moved", late: "refused", last: "moved"}
    assert status(world, chief, order_id) == "done"
    (fact,) = told(world, first, e.InstanceMigrated)
    assert (fact.batch, fact.reason) == (order_id, "new rules")
    with world.platform.database.read() as connection:
        refused = pages.results(connection, order_id, 1)[0]
    assert "decide" in refused.template % refused.params
    assert run(world, order_id) == 0
    for case in (first, late, last):
        whole(world, case)


def test_the_person_who_ordered_stands_in_the_record(world: World, chief: Actor) -> None:
    case = world.start()
    newer(world, EXTRA)
    run(world, order(world, chief, [case]))
    with world.platform.database.read() as connection:
        body = connection.execute(
            select(t.history.c.body).where(t.history.c.stream == f"case:{case}", t.history.c.type == "InstanceMigrated")
        ).scalar_one()
    assert chief.user.encode() in body


def test_who_no_longer_administers_moves_nothing(world: World, chief: Actor) -> None:
    case = world.start()
    newer(world, EXTRA)
    order_id = order(world, chief, [case])
    do(world, system_actor(), revoke_role, chief.user, "north", "administrator")
    run(world, order_id)
    assert not told(world, case, e.InstanceMigrated)


def test_a_paused_order_rests_until_it_is_continued_and_a_stopped_one_for_good(world: World, chief: Actor) -> None:
    cases = [world.start() for _ in "123"]
    newer(world, EXTRA)
    order_id = order(world, chief, cases)
    do(world, chief, orders.carry_on, order_id)
    do(world, chief, orders.pause_order, order_id)
    assert run(world, order_id) == 0
    assert list(results(world, chief, order_id).values()).count("waiting") == 2
    with pytest.raises(Rejected):
        do(world, chief, orders.pause_order, order_id)

    do(world, chief, orders.continue_order, order_id)
    do(world, chief, orders.carry_on, order_id)
    do(world, chief, orders.stop_order, order_id)

    assert run(world, order_id) == 0
    assert status(world, chief, order_id) == "stopped"
    assert list(results(world, chief, order_id).values()).count("moved") == 2
    for what in (orders.continue_order, orders.stop_order):
        with pytest.raises(Rejected):
            do(world, chief, what, order_id)


def test_an_order_is_taken_back_for_the_cases_that_have_not_gone_on(world: World, chief: Actor) -> None:
    still, gone, held = (world.start() for _ in "123")
    before = {case: row(world, t.instance, case) for case in (still, gone, held)}
    newer(world, EXTRA.replace(b'"check"', b'"look"'))
    order_id = order(world, chief, [still, gone, held], mapping={"check": "look"})
    run(world, order_id)
    world.complete(gone, "look", outcome="forward")
    task = world.task(held, "look")
    world.platform.run(lambda uow: tasks.claim_task(uow, task), world.actor("bob.east"), world.now)

    back = do(world, chief, orders.undo_order, order_id, "too early")
    run(world, back)

    assert results(world, chief, back) == {still: "moved", gone: "refused", held: "moved"}
    for case in (still, held):
        after = row(world, t.instance, case)
        assert (after.pins, after.state) == (before[case].pins, before[case].state)
        assert world.open(case) == ["check"]
        assert told(world, case, e.InstanceMigrated)[-1].undoes
    assert world.open(gone) == ["recheck"]
    for case in (still, gone, held):
        whole(world, case)


def test_two_steps_that_became_one_are_not_taken_apart(world: World, chief: Actor) -> None:
    case = world.start()
    newer(world, EXTRA.replace(b'"check"', b'"look"').replace(b'"recheck"', b'"more"'))
    order_id = order(world, chief, [case], mapping={"check": "decide"})
    run(world, order_id)
    assert world.open(case) == ["decide"]

    back = do(world, chief, orders.undo_order, order_id, "wrong")
    run(world, back)

    assert results(world, chief, back) == {case: "refused"}


def test_an_order_under_way_or_without_a_moved_case_is_not_taken_back(world: World, chief: Actor) -> None:
    case = world.start()
    newer(world, EXTRA.replace(b'"check"', b'"look"'))
    order_id = order(world, chief, [case])
    with pytest.raises(Rejected, match="under way"):
        do(world, chief, orders.undo_order, order_id, "x")
    run(world, order_id)
    with pytest.raises(Rejected, match="moved none"):
        do(world, chief, orders.undo_order, order_id, "x")


def test_strangers_find_no_order(world: World, chief: Actor) -> None:
    case = world.start()
    newer(world, EXTRA)
    order_id = order(world, chief, [case])
    world.platform.run(
        lambda uow: add_user(uow, "adm.west", "west", "west", ["administrator"], None), system_actor(), world.now
    )
    stranger = world.actor("adm.west")
    for what in (orders.pause_order, orders.continue_order, orders.stop_order):
        with pytest.raises(NotFound):
            do(world, stranger, what, order_id)
        with pytest.raises(NotFound):
            do(world, chief, what, "no-such")
    with pytest.raises(NotFound):
        do(world, stranger, orders.undo_order, order_id, "x")
    with world.platform.database.read() as connection, pytest.raises(NotFound):
        pages.order(connection, stranger, order_id)
    with world.platform.database.read() as connection:
        assert pages.orders(connection, stranger, "review") == ()
        assert choose(connection, world.platform.known, stranger, "review", world.now).cases == ()
        assert [one.id for one in pages.orders(connection, chief, "review")] == [order_id]


def test_a_program_that_fails_at_one_case_leaves_the_others_their_turn(
    world: World, chief: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad, good = world.start(), world.start()
    newer(world, EXTRA)
    order_id = order(world, chief, [bad, good])

    def breaks(old: Any, new: Any, state: bytes, around: Any, fact: Any) -> Any:
        if around.instance_id == bad:
            raise KeyError("a mistake of ours")
        return migrate(old, new, state, around, fact)

    monkeypatch.setattr("engine.commands.migrations.migrate", breaks)
    run(world, order_id)

    assert results(world, chief, order_id) == {bad: "refused", good: "moved"}
    whole(world, bad)
    whole(world, good)


def test_a_long_order_hands_itself_on_to_the_queue(world: World, chief: Actor) -> None:
    cases = [world.start() for _ in "123"]
    newer(world, EXTRA)
    order_id = order(world, chief, cases)
    asked = []
    world.platform.queue.enqueue = lambda connection, job, due: asked.append(job)  # type: ignore[method-assign]

    assert run_order(world.platform, order_id, lambda: world.now, seconds=0) == 1

    assert [rows.order_of(job) for job in asked] == [order_id]
    assert asked != [rows.job_of(order_id, 1)]
    assert rows.order_of("1234.5") is None
    with world.platform.database.read() as connection:
        assert rows.untouched_orders(connection, world.now) == []
        assert rows.untouched_orders(connection, world.now.replace(year=2030)) == [order_id]


def test_cases_are_chosen_by_version_unit_and_step_and_planned_before(world: World, chief: Actor) -> None:
    east, west, late = world.start(), world.start("ann.west"), world.start()
    world.complete(late, "check", outcome="forward")
    with world.platform.database.read() as connection:
        assert outdated_counts(connection, chief, world.now) == {}
    newer(world, EXTRA.replace(b'"decide"', b'"rule"'))
    fresh = world.start()

    def chosen(**by: Any) -> Any:
        with world.platform.database.read() as connection:
            return choose(connection, world.platform.known, chief, "review", world.now, **by)

    everything = chosen()
    assert {case.id for case in everything.cases} == {east, west, late}
    assert {(one.key, one.count) for one in everything.places} == {("check", 2), ("decide", 1)}
    assert [one.label for one in everything.versions] == ["review 1"]
    assert fresh not in {case.id for case in everything.cases}
    assert {case.id for case in chosen(element="decide").cases} == {late}
    assert {case.id for case in chosen(unit=world.actor("ann.west").tenant).cases} == {west}
    assert {case.id for case in chosen(version=everything.versions[0].key).cases} == {east, west, late}
    assert chosen(version="nonsense").cases == ()
    with world.platform.database.read() as connection:
        assert outdated_counts(connection, chief, world.now) == {"review": 3}
        found = plans(connection, world.platform.known, chief, everything.cases, {}, world.now)
        mapped = plans(connection, world.platform.known, chief, everything.cases, {"decide": "rule"}, world.now)
    assert {one.case.id: bool(one.blockers) for one in found} == {east: False, west: False, late: True}
    assert not any(one.blockers for one in mapped)
