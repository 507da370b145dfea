"""What a person may do for others just now, as the delegations, roles and accounts stand at this moment.

A delegation lends what its principal has: it counts only between its days, while nobody has ended it, while the
principal has the role and may log in, and while the deputy acts for the unit itself or for the one directly above it –
who could see the unit's cases anyway. Nothing needs to happen for it to begin or end.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, exists, or_, select, true

from engine.model import PLATFORM_ROLES, Actor, Mandate
from engine.store import tables as t
from engine.store.known import tenant_of


def with_mandates(connection: Connection, actor: Actor, now: datetime) -> Actor:
    """The actor with the mandates they have at this moment. Who only administers or audits has none."""
    if not actor.roles - PLATFORM_ROLES:
        return replace(actor, mandates=())
    lent, held = t.delegation.c, t.membership.c
    rows = connection.execute(
        select(lent.id.label("delegation"), lent.principal_id, lent.role, t.user.c.name.label("principal"), *t.tenant.c)
        .join(t.user, and_(t.user.c.id == lent.principal_id, ~t.user.c.disabled))
        .join(
            t.membership,
            and_(held.user_id == lent.principal_id, held.tenant_id == lent.tenant_id, held.role == lent.role),
        )
        .join(t.tenant, t.tenant.c.id == lent.tenant_id)
        .where(
            lent.deputy_id == actor.user,
            lent.ends_at > now,
            lent.begins_at <= now,
            lent.ended_at.is_(None),
            lent.role.not_in(sorted(PLATFORM_ROLES)),
            or_(t.tenant.c.id == actor.tenant.id, t.tenant.c.parent_id == actor.tenant.id),
        )
        .order_by(lent.begins_at, lent.given_at, lent.id, lent.role)
    ).mappings()
    found = tuple(
        Mandate(row["delegation"], row["principal_id"], row["principal"], tenant_of(row), row["role"]) for row in rows
    )
    return replace(actor, mandates=found)


def is_deputy(user_id: ColumnElement[str], now: datetime) -> ColumnElement[bool]:
    """Whether a user may have mandates at all: asked together with the session, so that nobody else pays for them."""
    lent = t.delegation.c
    return exists().where(lent.deputy_id == user_id, lent.ends_at > now, lent.ended_at.is_(None))


def still(connection: Connection, actor: Actor, now: datetime) -> Actor:
    """The actor with those mandates that hold in this transaction; nobody gets one that they had not before.

    Costs a person without mandates nothing.
    """
    if not actor.mandates:
        return actor
    holds = set(with_mandates(connection, actor, now).mandates)
    return replace(actor, mandates=tuple(mandate for mandate in actor.mandates if mandate in holds))


def former_principal(
    connection: Connection, user_id: str, roles: Collection[str], tenant_id: str | None = None
) -> str | None:
    """The name of the last one for whom a user could once act in one of these roles, at a unit or any, or None."""
    lent = t.delegation.c
    there = true() if tenant_id is None else lent.tenant_id == tenant_id
    query = (
        select(t.user.c.name)
        .join(t.delegation, lent.principal_id == t.user.c.id)
        .where(lent.deputy_id == user_id, lent.role.in_(roles), there)
        .order_by(lent.given_at.desc())
        .limit(1)
    )
    found = connection.execute(query).scalar()
    return None if found is None else str(found)
