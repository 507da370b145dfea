"""Nobody rewrites the record unseen: a changed byte in any history row is found and located, a changed row too."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Table, func, select

from engine.store import tables as t
from tests.world import World

Change = dict[str, Any]


@pytest.fixture
def lived(world: World) -> World:
    """A world with two cases: one running with a draft of history, one ended."""
    first, second = world.start(note="first"), world.start(note="second")
    world.complete(first, "check", outcome="back")
    world.complete(second, "check", outcome="forward")
    world.complete(second, "decide", who="eve.east")
    assert world.verdict().findings == ()
    return world


def _update(world: World, table: Table, where: Any, values: Change) -> None:
    with world.platform.database.write() as connection:
        assert connection.execute(table.update().where(where).values(**values)).rowcount == 1


def test_an_untouched_record_is_whole(lived: World) -> None:
    verdict = lived.verdict()

    assert verdict.findings == ()
    assert verdict.facts > 20


def test_one_changed_byte_in_any_history_row_is_found_at_that_row(lived: World) -> None:
    with lived.platform.database.read() as connection:
        rows = connection.execute(select(t.history)).all()
    places = [(row, position) for row in rows for position in (row.seq * 7919 % len(row.body),)]

    for row, position in places:
        here = (t.history.c.stream == row.stream) & (t.history.c.seq == row.seq)
        broken = bytearray(row.body)
        broken[position] ^= 1
        _update(lived, t.history, here, {"body": bytes(broken)})
        found = [finding.place for finding in lived.verdict().findings]
        assert f"{row.stream}#{row.seq}" in found, (row.stream, row.seq, found)
        _update(lived, t.history, here, {"body": row.body})

    assert lived.verdict().findings == ()


def test_one_changed_byte_in_any_personal_value_is_found_at_that_row(lived: World) -> None:
    with lived.platform.database.read() as connection:
        rows = connection.execute(select(t.payload)).all()

    for row in rows:
        here = (t.payload.c.stream == row.stream) & (t.payload.c.seq == row.seq) & (t.payload.c.name == row.name)
        for column in ("salt", "value"):
            broken = bytearray(getattr(row, column))
            broken[0] ^= 1
            _update(lived, t.payload, here, {column: bytes(broken)})
            assert f"{row.stream}#{row.seq}" in [finding.place for finding in lived.verdict().findings]
            _update(lived, t.payload, here, {column: getattr(row, column)})


def test_a_removed_fact_and_a_cut_stream_are_found(lived: World) -> None:
    with lived.platform.database.read() as connection:
        stream, last = connection.execute(
            select(t.history.c.stream, func.max(t.history.c.seq))
            .where(t.history.c.stream.like("case:%"))
            .group_by(t.history.c.stream)
        ).first()
        rows = connection.execute(select(t.history).where(t.history.c.stream == stream)).mappings().all()

    for seq, wanted in ((3, f"{stream}#4"), (last, f"{stream}#{last - 1}")):
        with lived.platform.database.write() as connection:
            connection.execute(t.history.delete().where(t.history.c.stream == stream, t.history.c.seq == seq))
        assert wanted in [finding.place for finding in lived.verdict().findings]
        with lived.platform.database.write() as connection:
            connection.execute(t.history.insert(), [dict(row) for row in rows if row["seq"] == seq])

    assert lived.verdict().findings == ()


CHANGES: list[tuple[Table, Change]] = [
    (t.instance, {"title": "another"}),
    (t.instance, {"status": "running", "outcome": "none"}),
    (t.instance, {"pins": {}}),
    (t.instance, {"state": b"{}"}),
    (t.instance, {"standing": {"tasks": {}}}),
    (t.instance, {"seq": 1}),
    (t.instance, {"started_by": "u-other"}),
    (t.user_task, {"completed_by": "u-other"}),
    (t.user_task, {"status": "cancelled"}),
    (t.user_task, {"tenant_id": "west"}),
    (t.user_task, {"due_at": None, "name": "x"}),
    (t.membership, {"role": "administrator"}),
    (t.user, {"login": "mallory"}),
    (t.user, {"disabled": True}),
    (t.tenant, {"path": "elsewhere"}),
    (t.resource, {"version": 7}),
    (t.deployment, {"title": "x"}),
    (t.file, {"content": b"x"}),
]


@pytest.mark.parametrize(("table", "values"), CHANGES, ids=lambda value: getattr(value, "name", str(value)))
def test_a_row_changed_behind_the_histories_back_is_found(lived: World, table: Table, values: Change) -> None:
    with lived.platform.database.read() as connection:
        key = next(iter(connection.execute(select(*table.primary_key.columns).limit(1))))
    where = True
    for column, value in zip(table.primary_key.columns, key, strict=True):
        where = (column == value) & where if where is not True else column == value

    _update(lived, table, where, values)

    assert lived.verdict().findings, f"{table.name} {values} went unseen"


def test_a_row_added_or_removed_behind_the_histories_back_is_found(lived: World) -> None:
    with lived.platform.database.write() as connection:
        user = connection.execute(select(t.user.c.id).where(t.user.c.login == "ann.east")).scalar_one()
        connection.execute(t.membership.insert().values(user_id=user, tenant_id="root", role="administrator"))

    assert [f.place for f in lived.verdict().findings] == [f"membership {user}/root/administrator"]

    with lived.platform.database.write() as connection:
        connection.execute(t.membership.delete().where(t.membership.c.user_id == user))

    assert "A row that the history made is missing." in [f.template for f in lived.verdict().findings]


def test_drafts_and_passwords_are_not_facts(lived: World) -> None:
    task = lived.task(next(iter(_running(lived))), "check")

    _update(lived, t.user_task, t.user_task.c.id == task, {"draft": {"note": ["half"]}})

    assert lived.verdict().findings == ()


def test_a_row_added_behind_the_histories_back_stops_the_next_command(lived: World) -> None:
    case = next(iter(_running(lived)))
    row = {
        "id": "forged.1",
        "instance_id": case,
        "element": "decide",
        "process": "review",
        "name": "x",
        "form": "note",
        "role": "leader",
        "tenant_id": "east",
        "status": "open",
        "created_at": lived.now,
        "due_provisional": False,
    }
    with lived.platform.database.write() as connection:
        connection.execute(t.user_task.insert().values(**row))

    with pytest.raises(Exception, match="not what its history says"):
        lived.complete(case, "check", outcome="forward")


def _running(world: World) -> list[str]:
    with world.platform.database.read() as connection:
        return list(connection.execute(select(t.instance.c.id).where(t.instance.c.status == "running")).scalars())
