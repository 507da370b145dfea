"""Publishing needs two people: alone the author fails on every route; what was proposed is published, on its day."""

from __future__ import annotations

import inspect
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from engine.commands import deployments, drafts, proposals
from engine.errors import Conflict, Corrupt, NotFound, Rejected
from engine.history import events as e
from engine.queries import proposals as queries
from engine.store import tables as t
from tests.commands.studio import NOTE, OTHER, THIRD, changed, do, furnish, look, published
from tests.world import REVIEW, World, bundle

FORM_NOTE = ("form", "note", OTHER)


@pytest.fixture
def studio(world: World) -> World:
    return furnish(world)


def in_history(world: World) -> list[str]:
    with world.platform.database.read() as connection:
        rows = connection.execute(
            select(t.history.c.type).where(t.history.c.stream == "procedure:review").order_by(t.history.c.seq)
        )
        return list(rows.scalars())


def form_of_new_case(world: World) -> str:
    return world.state(world.start()).pins["form:note"]


def test_a_colleague_publishes_what_was_proposed_and_only_new_cases_take_it(studio: World) -> None:
    running = studio.start()

    done = published(studio, "ada.north", "ben.north", FORM_NOTE)

    assert done["resources"] == ["north:review:form:note@1"]
    assert form_of_new_case(studio) == "north:review:form:note@1"
    assert studio.state(running).pins["form:note"] == "root:review:form:note@1"
    assert in_history(studio) == [
        "DeploymentPublished",
        "PublicationProposed",
        "DeploymentPublished",
        "ProposalApproved",
    ]
    assert studio.verdict().findings == ()


def test_the_author_alone_fails_on_every_route(studio: World) -> None:
    draft_id = changed(studio, "ada.north", FORM_NOTE)
    before = in_history(studio)
    with pytest.raises(Rejected, match="nobody publishes alone"):
        do(studio, "ada.north", deployments.publish, bundle(REVIEW, form__note=OTHER), "north", "")
    proposal = do(studio, "ada.north", proposals.propose, draft_id, "改表单")

    for unit in ("", "root"):  # as herself, and with the office that she has at the organisation above
        with pytest.raises(Rejected, match="somebody else"):
            do(studio, "ada.north", proposals.approve, proposal, unit=unit)
        with pytest.raises(Rejected, match="somebody else"):
            do(studio, "ada.north", proposals.reject, proposal, "不同意", unit=unit)
    assert in_history(studio) == [*before, "PublicationProposed"]
    assert form_of_new_case(studio) == "root:review:form:note@1"


def test_every_command_that_can_publish_is_tried_alone_above() -> None:
    """A new way to publish makes this fail until the test above tries it."""
    ways = {
        f"{module.__name__.rpartition('.')[2]}.{name}"
        for module in (deployments, drafts, proposals)
        for name, function in inspect.getmembers(module, inspect.isfunction)
        if function.__module__ == module.__name__
        and not name.startswith("_")
        and "publish_for(" in inspect.getsource(function)
    }

    assert ways == {"deployments.publish", "deployments.publish_for", "proposals.approve"}


def test_who_only_proposed_or_only_saved_once_cannot_approve_either(studio: World) -> None:
    draft_id = changed(studio, "ada.north", FORM_NOTE)
    do(studio, "ben.north", drafts.save_file, draft_id, "form", "note", THIRD, 1)
    do(studio, "ben.north", drafts.restore, draft_id, 1)
    proposal = do(studio, "ada.north", proposals.propose, draft_id, "改表单")

    with pytest.raises(Rejected, match="somebody else"):
        do(studio, "ben.north", proposals.approve, proposal)
    assert do(studio, "rob.root", proposals.approve, proposal)["resources"] == ["north:review:form:note@1"]

    second = changed(studio, "cid.east", ("form", "note", THIRD))
    proposal = do(studio, "dan.east", proposals.propose, second, "改表单")
    with pytest.raises(Rejected, match="somebody else"):
        do(studio, "dan.east", proposals.approve, proposal)


def test_nobody_but_administrators_of_the_organisation_or_above_decides(studio: World) -> None:
    proposal = do(studio, "ada.north", proposals.propose, changed(studio, "ada.north", FORM_NOTE), "改表单")

    for stranger in ("cid.east", "dan.east"):
        with pytest.raises(NotFound):
            do(studio, stranger, proposals.approve, proposal)
    with pytest.raises(Rejected, match="administrator"):
        do(studio, "north.auditor", proposals.approve, proposal)
    with pytest.raises(NotFound):
        do(studio, "ben.north", proposals.approve, "7777")


