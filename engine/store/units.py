"""Units as changes need them: whose they are to change, what lies below and above, which levels there are."""

from __future__ import annotations

from sqlalchemy import Connection, func, select

from engine.errors import Conflict, NotFound
from engine.model import Actor, Tenant
from engine.store import tables as t
from engine.store.known import find_tenant, tenant_of

UNITS_BELOW_MAX = 3000


def in_reach(connection: Connection, actor: Actor, tenant_id: str) -> Tenant:
    """A unit in the actor's part of the tree. Raises ``NotFound``."""
    return require_reach(actor, find_tenant(connection, tenant_id))


def require_reach(actor: Actor, unit: Tenant | None) -> Tenant:
    """The unit, if it lies in the actor's part of the tree. Raises ``NotFound``."""
    if unit is None or not (actor.is_system or actor.tenant.contains(unit.path)):
        raise NotFound("There is no such organisation, or it is not yours to manage.")
    return unit


def to_change(connection: Connection, actor: Actor, tenant_id: str, *, root_too: bool = False) -> Tenant:
    """A unit below the actor's: nobody decides on their own. Raises ``NotFound``. ``root_too``: who has none above."""
    unit = in_reach(connection, actor, tenant_id)
    own = unit.id == actor.tenant.id
    if (own or "/" not in unit.path) and not (root_too and "/" not in unit.path):
        raise NotFound("There is no such organisation, or it is not yours to manage.")
    return unit


def units_below(connection: Connection, unit: Tenant) -> tuple[Tenant, ...]:
    """All units below one, in the order of the tree; at most 3,000 and one more."""
    query = (
        select(t.tenant)
        .where(t.tenant.c.path.startswith(unit.path + "/", autoescape=True))
        .order_by(t.tenant.c.path)
        .limit(UNITS_BELOW_MAX + 1)
    )
    return tuple(tenant_of(row) for row in connection.execute(query).mappings())


def is_level(connection: Connection, level: str) -> bool:
    """Whether there is a unit of this level."""
    return connection.execute(select(t.tenant.c.id).where(t.tenant.c.level == level).limit(1)).first() is not None


def known_levels(connection: Connection) -> list[str]:
    """The levels that there are, from the top down."""
    depth = func.min(func.length(t.tenant.c.path) - func.length(func.replace(t.tenant.c.path, "/", "")))
    rows = connection.execute(select(t.tenant.c.level, depth.label("depth")).group_by(t.tenant.c.level))
    return [row.level for row in sorted(rows, key=lambda row: (row.depth, row.level))]


def parent_of(connection: Connection, unit: Tenant) -> Tenant:
    """The unit above one. Raises ``NotFound`` for the first of all."""
    found = find_tenant(connection, unit.lineage_ids[1]) if "/" in unit.path else None
    if found is None:
        raise NotFound("There is no such organisation, or it is not yours to manage.")
    return found


def hold_open(connection: Connection, unit: Tenant) -> None:
    """Until this transaction ends, the unit stays open and where it is. Raises ``Conflict`` when it did not."""
    row = t.tenant.c
    query = select(row.path, row.closed_on).where(row.id == unit.id).with_for_update(read=True)
    found = connection.execute(query).first()
    if found is None or found.closed_on is not None or found.path != unit.path:
        raise Conflict(
            "%(name)s was closed or moved at this moment. Look at the page of your units, then do it again.",
            name=unit.name,
        )
