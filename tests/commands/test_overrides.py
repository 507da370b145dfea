"""A new version above changes nobody with their own silently: a sealed fact, a task, and three versions."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from engine.commands import drafts, proposals
from engine.commands.deployments import publish
from engine.commands.overrides import decide_override
from engine.definition.bundle import Bundle
from engine.errors import Conflict, NotFound
from engine.queries import overrides as queries
from engine.store import tables as t
from engine.store.directory import system_actor
from tests.commands.studio import NOTE, OTHER, THIRD, do, furnish, look, published
from tests.world import REVIEW, World, bundle

OWN = ("form", "note", OTHER)
ANEW = ("form", "note", THIRD)
TWO = b'days = { type = "integer", value = 5, min = 1, max = 9 }\nhours = { type = "integer", value = 3 }\n'


@pytest.fixture
def studio(world: World) -> World:
    return furnish(world)


def left(world: World, who: str) -> list[queries.OverrideReview]:
    with world.platform.database.read() as connection:
        return queries.left_behind(connection, world.actor(who))


def pinned(world: World, who: str = "ann.east") -> str:
    return world.state(world.start(who)).pins["form:note"]


def test_what_is_published_anew_above_leaves_the_own_version_and_running_cases_as_they_are(studio: World) -> None:
    published(studio, "cid.east", "dan.east", OWN)
    running, inheriting = studio.start(), studio.start("ann.west")

    published(studio, "rob.root", "sue.root", ANEW)

    assert studio.state(running).pins["form:note"] == "east:review:form:note@1"
    assert studio.state(inheriting).pins["form:note"] == "root:review:form:note@1"
    assert pinned(studio) == "east:review:form:note@1"
    assert pinned(studio, "ann.west") == "root:review:form:note@2"
    with studio.platform.database.read() as connection:
        facts = connection.execute(select(t.history.c.type).where(t.history.c.stream == "procedure:review")).scalars()
        assert list(facts).count("OverrideLeftBehind") == 1
    assert studio.verdict().findings == ()


def test_its_administrators_are_asked_to_compare_three_versions(studio: World) -> None:
    published(studio, "cid.east", "dan.east", OWN)
    assert left(studio, "cid.east") == []

    published(studio, "rob.root", "sue.root", ANEW)

    [task] = left(studio, "dan.east")
    with studio.platform.database.read() as connection:
        found = queries.three_ways(connection, studio.actor("cid.east"), task.id)
        assert (found.old_content, found.new_content, found.own_content) == (NOTE, THIRD, OTHER)
        for stranger in ("rob.root", "ada.north"):
            with pytest.raises(NotFound):
                queries.three_ways(connection, studio.actor(stranger), task.id)
    assert left(studio, "ada.north") == left(studio, "rob.root") == []


def test_who_has_nothing_of_their_own_is_asked_nothing(studio: World) -> None:
    published(studio, "cid.east", "dan.east", ("process", "review", REVIEW.replace(b'name="done"', b'name="end"')))

    published(studio, "rob.root", "sue.root", ANEW)

    assert left(studio, "cid.east") == []


def test_who_inherits_from_another_override_looks_at_that_one_only(studio: World) -> None:
    published(studio, "ada.north", "ben.north", ("form", "note", NOTE.replace("意见".encode(), "见解".encode())))
    published(studio, "cid.east", "dan.east", OWN)

    published(studio, "rob.root", "sue.root", ANEW)

    assert len(left(studio, "ada.north")) == 1
    assert left(studio, "cid.east") == []


def test_a_second_new_version_is_one_task_from_the_oldest_to_the_newest(studio: World) -> None:
    published(studio, "cid.east", "dan.east", OWN)
    published(studio, "rob.root", "sue.root", ANEW)
    published(studio, "rob.root", "sue.root", ("form", "note", NOTE.replace("说明".encode(), "备注".encode())))

    [task] = left(studio, "cid.east")

    assert (task.before, task.after) == ("root:review:form:note@1", "root:review:form:note@3")
    assert studio.verdict().findings == ()


def test_keeping_ends_the_task_and_changes_nothing(studio: World) -> None:
    published(studio, "cid.east", "dan.east", OWN)
    published(studio, "rob.root", "sue.root", ANEW)
    [task] = left(studio, "cid.east")

    assert do(studio, "cid.east", decide_override, task.id, "kept", "之后") == ""

    assert left(studio, "cid.east") == []
    assert pinned(studio) == "east:review:form:note@1"
    with pytest.raises(Conflict):
        do(studio, "cid.east", decide_override, task.id, "taken", "之后")


def test_taking_theirs_begins_a_draft_that_two_people_publish(studio: World) -> None:
    published(studio, "cid.east", "dan.east", OWN)
    published(studio, "rob.root", "sue.root", ANEW)
    [task] = left(studio, "cid.east")
    with pytest.raises(NotFound):
        do(studio, "rob.root", decide_override, task.id, "taken", "之后")

    draft_id = do(studio, "cid.east", decide_override, task.id, "taken", "之后")

    assert look(studio, "cid.east", draft_id).files["form", "note"].state == "removed"
    assert pinned(studio) == "east:review:form:note@1"
    proposal = do(studio, "cid.east", proposals.propose, draft_id, "用上级的")
    do(studio, "dan.east", proposals.approve, proposal)
    assert pinned(studio) == "root:review:form:note@2"


def test_editing_ours_begins_a_draft_with_nothing_changed_yet(studio: World) -> None:
    published(studio, "cid.east", "dan.east", OWN)
    published(studio, "rob.root", "sue.root", ANEW)
    [task] = left(studio, "cid.east")

    draft_id = do(studio, "cid.east", decide_override, task.id, "edited", "之后")

    assert look(studio, "cid.east", draft_id).files == {}
    assert do(studio, "cid.east", drafts.save_file, draft_id, "form", "note", THIRD, 0) == 1


def test_parameters_ask_only_those_whose_own_parameter_changed_above(studio: World) -> None:
    base = Bundle("review", "审核", {("profile", "review"): TWO}, bundle(REVIEW).manifest)
    studio.platform.run(lambda uow: publish(uow, base, "root", ""), system_actor(), studio.now)
    published(studio, "cid.east", "dan.east", ("profile", "review", b'days = { type = "integer", value = 7 }\n'))

    published(studio, "rob.root", "sue.root", ("profile", "review", TWO.replace(b"value = 3", b"value = 4")))
    assert left(studio, "cid.east") == []
    published(studio, "rob.root", "sue.root", ("profile", "review", TWO.replace(b"value = 5", b"value = 6")))
    assert [task.kind for task in left(studio, "cid.east")] == ["profile"]
