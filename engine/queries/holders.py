"""Who had which role at which unit at any moment, from the units' own histories."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from engine.history import events as e
from engine.history.facts import Fact
from engine.store import tables as t
from engine.store.reading import facts_of


@dataclass(frozen=True, slots=True)
class Holder:
    """Somebody who had a role at a unit; ``since`` is when it was given to them, ``by`` the id of who gave it."""

    user: str
    name: str
    since: datetime
    by: str


class Holders:
    """Asks the histories; each is read once."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._units: dict[str, list[Fact]] = {}
        self._accounts: list[Fact] | None = None

    def at(self, tenant_id: str, role: str, at: datetime) -> list[Holder]:
        """Who had ``role`` at the unit at that moment and could log in, in the order in which it was given."""
        holders: dict[str, Holder] = {}
        for fact in self._unit(tenant_id):
            if fact.at > at:
                continue
            match fact.event:
                case e.RoleGranted(role=granted) as given if granted == role:
                    holders[given.user] = Holder(given.user, given.name, fact.at, fact.actor)
                case e.RoleRevoked(role=revoked) as taken if revoked == role:
                    holders.pop(taken.user, None)
        disabled = self._disabled(at)
        return [holder for user, holder in holders.items() if user not in disabled]

    def _unit(self, tenant_id: str) -> list[Fact]:
        if tenant_id not in self._units:
            self._units[tenant_id] = list(facts_of(self._connection, f"tenant:{tenant_id}"))
        return self._units[tenant_id]

    def _disabled(self, at: datetime) -> set[str]:
        if self._accounts is None:
            kinds = ("UserDisabled", "UserEnabled")
            streams = self._connection.execute(
                select(t.history.c.stream).where(t.history.c.type.in_(kinds)).distinct()
            ).scalars()
            facts = [fact for stream in list(streams) for fact in facts_of(self._connection, stream)]
            self._accounts = sorted(facts, key=lambda fact: (fact.at, fact.stream, fact.seq))
        out: set[str] = set()
        for fact in self._accounts:
            match fact.event:
                case e.UserDisabled(user=user) if fact.at <= at:
                    out.add(user)
                case e.UserEnabled(user=user) if fact.at <= at:
                    out.discard(user)
        return out
