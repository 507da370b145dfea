"""What is kept of a long case is what its record says now: new facts and erasures are seen, by whoever may see."""

from __future__ import annotations

from typing import Any

import pytest

from engine.commands import erasure
from engine.commands.people import add_user
from engine.errors import NotFound
from engine.history import events as e
from engine.queries.audit import Film, film
from engine.store import long_cases
from engine.store.directory import system_actor
from tests.world import World

SECRET = "王小芳甲"


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The streams that were read for a film, in order; a case of one fact is a long one here."""
    streams: list[str] = []
    facts_of = long_cases.facts_of

    def noted(connection: Any, stream: str) -> Any:
        streams.append(stream)
        return facts_of(connection, stream)

    monkeypatch.setattr(long_cases, "facts_of", noted)
    monkeypatch.setattr(long_cases, "LONG", 1)
    return streams


def film_of(world: World, case: str, who: str = "north.auditor") -> Film:
    with world.platform.database.read() as connection:
        return film(connection, world.platform.known, world.actor(who), case)


def test_a_long_case_is_read_once_while_nothing_happens_to_it(world: World, read: list[str]) -> None:
    case = world.start(note=SECRET)

    first, again = film_of(world, case), film_of(world, case)

    assert read == [f"case:{case}"]
    assert again.facts == first.facts
    assert len(first.frames) == len(first.facts) == world.state(case).seq


def test_a_short_case_is_read_each_time(world: World, read: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(long_cases, "LONG", 500)
    case = world.start(note=SECRET)

    film_of(world, case), film_of(world, case)

    assert len(read) == 2


def test_what_happened_since_is_seen(world: World, read: list[str]) -> None:
    case = world.start(note=SECRET)
    before = film_of(world, case)

    world.complete(case, "check", outcome="forward")

    after = film_of(world, case)
    assert len(after.facts) == len(after.frames) > len(before.facts)
    assert len(before.frames[-1].open_visits()) == 1  # the film that was shown stays as it was
    assert isinstance(after.facts[len(before.facts)].event, e.UserTaskCompleted)


def test_what_was_erased_is_seen_no_more(world: World, read: list[str]) -> None:
    world.platform.run(
        lambda uow: add_user(uow, "north.admin", "admin", "north", ["administrator"]), system_actor(), world.now
    )
    case = world.start(note=SECRET)
    world.complete(case, "check", outcome="forward")
    world.complete(case, "decide", who="eve.east")
    assert SECRET in repr(film_of(world, case))

    for who, act in (
        ("root.admin", lambda uow: erasure.request_erasure(uow, case, "本人要求", "个人信息保护法第47条")),
        ("north.admin", lambda uow: erasure.erase_answers(uow, case)),
    ):
        world.platform.run(act, world.actor(who), world.now)

    assert SECRET not in repr(film_of(world, case))
    assert SECRET not in repr(world.platform.known.long_cases._kept)


def test_who_may_not_see_a_case_is_not_shown_what_is_kept_of_it(world: World, read: list[str]) -> None:
    case = world.start(note=SECRET)
    film_of(world, case)

    with pytest.raises(NotFound):
        film_of(world, case, "ann.west")


def test_of_many_long_cases_the_last_ones_are_kept(world: World, read: list[str]) -> None:
    cases = [world.start(note=str(number)) for number in range(long_cases.KEPT_MAX + 1)]
    for case in cases:
        film_of(world, case)
    read.clear()

    for case in reversed(cases):
        film_of(world, case)

    assert read == [f"case:{cases[0]}"]
