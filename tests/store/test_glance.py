"""A run of facts that is as it was sealed is seen at a glance; anything else is looked at fact by fact, and located."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Connection, func, select

from engine.commands.sealing import commit_to_log
from engine.history.checkpoint import FileSigner
from engine.queries.places import Places
from engine.queries.seals import checked_runs, heads_of
from engine.queries.verify import verify_seals
from engine.store import tables as t
from engine.store.directory import system_actor
from engine.store.plain_rows import Question, moment_written
from tests.world import World

SIGNER = FileSigner("test.example/log", bytes(range(32)))


@pytest.fixture
def lived(world: World) -> World:
    """Two cases, and everything committed to the log."""
    first = world.start(note="first")
    world.complete(first, "check", outcome="forward")
    world.wait(minutes=1)
    world.start(note="second")
    world.platform.run(lambda uow: commit_to_log(uow, SIGNER), system_actor(), world.now)
    return world


def glances(connection: Connection) -> dict[str, bool]:
    """Stream → whether all its runs were as they should be at a glance."""
    findings: list[Any] = []
    found: dict[str, bool] = {}
    for run in checked_runs(connection, heads_of(connection), findings, None, Places(connection)):
        found[run.stream] = found.get(run.stream, True) and run.is_as_sealed
    return found


def places(world: World, change: Any) -> list[str]:
    """Where something is found after a change."""
    with world.platform.database.write() as connection:
        connection.execute(change)
    with world.platform.database.read() as connection:
        return [finding.place for finding in verify_seals(connection, keys=[SIGNER.verifier]).findings]


def case_fact(world: World, seq: int) -> Any:
    with world.platform.database.read() as connection:
        query = select(t.history).where(t.history.c.stream.startswith("case:"), t.history.c.seq == seq)
        return connection.execute(query.order_by(t.history.c.stream)).first()


def at(row: Any) -> Any:
    return (t.history.c.stream == row.stream) & (t.history.c.seq == row.seq)


def test_a_whole_record_is_seen_at_a_glance(lived: World) -> None:
    with lived.platform.database.read() as connection:
        assert set(glances(connection).values()) == {True}
        noted = Places(connection)
        list(checked_runs(connection, heads_of(connection), [], None, noted))
        assert noted.are_taken


def test_one_changed_fact_costs_its_own_stream_the_glance(lived: World) -> None:
    row = case_fact(lived, 3)
    assert places(lived, t.history.update().where(at(row)).values(type="InstanceStarted")) == [f"{row.stream}#3"]
    with lived.platform.database.read() as connection:
        assert [stream for stream, whole in glances(connection).items() if not whole] == [row.stream]


def test_two_facts_at_one_place_of_the_log_are_found(lived: World) -> None:
    row = case_fact(lived, 3)
    other = case_fact(lived, 4)
    found = places(lived, t.history.update().where(at(row)).values(leaf=other.leaf))
    assert len(found) == 1
    with lived.platform.database.read() as connection:
        noted = Places(connection)
        list(checked_runs(connection, heads_of(connection), [], None, noted))
        assert not noted.are_taken


def test_a_place_that_the_log_does_not_have_is_found(lived: World) -> None:
    row = case_fact(lived, 3)
    assert places(lived, t.history.update().where(at(row)).values(leaf=-1))
    assert places(lived, t.history.update().where(at(row)).values(leaf=10**6))
    assert places(lived, t.history.update().where(at(row)).values(leaf=None))


@pytest.mark.parametrize("stream", ["a:before-all", "case:zzz", "zz:after-all"])
def test_a_personal_value_without_its_fact_is_found_wherever_it_lies(lived: World, stream: str) -> None:
    value = {"stream": stream, "seq": 1, "name": "answers", "salt": b"1" * 32, "value": b"{}"}
    assert places(lived, t.payload.insert().values(**value)) == [f"{stream}#1"]


def test_a_value_of_another_kind_is_found_and_breaks_nothing(lived: World) -> None:
    database = lived.platform.database
    if not database.is_sqlite:
        return  # PostgreSQL keeps the kinds of its columns
    row = case_fact(lived, 3)
    for column in ("body", "at", "seal", "type"):
        with database.write() as connection:  # a number becomes text where the column is one
            value = 7 if column == "body" else b"7"
            change = f"update history set {column} = ? where stream = ? and seq = ?"
            connection.exec_driver_sql(change, (value, row.stream, row.seq))
        with database.read() as connection:
            assert f"{row.stream}#3" in [one.place for one in verify_seals(connection).findings], column
        with database.write() as connection:
            connection.execute(t.history.update().where(at(row)).values(**row._mapping))


def test_rows_come_plain_and_in_pieces(lived: World) -> None:
    with lived.platform.database.read() as connection:
        query = select(t.history.c.seq, t.history.c.at).order_by(t.history.c.stream, t.history.c.seq)
        pieces = list(Question(connection, query).batches(7))
        wanted = [(row.seq, row.at) for row in connection.execute(query)]
        count = connection.execute(select(func.count()).select_from(t.history)).scalar()
    assert {len(piece) for piece in pieces[:-1]} == {7}
    assert sum(map(len, pieces)) == count
    told = [(seq, moment_written(moment)) for piece in pieces for seq, moment in piece]
    assert told == [(seq, moment.isoformat()) for seq, moment in wanted]
