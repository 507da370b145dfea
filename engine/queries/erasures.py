"""Erasures that were asked for, done or declined, in the cases that an actor may see."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from engine.errors import NotFound
from engine.model import Actor
from engine.queries.visibility import visible_to
from engine.store import tables as t

LISTED_MAX = 200


@dataclass(frozen=True, slots=True)
class Erasure:
    """A request to erase the personal data of a case. ``status``: requested, done or declined."""

    instance: str
    number: str
    reason: str
    legal_basis: str
    requested_at: datetime
    requested_by: str
    name: str
    status: str
    cleaned_at: datetime | None


def erasures(connection: Connection, actor: Actor) -> tuple[Erasure, ...]:
    """The newest 200, those that wait for a second person first."""
    rows = connection.execute(
        select(t.erasure, t.instance.c.number, t.user.c.name)
        .join(t.instance, t.instance.c.id == t.erasure.c.instance_id)
        .join(t.user, t.user.c.id == t.erasure.c.requested_by, isouter=True)
        .where(visible_to(actor))
        .order_by(t.erasure.c.status != "requested", t.erasure.c.requested_at.desc())
        .limit(LISTED_MAX)
    ).mappings()
    return tuple(
        Erasure(
            row["instance_id"],
            row["number"],
            row["reason"],
            row["legal_basis"],
            row["requested_at"],
            row["requested_by"],
            row["name"] or row["requested_by"],
            row["status"],
            row["cleaned_at"],
        )
        for row in rows
    )


def case_by_number(connection: Connection, actor: Actor, number: str) -> str:
    """The id of a case that the actor may see. Raises ``NotFound``."""
    query = select(t.instance.c.id).where(t.instance.c.number == number.strip(), visible_to(actor))
    found = connection.execute(query).scalar()
    if found is None:
        raise NotFound("There is no such case, or it is not yours to see.")
    return str(found)
