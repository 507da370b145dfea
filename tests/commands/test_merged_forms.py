"""A form that extends an inherited one is flat once published, and is merged anew on request when that changes."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import select

from engine.commands import drafts, proposals
from engine.commands.overrides import decide_override
from engine.errors import Rejected
from engine.queries import overrides as queries
from engine.store import tables as t
from engine.store.publications import content_of, source_of
from tests.commands.studio import NOTE, changed, do, furnish, look, published
from tests.world import World

EXTENDING = json.dumps(
    {
        "type": "default",
        "schemaVersion": 19,
        "id": "note",
        "properties": {"extends": "note"},
        "components": [
            {"type": "textfield", "id": "f9", "key": "phone", "label": "电话", "properties": {"after": "note"}}
        ],
    },
    ensure_ascii=False,
).encode()
NEW = NOTE.replace("说明".encode(), "备注".encode())


@pytest.fixture
def studio(world: World) -> World:
    return furnish(world)


def fields(world: World, resource: str) -> list[tuple[str, str]]:
    with world.platform.database.read() as connection:
        document = json.loads(content_of(connection, resource))
    assert "extends" not in document.get("properties", {})
    return [(one["key"], one["label"]) for one in document["components"]]


def test_what_is_published_is_flat_and_what_was_written_is_kept(studio: World) -> None:
    published(studio, "cid.east", "dan.east", ("form", "note", EXTENDING))

    assert fields(studio, "east:review:form:note@1") == [("note", "说明"), ("phone", "电话"), ("outcome", "意见")]
    with studio.platform.database.read() as connection:
        assert source_of(connection, "east:review:form:note@1") == EXTENDING
        assert source_of(connection, "root:review:form:note@1") == NOTE
    assert "phone" in json.dumps([one for one, _ in fields(studio, "east:review:form:note@1")])
    assert studio.verdict().findings == ()


def test_the_next_draft_begins_with_what_was_written(studio: World) -> None:
    published(studio, "cid.east", "dan.east", ("form", "note", EXTENDING))
    draft_id = changed(studio, "cid.east")

    assert do(studio, "cid.east", drafts.save_file, draft_id, "form", "note", EXTENDING, 0) == 0


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (b'"extends": "note"', b'"extends": "nowhere"', "nobody above"),
        (b'"after": "note"', b'"after": "missing"', "missing"),
    ],
)
def test_what_cannot_be_merged_is_not_proposed(studio: World, before: bytes, after: bytes, said: str) -> None:
    draft_id = changed(studio, "cid.east", ("form", "note", EXTENDING.replace(before, after)))

    with pytest.raises(Rejected, match=said):
        do(studio, "cid.east", proposals.propose, draft_id, "加电话")


def test_a_form_at_the_top_has_nothing_to_extend(studio: World) -> None:
    draft_id = changed(studio, "rob.root", ("form", "note", EXTENDING))

    with pytest.raises(Rejected, match="nobody above"):
        do(studio, "rob.root", proposals.propose, draft_id, "加电话")


def test_a_new_version_above_is_merged_anew_only_when_two_people_want_it(studio: World) -> None:
    published(studio, "cid.east", "dan.east", ("form", "note", EXTENDING))
    published(studio, "rob.root", "sue.root", ("form", "note", NEW))
    assert studio.state(studio.start()).pins["form:note"] == "east:review:form:note@1"
    with studio.platform.database.read() as connection:
        [task] = queries.left_behind(connection, studio.actor("cid.east"))
        merged = queries.three_ways(connection, studio.actor("cid.east"), task.id).merged
    assert merged is not None
    assert "备注" in merged.decode()
    assert "电话" in merged.decode()

    draft_id = do(studio, "cid.east", decide_override, task.id, "merged", "重新合并")
    assert set(look(studio, "cid.east", draft_id).files) == {("form", "note")}
    proposal = do(studio, "cid.east", proposals.propose, draft_id, "重新合并")
    do(studio, "dan.east", proposals.approve, proposal)

    assert fields(studio, "east:review:form:note@2") == [("note", "备注"), ("phone", "电话"), ("outcome", "意见")]
    assert studio.state(studio.start()).pins["form:note"] == "east:review:form:note@2"


def test_a_form_that_was_written_whole_cannot_be_merged_anew(studio: World) -> None:
    published(studio, "cid.east", "dan.east", ("form", "note", NOTE.replace("意见".encode(), "决定".encode())))
    published(studio, "rob.root", "sue.root", ("form", "note", NEW))
    with studio.platform.database.read() as connection:
        [task] = queries.left_behind(connection, studio.actor("cid.east"))
        assert queries.three_ways(connection, studio.actor("cid.east"), task.id).merged is None

    with pytest.raises(Rejected, match="merged anew"):
        do(studio, "cid.east", decide_override, task.id, "merged", "重新合并")
    with studio.platform.database.read() as connection:
        assert connection.execute(select(t.draft.c.id).where(t.draft.c.title == "重新合并")).all() == []
