"""Notes of looks are sealed once, in order, with their own time and person, by any number of workers."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from sqlalchemy import select

from engine.commands import reading
from engine.history.events import CasesSearched, CaseViewed
from engine.store import tables as t
from engine.store.access_notes import is_noted
from engine.store.directory import system_actor
from engine.store.reading import facts_of
from tests.world import World


def look(world: World, page: str, key: str | None = None, who: str = "ann.east") -> None:
    seen = CaseViewed("c1", "T-1", page)
    world.platform.run(lambda uow: reading.note_look(uow, seen, key), world.actor(who), world.now)


def seal(world: World) -> int:
    return world.platform.run(reading.seal_notes, system_actor(), world.now)


def sealed(world: World) -> list[tuple[str, object]]:
    with world.platform.database.read() as connection:
        people = dict(connection.execute(select(t.user.c.id, t.user.c.login)).all())
        return [(people[fact.actor], fact.at) for fact in facts_of(connection, "reading")]


def test_notes_become_facts_with_their_own_time_and_person(world: World) -> None:
    first = world.now
    look(world, "case")
    world.now += timedelta(minutes=5)
    look(world, "task", who="bob.east")
    world.now += timedelta(minutes=5)

    assert seal(world) == 2
    assert sealed(world) == [("ann.east", first), ("bob.east", first + timedelta(minutes=5))]
    assert seal(world) == 0
    assert world.verdict().findings == ()


def test_the_same_look_under_the_same_key_counts_once_and_without_a_key_each_time(world: World) -> None:
    for _ in range(2):
        look(world, "case", "today")
        look(world, "file")
    with world.platform.database.read() as connection:
        assert is_noted(connection, "today")
        assert not is_noted(connection, "tomorrow")

    assert seal(world) == 3
    look(world, "case", "today")
    assert seal(world) == 0


def test_several_workers_seal_each_note_once(world: World) -> None:
    searched = CasesSearched("desk", 0)
    for _ in range(40):
        world.platform.run(lambda uow: reading.note_look(uow, searched), world.actor("ann.east"), world.now)

    with ThreadPoolExecutor(4) as pool:
        counts = list(pool.map(lambda _: seal(world), range(4)))

    assert sum(counts) == 40
    assert len(sealed(world)) == 40
    assert world.verdict().findings == ()
