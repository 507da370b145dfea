"""A deputy begins cases, and one with several principals chooses for whom they act; what the record says then."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from engine.commands import tasks
from engine.commands.instances import start_instance
from engine.errors import Conflict, NotFound, Rejected
from engine.queries.catalogue import startable
from engine.queries.reexecution import re_execute
from tests.commands.deputies import acting, complete, end, facts, furnish, lend
from tests.world import World, raw_answers


@pytest.fixture
def office(make_world: Callable[..., World]) -> World:
    """An office, and ``pam`` one unit above it."""
    return furnish(make_world)


def start(world: World, login: str, shown_for: str = "") -> str:
    """Somebody opens a case, as a page of theirs said for whom."""
    actor = acting(world, login)
    command = lambda uow: start_instance(uow, "review", raw_answers({"note": "x"}), {}, shown_for=shown_for)
    return str(world.platform.run(command, actor, world.now)["instance"])


def offers(world: World, login: str) -> dict[str, str]:
    """For whom somebody may open a case: the field of the page → the name."""
    with world.platform.database.read() as connection:
        return {one.actor.shown_for: one.principal for one in startable(connection, acting(world, login), world.now)}


def test_a_deputy_opens_a_case_at_the_principal_s_unit_with_both_names(office: World) -> None:
    assert offers(office, "pam.north") == {}
    lend(office, "ann.east", "pam.north", roles=["clerk"])
    ann, pam = office.actor("ann.east"), office.actor("pam.north")
    (shown_for,) = offers(office, "pam.north")

    case = start(office, "pam.north", shown_for)

    first = facts(office, f"case:{case}")[0]
    assert (first.actor, first.on_behalf_of, first.tenant) == (pam.user, ann.user, "east")
    assert first.event.tenant == "east"  # type: ignore[attr-defined]
    assert office.open(case) == ["check"]
    assert office.verdict().findings == ()
    with office.platform.database.read() as connection:
        assert re_execute(connection, office.platform.known, case).difference is None


def test_without_a_delegation_nobody_opens_a_case_for_somebody(office: World) -> None:
    ann = office.actor("ann.east")

    for shown_for in (f"{ann.user}@east", "nobody@nowhere", "@"):
        with pytest.raises(Conflict, match="has ended"):
            start(office, "pam.north", shown_for)
    with pytest.raises((NotFound, Rejected)):
        start(office, "pam.north")


def test_a_role_that_opens_no_case_opens_none_for_a_deputy(office: World) -> None:
    lend(office, "bob.east", "pam.north")
    bob = office.actor("bob.east")

    assert offers(office, "pam.north") == {}
    with pytest.raises(Rejected, match="may open such a case"):
        start(office, "pam.north", f"{bob.user}@east")


@pytest.mark.parametrize("how", ["early", "time"])
def test_a_start_page_left_open_until_the_delegation_ended_is_refused_and_says_so(office: World, how: str) -> None:
    given = lend(office, "ann.east", "pam.north", roles=["clerk"])
    (shown_for,) = offers(office, "pam.north")
    pam = acting(office, "pam.north")
    if how == "early":
        end(office, given, "ann.east")
    else:
        office.now += timedelta(days=7)

    command = lambda uow: start_instance(uow, "review", raw_answers({"note": "x"}), {}, shown_for=shown_for)
    with pytest.raises(Conflict, match="has ended"):
        office.platform.run(command, pam, office.now)


def test_a_draft_that_was_begun_as_a_deputy_stays_for_whom_it_was_begun(office: World) -> None:
    """The delegation ends in between: the deputy is refused, the principal finds what was typed."""
    case = office.start()
    given = lend(office, "bob.east", "pam.north")
    task = office.task(case, "check")
    pam = acting(office, "pam.north")
    keep = lambda uow: tasks.save_draft(uow, task, {"outcome": ["forward"]})
    office.platform.run(keep, pam, office.now)
    end(office, given, "bob.east")
    before = office.state(case).seq

    for command in (keep, lambda uow: tasks.complete_task(uow, task, {"outcome": ["forward"]}, {})):
        with pytest.raises(Conflict, match="has ended"):
            office.platform.run(command, pam, office.now)

    assert office.state(case).seq == before
    with office.platform.database.read() as connection:
        (row,) = connection.exec_driver_sql(f"select draft from user_task where id = '{task}'")
    assert "forward" in str(row.draft)
    complete(office, case, "check", acting(office, "bob.east"))
    assert all(not fact.on_behalf_of for fact in facts(office, f"case:{case}"))


# ------------------------------------------------------------------ several principals


@pytest.fixture
def two(office: World) -> World:
    """``pam`` stands in for two reviewers of one unit."""
    lend(office, "bob.east", "pam.north")
    lend(office, "eve.east", "pam.north")
    return office


@pytest.mark.parametrize("principal", ["bob.east", "eve.east"])
def test_a_deputy_of_two_acts_for_the_one_that_was_chosen(two: World, principal: str) -> None:
    case, chosen = two.start(), two.actor(principal)

    complete(two, case, "check", acting(two, "pam.north"), shown_for=chosen.user)

    done = next(fact for fact in facts(two, f"case:{case}") if type(fact.event).__name__ == "UserTaskCompleted")
    assert done.on_behalf_of == chosen.user


def test_nobody_is_acted_for_who_was_not_lent_by(two: World) -> None:
    case, pam = two.start(), acting(two, "pam.north")

    for other in ("", two.actor("ann.east").user, "u-nobody"):
        with pytest.raises(Conflict, match="for whom"):
            complete(two, case, "check", pam, shown_for=other)
    assert two.open(case) == ["check"]


def test_who_was_chosen_and_is_barred_by_a_duty_bars_only_that_name(two: World) -> None:
    """bob checked himself: whoever stands in for him may not decide in his name, but may in eve's."""
    case = two.start()
    complete(two, case, "check", two.actor("bob.east"))
    pam, bob, eve = acting(two, "pam.north"), two.actor("bob.east"), two.actor("eve.east")

    with pytest.raises(Rejected, match="two people"):
        complete(two, case, "decide", pam, shown_for=bob.user)
    complete(two, case, "decide", pam, shown_for=eve.user)

    done = [fact for fact in facts(two, f"case:{case}") if type(fact.event).__name__ == "UserTaskCompleted"]
    assert done[-1].on_behalf_of == eve.user


def test_what_is_taken_on_for_one_is_done_for_that_one(two: World) -> None:
    case, eve = two.start(), two.actor("eve.east")
    task = two.task(case, "check")
    two.platform.run(lambda uow: tasks.claim_task(uow, task, eve.user), acting(two, "pam.north"), two.now)

    with pytest.raises(Conflict, match="for whom"):
        complete(two, case, "check", acting(two, "pam.north"), shown_for=two.actor("bob.east").user)
    complete(two, case, "check", acting(two, "pam.north"), shown_for=eve.user)
