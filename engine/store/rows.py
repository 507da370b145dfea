"""Carry out changes to rows, in as few statements as they allow, the same way on both databases."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Table, and_
from sqlalchemy.dialects import postgresql, sqlite

from engine.store.apply import Change, Delete, Insert, Update
from engine.store.tables import metadata

Heads = Mapping[tuple[str, str], Mapping[str, Any]]
"""Technical columns that go with a row's facts: (table name, row id) → values."""


def carry_out(connection: Connection, changes: Iterable[Change], heads: Heads) -> None:
    """Write changes in order, merging neighbours: inserts into one table, updates of one row.

    ``heads`` are merged into the insert or update of their row; a row without any change gets its own update.
    """
    inserts: dict[tuple[str, bool], tuple[Table, bool, list[dict[str, Any]]]] = {}
    updates: dict[tuple[str, tuple[Any, ...]], tuple[Table, Mapping[str, Any], dict[str, Any]]] = {}
    fresh: dict[tuple[str, Any], dict[str, Any]] = {}
    for change in changes:
        match change:
            case Insert(table=table, values=values, or_ignore=ignore):
                row = dict(values)
                _, _, rows = inserts.setdefault((table.name, ignore), (table, ignore, []))
                if row not in rows:
                    rows.append(row)
                if "id" in row:
                    fresh[(table.name, row["id"])] = row
            case Update(table=table, key=key, values=values):
                new = fresh.get((table.name, key.get("id")))
                if new is not None:
                    new.update(values)
                    continue
                known = updates.setdefault((table.name, tuple(key.items())), (table, key, {}))
                known[2].update(values)
            case Delete(table=table, key=key):
                _flush(connection, inserts, updates)
                connection.execute(table.delete().where(_matches(table, key)))
    _merge_heads(heads, fresh, updates)
    _flush(connection, inserts, updates)


def _merge_heads(heads: Heads, fresh: Mapping[tuple[str, Any], dict[str, Any]], updates: dict[Any, Any]) -> None:
    for (table_name, row_id), values in heads.items():
        new = fresh.get((table_name, row_id))
        if new is not None:
            new.update(values)
            continue
        key = {"id": row_id}
        updates.setdefault((table_name, tuple(key.items())), (metadata.tables[table_name], key, {}))[2].update(values)


def _flush(connection: Connection, inserts: dict[Any, Any], updates: dict[Any, Any]) -> None:
    for table, ignore, rows in inserts.values():
        if ignore:
            insert_ignoring(connection, table, rows)
        else:
            connection.execute(table.insert(), rows)
    for table, key, values in updates.values():
        connection.execute(table.update().where(_matches(table, key)).values(**values))
    inserts.clear()
    updates.clear()


def _matches(table: Table, key: Mapping[str, Any]) -> Any:
    return and_(*(table.c[name] == value for name, value in key.items()))


def insert_ignoring(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows; one whose key is taken stays as it is."""
    dialect: Any = sqlite if connection.dialect.name == "sqlite" else postgresql
    connection.execute(dialect.insert(table).on_conflict_do_nothing(), [dict(row) for row in rows])
