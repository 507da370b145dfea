"""Facts as they are stored, read in runs, and a glance over a run that tells whether all of it is as it was sealed.

A run is what one reading holds of one stream. Looking at all its facts for one thing, then at all for the next,
takes a third of what it takes to look at each fact for everything; where it goes wrong, the glance does not say.
"""

from __future__ import annotations

import json
from binascii import hexlify
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from operator import itemgetter
from typing import Any, Final, TypeAlias

from sqlalchemy import Connection, bindparam, select, tuple_

from engine.history import events as e
from engine.history import hashing
from engine.history.facts import FIRST_PERSONAL
from engine.store import tables as t
from engine.store.plain_rows import Question, Rows, moment_written

Personal: TypeAlias = dict[str, tuple[bytes, bytes]]
"""Personal values of a fact: field → salt, value."""

Form: TypeAlias = tuple[bytes, tuple[str, ...], bytes]
"""How facts of a kind end: what stands before the number, the personal fields that it names, what follows the unit."""

NO_FIELDS: Final[frozenset[str]] = frozenset()
_ROWS_AT_ONCE = 1000
_QUIET = e.TYPES.keys() - {"AnswersErased"}
_UNSEEN: Final[Form] = (b"?", (), b"?")
_STATE, _BRACKET = 64, ord("]")
_of_stream, _field = itemgetter(0), itemgetter(1, 2)


@dataclass
class Run:
    """Neighbours of one stream. ``rows``: (stream, number, type, moment, body, seal, place in the log).

    ``values``: (stream, number, field, salt, value), also of facts that are not there. ``is_as_sealed``: as a glance
    has shown.
    """

    stream: str
    rows: Rows
    values: Rows
    is_as_sealed: bool = False

    @cached_property
    def personal(self) -> dict[int, Personal]:
        """Number of a fact → its personal values."""
        found: dict[int, Personal] = {}
        for _, seq, name, salt, value in self.values:
            found.setdefault(seq, {})[name] = (salt, value)
        return found

    @property
    def beside(self) -> int:
        """How many personal values belong to facts that are there."""
        if self.is_as_sealed:
            return len(self.values)
        there = {row[1] for row in self.rows}
        return sum(value[1] in there for value in self.values)

    @property
    def leaves(self) -> list[int | None]:
        """The places of the facts in the log."""
        return [row[6] for row in self.rows]


def read_runs(connection: Connection, stream: str | None) -> Iterator[Run]:
    """The facts of a stream, or of all, in the order of their key."""
    h = t.history.c
    facts = select(h.stream, h.seq, h.type, h.at, h.body, h.seal, h.leaf).order_by(h.stream, h.seq)
    if stream is not None:
        facts = facts.where(h.stream == stream)
    here = tuple_(t.payload.c.stream, t.payload.c.seq)
    first, last = (tuple_(bindparam(f"{end}_stream"), bindparam(f"{end}_seq")) for end in ("first", "last"))
    beside = Question(connection, select(t.payload).where(here >= first, here <= last).order_by(*t.payload.primary_key))
    for rows in Question(connection, facts).batches(_ROWS_AT_ONCE):
        begin, end = rows[0], rows[-1]
        found = beside.all(first_stream=begin[0], first_seq=begin[1], last_stream=end[0], last_seq=end[1])
        values = {name: list(group) for name, group in groupby(found, _of_stream)}
        for name, group in groupby(rows, _of_stream):
            yield Run(name, list(group), values.get(name, []))


