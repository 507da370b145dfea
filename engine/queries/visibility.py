"""Who may see a case: the one condition that every query about cases carries."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Connection, or_, select

from engine.model import Actor
from engine.store import tables as t
from engine.store.correlation import reached_by


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """Cases in the actor's part of the tree, and cases in which the actor's unit has had work.

    A deputy may see what those may whom they stand in for.
    """
    return or_(*(reached_by(unit) for unit in actor.units))


def has_part(connection: Connection, actor: Actor, instance_id: str) -> bool:
    """Whether the actor's unit, or one they stand in at, opened the case or has had work in it.

    Who only sees it from above, or from beside, looks at what is not their own work.
    """
    units = [unit.id for unit in actor.units]
    opened = select(t.instance.c.id).where(t.instance.c.id == instance_id, t.instance.c.tenant_id.in_(units))
    worked = select(t.party.c.instance_id).where(t.party.c.instance_id == instance_id, t.party.c.tenant_id.in_(units))
    return connection.execute(opened.union_all(worked)).first() is not None
