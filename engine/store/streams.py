"""The heads of streams that are no case's: locked, and moved on, many at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, RowMapping, bindparam, select

from engine.store import tables as t
from engine.store.rows import insert_ignoring

_AT_ONCE = 500


def lock_streams(connection: Connection, streams: Sequence[str]) -> list[RowMapping]:
    """The heads of streams, locked until the end in the order given; a stream that nobody knows begins here."""
    insert_ignoring(connection, t.stream, [{"id": stream, "seq": 0, "seal": ""} for stream in streams])
    found: dict[str, RowMapping] = {}
    for start in range(0, len(streams), _AT_ONCE):
        some = streams[start : start + _AT_ONCE]
        heads = select(t.stream).where(t.stream.c.id.in_(some)).order_by(t.stream.c.id).with_for_update()
        found |= {row["id"]: row for row in connection.execute(heads).mappings()}
    return [found[stream] for stream in streams]


def move_streams(connection: Connection, ends: Sequence[Mapping[str, Any]]) -> None:
    """Write where streams end now: ``stream_id``, ``end_seq``, ``end_seal``."""
    moved = t.stream.update().where(t.stream.c.id == bindparam("stream_id"))
    connection.execute(moved.values(seq=bindparam("end_seq"), seal=bindparam("end_seal")), list(ends))
