"""Organisations and people as pages and commands need them: choices for a form, candidates for a task."""

from __future__ import annotations

from sqlalchemy import Connection, select

from engine.errors import NotFound
from engine.model import SYSTEM_USER, Actor, Tenant
from engine.store import tables as t
from engine.store.known import tenant_of

_CHOICES_MAX = 500


def units_to_choose(connection: Connection, near: Tenant, level: str, within: str = "") -> tuple[Tenant, ...]:
    """The units of a level below the nearest organisation above ``near`` that has any; at most 500.

    With ``within``, a level: those that belong to the nearest organisation of that level themselves.
    """
    for path in near.lineage_paths:
        below = t.tenant.c.path.startswith(path + "/", autoescape=True)
        if within:
            own = select(t.tenant.c.id).where(t.tenant.c.path == path, t.tenant.c.level == within)
            below = t.tenant.c.parent_id.in_(own)
        rows = connection.execute(
            select(t.tenant)
            .where(t.tenant.c.level == level, below, t.tenant.c.closed_on.is_(None))
            .order_by(t.tenant.c.path)
            .limit(_CHOICES_MAX)
        ).mappings()
        found = tuple(tenant_of(row) for row in rows)
        if found:
            return found
    return ()


def candidates(connection: Connection, tenant_id: str, role: str) -> list[tuple[str, str]]:
    """Who has this role at this unit: ``(user id, name)``, by name."""
    rows = connection.execute(
        select(t.user.c.id, t.user.c.name)
        .join(t.membership, t.membership.c.user_id == t.user.c.id)
        .where(t.membership.c.tenant_id == tenant_id, t.membership.c.role == role, ~t.user.c.disabled)
        .order_by(t.user.c.login)
    )
    return [(row.id, row.name) for row in rows]


def actor_for(connection: Connection, user_id: str, tenant_id: str) -> Actor:
    """A user acting for one of their units, with the roles they have there. Raises ``NotFound``."""
    rows = connection.execute(
        select(t.user.c.name, t.membership.c.role, *[c.label(f"tenant_{c.name}") for c in t.tenant.c])
        .join(t.membership, t.membership.c.user_id == t.user.c.id)
        .join(t.tenant, t.tenant.c.id == t.membership.c.tenant_id)
        .where(t.user.c.id == user_id, t.tenant.c.id == tenant_id, ~t.user.c.disabled, t.tenant.c.closed_on.is_(None))
    ).mappings()
    found = list(rows)
    if not found:
        raise NotFound("There is no such user, or they have no role there.")
    first = found[0]
    tenant = tenant_of({c.name: first[f"tenant_{c.name}"] for c in t.tenant.c})
    return Actor(user_id, first["name"], tenant, frozenset(row["role"] for row in found))


def system_actor(tenant: Tenant | None = None) -> Actor:
    """The machine, acting for a unit (by default for none in particular)."""
    return Actor(SYSTEM_USER, SYSTEM_USER, tenant or Tenant("", "", "", ""), frozenset())


def user_by_login(connection: Connection, login: str) -> tuple[str, list[str]] | None:
    """A user's id and the ids of their units, or None."""
    rows = connection.execute(
        select(t.user.c.id, t.membership.c.tenant_id)
        .join(t.membership, t.membership.c.user_id == t.user.c.id)
        .join(t.tenant, t.tenant.c.id == t.membership.c.tenant_id)
        .where(t.user.c.login == login, ~t.user.c.disabled, t.tenant.c.closed_on.is_(None))
        .order_by(t.membership.c.tenant_id)
    ).all()
    return (rows[0].id, [row.tenant_id for row in rows]) if rows else None
