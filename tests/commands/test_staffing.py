"""Publishing asks whether anybody is there for a new task: nobody anywhere refuses, nobody in some units is said."""

from __future__ import annotations

import pytest

from engine.commands import proposals
from engine.commands.people import add_user, disable_user
from engine.definition.finding import Finding
from engine.errors import Rejected
from engine.queries import drafts as queries
from engine.store.composition import compose
from engine.store.directory import system_actor
from engine.store.known import find_tenant
from engine.store.staffing import unstaffed
from engine.store.unit_of_work import UnitOfWork
from tests.commands.studio import changed, do, furnish, look
from tests.world import REVIEW, World

FLOOR = '[[rule]]\nnumber = "S"\nkind = "units_staffed"\ntext = "要有人办理"\nsource = "s"\n'.encode()
DECIDE = 'name="decide" sm:role="leader" sm:level="office"'
assert DECIDE in REVIEW.decode()


def by(role: str, level: str = "office") -> bytes:
    return REVIEW.replace(DECIDE.encode(), f'name="decide" sm:role="{role}" sm:level="{level}"'.encode())


@pytest.fixture
def ruled(world: World) -> World:
    furnish(world)
    world.publish(REVIEW, floor__review=FLOOR)
    return world


def employ(world: World, role: str, *units: str) -> list[str]:
    """Somebody new at each unit; their ids."""

    def hire(uow: UnitOfWork) -> list[str]:
        return [add_user(uow, f"new.{unit}", "New", unit, [role]) for unit in units]

    return world.platform.run(hire, system_actor(), world.now)


def found(world: World, draft_id: str, unit: str = "north") -> tuple[Finding, ...]:
    with world.platform.database.read() as connection:
        tenant = find_tenant(connection, unit)
        assert tenant is not None
        files = queries.bundle_of(connection, look(world, "ada.north", draft_id))
        return unstaffed(connection, compose(connection, files, tenant), tenant)


def test_a_task_that_nobody_in_any_unit_can_do_is_refused_with_their_names(ruled: World) -> None:
    draft_id = changed(ruled, "ada.north", ("process", "review", by("expert")))

    with pytest.raises(Rejected, match="People") as refusal:
        do(ruled, "ada.north", proposals.propose, draft_id, "专家决定")
    assert (refusal.value.params["number"], refusal.value.params["units"]) == ("S", "east、west")

    employ(ruled, "expert", "east", "west")
    assert found(ruled, draft_id) == ()
    assert do(ruled, "ada.north", proposals.propose, draft_id, "专家决定")


def test_units_where_nobody_is_are_named_and_do_not_refuse(ruled: World) -> None:
    draft_id = changed(ruled, "ada.north", ("process", "review", by("expert")))
    employ(ruled, "expert", "west")

    (warning,) = found(ruled, draft_id)
    assert (warning.severity, warning.element, warning.params["units"]) == ("warning", "decide", "east")
    assert do(ruled, "ada.north", proposals.propose, draft_id, "专家决定")


def test_who_left_between_proposal_and_approval_is_missed(ruled: World) -> None:
    (expert,) = employ(ruled, "expert", "west")
    draft_id = changed(ruled, "ada.north", ("process", "review", by("expert")))
    proposal = do(ruled, "ada.north", proposals.propose, draft_id, "专家决定")

    ruled.platform.run(lambda uow: disable_user(uow, expert), system_actor(), ruled.now)
    with pytest.raises(Rejected, match="nobody has it"):
        do(ruled, "ben.north", proposals.approve, proposal)


def test_a_level_that_the_organisation_does_not_have_is_refused(ruled: World) -> None:
    draft_id = changed(ruled, "ada.north", ("process", "review", by("leader", "district")))

    with pytest.raises(Rejected, match="level district"):
        do(ruled, "ada.north", proposals.propose, draft_id, "区里决定")


@pytest.mark.parametrize(
    "content", [by("reviewer"), by("leader", "nation"), REVIEW.replace(b'name="decide"', b'name="d"')]
)
def test_what_somebody_can_do_and_what_holds_already_is_not_asked(ruled: World, content: bytes) -> None:
    """The nation's leader is one that nobody is: said, for it is new; a new name alone is nothing new."""
    nation = b'sm:level="nation"' in content
    draft_id = changed(ruled, "ada.north", ("process", "review", content))

    assert [one.params["units"] for one in found(ruled, draft_id)] == (["总部"] if nation else [])


def test_without_the_rule_nothing_is_asked(world: World) -> None:
    furnish(world)
    draft_id = changed(world, "ada.north", ("process", "review", by("expert")))

    assert found(world, draft_id) == ()
    assert do(world, "ada.north", proposals.propose, draft_id, "专家决定")
