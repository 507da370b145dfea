"""A sample can be drawn again by anybody: same seed, same population, same cases; a changed population shows."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import Rejected
from engine.queries.sampling import Candidate, allot, draw, sample
from engine.queries.traces import Wanted
from tests.world import World

AT = datetime(2026, 3, 2, tzinfo=UTC)


def population(*sizes: int) -> list[Candidate]:
    return [
        Candidate(f"c{unit}-{n}", f"N{n}", "", f"u{unit}", f"unit {unit}", AT)
        for unit, size in enumerate(sizes)
        for n in range(size)
    ]


def test_the_same_seed_draws_the_same_whatever_the_order() -> None:
    cases = population(20, 10)

    assert sample(cases, "7f3a", 6).drawn == sample(cases[::-1], "7f3a", 6).drawn
    assert sample(cases, "7f3a", 6).drawn != sample(cases, "7f3b", 6).drawn


def test_the_rule_on_the_page_is_enough_to_draw_again() -> None:
    cases = population(20, 10)
    found = sample(cases, "würfel", 6)

    by_hand = []
    for unit, share in (("u0", 4), ("u1", 2)):
        ids = [case.id for case in cases if case.stratum == unit]
        by_hand += sorted(ids, key=lambda id_: hashlib.sha256("würfel".encode() + b"\0" + id_.encode()).digest())[
            :share
        ]
    assert [case.id for case in found.drawn] == by_hand
    frozen = "".join(sorted(case.id + "\n" for case in cases))
    assert found.digest == hashlib.sha256(frozen.encode()).hexdigest()


def test_a_case_taken_away_from_the_population_shows_in_its_digest() -> None:
    cases = population(20)

    assert sample(cases, "s", 3).digest != sample(cases[1:], "s", 3).digest
    assert sample(cases, "s", 3).population == 20


@given(st.dictionaries(st.text(min_size=1, max_size=3), st.integers(1, 60), max_size=8), st.integers(1, 100))
def test_shares_add_up_and_nobody_gives_more_than_they_have(sizes: dict[str, int], wanted: int) -> None:
    shares = allot(sizes, wanted)

    assert sum(shares.values()) == min(wanted, sum(sizes.values()))
    assert all(0 <= shares[key] <= sizes[key] for key in sizes)
    if wanted >= len(sizes):
        assert all(shares[key] > 0 for key in sizes)


@pytest.mark.parametrize(("seed", "size"), [("", 3), ("x" * 81, 3), ("s", 0), ("s", 501)])
def test_a_bad_seed_or_size_is_refused(world: World, seed: str, size: int) -> None:
    with world.platform.database.read() as connection, pytest.raises(Rejected):
        draw(connection, world.actor("north.auditor"), Wanted(), seed, size)


def test_only_cases_that_the_auditor_may_see_are_in_the_population(world: World) -> None:
    world.start("ann.east")
    world.start("ann.west")

    with world.platform.database.read() as connection:
        assert draw(connection, world.actor("north.auditor"), Wanted(), "s", 5).population == 2
        assert draw(connection, world.actor("ann.west"), Wanted(), "s", 5).population == 1
