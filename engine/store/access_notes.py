"""Looks and log-ins on their way into the history: one row each, without waiting for anybody, sealed by the worker.

One chain of all looks would make every page wait for every other. So a page adds a row here – at most one a person,
case, part and day – and the worker seals what it finds every few seconds, each with its own time and person. Who can
take rows out of the database could take one out in these seconds, as they could keep it from being written at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, RowMapping, select

from engine.history.event import Event
from engine.history.events import dump, load
from engine.store import tables as t
from engine.store.rows import insert_ignoring


@dataclass(frozen=True, slots=True)
class Note:
    """Somebody's look or log-in."""

    id: int
    at: datetime
    user: str
    tenant: str
    event: Event
    on_behalf_of: str = ""


def note(
    connection: Connection,
    event: Event,
    at: datetime,
    user: str,
    tenant: str,
    key: str | None = None,
    on_behalf_of: str = "",
) -> None:
    """Keep a note; nothing happens when there is one under this key. ``on_behalf_of``: for whom a deputy looked."""
    row = {"key": key, "at": at, "user_id": user, "tenant_id": tenant, "type": type(event).__name__}
    row["on_behalf_of"] = on_behalf_of
    insert_ignoring(connection, t.access_note, [{**row, "data": dump(event), "sealed": False}])


def is_noted(connection: Connection, key: str) -> bool:
    """Whether there is a note under this key."""
    return connection.execute(select(t.access_note.c.id).where(t.access_note.c.key == key)).first() is not None


def unsealed(connection: Connection, limit: int) -> Sequence[Note]:
    """The oldest notes that are not in the history yet, locked against another worker."""
    query = select(t.access_note).where(~t.access_note.c.sealed).order_by(t.access_note.c.id).limit(limit)
    rows = connection.execute(query.with_for_update(skip_locked=True)).mappings()
    return [_note(row) for row in rows]


def waiting_notes(connection: Connection) -> Sequence[Note]:
    """The notes that are not in the history yet, oldest first; for reading."""
    rows = connection.execute(select(t.access_note).where(~t.access_note.c.sealed).order_by(t.access_note.c.id))
    return [_note(row) for row in rows.mappings()]


def _note(row: RowMapping) -> Note:
    event = load(row["type"], row["data"])
    return Note(row["id"], row["at"], row["user_id"], row["tenant_id"], event, row["on_behalf_of"])


def mark_sealed(connection: Connection, ids: Iterable[int]) -> None:
    """These are in the history now."""
    connection.execute(t.access_note.update().where(t.access_note.c.id.in_(list(ids))).values(sealed=True))
