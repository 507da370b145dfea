"""Who looked at a case, and which files of it left the system: what the person concerned can be told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, select

from engine.history import events as e
from engine.history.facts import Fact, open_fact
from engine.queries.cases import names_in
from engine.store import tables as t
from engine.store.access_notes import waiting_notes

NEWEST_MAX = 50_000
_KINDS = ("CaseViewed", "CasesSearched", "DossierMade")


@dataclass(frozen=True)
class Readings:
    """The readings of one case, newest first, and the names of those who read; ``searched`` of how many."""

    facts: tuple[Fact, ...]
    names: Mapping[str, str]
    searched: int

    @property
    def is_whole(self) -> bool:
        """Whether all readings there ever were have been searched."""
        return self.searched < NEWEST_MAX


def readings_of(connection: Connection, instance_id: str) -> Readings:
    """Who read a case, among the newest 50,000 readings. The caller sees to it that the actor may see the case."""
    query = (
        select(t.history.c.body)
        .where(t.history.c.stream == "reading", t.history.c.type.in_(_KINDS))
        .order_by(t.history.c.seq.desc())
        .limit(NEWEST_MAX)
    )
    wanted, searched = instance_id.encode(), 0
    found = [fact for fact in _not_sealed_yet(connection) if _is_about(fact.event, instance_id)]
    for body in connection.execute(query).scalars():
        searched += 1
        if wanted in body:
            fact = open_fact(body, {})
            if _is_about(fact.event, instance_id):
                found.append(fact)
    found.sort(key=lambda fact: fact.at, reverse=True)
    return Readings(tuple(found), names_in(connection, tuple(found)), searched)


def _not_sealed_yet(connection: Connection) -> Iterator[Fact]:
    for one in waiting_notes(connection):
        yield Fact("reading", 0, one.at, one.user, one.tenant, one.event)


def _is_about(event: e.Event, instance_id: str) -> bool:
    if isinstance(event, e.CasesSearched):
        return instance_id in event.cases
    return getattr(event, "instance", "") == instance_id
