"""Organisations and people as administrators see them: their own part of the tree."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, or_, select

from engine.errors import NotFound
from engine.model import Actor, Tenant
from engine.store import tables as t
from engine.store.known import tenant_of

PEOPLE_MAX = 500


@dataclass(frozen=True, slots=True)
class Person:
    """A user and their roles by unit."""

    id: str
    login: str
    name: str
    disabled: bool
    roles: tuple[tuple[Tenant, str], ...]


def _below(actor: Actor) -> ColumnElement[bool]:
    path = actor.tenant.path
    return or_(t.tenant.c.path == path, t.tenant.c.path.startswith(path + "/", autoescape=True))


def organisations(connection: Connection, actor: Actor, *, text: str = "", limit: int | None = None) -> list[Tenant]:
    """The actor's organisation and all below it, without closed ones, in the order of the tree.

    ``text``: only those whose name contains it or whose id begins with it; at most ``limit``.
    """
    query = select(t.tenant).where(_below(actor), t.tenant.c.closed_on.is_(None)).order_by(t.tenant.c.path).limit(limit)
    if wanted := text.strip()[:80]:
        query = query.where(
            or_(t.tenant.c.name.contains(wanted, autoescape=True), t.tenant.c.id.startswith(wanted, autoescape=True))
        )
    return [tenant_of(row) for row in connection.execute(query).mappings()]


def levels_of_roles(connection: Connection, actor: Actor) -> dict[str, list[str]]:
    """Role → the levels of the units where somebody has it, in the actor's part of the tree and straight above it."""
    near = or_(_below(actor), t.tenant.c.id.in_(actor.tenant.lineage_ids))
    rows = connection.execute(
        select(t.membership.c.role, t.tenant.c.level)
        .join(t.tenant, t.tenant.c.id == t.membership.c.tenant_id)
        .join(t.user, t.user.c.id == t.membership.c.user_id)
        .where(near, t.tenant.c.closed_on.is_(None), t.user.c.disabled.is_(False))
        .distinct()
        .order_by(t.membership.c.role, t.tenant.c.level)
    )
    found: dict[str, list[str]] = {}
    for row in rows:
        found.setdefault(row.role, []).append(row.level)
    return found


def people(connection: Connection, actor: Actor, *, text: str = "", tenant_id: str = "") -> list[Person]:
    """Users with a role in the actor's part of the tree, by unit; at most 500 roles."""
    where = [_below(actor)]
    if text.strip():
        wanted = text.strip()[:80]
        where.append(
            or_(t.user.c.name.contains(wanted, autoescape=True), t.user.c.login.contains(wanted, autoescape=True))
        )
    if tenant_id:
        where.append(t.tenant.c.id == tenant_id)
    return _people(connection, where)


def person(connection: Connection, actor: Actor, user_id: str) -> Person:
    """One user all of whose units lie in the actor's part of the tree. Raises ``NotFound``."""
    found = _people(connection, [t.user.c.id == user_id])
    if not found or not all(actor.tenant.contains(unit.path) for unit, _ in found[0].roles):
        raise NotFound("There is no such user, or they are not yours to manage.")
    return found[0]


def everybody(connection: Connection) -> list[Person]:
    """All users that can act, for the log-in page of a demonstration."""
    return [found for found in _people(connection, [t.tenant.c.closed_on.is_(None)]) if not found.disabled]


def _people(connection: Connection, where: list[ColumnElement[bool]]) -> list[Person]:
    rows = (
        connection.execute(
            select(
                t.user.c.id.label("user_id"),
                t.user.c.login,
                t.user.c.name.label("user_name"),
                t.user.c.disabled,
                t.membership.c.role,
                *t.tenant.c,
            )
            .join(t.membership, t.membership.c.user_id == t.user.c.id)
            .join(t.tenant, t.tenant.c.id == t.membership.c.tenant_id)
            .where(*where)
            .order_by(t.tenant.c.path, t.user.c.login, t.membership.c.role)
            .limit(PEOPLE_MAX)
        )
        .mappings()
        .all()
    )
    found: dict[str, Person] = {}
    for row in rows:
        role = (tenant_of(row), row["role"])
        known = found.get(row["user_id"])
        roles = (*known.roles, role) if known else (role,)
        found[row["user_id"]] = Person(row["user_id"], row["login"], row["user_name"], row["disabled"], roles)
    return list(found.values())
