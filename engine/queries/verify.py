"""Check the record: every seal, every digest, and that all rows are what the history adds up to.

Nothing is trusted but the stored bytes: seals are recomputed from the first fact of a stream to its head,
personal values are held against their digests, published files and attachments against their checksums,
and every row is computed again from history by the same rules that wrote it (``engine.store.apply``).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from typing import Any

from sqlalchemy import Connection, RowMapping, Table, func, select

from engine.errors import Corrupt
from engine.history.facts import Fact, open_fact
from engine.history.replay import fold
from engine.history.seal import digest
from engine.queries.finding import SEAL, Finding
from engine.queries.log_check import check_log
from engine.queries.places import Places
from engine.queries.runs import Run
from engine.queries.seals import checked_runs, heads_of
from engine.store import tables as t
from engine.store.apply import Delete, Insert, Update, apply

Rows = dict[str, dict[tuple[Any, ...], dict[str, Any]]]

TECHNICAL = {
    "instance": {"state", "standing", "seq", "seal"},
    "user_task": {"draft"},
    "user_account": {"password_hash"},
    "erasure": {"cleaned_at"},
    "unit_change": {"settled_at"},
}
"""Columns that are not facts."""

DERIVED = (
    t.instance,
    t.user_task,
    t.party,
    t.job,
    t.message_wait,
    t.message,
    t.incident,
    t.reservation,
    t.attachment,
    t.erasure,
    t.deployment,
    t.resource,
    t.proposal,
    t.override_review,
    t.tenant,
    t.unit_change,
    t.user,
    t.membership,
    t.delegation,
    t.calendar_day,
    t.calendar_year,
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """How much was checked, and everything found; none means that the record is whole."""

    streams: int
    facts: int
    findings: tuple[Finding, ...]


def verify_seals(
    connection: Connection, instance_id: str | None = None, keys: Sequence[str] = (), kept: Sequence[str] = ()
) -> Verdict:
    """Check chains, digests and log alone: quick, and enough to know that nothing sealed was changed.

    ``keys``: who may have signed the log's heads. ``kept``: heads that were kept outside.
    """
    return _verify(connection, instance_id, keys, kept, whole=False)


def verify(
    connection: Connection, instance_id: str | None = None, keys: Sequence[str] = (), kept: Sequence[str] = ()
) -> Verdict:
    """Check one case, or everything: chains, digests, log, and that every row is what the history adds up to."""
    return _verify(connection, instance_id, keys, kept, whole=True)


def _verify(
    connection: Connection, instance_id: str | None, keys: Sequence[str], kept: Sequence[str], *, whole: bool
) -> Verdict:
    findings: list[Finding] = []
    only = f"case:{instance_id}" if instance_id else None
    places = Places(connection) if only is None else None
    runs = checked_runs(connection, heads_of(connection), findings, only, places)
    rows = _Rows(connection, instance_id)
    streams = facts = values = 0
    for stream, of_stream in groupby(runs, key=attrgetter("stream")):
        streams += 1
        for run in of_stream:
            facts += len(run.rows)
            values += run.beside
            if whole:
                rows.project(run, findings)
        if whole:
            findings += rows.check_state(stream)
    if places is not None:
        if values != connection.execute(select(func.count()).select_from(t.payload)).scalar():
            findings += _orphans(connection)
        findings += check_log(connection, places, keys, kept)
        places.close()
    if whole:
        findings += rows.compare()
        findings += _check_files(connection, instance_id)
    return Verdict(streams, facts, tuple(findings))


class _Rows:
    """The rows that the history adds up to."""

    def __init__(self, connection: Connection, instance_id: str | None) -> None:
        self.connection, self.instance_id = connection, instance_id
        self.expected: Rows = {}
        self._facts: list[Fact] = []

    def project(self, run: Run, findings: list[Finding]) -> None:
        """Read these facts and apply them."""
        for _, seq, _, _, body, _, _ in run.rows:
            try:
                fact = open_fact(body, run.personal.get(seq, {}))
            except Corrupt as corrupt:
                if not findings or findings[-1].place != f"{run.stream}#{seq}":  # else it has been said
                    findings.append(Finding(f"{run.stream}#{seq}", corrupt.template, corrupt.params, SEAL))
                continue
            _project(self.expected, fact)
            self._facts.append(fact)

    def check_state(self, stream: str) -> list[Finding]:
        """The stream is over: the case must be saved as its last fact left it."""
        facts, self._facts = self._facts, []
        return _check_state(self.connection, stream, facts) if stream.startswith("case:") else []

    def compare(self) -> Iterator[Finding]:
        """Every derived table, row by row."""
        for table in DERIVED:
            yield from _compare(self.connection, table, self.expected.get(table.name, {}), self.instance_id)


def _check_state(connection: Connection, stream: str, facts: list[Fact]) -> list[Finding]:
    row = connection.execute(
        select(t.instance.c.state, t.instance.c.standing).where(t.instance.c.id == stream[5:])
    ).first()
    if row is None or not facts:
        return []
    found = []
    if digest(row.state) != facts[-1].state:
        found.append(Finding(f"instance {stream[5:]}", "The saved state is not the one that the last fact left.", {}))
    if _each_once(row.standing) != json.loads(json.dumps(fold(facts).as_json())):
        found.append(Finding(f"instance {stream[5:]}", "The running summary is not what the history adds up to.", {}))
    return found


def _each_once(standing: Any) -> Any:
    """A summary in which people who did a step again stand once, as it is written now."""
    done = standing.get("done") if isinstance(standing, dict) else None
    if not isinstance(done, dict) or not all(isinstance(users, list) for users in done.values()):
        return standing
    once = {element: [user for n, user in enumerate(users) if user not in users[:n]] for element, users in done.items()}
    return {**standing, "done": once}


def _project(rows: Rows, fact: Fact) -> None:
    for change in apply(fact):
        table = rows.setdefault(change.table.name, {})
        match change:
            case Insert(table=target, values=values):
                table.setdefault(_key(target, values), dict(values))
            case Update(table=target, key=key, values=values):
                table.get(_key(target, key), {}).update(values)
            case Delete(table=target, key=key):
                table.pop(_key(target, key), None)


def _key(table: Table, values: Mapping[str, Any] | RowMapping) -> tuple[Any, ...]:
    return tuple(str(values[column.name]) for column in table.primary_key.columns)


def _compare(
    connection: Connection,
    table: Table,
    expected: Mapping[tuple[Any, ...], Mapping[str, Any]],
    instance_id: str | None,
) -> Iterator[Finding]:
    query = select(table)
    if instance_id is not None:
        if table is t.instance:
            query = query.where(table.c.id == instance_id)
        elif "instance_id" in table.c:
            query = query.where(table.c.instance_id == instance_id)
        else:
            return
    skip = TECHNICAL.get(table.name, set())
    seen = set()
    for row in connection.execute(query).mappings():
        key = _key(table, row)
        seen.add(key)
        place = f"{table.name} {'/'.join(key)}"
        wanted = expected.get(key)
        if wanted is None:
            yield Finding(place, "There is a row that no fact made.", {})
            continue
        for name, value in row.items():
            if name in skip:
                continue
            should = _comparable(table, name, wanted.get(name))
            if _comparable(table, name, value) != should:
                yield Finding(
                    place,
                    "Column %(column)s is “%(found)s”, but by the history it is “%(expected)s”.",
                    {"column": name, "found": value, "expected": wanted.get(name)},
                )
    for key in expected.keys() - seen:
        yield Finding(f"{table.name} {'/'.join(key)}", "A row that the history made is missing.", {})


def _comparable(table: Table, name: str, value: Any) -> Any:
    if name == "day":
        return str(value)
    return json.loads(json.dumps(value)) if isinstance(value, dict | list) else value


def _orphans(connection: Connection) -> list[Finding]:
    rows = connection.execute(
        select(t.payload.c.stream, t.payload.c.seq)
        .join(
            t.history, (t.history.c.stream == t.payload.c.stream) & (t.history.c.seq == t.payload.c.seq), isouter=True
        )
        .where(t.history.c.seq.is_(None))
    )
    return [Finding(f"{row.stream}#{row.seq}", "There is a personal value without its fact.", {}, SEAL) for row in rows]


def _check_files(connection: Connection, instance_id: str | None) -> Iterator[Finding]:
    query = select(t.file)
    if instance_id is not None:
        query = query.where(
            t.file.c.digest.in_(select(t.attachment.c.digest).where(t.attachment.c.instance_id == instance_id))
        )
    kept = set()
    for row in connection.execute(query):
        kept.add(row.digest)
        if digest(row.content) != row.digest:
            yield Finding(f"file {row.digest}", "The content of a file is not the one that was kept.", {}, SEAL)
    wanted = select(t.attachment.c.digest)
    if instance_id is not None:
        wanted = wanted.where(t.attachment.c.instance_id == instance_id)
    for missing in sorted(set(connection.execute(wanted).scalars()) - kept - {""}):  # "": erased
        yield Finding(f"file {missing}", "A file that a case refers to is missing.", {})
