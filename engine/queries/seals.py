"""Walk over the sealed facts as they are stored, and check every byte of them without reading what they say.

Of each fact: its number, its seal after the one before, that the row's own columns are those of the sealed
bytes, and that each personal value is the one whose salted digest was sealed; of each stream: that it ends
where its head says. All of it on the stored bytes, in one reading of the history in the order of its key: a
fact costs a few microseconds, and memory does not grow with the record. What is as it should be is seen for a
whole run of facts at once (``engine.queries.runs``); only where something is not, fact by fact.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias

from sqlalchemy import Connection, select

from engine.history import events as e
from engine.history import hashing
from engine.history.seal import canonical, commitment
from engine.queries.finding import SEAL, Finding
from engine.queries.places import Places
from engine.queries.runs import Glance, Personal, Run, read_runs
from engine.store import tables as t
from engine.store.plain_rows import EPOCH

Heads: TypeAlias = Mapping[str, tuple[int, str]]

_NONE: Personal = {}
_KEPT = sorted({name for cls in e.TYPES.values() for name in cls.kept})


def heads_of(connection: Connection) -> dict[str, tuple[int, str]]:
    """Where each stream ends: its last number and seal."""
    heads = {id_: (seq, seal) for id_, seq, seal in connection.execute(select(t.stream))}
    cases = connection.execute(select(t.instance.c.id, t.instance.c.seq, t.instance.c.seal))
    return heads | {f"case:{id_}": (seq, seal) for id_, seq, seal in cases}


def checked_runs(
    connection: Connection,
    heads: Heads,
    findings: list[Finding],
    stream: str | None = None,
    places: Places | None = None,
) -> Iterator[Run]:
    """Every fact of a stream, or of all, in order. What is wrong goes to ``findings``, of a chain its first break.

    ``places`` is told which fact stands where in the log.
    """
    walk = _Walk(connection, heads, findings)
    for run in read_runs(connection, stream):
        if run.stream != walk.stream:
            walk.begin_stream(run.stream)
        seals = walk.go_along(run)
        if places is not None:
            places.put(run.leaves, seals)
        yield run
    walk.finish_stream()
    if stream is None:
        findings.extend(
            Finding(missing, "There is a head, but no fact.", {}, SEAL)
            for missing, (seq, _) in heads.items()
            if seq > 0 and missing not in walk.seen
        )


class _Walk:
    """Where the walk is: the stream at hand, and what it was like until here."""

    def __init__(self, connection: Connection, heads: Heads, findings: list[Finding]) -> None:
        self.connection, self.heads, self.findings = connection, heads, findings
        self.seen: set[str] = set()
        self.stream = ""
        self._stored_at = _moment_form(connection)
        self._glance = Glance()
        self.hash = hashing.function()

    def begin_stream(self, stream: str) -> None:
        """Another stream, after what is to be said at the end of the one before."""
        self.finish_stream()
        self.seen.add(stream)
        self.stream, self.seq, self.seal, self.digest, self.broken = stream, 0, "", b"", False
        self.unread: list[int] = []
        self.erased: set[int] = set()
        self._named = b'","stream":' + canonical(stream) + b',"tenant":"'

    def go_along(self, run: Run) -> list[bytes]:
        """The next facts of the stream; gives their seals."""
        if not self.broken:
            seals = self._glance.over(run, self.seq, self.digest, self._named)
            if seals is not None:
                run.is_as_sealed = True
                self.seq, self.digest = self.seq + len(seals), seals[-1]
                self.seal = self.digest.hex()
                return seals
        personal = run.personal
        for _, seq, kind, at, body, seal, _ in run.rows:
            try:
                self.check(seq, kind, at, body, seal, personal.get(seq, _NONE))
            except (TypeError, ValueError, AttributeError):  # a value of a kind that is never stored there
                self.wrong(seq, "The seal does not fit: this fact or its seal was changed.", {})
                self.seq, self.seal, self.broken = seq, seal, True
        return [from_hex(row[5]) for row in run.rows]

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
        wanted = self._glance.personal_fields(kind, body, body.rfind(b',"seq":'))
        if wanted != personal.keys():
            self.unread += [seq] if wanted - personal.keys() else []
            for extra in sorted(personal.keys() - wanted)[:1]:
                self.wrong(seq, "There is a personal value %(name)s that the fact does not have.", {"name": extra})
        if kind not in e.TYPES:
            self.wrong(seq, "The history holds an event of the unknown type %(type)s.", {"type": kind})
        elif kind == "AnswersErased":
            self.erased |= _erased_by(body)

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
        if is_postgres:
            return (moment - EPOCH) // timedelta(microseconds=1)
        return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")

    is_postgres = connection.dialect.name == "postgresql"
    return stored


def from_hex(seal: Any) -> bytes:
    """A stored seal as bytes; of something that is no seal, nothing."""
    try:
        return bytes.fromhex(seal)
    except (ValueError, TypeError):
        return b""
