"""Who looked at a case, and which files of it left the system: what the person concerned can be told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, select

from engine.history import events as e
from engine.history.facts import Fact, open_fact
from engine.queries.cases import names_in
from engine.store import tables as t
from engine.store.access_notes import waiting_notes
from engine.store.reading import holds

NEWEST_MAX = 5_000
_KINDS = ("CaseViewed", "CasesSearched", "CasesListed", "SampleDrawn", "CasesExported", "DossierMade")


@dataclass(frozen=True)
class Readings:
    """The readings of one case, newest first, and the names of those who read. Not ``is_whole``: only the newest."""

    facts: tuple[Fact, ...]
    names: Mapping[str, str]
    is_whole: bool = True


def readings_of(connection: Connection, instance_id: str) -> Readings:
    """Who read a case, took it away or saw it in a list. The caller sees to it that the actor may see the case."""
    query = (
        select(t.history.c.body)
        .where(
            t.history.c.stream == "reading",
            t.history.c.type.in_(_KINDS),
            holds(connection, t.history.c.body, instance_id),
        )
        .order_by(t.history.c.seq.desc())
        .limit(NEWEST_MAX)
    )
    sealed = [open_fact(body, {}) for body in connection.execute(query).scalars()]
    found = [fact for fact in (*reversed(_not_sealed_yet(connection)), *sealed) if _is_about(fact.event, instance_id)]
    found.sort(key=lambda fact: fact.at, reverse=True)
    return Readings(tuple(found), names_in(connection, tuple(found)), len(sealed) < NEWEST_MAX)


def _not_sealed_yet(connection: Connection) -> list[Fact]:
    return [
        Fact("reading", 0, one.at, one.user, one.tenant, one.event, on_behalf_of=one.on_behalf_of)
        for one in waiting_notes(connection)
    ]


def _is_about(event: e.Event, instance_id: str) -> bool:
    if isinstance(event, e.CasesSearched | e.CasesListed | e.SampleDrawn | e.CasesExported):
        return instance_id in event.cases
    return getattr(event, "instance", "") == instance_id
