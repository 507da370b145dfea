"""Read facts back: a stream in order with its personal values, or one personal value."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from sqlalchemy import ColumnElement, Connection, LargeBinary, func, literal, select

from engine.errors import NotFound
from engine.history.facts import Fact, open_fact
from engine.store import tables as t
from engine.values import decode


def facts_of(connection: Connection, stream: str, until: int | None = None, after: int = 0) -> Iterator[Fact]:
    """The facts of a stream in order, those after number ``after`` up to ``until``.

    Raises ``Corrupt`` for one that cannot be read.
    """
    personal: dict[int, dict[str, tuple[bytes, bytes]]] = {}
    beside = select(t.payload.c.seq, t.payload.c.name, t.payload.c.salt, t.payload.c.value)
    for seq, name, salt, value in connection.execute(
        beside.where(t.payload.c.stream == stream, t.payload.c.seq > after)
    ):
        personal.setdefault(seq, {})[name] = (salt, value)
    query = (
        select(t.history.c.seq, t.history.c.body)
        .where(t.history.c.stream == stream, t.history.c.seq > after)
        .order_by(t.history.c.seq)
    )
    if until is not None:
        query = query.where(t.history.c.seq <= until)
    for seq, body in connection.execute(query):
        yield open_fact(body, personal.get(seq, {}))


def personal_value(connection: Connection, stream: str, seq: int, name: str) -> Any:
    """One personal value of a fact. Raises ``NotFound`` when it was erased."""
    value = connection.execute(
        select(t.payload.c.value).where(t.payload.c.stream == stream, t.payload.c.seq == seq, t.payload.c.name == name)
    ).scalar()
    if value is None:
        raise NotFound("What this step needs was erased.")
    return decode(json.loads(value))


def holds(connection: Connection, column: ColumnElement[bytes], text: str) -> ColumnElement[bool]:
    """Whether the bytes of a column have ``text`` in them: the database looks, so that not all of them are read."""
    wanted = literal(text.encode(), LargeBinary)
    if connection.dialect.name == "postgresql":
        return func.position(wanted.op("IN")(column)) > 0
    return func.instr(column, wanted) > 0
