"""From where somebody acted: the log-in that was theirs at that moment, found in the record of access.

A fact of a case does not say it: the address is what somebody came in from, not what they did. The record of access
is in the order of time, so the place of a moment in it is found by halving, and only the hours before are read.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from engine.errors import NotFound
from engine.history.events import LoggedIn
from engine.store import tables as t
from engine.store.reading import holds, personal_value
from engine.store.sessions import SESSION_HOURS_MAX

READING = "reading"
_LATE = timedelta(minutes=10)
"""By how much a look may be sealed later than one that came after it."""


@dataclass(frozen=True, slots=True)
class Whence:
    """A log-in: when, and from which address ("" where none is known)."""

    at: datetime
    address: str


def whence(connection: Connection, user: str, at: datetime) -> Whence | None:
    """The last log-in of a person before a moment that can have lasted until then; None where there was none."""
    since = at - timedelta(hours=SESSION_HOURS_MAX)
    note = t.access_note.c
    fresh = connection.execute(
        select(note.at, note.data)
        .where(~note.sealed, note.type == LoggedIn.__name__, note.user_id == user, note.at >= since, note.at <= at)
        .order_by(note.at.desc())
        .limit(1)
    ).first()
    if fresh:
        return Whence(fresh.at, str(fresh.data.get("address", "")))
    row = t.history.c
    found = connection.execute(
        select(row.seq, row.at)
        .where(row.stream == READING, row.seq >= _place(connection, since - _LATE), row.type == LoggedIn.__name__)
        .where(row.seq <= _place(connection, at + _LATE), row.at >= since, row.at <= at)
        .where(holds(connection, row.body, f'"{user}"'))
        .order_by(row.at.desc(), row.seq.desc())
        .limit(1)
    ).first()
    return Whence(found.at, _address(connection, found.seq)) if found else None


def _address(connection: Connection, seq: int) -> str:
    try:
        address = personal_value(connection, READING, seq, "address")
    except NotFound:
        return ""
    return address if isinstance(address, str) else ""


def _place(connection: Connection, at: datetime) -> int:
    """The number of the first fact in the record of access that is not before a moment."""
    head = connection.execute(select(t.stream.c.seq).where(t.stream.c.id == READING)).scalar() or 0
    low, high = 1, head + 1
    while low < high:
        middle = (low + high) // 2
        row = t.history.c
        then = connection.execute(select(row.at).where(row.stream == READING, row.seq == middle)).scalar()
        if then is not None and then < at:
            low = middle + 1
        else:
            high = middle
    return low
