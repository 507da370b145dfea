"""For an organisation, file by file: whose version holds, what is its own, what is above, and what is planned."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from engine.model import Actor, Tenant
from engine.queries.catalogue import PublishedResource, published_by_id, tenant_in_sight
from engine.queries.drafts import Draft
from engine.store.known import find_tenant
from engine.store.parameters import HeldParameter, held_parameters, own_profile
from engine.store.publications import content_of, in_force

__all__ = ["HeldParameter", "Holding", "holdings", "parameters", "parameters_of_draft"]


KINDS = ("process", "form", "decision", "profile", "document", "duties", "words", "scenario", "bundle", "floor")


@dataclass(frozen=True, slots=True)
class Holding:
    """One file. ``above``: the version that would hold without the organisation's own. ``planned``: begins later."""

    kind: str
    key: str
    holder: PublishedResource
    above: PublishedResource | None
    planned: PublishedResource | None
    is_own: bool

    @property
    def order(self) -> int:
        """Diagrams first, settings last."""
        return KINDS.index(self.kind) if self.kind in KINDS else len(KINDS)


def holdings(connection: Connection, actor: Actor, tenant_id: str, procedure: str, at: datetime) -> list[Holding]:
    """Every file of a procedure that holds for an organisation. Raises ``NotFound``."""
    tenant = tenant_in_sight(connection, actor, tenant_id)
    now, later = (in_force(connection, procedure, tenant, moment) for moment in (at, None))
    found = published_by_id(connection, {*now.values(), *later.values()})
    places = {(kind, key) for _, kind, key in (*now, *later)}
    result = []
    for kind, key in places:
        chain = [id_ for unit in tenant.lineage_ids if (id_ := now.get((unit, kind, key)))]
        plan = next((id_ for unit in tenant.lineage_ids if (id_ := later.get((unit, kind, key)))), None)
        if not chain:
            continue
        is_own = found[chain[0]].owner.id == tenant.id
        above = found[chain[1]] if is_own and len(chain) > 1 else None
        planned = found[plan] if plan and plan != chain[0] and found[plan].effective_at else None
        result.append(Holding(kind, key, found[chain[0]], above, planned, is_own))
    return result


def parameters(connection: Connection, tenant: Tenant, procedure: str, at: datetime) -> list[HeldParameter]:
    """Every parameter that holds for an organisation, and whose value it is."""
    own = in_force(connection, procedure, tenant, at).get((tenant.id, "profile", procedure))
    return held_parameters(connection, tenant, procedure, content_of(connection, own) if own else b"", at)


def parameters_of_draft(connection: Connection, draft: Draft) -> list[HeldParameter]:
    """Every parameter that a draft may adjust."""
    tenant = find_tenant(connection, draft.tenant.id) or draft.tenant
    return held_parameters(connection, tenant, draft.procedure, own_profile(connection, draft))
