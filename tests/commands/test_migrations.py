"""A running case moves to another version: what waits survives, the record says so, and what cannot move stays."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from sqlalchemy import select

from engine.commands import tasks
from engine.commands.deployments import publish
from engine.commands.migrations import Blocked, migrate_instance
from engine.commands.people import add_user
from engine.errors import NotFound, Rejected
from engine.history import events as e
from engine.history.replay import frames
from engine.queries.reexecution import Past, re_execute
from engine.store import tables as t
from engine.store.directory import system_actor
from engine.store.drafts import keep_draft
from engine.store.reading import facts_of
from tests.world import FORM, REVIEW, World, bundle, flow, process, user_task

EXTRA = process(
    "review",
    '<startEvent id="begin"/>'
    + user_task("check")
    + '<exclusiveGateway id="well" default="f3"/>'
    + user_task("recheck")
    + user_task("decide", "leader")
    + '<endEvent id="done" name="done"/>'
    + flow(1, "begin", "check")
    + flow(2, "check", "well")
    + flow(3, "well", "check")
    + flow(4, "well", "recheck", 'outcome = "forward"')
    + flow(6, "recheck", "decide")
    + flow(5, "decide", "done"),
)
"""A second look between check and decision."""


def newer(world: World, main: bytes, tenant: str = "root", **more: bytes) -> None:
    """Publish another version."""
    publication = bundle(main, **more)
    world.platform.run(lambda uow: publish(uow, publication, tenant, "second"), system_actor(), world.now)


def move(
    world: World, case: str, mapping: Mapping[str, str] | None = None, who: str = "", **more: Any
) -> e.InstanceMigrated:
    actor = world.actor(who) if who else system_actor()
    target = more.pop("target", None)
    return world.platform.run(
        lambda uow: migrate_instance(uow, case, target, mapping or {}, more.pop("reason", "new rules"), **more),
        actor,
        world.now,
    )


def whole(world: World, case: str) -> None:
    """The rows are what the history adds up to, and running it again gives the same."""
    assert world.verdict().findings == ()
    with world.platform.database.read() as connection:
        assert re_execute(connection, world.platform.known, case, Past(connection)).difference is None


def told(world: World, case: str, kind: type) -> list[Any]:
    with world.platform.database.read() as connection:
        return [fact.event for fact in facts_of(connection, f"case:{case}") if isinstance(fact.event, kind)]


def row(world: World, table: Any, id_: str) -> Any:
    with world.platform.database.read() as connection:
        return connection.execute(select(table).where(table.c.id == id_)).one()


def test_a_case_follows_the_new_version_from_where_it_waits(world: World) -> None:
    case, other = world.start(), world.start()
    before = row(world, t.instance, case).pins
    newer(world, EXTRA)

    move(world, case)
    for one in (case, other):
        world.complete(one, "check", outcome="forward")

    assert world.open(case) == ["recheck"]
    assert world.open(other) == ["decide"]
    (fact,) = told(world, case, e.InstanceMigrated)
    assert fact.former == before
    assert fact.pins == row(world, t.instance, case).pins != before
    assert fact.label == "review 2"
    assert not told(world, other, e.InstanceMigrated)
    whole(world, case)
    whole(world, other)


def test_the_film_shows_which_version_was_in_force(world: World) -> None:
    case = world.start()
    newer(world, EXTRA)
    move(world, case)
    with world.platform.database.read() as connection:
        film = list(frames(facts_of(connection, f"case:{case}")))

    assert [frame.pins["process:review"] for frame in film][-2:] == [
        "root:review:process:review@1",
        film[-1].pins["process:review"],
    ]
    assert film[-1].pins["process:review"].endswith("@2")


def test_an_open_task_keeps_its_id_its_holder_its_draft_and_its_due_date(make_world: Callable[..., World]) -> None:
    due = 'sm:dueWorkingDays="=3"'
    world = make_world(REVIEW.replace(b'sm:form="note"', f'sm:form="note" {due}'.encode()))
    case = world.start()
    task = world.task(case, "check")
    world.platform.run(lambda uow: tasks.claim_task(uow, task), world.actor("bob.east"), world.now)
    world.platform.run(
        lambda uow: keep_draft(uow.connection, task, {"note": ["half a sen"]}), world.actor("bob.east"), world.now
    )
    before = row(world, t.user_task, task)
    newer(world, EXTRA.replace(b'name="check"', b'name="look"'))
    world.wait(days=1)

    move(world, case)

    after = row(world, t.user_task, task)
    assert after.name == "look"
    assert (after.assignee, after.draft, after.due_at) == (before.assignee, {"note": ["half a sen"]}, before.due_at)
    assert after.due_at is not None
    world.complete(case, "check", outcome="forward", note="a sentence")
    whole(world, case)


def test_due_dates_are_counted_anew_from_when_the_task_began_if_somebody_says_so(
    make_world: Callable[..., World],
) -> None:
    def drawn(days: int) -> bytes:
        return EXTRA.replace(b'sm:form="note"', f'sm:form="note" sm:dueDays="={days}"'.encode())

    world = make_world(drawn(3))
    kept, counted = world.start(), world.start()
    before = row(world, t.user_task, world.task(kept, "check")).due_at
    newer(world, drawn(10))
    world.wait(days=1)

    move(world, kept)
    move(world, counted, recompute=True)

    assert row(world, t.user_task, world.task(kept, "check")).due_at == before
    after = row(world, t.user_task, world.task(counted, "check")).due_at
    assert (after.date() - before.date()).days == 7
    whole(world, kept)
    whole(world, counted)


def test_who_did_a_step_counts_for_the_duties_of_the_new_version(world: World) -> None:
    case = world.start()
    world.complete(case, "check", who="eve.east", outcome="forward")
    duties = b'[[duty]]\nname = "four eyes"\nelements = ["look", "decide"]\n'
    renamed = EXTRA.replace(b'"check"', b'"look"')
    newer(world, renamed, duties__review=duties)

    move(world, case, {"check": "look"})

    with pytest.raises(Rejected, match="four eyes"):
        world.complete(case, "decide", who="eve.east")
    whole(world, case)


def test_a_renamed_step_goes_on_under_its_new_id_and_a_new_form(world: World) -> None:
    case = world.start()
    task = world.task(case, "check")
    renamed = EXTRA.replace(b'"check"', b'"look"').replace(b'sm:form="note"', b'sm:form="other"')
    newer(world, renamed, form__other=(FORM % "other").encode())

    move(world, case, {"check": "look", "nothing": "at all", "decide": "no such"})

    assert (world.task(case, "look"), row(world, t.user_task, task).form) == (task, "other")
    assert told(world, case, e.InstanceMigrated)[0].mapping == {"check": "look"}
    world.complete(case, "look", outcome="forward")
    assert world.open(case) == ["recheck"]
    whole(world, case)


def test_a_task_whose_lane_changed_goes_to_its_new_people(world: World) -> None:
    case = world.start()
    task = world.task(case, "check")
    world.platform.run(lambda uow: tasks.claim_task(uow, task), world.actor("bob.east"), world.now)
    world.platform.run(
        lambda uow: keep_draft(uow.connection, task, {"note": ["mine"]}), world.actor("bob.east"), world.now
    )
    newer(world, EXTRA.replace(b'name="check" sm:role="reviewer"', b'name="check" sm:role="leader"'))

    move(world, case)

    after = row(world, t.user_task, task)
    assert (after.role, after.assignee, after.draft) == ("leader", None, None)
    whole(world, case)


def test_what_cannot_move_stays_and_says_why(world: World) -> None:
    case = world.start()
    before = row(world, t.instance, case)
    newer(world, EXTRA.replace(b'"check"', b'"look"'))

    with pytest.raises(Blocked, match="Expected check, where the case waits") as refused:
        move(world, case)

    assert [blocker.choices for blocker in refused.value.blockers] == [
        (("look", "look"), ("recheck", "recheck"), ("decide", "decide"))
    ]
    assert row(world, t.instance, case) == before
    whole(world, case)


@pytest.mark.parametrize("reason", ["", " \n", "x" * 501])
def test_a_move_needs_a_reason(world: World, reason: str) -> None:
    case = world.start()
    newer(world, EXTRA)
    before = row(world, t.instance, case)
    with pytest.raises(Rejected, match="reason"):
        move(world, case, reason=reason)
    assert row(world, t.instance, case) == before


def test_the_same_version_and_an_ended_case_are_refused(world: World) -> None:
    case = world.start()
    with pytest.raises(Rejected, match="follows this one already"):
        move(world, case)
    world.complete(case, "check", outcome="forward")
    world.complete(case, "decide", who="eve.east")
    newer(world, EXTRA)
    with pytest.raises(Rejected, match="has ended"):
        move(world, case)


def test_only_who_administers_the_unit_moves_its_cases(world: World) -> None:
    case = world.start()
    newer(world, EXTRA)
    for login, tenant, roles in (("adm.root", "root", ["administrator"]), ("adm.west", "west", ["administrator"])):
        world.platform.run(
            lambda uow, login=login, tenant=tenant, roles=roles: add_user(uow, login, login, tenant, roles, None),
            system_actor(),
            world.now,
        )
    for who in ("bob.east", "adm.west"):
        with pytest.raises(NotFound):
            move(world, case, who=who)
    with pytest.raises(NotFound):
        move(world, "no-such", who="adm.root")

    move(world, case, who="adm.root")

    assert told(world, case, e.InstanceMigrated)


def test_a_version_that_was_never_published_here_is_not_found(world: World) -> None:
    case = world.start()
    pins = dict(row(world, t.instance, case).pins)
    newer(world, EXTRA)
    for hostile in (
        {},
        {**pins, "process:review": "nonsense"},
        {**pins, "process:review": pins["form:note"]},
        {key: value for key, value in pins.items() if not key.startswith("bundle")},
    ):
        with pytest.raises(NotFound):
            move(world, case, target=hostile)


def test_a_case_moves_back_to_where_it_was(world: World) -> None:
    case = world.start()
    pins, state = row(world, t.instance, case).pins, row(world, t.instance, case).state
    newer(world, EXTRA)
    move(world, case)

    move(world, case, target=pins, undoes=True)

    assert (row(world, t.instance, case).pins, row(world, t.instance, case).state) == (pins, state)
    whole(world, case)
