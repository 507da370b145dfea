"""Append sealed facts, with their personal values beside them: on PostgreSQL in one statement.

There a statement costs a way to the server and back, and a row for each of them more than the facts themselves; on
SQLite, which is in this process, two statements cost no more than one.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import chain

from sqlalchemy import Connection, Table

from engine.history.facts import Sealed
from engine.store import tables as t

_FACTS = ("stream", "seq", "type", "at", "body", "seal")
_VALUES = ("stream", "seq", "name", "salt", "value")
_AT_ONCE = 1000  # a statement of PostgreSQL may have 65,535 values


def append(connection: Connection, sealed: Sequence[Sealed]) -> None:
    """Write facts that go on with a stream. A number that is taken raises ``IntegrityError``."""
    facts = [(s.fact.stream, s.fact.seq, type(s.fact.event).__name__, s.fact.at, s.body, s.seal) for s in sealed]
    values = [(s.fact.stream, s.fact.seq, *value) for s in sealed for value in s.payloads]
    if connection.dialect.name == "postgresql":
        while facts or values:
            some, beside = facts[:_AT_ONCE], values[:_AT_ONCE]
            connection.exec_driver_sql(_statement(len(some), len(beside)), tuple(chain(*some, *beside)))
            facts, values = facts[_AT_ONCE:], values[_AT_ONCE:]
        return
    connection.execute(t.history.insert(), [dict(zip(_FACTS, row, strict=True)) for row in facts])
    if values:
        connection.execute(t.payload.insert(), [dict(zip(_VALUES, row, strict=True)) for row in values])


@lru_cache(maxsize=256)
def _statement(facts: int, values: int) -> str:
    """One statement that inserts so many facts and so many personal values."""
    parts = [_insert(t.history, _FACTS, facts)] if facts else []
    parts += [_insert(t.payload, _VALUES, values)] if values else []
    return parts[0] if len(parts) == 1 else f"WITH facts AS ({parts[0]}) {parts[1]}"


def _insert(table: Table, columns: tuple[str, ...], rows: int) -> str:
    row = f"({', '.join(['%s'] * len(columns))})"
    return f"INSERT INTO {table.name} ({', '.join(columns)}) VALUES {', '.join([row] * rows)}"
