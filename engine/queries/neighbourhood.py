"""The organisations around some units: all above them, and two levels below each of those."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection, func, select

from engine.model import Tenant
from engine.store import tables as t
from engine.store.known import tenant_of


def neighbourhood(connection: Connection, tenant_ids: Collection[str]) -> list[Tenant]:
    """The lineages of the units named, with the children and grandchildren of everything on them, by path.

    That is what lanes and choices can name near a case, without the whole tree of a country.
    """
    paths = connection.execute(select(t.tenant.c.path).where(t.tenant.c.id.in_(tenant_ids))).scalars()
    lineage = {id_ for path in paths for id_ in path.split("/")}
    children = select(t.tenant.c.id).where(t.tenant.c.parent_id.in_(lineage))
    wanted = t.tenant.c.id.in_(lineage) | t.tenant.c.parent_id.in_(lineage) | t.tenant.c.parent_id.in_(children)
    rows = connection.execute(select(t.tenant).where(wanted).order_by(t.tenant.c.path)).mappings()
    return [tenant_of(row) for row in rows]


def unit_below(connection: Connection, tenant: Tenant, level: str) -> Tenant | None:
    """The first unit of a level below ``tenant`` in the order of the tree; with no ``level`` the one deepest down."""
    query = select(t.tenant).where(t.tenant.c.path.startswith(tenant.path + "/", autoescape=True)).limit(1)
    if level:
        query = query.where(t.tenant.c.level == level).order_by(t.tenant.c.path)
    else:
        query = query.order_by(func.length(t.tenant.c.path).desc(), t.tenant.c.path)
    row = connection.execute(query).mappings().first()
    return tenant_of(row) if row else None
