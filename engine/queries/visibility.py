"""Who may see a case: the one condition that every query about cases carries."""

from __future__ import annotations

from sqlalchemy import ColumnElement

from engine.model import Actor
from engine.store.correlation import reached_by


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """Cases in the actor's part of the tree, and cases in which the actor's unit has had work."""
    return reached_by(actor.tenant)
