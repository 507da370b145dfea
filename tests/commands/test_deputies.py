"""What a deputy does: with both names, within days, roles and unit of what was lent, bound by the duties of both."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from engine.commands import people, tasks
from engine.errors import Conflict, NotFound, Rejected
from engine.queries.reexecution import re_execute
from engine.runtime.surroundings import ZONE
from engine.store.database import watch_statements
from tests.commands.deputies import acting, complete, end, facts, furnish, hold, lend, listed
from tests.world import World

STATEMENTS_MAX = 9


@pytest.fixture
def office(make_world: Callable[..., World]) -> World:
    """An office, and ``pam`` one unit above it."""
    return furnish(make_world)


def test_what_a_deputy_does_is_recorded_with_both_names(office: World) -> None:
    case = office.start()
    lend(office, "bob.east", "pam.north")
    bob, pam = office.actor("bob.east"), acting(office, "pam.north")

    complete(office, case, "check", pam)

    done = next(fact for fact in facts(office, f"case:{case}") if type(fact.event).__name__ == "UserTaskCompleted")
    assert (done.actor, done.on_behalf_of, done.tenant) == (pam.user, bob.user, "east")
    assert done.persons == (pam.user, bob.user)
    assert office.verdict().findings == ()
    with office.platform.database.read() as connection:
        assert re_execute(connection, office.platform.known, case).difference is None


def test_what_somebody_does_in_their_own_name_is_recorded_as_ever(office: World) -> None:
    case = office.start()
    lend(office, "bob.east", "pam.north")

    complete(office, case, "check", acting(office, "bob.east"))

    with office.platform.database.read() as connection:
        bodies = list(connection.exec_driver_sql(f"select body from history where stream = 'case:{case}'").scalars())
    assert all(b"on_behalf_of" not in bytes(body) for body in bodies)
    assert all(not fact.on_behalf_of for fact in facts(office, f"case:{case}"))


def test_without_a_delegation_the_unit_above_does_nobodys_work(office: World) -> None:
    case = office.start()

    with pytest.raises(NotFound):
        complete(office, case, "check", acting(office, "pam.north"))

    assert office.open(case) == ["check"]


@pytest.mark.parametrize(("first", "last", "holds"), [(0, 0, True), (1, 3, False), (0, 5, True)])
def test_a_delegation_holds_from_the_morning_of_its_first_day_to_the_evening_of_its_last(
    office: World, first: int, last: int, holds: bool
) -> None:
    today = office.now.astimezone(ZONE).date()
    lend(office, "bob.east", "pam.north", begins=today + timedelta(days=first), ends=today + timedelta(days=last))

    assert bool(acting(office, "pam.north").mandates) is holds

    office.now = office.now.astimezone(ZONE).replace(hour=0, minute=0) + timedelta(days=last + 1) - timedelta(seconds=1)
    assert acting(office, "pam.north").mandates  # one second before midnight
    office.now += timedelta(seconds=1)
    assert not acting(office, "pam.north").mandates


def test_a_page_that_was_open_when_the_last_day_ended_is_refused_and_says_so(office: World) -> None:
    case = office.start()
    lend(office, "bob.east", "pam.north")
    pam, before = acting(office, "pam.north"), office.state(case).seq
    office.now += timedelta(days=7)

    with pytest.raises(Conflict, match="stand in for bob, but that has ended"):
        complete(office, case, "check", pam)

    assert office.state(case).seq == before


@pytest.mark.parametrize("how", ["early", "disabled", "revoked", "role", "deputy"])
def test_whatever_ends_it_ends_it_at_once_also_on_an_open_page(office: World, how: str) -> None:
    case = office.start()
    given = lend(office, "bob.east", "pam.north")
    pam, before = acting(office, "pam.north"), office.state(case).seq
    bob, admin = office.actor("bob.east"), office.actor("root.admin")
    ways: dict[str, Callable[..., Any]] = {
        "disabled": lambda uow: people.disable_user(uow, bob.user),
        "revoked": lambda uow: people.revoke_role(uow, bob.user, "east", "reviewer"),
        "role": lambda uow: people.revoke_role(uow, bob.user, "east", "leader"),
    }
    if how in ways:
        office.platform.run(ways[how], admin, office.now)
    else:
        end(office, given, {"early": "bob.east", "deputy": "pam.north"}[how])

    if how == "role":  # the other role of the two: this one goes on
        complete(office, case, "check", pam)
        return
    assert "reviewer" not in {mandate.role for mandate in acting(office, "pam.north").mandates}
    with pytest.raises(Conflict, match="has ended"):
        complete(office, case, "check", pam)
    assert office.state(case).seq == before
    assert office.verdict().findings == ()


def test_another_role_or_another_unit_is_not_lent(office: World) -> None:
    case, elsewhere = office.start(), office.start("ann.west")
    lend(office, "bob.east", "pam.north", roles=["reviewer"])
    pam = acting(office, "pam.north")

    complete(office, case, "check", pam)

    with pytest.raises(NotFound):
        complete(office, case, "decide", pam)
    with pytest.raises(NotFound):
        complete(office, elsewhere, "check", pam)


def test_the_other_office_learns_nothing(office: World) -> None:
    given = lend(office, "bob.east", "pam.north")

    with pytest.raises(NotFound) as foreign:
        end(office, given, "bob.west")
    with pytest.raises(NotFound) as missing:
        end(office, "d-0000", "bob.west")
    with pytest.raises(NotFound):
        lend(
            office, "bob.east", "pam.north", by=office.actor("bob.west"), begins=date(2026, 6, 1), ends=date(2026, 6, 2)
        )

    assert str(foreign.value) == str(missing.value)
    assert acting(office, "pam.north").mandates


# ------------------------------------------------------------------ who may not do both


def test_a_deputy_does_not_decide_for_who_checked(office: World) -> None:
    case = office.start()
    lend(office, "bob.east", "pam.north")
    complete(office, case, "check", office.actor("bob.east"))
    before = office.state(case).seq

    with pytest.raises(Rejected, match="two people"):
        complete(office, case, "decide", acting(office, "pam.north"))

    assert office.state(case).seq == before
    complete(office, case, "decide", office.actor("eve.east"))  # a third person can


def test_who_checked_does_not_decide_for_another(office: World) -> None:
    case = office.start()
    lend(office, "bob.east", "eve.east")
    complete(office, case, "check", acting(office, "eve.east"))  # in her own name: she has the role herself
    hold(office, case, "decide", "bob.east")
    eve = acting(office, "eve.east")
    assert [hat.on_behalf_of for hat in eve.hats("east", "leader", office.actor("bob.east").user)]

    with pytest.raises(Rejected, match="whom you stand in for"):
        complete(office, case, "decide", eve)


def test_what_was_checked_by_a_deputy_is_decided_by_neither_of_the_two_nor_for_them(office: World) -> None:
    case = office.start()
    lend(office, "bob.east", "eve.east", roles=["reviewer"])
    lend(office, "bob.east", "pam.north", roles=["leader"])
    lend(office, "eve.east", "ann.east", roles=["leader"])
    hold(office, case, "check", "bob.east")
    complete(office, case, "check", acting(office, "eve.east"))  # for bob, who holds it

    for who in ("bob.east", "eve.east", "pam.north"):  # whom it was done for; who did it; another deputy of the first
        with pytest.raises(Rejected, match="two people"):
            complete(office, case, "decide", acting(office, who))
    hold_for_eve = office.task(case, "decide")
    command = lambda uow: tasks.reassign_task(uow, hold_for_eve, office.actor("bob.east").user, "x")
    with pytest.raises(Rejected, match="two people"):
        office.platform.run(command, office.actor("ann.east"), office.now)
    complete(office, case, "decide", acting(office, "ann.east"))  # in her own name
    assert office.verdict().findings == ()


def test_what_a_deputy_did_for_one_bars_them_for_another(office: World) -> None:
    case = office.start()
    lend(office, "bob.east", "pam.north", roles=["reviewer"])
    lend(office, "ann.east", "pam.north", roles=["leader"])
    complete(office, case, "check", acting(office, "pam.north"))

    with pytest.raises(Rejected, match="two people"):
        complete(office, case, "decide", acting(office, "pam.north"))


def test_one_principal_whom_a_duty_bars_does_not_stand_in_the_way_of_the_other(office: World) -> None:
    case = office.start()
    lend(office, "bob.east", "pam.north")
    lend(office, "eve.east", "pam.north")
    complete(office, case, "check", office.actor("bob.east"))

    complete(office, case, "decide", acting(office, "pam.north"))

    done = [fact for fact in facts(office, f"case:{case}") if type(fact.event).__name__ == "UserTaskCompleted"]
    assert done[-1].on_behalf_of == office.actor("eve.east").user


# ------------------------------------------------------------------ taking on, putting back, the list


def test_what_a_deputy_takes_on_is_held_by_whom_they_stand_in_for(office: World) -> None:
    case = office.start()
    given = lend(office, "bob.east", "pam.north")
    hold(office, case, "check", "pam.north")
    bob = office.actor("bob.east")

    taken = facts(office, f"case:{case}")[-1]
    assert (taken.actor, taken.on_behalf_of) == (office.actor("pam.north").user, bob.user)
    with pytest.raises(Rejected, match="bob has taken on"):
        complete(office, case, "check", office.actor("eve.east"))
    end(office, given, "bob.east")
    assert [row.assignee for row in listed(office, bob, view="mine").rows] == [bob.user]
    complete(office, case, "check", bob)


def test_a_deputy_puts_back_what_they_took_on_and_nothing_of_a_colleague(office: World) -> None:
    case = office.start()
    lend(office, "bob.east", "pam.north")
    task = office.task(case, "check")
    release = lambda uow: tasks.release_task(uow, task)
    hold(office, case, "check", "pam.north")

    office.platform.run(release, acting(office, "pam.north"), office.now)

    last = facts(office, f"case:{case}")[-1]
    assert (type(last.event).__name__, last.on_behalf_of) == ("UserTaskReleased", office.actor("bob.east").user)
    hold(office, case, "check", "eve.east")
    with pytest.raises(Rejected, match="have taken on"):
        office.platform.run(release, acting(office, "pam.north"), office.now)


def test_the_list_shows_the_principals_work_and_counts_it(office: World) -> None:
    mine, held, taken = (office.start() for _ in range(3))
    office.start("ann.west")
    hold(office, held, "check", "bob.east")
    hold(office, taken, "check", "eve.east")
    assert listed(office, acting(office, "pam.north")).rows == ()
    lend(office, "bob.east", "pam.north")

    found = listed(office, acting(office, "pam.north"))

    assert {row.instance for row in found.rows} == {mine, held}
    assert {row.acting_for for row in found.rows} == {"bob"}
    assert (found.counts["roles"], found.counts["mine"], found.counts["deputy"]) == (2, 1, 2)
    assert [row.instance for row in listed(office, acting(office, "pam.north"), view="mine").rows] == [held]
    assert len(listed(office, acting(office, "pam.north"), view="deputy").rows) == 2


def test_who_has_the_role_themselves_sees_free_work_as_their_own(office: World) -> None:
    free, held = office.start(), office.start()
    hold(office, held, "check", "bob.east")
    lend(office, "bob.east", "eve.east")

    found = listed(office, acting(office, "eve.east"))

    assert {row.instance: row.acting_for for row in found.rows} == {free: "", held: "bob"}
    assert (found.counts["roles"], found.counts["deputy"]) == (2, 1)


def test_nothing_is_done_for_anybody_but_whom_the_page_named(office: World) -> None:
    case = office.start()
    lend(office, "bob.east", "pam.north")
    before = office.state(case).seq

    with pytest.raises(Conflict, match="for whom the page named"):
        complete(office, case, "check", acting(office, "pam.north"), shown_for=office.actor("eve.east").user)

    assert office.state(case).seq == before
    complete(office, case, "check", acting(office, "pam.north"), shown_for=office.actor("bob.east").user)


def test_a_deputys_task_costs_one_statement_more(office: World) -> None:
    first, case = office.start(), office.start()
    lend(office, "bob.east", "pam.north")
    pam = acting(office, "pam.north")
    complete(office, first, "check", pam)
    task = office.task(case, "check")
    seen: list[str] = []

    with watch_statements(office.platform.database, seen.append):
        office.platform.run_once(
            lambda uow: tasks.complete_task(uow, task, {"outcome": ["forward"]}, {}), pam, office.now, "token"
        )

    assert seen.count("COMMIT") == 1
    assert len(seen) - 1 <= STATEMENTS_MAX, "\n".join(seen)
