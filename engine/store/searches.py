"""Kept searches in their table: technical rows, for one person each."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, func, select

from engine.store import tables as t


def count(connection: Connection, user: str, other_than: str) -> int:
    """How many searches of other names the person keeps."""
    row = t.kept_search.c
    query = select(func.count()).where(row.user_id == user, row.name != other_than)
    return int(connection.execute(query).scalar_one())


def keep(connection: Connection, id_: str, user: str, name: str, query: str, at: datetime) -> None:
    """Keep a search; the person's former one of this name goes."""
    row = t.kept_search.c
    connection.execute(t.kept_search.delete().where(row.user_id == user, row.name == name))
    connection.execute(t.kept_search.insert().values(id=id_, user_id=user, name=name, query=query, at=at))


def forget(connection: Connection, id_: str, user: str) -> None:
    """Forget a search of this person."""
    row = t.kept_search.c
    connection.execute(t.kept_search.delete().where(row.id == id_, row.user_id == user))
