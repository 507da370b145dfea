"""Who may see a case: the one condition that every query about cases carries."""

from __future__ import annotations

from sqlalchemy import ColumnElement, exists, or_

from engine.model import Actor
from engine.store import tables as t


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """Cases in the actor's part of the tree, and cases in which the actor's unit has had work."""
    path = actor.tenant.path
    return or_(
        t.instance.c.tenant_path == path,
        t.instance.c.tenant_path.startswith(path + "/", autoescape=True),
        exists().where(t.party.c.instance_id == t.instance.c.id, t.party.c.tenant_id == actor.tenant.id),
    )
