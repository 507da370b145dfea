"""Who looked at a case, and which files of it left the system: what the person concerned can be told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, select

from engine.history.facts import Fact, open_fact
from engine.queries.cases import names_in
from engine.store import tables as t

NEWEST_MAX = 50_000
_KINDS = ("CaseViewed", "DossierMade")


@dataclass(frozen=True)
class Readings:
    """The readings of one case, newest first, and the names of those who read; ``searched`` of how many."""

    facts: tuple[Fact, ...]
    names: Mapping[str, str]
    searched: int


def readings_of(connection: Connection, instance_id: str) -> Readings:
    """Who read a case, among the newest 50,000 readings. The caller sees to it that the actor may see the case."""
    query = (
        select(t.history.c.body)
        .where(t.history.c.stream == "reading", t.history.c.type.in_(_KINDS))
        .order_by(t.history.c.seq.desc())
        .limit(NEWEST_MAX)
    )
    wanted, searched = instance_id.encode(), 0
    found: list[Fact] = []
    for body in connection.execute(query).scalars():
        searched += 1
        if wanted in body:
            fact = open_fact(body, {})
            if getattr(fact.event, "instance", "") == instance_id:
                found.append(fact)
    return Readings(tuple(found), names_in(connection, tuple(found)), searched)
