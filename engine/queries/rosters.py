"""Units and people as tables: what an export holds, line by line, in the columns that an import reads."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Connection, or_, select

from engine.model import Actor
from engine.store import tables as t


def unit_rows(connection: Connection, actor: Actor) -> list[dict[str, str]]:
    """Every open unit of the actor's part of the tree, those above before those below."""
    row = t.tenant.c
    query = select(t.tenant).where(_below(actor), row.closed_on.is_(None)).order_by(row.path)
    return [
        {
            "id": one["id"],
            "parent": one["parent_id"] or "",
            "name": one["name"],
            "level": one["level"],
            "code": one["code"] or "",
            "since": "",
        }
        for one in connection.execute(query).mappings()
    ]


def people_rows(connection: Connection, actor: Actor) -> list[dict[str, str]]:
    """Every role at an open unit of the actor's part of the tree, of people who can log in."""
    member, user, unit = t.membership.c, t.user.c, t.tenant.c
    query = (
        select(user.login, user.name, member.tenant_id, member.role)
        .join(t.membership, member.user_id == user.id)
        .join(t.tenant, unit.id == member.tenant_id)
        .where(_below(actor), unit.closed_on.is_(None), ~user.disabled)
        .order_by(unit.path, user.login, member.role)
    )
    return [
        {"login": one.login, "name": one.name, "unit": one.tenant_id, "role": one.role}
        for one in connection.execute(query)
    ]


def _below(actor: Actor) -> ColumnElement[bool]:
    path = actor.tenant.path
    return or_(t.tenant.c.path == path, t.tenant.c.path.startswith(path + "/", autoescape=True))
