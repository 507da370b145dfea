"""Check the record: every seal, every digest, and that all rows are what the history adds up to.

Nothing is trusted but the stored bytes: seals are recomputed from the first fact of a stream to its head,
personal values are held against their digests, published files and attachments against their checksums,
and every row is computed again from history by the same rules that wrote it (``engine.store.apply``).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, RowMapping, Table, select

from engine.errors import Corrupt
from engine.history import events as e
from engine.history.facts import Fact, open_fact, personal_fields
from engine.history.replay import fold
from engine.history.seal import digest, seal
from engine.queries.log_check import check_log
from engine.store import tables as t
from engine.store.apply import Delete, Insert, Update, apply

Rows = dict[str, dict[tuple[Any, ...], dict[str, Any]]]

TECHNICAL = {
    "instance": {"state", "standing", "seq", "seal"},
    "user_task": {"draft"},
    "user_account": {"password_hash"},
    "erasure": {"cleaned_at"},
}
"""Columns that are not facts."""

_KEPT = frozenset(name for cls in e.TYPES.values() for name in cls.kept)

DERIVED = (
    t.instance,
    t.user_task,
    t.party,
    t.job,
    t.message_wait,
    t.incident,
    t.attachment,
    t.erasure,
    t.deployment,
    t.resource,
    t.proposal,
    t.override_review,
    t.tenant,
    t.user,
    t.membership,
    t.calendar_day,
    t.calendar_year,
)


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as it should be. ``place`` is a stream and number, or a table and key."""

    place: str
    template: str
    params: Mapping[str, Any]

    def __str__(self) -> str:
        return f"{self.place}: {self.template % self.params}"


@dataclass(frozen=True, slots=True)
class Verdict:
    """How much was checked, and everything found; none means that the record is whole."""

    streams: int
    facts: int
    findings: tuple[Finding, ...]


def verify(connection: Connection, instance_id: str | None = None) -> Verdict:
    """Check one case, or everything."""
    findings: list[Finding] = []
    rows: Rows = {}
    facts = 0
    streams = [f"case:{instance_id}"] if instance_id else _streams(connection)
    heads = _heads(connection)
    for stream in streams:
        readable = list(_checked_stream(connection, stream, heads.get(stream), findings))
        facts += len(readable)
        for fact in readable:
            _project(rows, fact)
        if stream.startswith("case:"):
            findings += _check_state(connection, stream, readable)
    if instance_id is None:
        findings += [
            Finding(stream, "There is a head, but no fact.", {})
            for stream in heads.keys() - set(streams)
            if heads[stream][0] > 0
        ]
        findings += _check_orphans(connection)
        findings += [Finding(place, template, params) for place, template, params in check_log(connection)]
    for table in DERIVED:
        findings += _compare(connection, table, rows.get(table.name, {}), instance_id)
    findings += _check_files(connection, instance_id)
    return Verdict(len(streams), facts, tuple(findings))


def _streams(connection: Connection) -> list[str]:
    return list(connection.execute(select(t.history.c.stream).distinct().order_by(t.history.c.stream)).scalars())


def _heads(connection: Connection) -> dict[str, tuple[int, str]]:
    heads = {row.id: (row.seq, row.seal) for row in connection.execute(select(t.stream))}
    for row in connection.execute(select(t.instance.c.id, t.instance.c.seq, t.instance.c.seal)):
        heads[f"case:{row.id}"] = (row.seq, row.seal)
    return heads


