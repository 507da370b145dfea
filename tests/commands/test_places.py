"""A case takes one of so many places in a slot; nobody overbooks, and what a case no longer needs is free again."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from engine.commands import instances
from engine.definition.lint import lint
from engine.history import events as e
from engine.runtime.interpreter import compile_definition
from engine.runtime.surroundings import ZONE
from engine.scenarios.pretended_case import PretendedCase
from engine.scenarios.pretended_world import world_of
from engine.store import tables as t
from engine.store.known import find_tenant
from engine.store.reading import facts_of
from engine.worker import run_job
from tests.commands.letters import is_whole
from tests.world import World, bundle, flow, process, user_task

MakeWorld = Callable[..., World]
NOW = datetime(2026, 9, 7, 9, tzinfo=ZONE)


def booking(capacity: str = "1", more: str = "") -> bytes:
    """A case that wants a place in the slot that its note names, and asks again when somebody sends it back."""
    return process(
        "review",
        '<startEvent id="begin"/>'
        f'<serviceTask id="take" name="take" sm:connector="reserve" sm:result="got" '
        f"sm:input='={{pool: \"hall\", slot: note, capacity: {capacity}}}'>{more}</serviceTask>"
        '<exclusiveGateway id="free" default="f4"/>'
        + user_task("check")
        + user_task("full")
        + '<exclusiveGateway id="again" default="f7"/><endEvent id="done" name="done"/>'
        + flow(1, "begin", "take")
        + flow(2, "take", "free")
        + flow(3, "free", "check", "got.reserved = true")
        + flow(4, "free", "full")
        + flow(5, "full", "take")
        + flow(6, "check", "again")
        + flow(7, "again", "done")
        + flow(8, "again", "take", 'outcome = "back"'),
    )


def begin(world: World, *slots: str) -> list[str]:
    """Cases that have asked, one after the other."""
    found = []
    for slot in slots:
        found.append(world.start(note=slot))
        world.wait()
    return found


def held(world: World) -> dict[str, tuple[str, int]]:
    """Case → slot and place."""
    with world.platform.database.read() as connection:
        rows = connection.execute(select(t.reservation))
        return {row.instance_id: (row.slot, row.place) for row in rows}


def told(world: World, case: str, kind: type[e.Event]) -> list[Any]:
    with world.platform.database.read() as connection:
        return [fact.event for fact in facts_of(connection, f"case:{case}") if isinstance(fact.event, kind)]


def test_the_last_place_is_taken_the_next_one_is_told_and_another_slot_is_free(make_world: MakeWorld) -> None:
    world = make_world(booking("2"))
    first, second, third, other = begin(world, "am", "am", "am", "pm")

    assert [world.open(case) for case in (first, second, third, other)] == [["check"], ["check"], ["full"], ["check"]]
    assert held(world) == {first: ("am", 1), second: ("am", 2), other: ("pm", 1)}
    [reserved] = told(world, second, e.PlaceReserved)
    assert (reserved.pool, reserved.slot, reserved.place, reserved.capacity) == ("hall", "am", 2, 2)
    assert told(world, third, e.PlaceReserved) == []
    assert told(world, third, e.ConnectorFinished)[0].result == {
        "got": {"reserved": False, "pool": "hall", "slot": "am", "place": None}
    }
    assert is_whole(world)


def test_with_more_places_nobody_is_told_that_it_is_full(make_world: MakeWorld) -> None:
    world = make_world(booking("3"))
    assert [world.open(case) for case in begin(world, "am", "am", "am")] == [["check"]] * 3


@pytest.mark.parametrize("how", ["completed", "cancelled"])
def test_a_case_that_ends_gives_its_place_back(make_world: MakeWorld, how: str) -> None:
    world = make_world(booking())
    first, second = begin(world, "am", "am")
    if how == "completed":
        world.complete(first, "check", outcome="forward")
    else:
        ann = world.actor("ann.east")
        world.platform.run(lambda uow: instances.cancel_instance(uow, first, "not wanted"), ann, world.now)

    assert held(world) == {}
    assert len(told(world, first, e.PlaceReleased)) == 1
    world.complete(second, "full", outcome="back", note="am")
    world.wait()
    assert held(world) == {second: ("am", 1)}
    assert is_whole(world)


def test_a_case_that_goes_on_keeps_its_place(make_world: MakeWorld) -> None:
    world = make_world(booking())
    first, second = begin(world, "am", "am")
    world.complete(second, "full", outcome="back", note="am")
    world.wait()

    assert world.open(second) == ["full"]
    assert held(world) == {first: ("am", 1)}


def test_another_place_replaces_the_former_one_and_the_same_one_is_kept(make_world: MakeWorld) -> None:
    world = make_world(booking())
    first, second = begin(world, "am", "am")
    world.complete(first, "check", outcome="back", note="am")
    world.wait()
    assert held(world) == {first: ("am", 1)}
    assert len(told(world, first, e.PlaceReserved)) == 1

    world.complete(first, "check", outcome="back", note="pm")
    world.wait()
    assert held(world) == {first: ("pm", 1)}
    world.complete(second, "full", outcome="back", note="am")
    world.wait()
    assert held(world) == {first: ("pm", 1), second: ("am", 1)}
    assert is_whole(world)


def test_who_finds_the_other_slot_full_keeps_the_place_it_has(make_world: MakeWorld) -> None:
    world = make_world(booking())
    first, second = begin(world, "am", "pm")
    world.complete(first, "check", outcome="back", note="pm")
    world.wait()

    assert world.open(first) == ["full"]
    assert held(world) == {first: ("am", 1), second: ("pm", 1)}
    assert told(world, first, e.PlaceReleased) == []


@pytest.mark.parametrize(
    ("capacity", "slot"),
    [("-1", "am"), ("1.5", "am"), ("null", "am"), ('"2"', "am"), ("1000000", "am"), ("1", "x" * 201)],
)
def test_what_is_no_wish_is_an_incident_and_takes_nothing(make_world: MakeWorld, capacity: str, slot: str) -> None:
    world = make_world(booking(capacity))
    [case] = begin(world, slot)

    assert len(world.state(case).incidents) == 1
    assert held(world) == {}
    assert is_whole(world)


def test_no_place_at_all_is_an_answer_not_an_incident(make_world: MakeWorld) -> None:
    world = make_world(booking("0"))
    [case] = begin(world, "am")
    assert world.open(case) == ["full"]
    assert world.state(case).incidents == ()


def test_two_at_once_do_not_get_the_same_last_place(make_world: MakeWorld) -> None:
    world = make_world(booking())
    cases = [world.start(note="am") for _ in range(4)]
    with world.platform.database.read() as connection:
        jobs = connection.execute(select(t.job.c.id).where(t.job.c.status == "waiting")).scalars().all()
    assert len(jobs) == len(cases)
    start, broken = threading.Barrier(len(jobs)), []

    def do(job: str) -> None:
        start.wait()
        try:
            run_job(world.platform, {}, job, world.now + timedelta(seconds=1))
        except Exception as error:
            broken.append(error)

    threads = [threading.Thread(target=do, args=(job,)) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert broken == []
    assert sorted(world.open(case)[0] for case in cases) == ["check", "full", "full", "full"]
    assert len(held(world)) == 1
    assert is_whole(world)


def test_the_rows_themselves_refuse_a_place_twice(make_world: MakeWorld) -> None:
    world = make_world(booking())
    [case] = begin(world, "am")
    with world.platform.database.read() as connection:
        row = dict(connection.execute(select(t.reservation)).mappings().one())
    with pytest.raises(IntegrityError), world.platform.database.write() as connection:
        connection.execute(t.reservation.insert(), {**row, "id": "other"})
    with world.platform.database.write() as connection:
        connection.execute(t.reservation.delete())
    assert "missing" in str(world.verdict().findings[0])
    assert case


def test_a_step_that_is_repeated_for_each_item_cannot_reserve() -> None:
    each = '<multiInstanceLoopCharacteristics sm:collection="notes" sm:element="note"/>'
    errors = [f.template for f in lint({("process", "review"): booking(more=each)}) if f.severity == "error"]
    assert any("reserve one place" in template for template in errors)
    errors = [f.template for f in lint({("process", "review"): booking()}) if f.severity == "error"]
    assert not any("reserve one place" in template for template in errors)


def test_a_pretended_case_gets_what_the_platform_gives(make_world: MakeWorld) -> None:
    world = make_world(booking())
    [case] = begin(world, "am")
    steps: list[tuple[str, Mapping[str, str]]] = [
        ("check", {"outcome": "back", "note": "pm"}),
        ("check", {"outcome": "forward"}),
    ]
    for element, answers in steps:
        world.complete(case, element, **answers)
        world.wait()

    made = bundle(booking())
    definition = compile_definition("review", made.resources)
    with world.platform.database.read() as connection:
        home = find_tenant(connection, "east")
        assert home is not None
        ground = PretendedCase(definition, world_of(connection, world.platform.known, [home.id]))
    ground.start("clerk", home, "review", {"note": "am"}, {}, NOW)
    ground.wait(NOW)
    for element, answers in steps:
        view = ground.case()
        assert view is not None
        ground.complete("", next(task for task in view.tasks if task.element == element), answers, {}, NOW)
        ground.wait(NOW)

    with world.platform.database.read() as connection:
        facts = list(facts_of(connection, f"case:{case}"))
    assert [_plain(fact.event) for fact in ground.facts] == [_plain(fact.event) for fact in facts]
    assert [type(fact.event).__name__ for fact in facts].count("PlaceReleased") == 2


def _plain(event: e.Event) -> tuple[str, object, object, object]:
    """A fact without ids."""
    return (
        type(event).__name__,
        getattr(event, "element", ""),
        getattr(event, "slot", ""),
        getattr(event, "result", ""),
    )
