"""Whatever is altered in a whole database of real cases is found, at its place, and it is known what gave it away."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Connection, Table, func, select

from engine.commands.sealing import commit_to_log
from engine.connectors.registry import connectors
from engine.history.checkpoint import FileSigner
from engine.queries.reexecution import case_ids, re_execute
from engine.queries.verify import verify, verify_seals
from engine.scenarios.player import play
from engine.scenarios.seed import procedure_folders, read_scenarios, set_the_stage
from engine.store import tables as t
from engine.store.database import open_database
from engine.store.directory import system_actor
from engine.store.run import Platform
from tests.conftest import new_postgres_database
from tests.processes.drawing import PROCESSES, ROOT
from tests.store import forger

TOLD = ("golden_path_september", "not_severe", "withdrawal")
SIGNER = FileSigner("test.example/log", bytes(range(32)))
LATER = datetime(2027, 1, 1, tzinfo=UTC)


@dataclass
class Record:
    """A platform with a few cases, all committed to the log, and the head that was kept outside."""

    platform: Platform
    kept: str
    case: str

    @property
    def stream(self) -> str:
        return f"case:{self.case}"

    def found(
        self, alter: Callable[[Connection], Any], *, kept: bool = False, again: bool = False, sealed: bool = False
    ) -> set[tuple[str, str]]:
        """(means, place) of everything found after an alteration, which is then taken back.

        With ``sealed`` only by the quick check, which has to be enough for whatever was sealed.
        """
        with self.altered(alter) as connection:
            notes = [self.kept] if kept else []
            check = verify_seals if sealed else verify
            findings = check(connection, keys=[SIGNER.verifier], kept=notes).findings
            seen = {(finding.means, finding.place) for finding in findings}
            if again:
                seen |= self._differences(connection)
            return seen

    def _differences(self, connection: Connection) -> set[tuple[str, str]]:
        agreements = {id_: re_execute(connection, Platform(self.platform.database).known, id_) for id_ in [self.case]}
        return {("again", f"case:{id_}#{one.difference.seq}") for id_, one in agreements.items() if one.difference}

    @contextmanager
    def altered(self, alter: Callable[[Connection], Any]) -> Iterator[Connection]:
        """The altered database, in a transaction that is never committed."""

        class Undone(Exception):
            pass

        with suppress(Undone), self.platform.database.write() as connection:
            alter(connection)
            yield connection
            raise Undone

    def rows(self, table: Table, *where: Any) -> list[Any]:
        with self.platform.database.read() as connection:
            return list(connection.execute(select(table).where(*where).order_by(*table.primary_key.columns)).all())


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def record(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Record]:
    folder = tmp_path_factory.mktemp("record")
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("sqlite_template"), folder / "record.sqlite")
        database = open_database(f"sqlite:///{folder / 'record.sqlite'}")
    else:
        server, template = request.getfixturevalue("postgres_server"), request.getfixturevalue("postgres_template")
        database = new_postgres_database(server, template)
    platform = Platform(database)
    set_the_stage(platform, PROCESSES, ROOT / "forms" / "library", datetime(2020, 1, 1, tzinfo=UTC))
    stories = {story.key: story for folder_ in procedure_folders(PROCESSES) for story in read_scenarios(folder_)}
    for name in TOLD:
        play(platform, connectors(folder), stories[name])
        kept = platform.run(lambda uow: commit_to_log(uow, SIGNER), system_actor(), LATER)
    with database.read() as connection:
        case = case_ids(connection)[0][0]
    assert kept is not None
    yield Record(platform, kept, case)
    database.close()


def test_the_record_itself_is_whole(record: Record) -> None:
    assert record.found(lambda connection: None, kept=True, again=True) == set()


def flipped(content: bytes, position: int) -> bytes:
    changed = bytearray(content)
    changed[position % len(content)] ^= 1
    return bytes(changed)


def test_one_byte_of_a_fact_of_every_kind_is_found_at_that_fact(record: Record) -> None:
    kinds = {row.type: row for row in record.rows(t.history)}
    assert len(kinds) > 20

    for number, row in enumerate(kinds.values()):
        here = (t.history.c.stream == row.stream) & (t.history.c.seq == row.seq)
        wanted = ("seal", f"{row.stream}#{row.seq}")
        changes = [
            {"body": flipped(row.body, 7919 * number + 13)},
            {"seal": ("1" if row.seal[0] == "0" else "0") + row.seal[1:]},
            {"type": row.type[:-1]},
            {"at": row.at.replace(microsecond=(row.at.microsecond + 1) % 1_000_000)},
        ]
        for values in changes:
            found = record.found(lambda c: c.execute(t.history.update().where(here).values(**values)), sealed=True)  # noqa: B023
            assert wanted in found, (row.type, list(values))


def test_one_byte_of_a_personal_value_of_every_kind_is_found_at_its_fact(record: Record) -> None:
    for row in {row.name: row for row in record.rows(t.payload)}.values():
        here = (t.payload.c.stream == row.stream) & (t.payload.c.seq == row.seq) & (t.payload.c.name == row.name)
        for values in ({"salt": flipped(row.salt, 5)}, {"value": flipped(row.value, 1)}, {"name": row.name + "x"}):
            found = record.found(lambda c: c.execute(t.payload.update().where(here).values(**values)), sealed=True)  # noqa: B023
            assert ("seal", f"{row.stream}#{row.seq}") in found, (row.name, list(values))
        found = record.found(lambda c: c.execute(t.payload.delete().where(here)), sealed=True)  # noqa: B023
        assert ("seal", f"{row.stream}#{row.seq}") in found
    more = {"stream": row.stream, "seq": row.seq, "name": "more", "salt": b"1", "value": b"2"}
    assert ("seal", f"{row.stream}#{row.seq}") in record.found(
        lambda c: c.execute(t.payload.insert().values(**more)), sealed=True
    )


def test_a_removed_an_added_and_two_exchanged_facts_are_found(record: Record) -> None:
    rows = record.rows(t.history, t.history.c.stream == record.stream)
    here = lambda seq: (t.history.c.stream == record.stream) & (t.history.c.seq == seq)
    last = rows[-1]

    removed = record.found(lambda c: c.execute(t.history.delete().where(here(9))))
    added = record.found(
        lambda c: c.execute(t.history.insert().values({**last._mapping, "seq": last.seq + 1, "leaf": None}))
    )

    def exchange(connection: Connection) -> None:
        for row, other in ((rows[8], rows[9]), (rows[9], rows[8])):
            values = {key: value for key, value in other._mapping.items() if key not in {"stream", "seq"}}
            connection.execute(t.history.update().where(here(row.seq)).values(**values))

    assert ("seal", f"{record.stream}#10") in removed
    assert ("log", _seen_at(record, {rows[8].leaf})) in removed
    assert ("seal", f"{record.stream}#{last.seq + 1}") in added
    assert ("seal", f"{record.stream}#9") in record.found(exchange)


def test_a_cut_stream_is_found_even_when_its_head_was_cut_too(record: Record) -> None:
    rows = record.rows(t.history, t.history.c.stream == record.stream)
    last, left = rows[-1].seq, rows[-3]

    def cut(connection: Connection) -> None:
        connection.execute(t.history.delete().where(t.history.c.stream == record.stream, t.history.c.seq > last - 2))
        connection.execute(t.payload.delete().where(t.payload.c.stream == record.stream, t.payload.c.seq > last - 2))

    def cut_with_head(connection: Connection) -> None:
        cut(connection)
        head = {"seq": left.seq, "seal": left.seal}
        connection.execute(t.instance.update().where(t.instance.c.id == record.case).values(**head))

    assert ("seal", f"{record.stream}#{last - 2}") in record.found(cut)
    found = record.found(cut_with_head)
    assert {means for means, _ in found} >= {"log", "rows"}
    assert ("log", _seen_at(record, {row.leaf for row in rows[-2:]})) in found
    assert ("rows", f"instance {record.case}") in found


def _seen_at(record: Record, missing: set[int]) -> str:
    """The place at which missing leaves are seen: the next fact in the log, or the log's end where none follows.

    Facts of one moment stand in the log in no order that is the same each time.
    """
    left = [row for row in record.rows(t.history, t.history.c.leaf > min(missing)) if row.leaf not in missing]
    row = min(left, key=lambda row: row.leaf, default=None)
    return f"{row.stream}#{row.seq}" if row else f"log#{min(missing)}"


def test_replaced_heads_are_found_where_they_stand(record: Record) -> None:
    stream = record.rows(t.stream)[0]
    other = "0" * 64
    at = lambda table, key, value: table.update().where(key == value)
    size = max(row.size for row in record.rows(t.checkpoint))
    note = forger.signed(forger.Checkpoint("test.example/log", size, bytes(32)), forger.FORGER)
    root = forger.read_root(record.kept)
    forged = forger.signed(forger.Checkpoint("test.example/log", size, root), forger.FORGER)

    seen = record.found(lambda c: c.execute(at(t.stream, t.stream.c.id, stream.id).values(seal=other)))
    assert ("seal", f"{stream.id}#{stream.seq}") in seen
    seen = record.found(lambda c: c.execute(at(t.instance, t.instance.c.id, record.case).values(seal=other)))
    assert any(means == "seal" and place.startswith(record.stream) for means, place in seen)
    for text in (note, forged, "nothing"):
        seen = record.found(lambda c: c.execute(at(t.checkpoint, t.checkpoint.c.size, size).values(note=text)))  # noqa: B023
        assert seen == {("log", f"checkpoint {size}")}
    for level in (0, 1, 5):
        here = (t.log_node.c.level == level) & (t.log_node.c.position == 3)
        seen = record.found(lambda c: c.execute(t.log_node.update().where(here).values(hash=bytes(32))))  # noqa: B023
        (under,) = record.rows(t.history, t.history.c.leaf == 3 << level)
        assert seen == {("log", f"{under.stream}#{under.seq}")}
        assert {means for means, _ in record.found(lambda c: c.execute(t.log_node.delete().where(here)))} == {"log"}  # noqa: B023


def _first(record: Record, kind: str) -> int:
    query = (t.history.c.stream == record.stream, t.history.c.type == kind)
    return int(record.rows(t.history, *query)[0].seq)


def _forgeries(record: Record) -> dict[str, tuple[int, Callable[[Connection], None]]]:
    """What somebody might want to be otherwise: the first fact that is then another, and how it is done."""
    stream, done = record.stream, _first(record, "UserTaskCompleted")

    rows = record.rows(t.history, t.history.c.stream == stream)
    first = next(n for n, row in enumerate(rows) if n > 3 and _may_change_places(row, rows[n + 1]))
    swapped = rows[first].seq

    def exchange(connection: Connection) -> None:
        bodies = {}
        for seq, other in ((swapped, swapped + 1), (swapped + 1, swapped)):
            body = forger.body_of(connection, stream, other)
            body["seq"] = seq
            bodies[seq] = forger.canonical(body)
        for old, new in ((swapped, -1), (swapped + 1, swapped), (-1, swapped + 1)):
            here = (t.payload.c.stream == stream) & (t.payload.c.seq == old)
            connection.execute(t.payload.update().where(here).values(seq=new))
        forger.put(connection, stream, bodies)

    def input_value(connection: Connection) -> None:
        forger.replace_value(connection, stream, done, "answers", {"contact_result": "not_reached"})

    def of(seq: int, change: Callable[[dict[str, Any]], None]) -> tuple[int, Callable[[Connection], None]]:
        return seq, lambda connection: forger.rewrite(connection, stream, seq, change)

    return {
        "actor": of(done, lambda body: body.update(actor="u-somebody")),
        "time": of(done, lambda body: body.update(at="2026-09-09T01:00:00+00:00")),
        "input": (done, input_value),
        "rule version": of(1, lambda body: body["data"]["pins"].update(_other_version(body["data"]["pins"]))),
        "order": (swapped, exchange),
    }


def _may_change_places(row: Any, other: Any) -> bool:
    """Two facts of one command that the diagram itself brought about, neither the last."""
    kinds = {"ElementCompleted", "UserTaskCreated", "ScopeEntered"}
    states = {json.loads(fact.body)["state"] for fact in (row, other)}
    return states == {""} and {row.type, other.type} <= kinds and row.body != other.body


def _other_version(pins: dict[str, str]) -> dict[str, str]:
    key = next(key for key in sorted(pins) if key.startswith("decision:"))
    return {key: pins[key].rpartition("@")[0] + "@99"}


KINDS = ("actor", "time", "input", "rule version", "order")


@pytest.mark.parametrize("kind", KINDS)
def test_a_forged_fact_in_a_chain_made_anew_is_found_by_the_log(record: Record, kind: str) -> None:
    seq, forge = _forgeries(record)[kind]

    found = record.found(forge)

    assert ("log", f"{record.stream}#{seq}") in found
    assert not any(means == "seal" for means, _ in found), "the forger was careless"


@pytest.mark.parametrize("kind", KINDS)
def test_a_chain_and_log_made_anew_are_found_only_by_signature_and_the_head_kept_outside(
    record: Record, kind: str
) -> None:
    _, forge = _forgeries(record)[kind]

    def everything(connection: Connection) -> None:
        forge(connection)
        forger.rebuild_log(connection)

    with record.altered(everything) as connection:
        unaware = {finding.means for finding in verify(connection).findings}
        aware = [str(finding) for finding in verify(connection, keys=[SIGNER.verifier], kept=[record.kept]).findings]

    assert unaware <= {"rows"}, "the forger was careless"
    assert "kept head 1: A signed head does not state the root of the log." in aware
    assert any("is not signed with the key" in text for text in aware)


@pytest.mark.parametrize("kind", ["input", "order", "rule version"])
def test_what_the_diagram_does_not_prescribe_is_found_by_running_it_again(record: Record, kind: str) -> None:
    seq, forge = _forgeries(record)[kind]

    found = [place for means, place in record.found(forge, again=True) if means == "again"]

    assert found, "nothing differed"
    assert int(found[0].rpartition("#")[2]) >= seq


def test_how_many_facts_that_was(record: Record) -> None:
    with record.platform.database.read() as connection:
        assert connection.execute(select(func.count()).select_from(t.history)).scalar_one() > 300
