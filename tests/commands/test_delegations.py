"""Naming a deputy: by whom, whom, for what, for how long; everything else is refused and leaves no trace."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from engine.commands import people
from engine.commands.delegations import DAYS_MAX
from engine.errors import Conflict, Rejected
from engine.store.directory import system_actor
from tests.commands.deputies import acting, complete, end, facts, furnish, lend
from tests.world import REVIEW, World, bundle


@pytest.fixture
def office(make_world: Callable[..., World]) -> World:
    """An office, and ``pam`` one unit above it."""
    return furnish(make_world)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"roles": ["supervisor"]}, "in their own right"),
        ({"roles": []}, "in their own right"),
        ({"tenant_id": "west"}, "in their own right"),
        ({"tenant_id": "nowhere"}, "in their own right"),
        ({"deputy": "ann.west"}, "works at this unit"),
        ({"deputy": "root.admin"}, "works at this unit"),
        ({"deputy": "north.auditor"}, "works at this unit"),
        ({"deputy": "bob.east"}, "nobody names themselves"),
        ({"reason": "because"}, "reason"),
        ({"note": "x" * 201}, "reason"),
        ({"begins": date(2026, 3, 1)}, "from today on"),
        ({"begins": date(2027, 4, 1), "ends": date(2027, 4, 2)}, "from today on"),
        ({"ends": date(2026, 3, 1)}, "last day"),
        ({"ends": date(2026, 3, 2) + timedelta(days=DAYS_MAX)}, "last day"),
    ],
)
def test_what_cannot_be_lent_is_refused_with_a_reason(office: World, change: dict[str, Any], said: str) -> None:
    deputy = change.get("deputy", "pam.north")
    before = len(facts(office, "tenant:east"))

    with pytest.raises(Rejected, match=said):
        lend(office, "bob.east", **{"deputy": deputy, **change})

    assert len(facts(office, "tenant:east")) == before


def test_the_longest_that_can_be_lent_can_be_lent(office: World) -> None:
    lend(office, "bob.east", "pam.north", ends=date(2026, 3, 2) + timedelta(days=DAYS_MAX - 1))

    assert office.verdict().findings == ()


def test_what_was_lent_is_not_passed_on(office: World) -> None:
    lend(office, "bob.east", "pam.north")
    pam = acting(office, "pam.north")

    with pytest.raises(Rejected, match="cannot be passed on"):
        lend(office, "pam.north", "eve.east", by=pam, tenant_id="east", roles=["reviewer"])

    assert not acting(office, "eve.east").mandates


@pytest.mark.parametrize("role", ["administrator", "auditor"])
def test_administering_and_auditing_is_not_lent(office: World, role: str) -> None:
    admin, bob = office.actor("root.admin"), office.actor("bob.east")
    office.platform.run(lambda uow: people.grant_role(uow, bob.user, "east", role), admin, office.now)

    with pytest.raises(Rejected, match="by nobody for somebody else"):
        lend(office, "bob.east", "pam.north", roles=["reviewer", role])

    lend(office, "bob.east", "pam.north", roles=["reviewer"])
    assert {mandate.role for mandate in acting(office, "pam.north").mandates} == {"reviewer"}


def test_who_only_audits_gets_no_mandate_even_with_a_row(office: World) -> None:
    admin, pam = office.actor("root.admin"), office.actor("pam.north")
    lend(office, "bob.east", "pam.north")
    office.platform.run(lambda uow: people.grant_role(uow, pam.user, "north", "auditor"), admin, office.now)
    office.platform.run(lambda uow: people.revoke_role(uow, pam.user, "north", "supervisor"), admin, office.now)

    assert not acting(office, "pam.north").mandates


def test_one_role_has_one_deputy_at_a_time(office: World) -> None:
    lend(office, "bob.east", "pam.north", roles=["reviewer"])

    with pytest.raises(Rejected, match="has one for one of these roles"):
        lend(office, "bob.east", "eve.east")
    lend(office, "bob.east", "eve.east", roles=["leader"])
    lend(office, "bob.east", "eve.east", roles=["reviewer"], begins=date(2026, 3, 9), ends=date(2026, 3, 10))

    assert office.verdict().findings == ()


def test_an_administrator_names_a_deputy_for_their_people_but_not_themselves(office: World) -> None:
    root = office.actor("root.admin")
    lend(office, "bob.east", "pam.north", by=root)
    assert acting(office, "pam.north").mandates

    add = lambda uow: people.grant_role(uow, root.user, "east", "reviewer")
    office.platform.run(add, system_actor(), office.now)
    with pytest.raises(Rejected, match="nobody names themselves"):
        lend(office, "eve.east", "root.admin", by=root)


def test_why_somebody_is_away_is_beside_the_sealed_fact(office: World) -> None:
    lend(office, "bob.east", "pam.north", reason="illness", note="操作")

    with office.platform.database.read() as connection:
        bodies = list(connection.exec_driver_sql("select body from history where stream = 'tenant:east'").scalars())
    assert all(b"illness" not in bytes(body) and "操作".encode() not in bytes(body) for body in bodies)
    assert facts(office, "tenant:east")[-1].event.reason == "illness"  # type: ignore[attr-defined]


def test_an_ended_delegation_is_not_ended_twice(office: World) -> None:
    given = lend(office, "bob.east", "pam.north")
    end(office, given, "bob.east")

    with pytest.raises(Conflict, match="no longer does"):
        end(office, given, "bob.east")


def test_what_a_procedure_wants_done_in_person_has_no_deputy(make_world: Callable[..., World]) -> None:
    office = furnish(make_world)
    manifest = bundle(REVIEW).resources["bundle", "review"]
    lend(office, "eve.east", "pam.north")  # before the procedure said so
    office.publish(REVIEW, bundle__review=manifest + b'personal_roles = ["leader"]\n')
    office.now += timedelta(seconds=1)

    with pytest.raises(Rejected, match="done in person: leader"):
        lend(office, "bob.east", "pam.north")
    lend(office, "bob.east", "pam.north", roles=["reviewer"])

    case = office.start()
    complete(office, case, "check", acting(office, "pam.north"))
    before = office.state(case).seq
    with pytest.raises(Rejected, match="no deputy can do it"):
        complete(office, case, "decide", acting(office, "pam.north"))
    assert office.state(case).seq == before
    complete(office, case, "decide", office.actor("ann.east"))
