"""What the facts of delegations do to the rows."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from engine.history import events as e
from engine.history.facts import Fact
from engine.runtime.surroundings import ZONE
from engine.store import tables as t
from engine.store.apply.change import Change, Insert, Update


def apply_delegation(fact: Fact, _case: str) -> list[Change] | None:
    match fact.event:
        case e.DelegationGiven() as given:
            row = {
                "id": given.delegation,
                "principal_id": given.principal,
                "deputy_id": given.deputy,
                "tenant_id": given.tenant,
                "begins_at": start_of(given.begins),
                "ends_at": start_of(given.ends + timedelta(days=1)),
                "reason": given.reason,
                "note": given.note,
                "given_by": fact.actor,
                "given_at": fact.at,
                "ended_at": None,
                "ended_by": None,
            }
            return [Insert(t.delegation, {**row, "role": role}) for role in given.roles]
        case e.DelegationEnded(delegation=delegation, roles=roles):
            values = {"ended_at": fact.at, "ended_by": fact.actor}
            return [Update(t.delegation, {"id": delegation, "role": role}, values) for role in roles]
    return None


def start_of(day: date) -> datetime:
    """The first moment of a day."""
    return datetime.combine(day, time(), ZONE)
