"""The searches that somebody keeps for themselves."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, select

from engine.model import Actor
from engine.store import tables as t


@dataclass(frozen=True, slots=True)
class KeptSearch:
    """A search by its name; ``query`` is the part of the address after the question mark."""

    id: str
    name: str
    query: str


def searches_of(connection: Connection, actor: Actor) -> list[KeptSearch]:
    """The actor's own searches, by name."""
    row = t.kept_search.c
    query = select(row.id, row.name, row.query).where(row.user_id == actor.user).order_by(row.name)
    return [KeptSearch(*found) for found in connection.execute(query)]
