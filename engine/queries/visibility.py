"""Who may see a case: the one condition that every query about cases carries."""

from __future__ import annotations

from sqlalchemy import ColumnElement, or_

from engine.model import Actor
from engine.store.correlation import reached_by


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """Cases in the actor's part of the tree, and cases in which the actor's unit has had work.

    A deputy may see what those may whom they stand in for.
    """
    return or_(*(reached_by(unit) for unit in actor.units))