class Glance:
    """Whether a run is as it was sealed. What is the same in many facts is kept."""

    def __init__(self) -> None:
        self.hash = hashing.function()
        self._fields: dict[bytes, frozenset[str]] = {}
        self._forms: dict[str, Form] = {}
        self._marks: dict[str, tuple[bytes, bytes]] = {}

    def over(self, run: Run, seq: int, digest: bytes, named: bytes) -> list[bytes] | None:
        """The seals of the run's facts after ``seq``, whose seal is ``digest``; None if anything is not as it must be.

        ``named`` is how the stream stands in its facts.
        """
        try:
            _, numbers, kinds, moments, bodies, stated, _ = zip(*run.rows, strict=True)
            if numbers != tuple(range(seq + 1, seq + 1 + len(numbers))):
                return None
            new = self.hash
            seals = [digest := new(b"\x02" + digest + body).digest() for body in bodies]
            if b"".join(seals).hex(",", len(digest)) != ",".join(stated):
                return None
            fields = self._enveloped(numbers, kinds, moments, bodies, named)
            if not (_QUIET.issuperset(kinds) and self._fits_beside(run.values, bodies, seq + 1, fields)):
                return None
        except (TypeError, ValueError, LookupError, ArithmeticError, AttributeError):
            return None  # a value of another kind than is ever stored there
        return seals

    def _enveloped(self, numbers: Any, kinds: Any, moments: Any, bodies: Any, named: bytes) -> list[tuple[int, str]]:
        """The (number, field) of all personal values, if each row's own columns are those of its body."""
        fields: list[tuple[int, str]] = []
        last, begin, forms, where = None, b"", self._forms, b""
        for seq, kind, at, body in zip(numbers, kinds, moments, bodies, strict=True):
            # The facts of one command begin the same, and those of one kind and unit end the same but for the state.
            if at != last or not body.startswith(begin):
                last, begin = at, _beginning(body, at)
            before, names, end = forms.get(kind, _UNSEEN)
            if not body.endswith(b'%b%d,"state":"%b%b' % (before, seq, where, end)):
                state = body[-_STATE - len(where) - len(end) : -len(where) - len(end)]
                if b'"' in state or not body.endswith(b'%b%d,"state":"%b%b%b' % (before, seq, state, where, end)):
                    where, forms[kind] = self._form_of(body, seq, kind, named)
                    names = forms[kind][1]
            for name in names:
                fields.append((seq, name))
        return fields

    def _form_of(self, body: bytes, seq: int, kind: str, named: bytes) -> tuple[bytes, Form]:
        """How this fact says where it was, and how facts of its kind end. Raises ``ValueError`` if it is another's."""
        # No quote of a text stands bare in canonical JSON, and its keys are in order: what follows the data is known.
        end = b'","type":"%b"}' % kind.encode()
        cut, where = body.rfind(b',"seq":'), body.rfind(named)
        if not (0 < cut < where and body.startswith(b',"seq":%d,"state":"' % seq, cut) and body.endswith(end)):
            raise ValueError("expected the fact that the row's own columns name, found another")
        fields = self.personal_fields(kind, body, cut)
        begin = body.rfind(b',"personal":[', 0, cut) if body[cut - 1] == _BRACKET else cut - 1
        return body[where : -len(end)], (body[begin:cut] + b',"seq":', tuple(sorted(fields)), end)

    def _fits_beside(self, values: Rows, bodies: Any, first: int, fields: list[tuple[int, str]]) -> bool:
        """Whether all personal values lie beside, no others, and each is the one whose digest was sealed."""
        found = list(map(_field, values))
        if found != fields and (len(found) != len(fields) or set(found) != set(fields)):
            return False
        new, marks = self.hash, self._marks
        for _, seq, name, salt, value in values:
            before, after = marks.get(name) or marks.setdefault(
                name, (b'"%b":"' % name.encode(), name.encode() + b"\x00")
            )
            if before + hexlify(new(b"\x03" + salt + after + value).digest()) + b'"' not in bodies[seq - first]:
                return False
        return True

    def personal_fields(self, kind: str, body: bytes, cut: int) -> frozenset[str]:
        """What the body itself says to lie beside it: a list before its number, which the first release left out.

        ``cut`` is where the number stands.
        """
        if body[cut - 1 : cut] != b"]":
            return FIRST_PERSONAL.get(kind, NO_FIELDS)
        names = body[body.rfind(b',"personal":[', 0, cut) + 12 : cut]
        found = self._fields.get(names)
        if found is None:
            found = self._fields[names] = _names_in(names)
        return found


def _beginning(body: bytes, at: Any) -> bytes:
    """How the facts begin that are of this moment and this person. Raises ``ValueError`` if this one is not."""
    begin = body.index(b',"at":"')
    written = b',"at":"%b","' % moment_written(at).encode()
    if not body.startswith(written, begin):
        raise ValueError("expected the moment of the row, found another")
    return body[: begin + len(written)]


def _names_in(body: bytes) -> frozenset[str]:
    try:
        return frozenset(json.loads(body))
    except (ValueError, TypeError):
        return NO_FIELDS  # the body was changed, and the chain says that