def test_a_rejected_proposal_goes_back_to_its_draft_with_the_reason(studio: World) -> None:
    draft_id = changed(studio, "ada.north", FORM_NOTE)
    proposal = do(studio, "ada.north", proposals.propose, draft_id, "改表单")
    with pytest.raises(Conflict):
        do(studio, "ada.north", drafts.save_file, draft_id, "form", "note", THIRD, 1)
    with pytest.raises(Rejected, match="reason"):
        do(studio, "ben.north", proposals.reject, proposal, "  ")

    do(studio, "ben.north", proposals.reject, proposal, "先问问市里")

    with studio.platform.database.read() as connection:
        assert queries.proposal(connection, studio.actor("ada.north"), proposal).reason == "先问问市里"
    with pytest.raises(Conflict):
        do(studio, "ben.north", proposals.approve, proposal)
    assert do(studio, "ada.north", drafts.save_file, draft_id, "form", "note", THIRD, 1) == 2
    again = do(studio, "ada.north", proposals.propose, draft_id, "改表单")
    assert do(studio, "ben.north", proposals.approve, again)["resources"]


def test_what_was_taken_back_cannot_be_approved(studio: World) -> None:
    proposal = do(studio, "ada.north", proposals.propose, changed(studio, "ada.north", FORM_NOTE), "改表单")
    do(studio, "ada.north", proposals.withdraw, proposal)

    with pytest.raises(Conflict):
        do(studio, "ben.north", proposals.approve, proposal)


def test_what_is_published_is_what_was_proposed(studio: World) -> None:
    proposal = do(studio, "ada.north", proposals.propose, changed(studio, "ada.north", FORM_NOTE), "改表单")
    smuggled = [{"kind": "form", "key": "note", "checksum": studio.platform.run(
        lambda uow: uow.store_file(THIRD), studio.actor("ada.north"), studio.now)}]  # fmt: skip
    with studio.platform.database.write() as connection:
        connection.execute(update(t.proposal).where(t.proposal.c.id == proposal).values(files=smuggled))

    with pytest.raises(Corrupt):
        do(studio, "ben.north", proposals.approve, proposal)


def test_what_it_builds_on_must_be_what_the_approver_saw(studio: World) -> None:
    proposal = do(studio, "ada.north", proposals.propose, changed(studio, "ada.north", FORM_NOTE), "改表单")
    with studio.platform.database.read() as connection:
        found = queries.proposal(connection, studio.actor("ben.north"), proposal)
        seen = proposals.whole_digest(connection, found, queries.bundle_of(connection, found), studio.now)
    published(studio, "rob.root", "sue.root", ("process", "review", REVIEW.replace(b'name="review"', b'name="second"')))

    with pytest.raises(Conflict, match="Look at it again"):
        do(studio, "ben.north", proposals.approve, proposal, seen)
    assert do(studio, "ben.north", proposals.approve, proposal)["resources"]


@pytest.mark.parametrize("content", [b"{}", b"not JSON", NOTE.replace(b'"outcome"', b'"1 + 1"')])
def test_what_is_not_sound_is_not_even_proposed(studio: World, content: bytes) -> None:
    draft_id = changed(studio, "ada.north", ("form", "note", content))

    with pytest.raises(Rejected):
        do(studio, "ada.north", proposals.propose, draft_id, "坏的")
    assert look(studio, "ada.north", draft_id).status == "open"


def test_an_empty_draft_is_not_proposed(studio: World) -> None:
    with pytest.raises(Rejected, match="changes nothing"):
        do(studio, "ada.north", proposals.propose, changed(studio, "ada.north"), "空的")


def test_content_that_somebody_published_meanwhile_makes_no_new_version(studio: World) -> None:
    first = do(studio, "ada.north", proposals.propose, changed(studio, "ada.north", FORM_NOTE), "甲")
    second = do(studio, "ada.north", proposals.propose, changed(studio, "ada.north", FORM_NOTE), "乙")
    do(studio, "ben.north", proposals.approve, first)

    with pytest.raises(Rejected, match="already published"):
        do(studio, "ben.north", proposals.approve, second)


# ------------------------------------------------------------------ from a day on


def test_before_its_day_the_old_version_holds_and_from_then_on_the_new(studio: World) -> None:
    day = studio.now.replace(hour=16) + timedelta(days=9)  # midnight in Beijing
    published(studio, "ada.north", "ben.north", FORM_NOTE, effective_at=day)

    assert form_of_new_case(studio) == "root:review:form:note@1"
    studio.now = day - timedelta(seconds=1)
    assert form_of_new_case(studio) == "root:review:form:note@1"
    studio.now = day
    assert form_of_new_case(studio) == "north:review:form:note@1"
    assert studio.verdict().findings == ()