def _checked_stream(
    connection: Connection, stream: str, head: tuple[int, str] | None, findings: list[Finding]
) -> Iterator[Fact]:
    """The readable facts of a stream; what is wrong with its seals goes to ``findings``, the first break only."""
    personal: dict[int, dict[str, tuple[bytes, bytes]]] = {}
    for row in connection.execute(select(t.payload).where(t.payload.c.stream == stream)):
        personal.setdefault(row.seq, {})[row.name] = (row.salt, row.value)
    previous, expected, broken = "", 1, False
    erased: set[int] = set()
    missing: list[int] = []
    for row in connection.execute(select(t.history).where(t.history.c.stream == stream).order_by(t.history.c.seq)):
        place = f"{stream}#{row.seq}"
        if row.seq != expected and not broken:
            findings.append(
                Finding(
                    place,
                    "Expected fact number %(expected)s, found %(found)s: one is missing.",
                    {"expected": expected, "found": row.seq},
                )
            )
            broken = True
        if not broken and seal(previous, row.body) != row.seal:
            findings.append(Finding(place, "The seal does not fit: this fact or its seal was changed.", {}))
            broken = True
        previous, expected = row.seal, row.seq + 1
        try:
            fact = open_fact(row.body, personal.get(row.seq, {}))
        except Corrupt as corrupt:
            findings.append(Finding(place, corrupt.template, corrupt.params))
            continue
        findings += _check_envelope(place, row, fact, personal.get(row.seq, {}))
        missing += [row.seq] if fact.erased else []
        erased |= set(fact.event.seqs) if isinstance(fact.event, e.AnswersErased) else set()
        yield fact
    findings += _check_erased(stream, erased, missing, personal, _KEPT)
    if head != (expected - 1, previous) and not broken:
        findings.append(
            Finding(
                f"{stream}#{expected - 1}",
                "The stream does not end where its head says (%(head)s): facts were cut off or added.",
                {"head": head[0] if head else "none"},
            )
        )


def _check_envelope(place: str, row: Any, fact: Fact, personal: Mapping[str, Any]) -> list[Finding]:
    raw = json.loads(row.body)
    found = []
    if (fact.stream, fact.seq, raw["type"], fact.at) != (row.stream, row.seq, row.type, row.at):
        found.append(Finding(place, "The row's stream, number, type or time is not that of the sealed fact.", {}))
    extra = sorted(personal.keys() - personal_fields(raw))
    if extra:
        found.append(
            Finding(place, "There is a personal value %(name)s that the fact does not have.", {"name": extra[0]})
        )
    return found


def _check_erased(
    stream: str, erased: set[int], missing: list[int], personal: Mapping[int, Mapping[str, Any]], kept: frozenset[str]
) -> Iterator[Finding]:
    """What is missing must have been erased, and what was erased must be missing."""
    for seq in sorted(set(missing) - erased):
        yield Finding(f"{stream}#{seq}", "A personal value is missing and no erasure is recorded.", {})
    for seq in sorted(erased):
        if personal.get(seq, {}).keys() - kept:
            yield Finding(f"{stream}#{seq}", "A personal value was erased by the record, but it is still there.", {})


def _check_state(connection: Connection, stream: str, facts: list[Fact]) -> list[Finding]:
    row = connection.execute(
        select(t.instance.c.state, t.instance.c.standing).where(t.instance.c.id == stream[5:])
    ).first()
    if row is None or not facts:
        return []
    found = []
    if digest(row.state) != facts[-1].state:
        found.append(Finding(f"instance {stream[5:]}", "The saved state is not the one that the last fact left.", {}))
    if row.standing != json.loads(json.dumps(fold(facts).as_json())):
        found.append(Finding(f"instance {stream[5:]}", "The running summary is not what the history adds up to.", {}))
    return found


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


def _check_orphans(connection: Connection) -> list[Finding]:
    rows = connection.execute(
        select(t.payload.c.stream, t.payload.c.seq)
        .join(
            t.history, (t.history.c.stream == t.payload.c.stream) & (t.history.c.seq == t.payload.c.seq), isouter=True
        )
        .where(t.history.c.seq.is_(None))
    )
    return [Finding(f"{row.stream}#{row.seq}", "There is a personal value without its fact.", {}) for row in rows]


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
            yield Finding(f"file {row.digest}", "The content of a file is not the one that was kept.", {})
    wanted = select(t.attachment.c.digest)
    if instance_id is not None:
        wanted = wanted.where(t.attachment.c.instance_id == instance_id)
    for missing in sorted(set(connection.execute(wanted).scalars()) - kept - {""}):  # "": erased
        yield Finding(f"file {missing}", "A file that a case refers to is missing.", {})
