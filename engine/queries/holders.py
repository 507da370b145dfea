"""Who had which role at which unit at any moment, from the units' own histories."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from engine.history import events as e
from engine.history.facts import Fact
from engine.model import PLATFORM_ROLES
from engine.runtime.surroundings import ZONE
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

    def deputies_at(self, tenant_id: str, role: str, at: datetime) -> list[tuple[Fact, e.DelegationGiven]]:
        """Who could act for whom in ``role`` at the unit at that moment, with the fact that says so."""
        lent: dict[str, tuple[Fact, e.DelegationGiven]] = {}
        for fact in self._unit(tenant_id):
            if fact.at > at:
                continue
            match fact.event:
                case e.DelegationGiven() as given if role in given.roles:
                    lent[given.delegation] = (fact, given)
                case e.DelegationEnded(delegation=ended):
                    lent.pop(ended, None)
        day = at.astimezone(ZONE).date()
        there = [(fact, given) for fact, given in lent.values() if given.begins <= day <= given.ends]
        if not there:
            return []
        principals = {holder.user for holder in self.at(tenant_id, role, at)}
        deputies = self._working(tenant_id, at) - self._disabled(at)
        return [(fact, given) for fact, given in there if given.principal in principals and given.deputy in deputies]

    def _working(self, tenant_id: str, at: datetime) -> set[str]:
        """Who had a role in a procedure at the unit or at the one directly above it."""
        above = self._connection.execute(select(t.tenant.c.parent_id).where(t.tenant.c.id == tenant_id)).scalar()
        had: set[tuple[str, str, str]] = set()
        for fact in (*self._unit(tenant_id), *(self._unit(above) if above else ())):
            match fact.event:
                case e.RoleGranted() as given if fact.at <= at and given.role not in PLATFORM_ROLES:
                    had.add((given.user, given.tenant, given.role))
                case e.RoleRevoked() as taken if fact.at <= at:
                    had.discard((taken.user, taken.tenant, taken.role))
        return {user for user, _, _ in had}

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