def test_what_begins_last_holds_whichever_was_published_first(studio: World) -> None:
    day = studio.now + timedelta(days=9)
    published(studio, "ada.north", "ben.north", FORM_NOTE, effective_at=day)
    studio.now += timedelta(days=1)
    published(studio, "ada.north", "ben.north", ("form", "note", THIRD))

    assert form_of_new_case(studio) == "north:review:form:note@2"
    studio.now = day
    assert form_of_new_case(studio) == "north:review:form:note@1"


@pytest.mark.parametrize("days", [-1, 0, 5_000])
def test_a_day_that_is_past_or_far_away_is_refused(studio: World, days: int) -> None:
    draft_id = changed(studio, "ada.north", FORM_NOTE)

    with pytest.raises(Rejected, match="a day after today"):
        do(studio, "ada.north", proposals.propose, draft_id, "改", studio.now + timedelta(days=days))


def test_approved_after_its_day_it_begins_at_once(studio: World) -> None:
    day = studio.now + timedelta(days=2)
    proposal = do(studio, "ada.north", proposals.propose, changed(studio, "ada.north", FORM_NOTE), "改", day)
    studio.now += timedelta(days=5)
    early = studio.now - timedelta(hours=1)

    do(studio, "ben.north", proposals.approve, proposal)

    assert form_of_new_case(studio) == "north:review:form:note@1"
    with studio.platform.database.read() as connection:
        [begins] = connection.execute(select(t.deployment.c.effective_at).where(t.deployment.c.tenant_id == "north"))
    assert begins.effective_at is None, early


# ------------------------------------------------------------------ back


def test_one_click_and_a_colleague_bring_the_former_version_back(studio: World) -> None:
    published(studio, "ada.north", "ben.north", FORM_NOTE)
    done = published(studio, "ada.north", "ben.north", ("form", "note", THIRD))

    proposal = do(studio, "ben.north", proposals.propose_former, done["deployment"], "退回")
    with pytest.raises(Rejected, match="somebody else"):
        do(studio, "ben.north", proposals.approve, proposal)
    assert do(studio, "ada.north", proposals.approve, proposal)["resources"] == ["north:review:form:note@3"]
    with studio.platform.database.read() as connection:
        checksums = dict(connection.execute(select(t.resource.c.id, t.resource.c.checksum)).all())
    assert checksums["north:review:form:note@3"] == checksums["north:review:form:note@1"]


def test_back_from_the_first_version_of_one_s_own_lets_what_is_above_hold_again(studio: World) -> None:
    done = published(studio, "ada.north", "ben.north", FORM_NOTE)

    proposal = do(studio, "ben.north", proposals.propose_former, done["deployment"], "退回")
    do(studio, "ada.north", proposals.approve, proposal)

    assert form_of_new_case(studio) == "root:review:form:note@1"
    assert studio.verdict().findings == ()


def test_one_cannot_go_back_past_a_newer_version_or_for_others(studio: World) -> None:
    first = published(studio, "ada.north", "ben.north", FORM_NOTE)
    published(studio, "ada.north", "ben.north", ("form", "note", THIRD))

    with pytest.raises(Conflict, match="published anew"):
        do(studio, "ben.north", proposals.propose_former, first["deployment"], "退回")
    for who in ("cid.east", "rob.root"):
        with pytest.raises(NotFound):
            do(studio, who, proposals.propose_former, first["deployment"], "退回")


def test_reach_counts_cases_units_and_those_with_versions_of_their_own(studio: World) -> None:
    studio.start()
    studio.start("ann.west")
    published(studio, "cid.east", "dan.east", FORM_NOTE)

    with studio.platform.database.read() as connection:
        north = queries.reach(connection, studio.actor("ada.north").tenant, "review")
        east = queries.reach(connection, studio.actor("cid.east").tenant, "review")

    assert (north.running, north.below) == (2, 2)
    assert [(unit.id, places) for unit, places in north.overriding] == [("east", (("form", "note"),))]
    assert (east.running, east.below, east.overriding) == (1, 0, ())


def test_the_authors_stand_in_the_sealed_history(studio: World) -> None:
    published(studio, "ada.north", "ben.north", FORM_NOTE)

    with studio.platform.database.read() as connection:
        body: Any = connection.execute(
            select(t.history.c.body).where(t.history.c.type == e.PublicationProposed.__name__)
        ).scalar_one()
    assert studio.actor("ada.north").user in (body if isinstance(body, str) else bytes(body).decode())
