"""Walk over the sealed facts as they are stored, and check every byte of them without reading what they say.

Of each fact: its number, its seal after the one before, that the row's own columns are those of the sealed
bytes, and that each personal value is the one whose salted digest was sealed; of each stream: that it ends
where its head says. All of it on the stored bytes, in one reading of the history in the order of its key: a
fact costs a few microseconds, and memory does not grow with the record.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, TypeAlias

from sqlalchemy import Connection, String, select, tuple_, type_coerce

from engine.history import events as e
from engine.history import hashing
from engine.history.facts import FIRST_PERSONAL
from engine.history.seal import canonical, commitment
from engine.queries.finding import SEAL, Finding
from engine.store import tables as t

Heads: TypeAlias = Mapping[str, tuple[int, str]]
Personal: TypeAlias = dict[str, tuple[bytes, bytes]]
Stored: TypeAlias = tuple[str, int, bytes, Personal]
"""A fact as stored: stream, number, body, and its personal values (field → salt, value)."""

_ROWS_AT_ONCE = 2000
_NONE: Personal = {}
_NOTHING: frozenset[str] = frozenset()
_KEPT = sorted({name for cls in e.TYPES.values() for name in cls.kept})


def heads_of(connection: Connection) -> dict[str, tuple[int, str]]:
    """Where each stream ends: its last number and seal."""
    heads = {row.id: (row.seq, row.seal) for row in connection.execute(select(t.stream))}
    for row in connection.execute(select(t.instance.c.id, t.instance.c.seq, t.instance.c.seal)):
        heads[f"case:{row.id}"] = (row.seq, row.seal)
    return heads


def checked_facts(
    connection: Connection, heads: Heads, findings: list[Finding], stream: str | None = None
) -> Iterator[Stored]:
    """Every fact of a stream, or of all, in order. What is wrong goes to ``findings``, of a chain its first break."""
    walk = _Walk(connection, heads, findings)
    for rows in _rows(connection, stream).partitions():
        personal = _personal_values(connection, rows[0], rows[-1])
        for name, seq, kind, at, body, seal in rows:
            if name != walk.stream:
                walk.begin_stream(name)
            values = personal.get((name, seq), _NONE)
            walk.check(seq, kind, at, body, seal, values)
            yield name, seq, body, values
    walk.finish_stream()
    if stream is None:
        findings.extend(
            Finding(missing, "There is a head, but no fact.", {}, SEAL)
            for missing, (seq, _) in heads.items()
            if seq > 0 and missing not in walk.seen
        )


def _rows(connection: Connection, stream: str | None) -> Any:
    at = t.history.c.at if connection.dialect.name == "postgresql" else type_coerce(t.history.c.at, String)
    columns = (t.history.c.stream, t.history.c.seq, t.history.c.type, at, t.history.c.body, t.history.c.seal)
    query = select(*columns).order_by(t.history.c.stream, t.history.c.seq)
    if stream is not None:
        query = query.where(t.history.c.stream == stream)
    return connection.execute(query, execution_options={"yield_per": _ROWS_AT_ONCE})


def _personal_values(connection: Connection, first: Any, last: Any) -> dict[tuple[str, int], Personal]:
    """The personal values of the facts from one row to another."""
    here = tuple_(t.payload.c.stream, t.payload.c.seq)
    query = select(t.payload).where(here >= (first.stream, first.seq), here <= (last.stream, last.seq))
    found: dict[tuple[str, int], Personal] = {}
    for stream, seq, name, salt, value in connection.execute(query).all():
        found.setdefault((stream, seq), {})[name] = (salt, value)
    return found


class _Walk:
    """Where the walk is: the stream at hand, and what it was like until here."""

    def __init__(self, connection: Connection, heads: Heads, findings: list[Finding]) -> None:
        self.connection, self.heads, self.findings = connection, heads, findings
        self.seen: set[str] = set()
        self.stream = ""
        self._stored_at = _moment_form(connection)
        self._fields: dict[bytes, frozenset[str]] = {}
        self.hash = hashing.function()

    def begin_stream(self, stream: str) -> None:
        """Another stream, after what is to be said at the end of the one before."""
        self.finish_stream()
        self.seen.add(stream)
        self.stream, self.seq, self.seal, self.digest, self.broken = stream, 0, "", b"", False
        self.unread: list[int] = []
        self.erased: set[int] = set()
        self._named = b'","stream":' + canonical(stream) + b',"tenant":"'

    def check(self, seq: int, kind: str, at: Any, body: bytes, seal: str, personal: Personal) -> None:
        """The next fact: number, seal, envelope, and that its personal values are those whose digests it holds."""
        if not self.broken:
            if seq != self.seq + 1:
                found = {"expected": self.seq + 1, "found": seq}
                self.wrong(seq, "Expected fact number %(expected)s, found %(found)s: one is missing.", found)
                self.broken = True
            else:
                self.digest = self.hash(b"\x02" + self.digest + body).digest()
                if self.digest.hex() != seal:
                    self.wrong(seq, "The seal does not fit: this fact or its seal was changed.", {})
                    self.broken = True
        self.seq, self.seal = seq, seal
        # Canonical JSON has its keys in order, and no quote of a text stands in it bare: "at" comes first but for
        # the actor, and what follows the data is known but for state and unit.
        begin = body.find(b',"at":"') + 7
        end = body[body.rfind(b',"seq":') :]
        if not (
            end.startswith(b',"seq":%d,"state":"' % seq)
            and self._named in end
            and end.endswith(b'","type":"%b"}' % kind.encode())
            and self._stored_at(body[begin : body.find(b'"', begin)]) == at
        ):
            self.wrong(seq, "The row's stream, number, type or time is not that of the sealed fact.", {})
        for name, (salt, value) in personal.items():
            if b'"%b":"%b"' % (name.encode(), commitment(salt, name, value).encode()) not in body:
                params = {"field": name, "seq": seq, "stream": self.stream}
                template = "The personal value %(field)s of fact %(seq)s in %(stream)s does not match its digest."
                self.wrong(seq, template, params)
        wanted = self._personal_fields(kind, body)
        if wanted != personal.keys():
            self.unread += [seq] if wanted - personal.keys() else []
            for extra in sorted(personal.keys() - wanted)[:1]:
                self.wrong(seq, "There is a personal value %(name)s that the fact does not have.", {"name": extra})
        if kind not in e.TYPES:
            self.wrong(seq, "The history holds an event of the unknown type %(type)s.", {"type": kind})
        elif kind == "AnswersErased":
            self.erased |= _erased_by(body)

    def _personal_fields(self, kind: str, body: bytes) -> frozenset[str]:
        """What the body itself says to lie beside it: a list before its number, which the first release left out."""
        end = body.rfind(b',"seq":')
        if body[end - 1 : end] != b"]":
            return FIRST_PERSONAL.get(kind, _NOTHING)
        names = body[body.rfind(b',"personal":[', 0, end) + 12 : end]
        found = self._fields.get(names)
        if found is None:
            found = self._fields[names] = _names_in(names)
        return found

    def finish_stream(self) -> None:
        """The stream is over: it must end where its head says, and what cannot be read must have been erased."""
        if not self.stream:
            return
        for seq in self.unread:
            if seq not in self.erased:
                self.wrong(seq, "A personal value is missing and no erasure is recorded.", {})
        if self.erased:
            self._find_unerased()
        head = self.heads.get(self.stream)
        if head != (self.seq, self.seal) and not self.broken:
            template = "The stream does not end where its head says (%(head)s): facts were cut off or added."
            self.wrong(self.seq, template, {"head": head[0] if head else "none"})

    def _find_unerased(self) -> None:
        here = (t.payload.c.stream == self.stream) & t.payload.c.name.not_in(_KEPT)
        left = set(self.connection.execute(select(t.payload.c.seq).where(here)).scalars())
        for seq in sorted(left & self.erased):
            self.wrong(seq, "A personal value was erased by the record, but it is still there.", {})

    def wrong(self, seq: int, template: str, params: Mapping[str, Any]) -> None:
        """Note what is wrong with a fact of this stream."""
        self.findings.append(Finding(f"{self.stream}#{seq}", template, params, SEAL))


def _names_in(body: bytes) -> frozenset[str]:
    try:
        return frozenset(json.loads(body))
    except (ValueError, TypeError):
        return _NOTHING  # the body was changed, and that has been said


def _erased_by(body: bytes) -> set[int]:
    try:
        return set(json.loads(body)["data"]["seqs"])
    except (ValueError, KeyError, TypeError):
        return set()  # the body was changed, and that has been said


def _moment_form(connection: Connection) -> Callable[[bytes], Any]:
    """From the moment in a body to what its row must hold; facts of one command share theirs, so the last is kept."""
    last: tuple[bytes, Any] = (b"", None)

    def stored(text: bytes) -> Any:
        nonlocal last
        if text != last[0]:
            last = (text, form(text))
        return last[1]

    def form(text: bytes) -> Any:
        try:
            moment = datetime.fromisoformat(text.decode()).astimezone(UTC)
        except ValueError:
            return None
        return moment if is_postgres else moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")

    is_postgres = connection.dialect.name == "postgresql"
    return stored
