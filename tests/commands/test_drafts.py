"""Drafts: saved as one works, several people at once, nothing written over unseen, every former state comes back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from engine.commands import drafts as commands
from engine.commands.people import add_user
from engine.errors import Conflict, NotFound, Rejected
from engine.queries import drafts as queries
from engine.store.composition import compose
from engine.store.directory import system_actor
from tests.world import FORM, REVIEW, World, bundle

NOTE = (FORM % "note").encode()
OTHER = NOTE.replace("意见".encode(), "决定".encode())
THIRD = NOTE.replace("意见".encode(), "看法".encode())


@pytest.fixture
def studio(world: World) -> World:
    """Two administrators of the north, one of the east."""

    def people(uow: Any) -> None:
        for login, name, unit in (
            ("ada.north", "Ada", "north"),
            ("ben.north", "Ben", "north"),
            ("cid.east", "Cid", "east"),
        ):
            add_user(uow, login, name, unit, ["administrator"])

    world.platform.run(people, system_actor(), world.now)
    return world


def do(world: World, who: str, command: Callable[..., Any], *args: Any) -> Any:
    return world.platform.run(lambda uow: command(uow, *args), world.actor(who), world.now)


def look(world: World, who: str, draft_id: str) -> queries.Draft:
    with world.platform.database.read() as connection:
        return queries.draft(connection, world.actor(who), draft_id)


def content(world: World, who: str, draft_id: str, kind: str, key: str) -> bytes:
    with world.platform.database.read() as connection:
        return queries.content(connection, queries.draft(connection, world.actor(who), draft_id), kind, key)


def opened(world: World, who: str = "ada.north") -> str:
    draft_id: str = do(world, who, commands.open_draft, "review", "北区的表单")
    return draft_id


def test_what_is_saved_is_kept_with_who_and_when_and_nothing_of_it_is_published(studio: World) -> None:
    draft_id = opened(studio)
    assert content(studio, "ada.north", draft_id, "form", "note") == NOTE

    revision = do(studio, "ada.north", commands.save_file, draft_id, "form", "note", OTHER, 0)

    found = look(studio, "ben.north", draft_id)
    assert revision == found.revision == 1
    assert [(place, file.saved_by_name, file.saved_at) for place, file in found.files.items()] == [
        (("form", "note"), "Ada", studio.now)
    ]
    assert content(studio, "ben.north", draft_id, "form", "note") == OTHER
    with studio.platform.database.read() as connection:
        whole = compose(connection, queries.bundle_of(connection, found), found.tenant)
    assert whole.resources["form", "note"] == OTHER
    assert whole.before["form", "note"] == NOTE
    case = studio.start()
    assert studio.state(case).pins["form:note"] == "root:review:form:note@1"


def test_a_save_on_top_of_a_colleague_s_names_who_and_when_and_keeps_theirs(studio: World) -> None:
    draft_id = opened(studio)
    do(studio, "ada.north", commands.save_file, draft_id, "form", "note", OTHER, 0)

    with pytest.raises(Conflict, match=r"Ada saved it on 2026-03-02"):
        do(studio, "ben.north", commands.save_file, draft_id, "form", "note", THIRD, 0)
    assert content(studio, "ben.north", draft_id, "form", "note") == OTHER

    assert do(studio, "ben.north", commands.save_file, draft_id, "form", "note", THIRD, 1) == 2


def test_two_people_in_different_files_do_not_meet(studio: World) -> None:
    draft_id = opened(studio)
    do(studio, "ada.north", commands.save_file, draft_id, "form", "note", OTHER, 0)

    assert do(studio, "ben.north", commands.save_file, draft_id, "process", "review", REVIEW + b" ", 0) == 2
    assert look(studio, "ada.north", draft_id).authors == {
        studio.actor("ada.north").user,
        studio.actor("ben.north").user,
    }


def test_saving_again_from_what_was_saved_meets_nobody(studio: World) -> None:
    draft_id = opened(studio)

    assert do(studio, "ada.north", commands.save_file, draft_id, "form", "note", OTHER, 0) == 1
    assert do(studio, "ada.north", commands.save_file, draft_id, "form", "note", THIRD, 1) == 2


def test_a_second_window_of_the_same_person_does_not_write_over_the_first(studio: World) -> None:
    draft_id = opened(studio)
    do(studio, "ada.north", commands.save_file, draft_id, "form", "note", OTHER, 0)

    with pytest.raises(Conflict, match="you saved it in another window on 2026-03-02"):
        do(studio, "ada.north", commands.save_file, draft_id, "form", "note", THIRD, 0)
    with pytest.raises(Conflict):
        do(studio, "ada.north", commands.save_file, draft_id, "form", "note", NOTE, 0)
    with pytest.raises(Conflict):
        do(studio, "ada.north", commands.drop_file, draft_id, "form", "note", 0)

    assert content(studio, "ada.north", draft_id, "form", "note") == OTHER
    assert do(studio, "ada.north", commands.save_file, draft_id, "form", "more", THIRD, 0) == 2  # another file


def test_the_same_content_sent_again_is_answered_again(studio: World) -> None:
    draft_id = opened(studio)

    assert do(studio, "ada.north", commands.save_file, draft_id, "form", "note", OTHER, 0) == 1
    assert do(studio, "ada.north", commands.save_file, draft_id, "form", "note", OTHER, 0) == 1
    assert look(studio, "ada.north", draft_id).revision == 1


def test_content_that_holds_anyway_is_no_change(studio: World) -> None:
    draft_id = opened(studio)

    assert do(studio, "ada.north", commands.save_file, draft_id, "form", "note", NOTE, 0) == 0
    do(studio, "ada.north", commands.save_file, draft_id, "form", "note", OTHER, 0)
    do(studio, "ada.north", commands.save_file, draft_id, "form", "note", NOTE, 1)

    assert look(studio, "ada.north", draft_id).files == {}


def test_every_former_state_comes_back_as_a_new_version(studio: World) -> None:
    draft_id = opened(studio)
    do(studio, "ada.north", commands.save_file, draft_id, "form", "note", OTHER, 0)
    do(studio, "ada.north", commands.save_file, draft_id, "form", "note", THIRD, 1)
    do(studio, "ada.north", commands.save_file, draft_id, "form", "more", OTHER, 2)

    assert do(studio, "ben.north", commands.restore, draft_id, 1) == 4
    assert content(studio, "ada.north", draft_id, "form", "note") == OTHER
    assert set(look(studio, "ada.north", draft_id).files) == {("form", "note")}

    do(studio, "ben.north", commands.restore, draft_id, 3)
    assert set(look(studio, "ada.north", draft_id).files) == {("form", "note"), ("form", "more")}
    assert do(studio, "ben.north", commands.restore, draft_id, 3) == 5
    with pytest.raises(NotFound):
        do(studio, "ben.north", commands.restore, draft_id, 99)


def test_only_one_s_own_override_can_be_taken_away(studio: World) -> None:
    draft_id = opened(studio)

    with pytest.raises(NotFound):
        do(studio, "ada.north", commands.remove_file, draft_id, "form", "note", 0)
    do(studio, "ada.north", commands.save_file, draft_id, "form", "note", OTHER, 0)
    do(studio, "ada.north", commands.remove_file, draft_id, "form", "note", 1)
    assert look(studio, "ada.north", draft_id).files == {}


def test_a_removed_override_lets_what_is_above_hold_again(studio: World) -> None:
    root = do(studio, "root.admin", commands.open_draft, "review", "无")
    do(studio, "root.admin", commands.remove_file, root, "form", "note", 0)

    found = look(studio, "root.admin", root)
    assert found.files["form", "note"].digest is None
    with pytest.raises(NotFound):
        content(studio, "root.admin", root, "form", "note")


def test_a_draft_is_seen_by_its_organisation_alone(studio: World) -> None:
    draft_id = opened(studio)

    for who in ("cid.east", "root.admin"):
        with pytest.raises(NotFound, match="no such draft"):
            look(studio, who, draft_id)
        with pytest.raises(NotFound, match="no such draft"):
            do(studio, who, commands.save_file, draft_id, "form", "note", OTHER, 0)
        with studio.platform.database.read() as connection:
            assert queries.drafts(connection, studio.actor(who)) == []
    with studio.platform.database.read() as connection:
        assert [one.id for one in queries.drafts(connection, studio.actor("ben.north"))] == [draft_id]


@pytest.mark.parametrize(
    ("kind", "key", "content", "said"),
    [
        ("program", "note", b"x", "found program"),
        ("form", "../note", b"x", "found ../note"),
        ("form", "a" * 101, b"x", "letters, digits"),
        ("form", "", b"x", "letters, digits"),
        ("form", "no\0te", b"x", "letters, digits"),
        ("profile", "other", b"x", "found other"),
        ("form", "note", b"x" * 2_000_001, "at most 2000000 bytes"),
    ],
)
def test_hostile_files_are_refused_and_nothing_is_kept(
    studio: World, kind: str, key: str, content: bytes, said: str
) -> None:
    draft_id = opened(studio)

    with pytest.raises(Rejected, match=said):
        do(studio, "ada.north", commands.save_file, draft_id, kind, key, content, 0)
    assert look(studio, "ada.north", draft_id).revision == 0


@pytest.mark.parametrize("base", [-1, 1, 10**9])
def test_a_version_that_never_was_is_refused(studio: World, base: int) -> None:
    with pytest.raises(Rejected, match="Open the file again"):
        do(studio, "ada.north", commands.save_file, opened(studio), "form", "note", OTHER, base)


def test_a_discarded_draft_takes_no_more(studio: World) -> None:
    draft_id = opened(studio)
    do(studio, "ada.north", commands.discard, draft_id)

    with pytest.raises(Conflict):
        do(studio, "ada.north", commands.save_file, draft_id, "form", "note", OTHER, 0)


def test_an_uploaded_bundle_becomes_a_draft_of_what_differs(studio: World) -> None:
    changed = bundle(REVIEW, form__note=OTHER)

    draft_id = do(studio, "ada.north", commands.import_bundle, changed, "")

    assert set(look(studio, "ada.north", draft_id).files) == {("form", "note")}
    with pytest.raises(Rejected, match="something new"):
        do(studio, "ada.north", commands.import_bundle, bundle(REVIEW), "")


def test_who_else_has_it_open_is_known_for_a_while(studio: World) -> None:
    draft_id = opened(studio)
    do(studio, "ben.north", commands.keep_open, draft_id, "form", "note")

    def seen(seconds: int) -> list[tuple[str, str]]:
        with studio.platform.database.read() as connection:
            found = queries.draft(connection, studio.actor("ada.north"), draft_id)
            at = studio.now + timedelta(seconds=seconds)
            return [(one.name, one.key) for one in queries.editors(connection, found, at)]

    assert seen(5) == [("Ben", "note")]
    do(studio, "ben.north", commands.keep_open, draft_id, "process", "review")
    assert seen(5) == [("Ben", "review")]
    assert seen(600) == []


def test_a_procedure_that_is_not_published_here_has_no_drafts(studio: World) -> None:
    with pytest.raises(NotFound):
        do(studio, "ada.north", commands.open_draft, "nowhere", "无")
    with pytest.raises(Rejected):
        do(studio, "ada.north", commands.open_draft, "review", "  ")
