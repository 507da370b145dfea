"""A sample can be drawn again by anybody: same seed, same population, same cases; a changed population shows."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import Rejected
from engine.queries.sampling import AMONG, HALF, STANDING_OUT, Candidate, allot, draw, sample
from engine.queries.traces import Wanted
from tests.audit.test_oversight import RULES, rule
from tests.world import REVIEW, World

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
        draw(connection, world.actor("north.auditor"), Wanted(), seed, size, world.now)


def test_only_cases_that_the_auditor_may_see_are_in_the_population(world: World) -> None:
    world.start("ann.east")
    world.start("ann.west")

    with world.platform.database.read() as connection:
        assert draw(connection, world.actor("north.auditor"), Wanted(), "s", 5, world.now).population == 2
        assert draw(connection, world.actor("ann.west"), Wanted(), "s", 5, world.now).population == 1


def flagged(cases: list[Candidate], *ids: str) -> list[Candidate]:
    series = rule("series", element="assess", least=3)
    return [replace(case, rules=(series,)) if case.id in ids else case for case in cases]


def test_only_cases_that_stand_out_are_drawn_and_frozen_where_one_asks_for_them() -> None:
    marked = ("c0-3", "c0-5", "c1-1")
    cases = flagged(population(20, 10), *marked)

    found = sample(cases, "7f3a", 2, STANDING_OUT)

    assert found.population == 3
    assert {case.id for case in found.drawn} < set(marked)
    assert found.digest == hashlib.sha256("".join(f"{id_}\n" for id_ in sorted(marked)).encode()).hexdigest()
    assert found.drawn == sample(cases[::-1], "7f3a", 2, STANDING_OUT).drawn
    assert sample(population(20, 10), "7f3a", 2, STANDING_OUT).drawn == ()


def test_half_is_drawn_from_cases_that_stand_out_and_the_rest_from_the_others() -> None:
    cases = flagged(population(20, 10), "c0-3", "c0-5", "c0-7", "c1-1")

    found = sample(cases, "7f3a", 5, HALF)

    assert [bool(case.rules) for case in found.drawn] == [True] * 3 + [False] * 2
    assert found.population == 30
    assert [(one.stands_out, one.population) for one in found.strata] == [(True, 3), (True, 1), (False, 17), (False, 9)]
    assert found.digest != sample(population(20, 10), "7f3a", 5, HALF).digest, "who stands out is frozen, too"
    assert sample(cases, "7f3a", 5).digest == sample(population(20, 10), "7f3a", 5).digest


@pytest.mark.parametrize(("standing", "others", "wanted"), [(1, 9, 6), (9, 1, 6), (0, 9, 6), (9, 0, 6), (2, 2, 6)])
def test_where_one_half_is_short_the_other_fills_up(standing: int, others: int, wanted: int) -> None:
    cases = population(standing + others)
    cases = flagged(cases, *(case.id for case in cases[:standing]))

    assert len(sample(cases, "s", wanted, HALF).drawn) == min(wanted, standing + others)


def test_what_stands_out_is_found_by_the_rules_as_they_and_the_cases_stood_then(world: World) -> None:
    world.publish(REVIEW, oversight__review=RULES)
    first = [world.start("ann.east"), world.start("ann.east")]
    world.start("ann.west")
    then = world.now
    world.now += timedelta(days=1)
    auditor = world.actor("north.auditor")

    def drawn(at: datetime, login: str = "north.auditor") -> set[str]:
        with world.platform.database.read() as connection:
            wanted = Wanted(as_of=at)
            found = draw(connection, world.actor(login), wanted, "s", 9, at, STANDING_OUT)
        return {case.id for case in found.drawn}

    before = drawn(then)
    later = world.start("ann.east")

    assert {*first, later} <= drawn(world.now)
    assert drawn(then) == before >= set(first)
    assert later not in drawn(then)
    assert drawn(world.now, "ann.west") == set(), "one case alone does not stand out"
    with world.platform.database.read() as connection, pytest.raises(Rejected, match="stand out"):
        draw(connection, auditor, Wanted(), "s", 9, world.now, "lucky")
    assert len(AMONG) == 3
