"""Messages that found no case: kept until one waits, or expired, each with the reason and the cases it could go to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, or_, select

from engine.model import Actor
from engine.queries.visibility import visible_to
from engine.store import tables as t

_SHOWN_MAX = 200
_CHOICES_MAX = 50


@dataclass(frozen=True, slots=True)
class Undelivered:
    """A message that is kept (``expired``: was). ``choices``: (case id, number, title) of cases that wait for its name.

    ``template`` and ``params`` are the sentence that says why it was not delivered; ``sender`` the number of the case
    that sent it, "" for one from outside.
    """

    id: str
    name: str
    correlation: str
    expired: bool
    sent_at: datetime
    expires_at: datetime | None
    sender: str
    template: str
    params: Mapping[str, Any]
    choices: tuple[tuple[str, str, str], ...]
    sent_by: str = ""

    @property
    def shown(self) -> tuple[str, ...]:
        """The ids of the cases that are named with it: its sender, and where it could go."""
        return (*((self.sent_by,) if self.sent_by else ()), *(id_ for id_, _, _ in self.choices))


def undelivered(connection: Connection, actor: Actor) -> tuple[Undelivered, ...]:
    """The messages of the actor's part of the tree that nobody got, oldest first, at most 200."""
    number = select(t.instance.c.number).where(t.instance.c.id == t.message.c.sender).scalar_subquery()
    rows = connection.execute(
        select(t.message, number.label("number"))
        .where(_open_to(actor))
        .order_by(t.message.c.sent_at, t.message.c.id)
        .limit(_SHOWN_MAX)
    ).all()
    choices = {name: _choices(connection, actor, name) for name in {row.name for row in rows}}
    return tuple(
        Undelivered(
            row.id,
            row.name,
            row.correlation,
            row.status == "expired",
            row.sent_at,
            row.expires_at,
            row.number or "",
            row.template,
            row.params,
            choices[row.name],
            row.sender if row.number else "",
        )
        for row in rows
    )


def count_undelivered(connection: Connection, actor: Actor) -> int:
    """How many there are."""
    return connection.execute(select(func.count()).select_from(t.message).where(_open_to(actor))).scalar_one()


def _open_to(actor: Actor) -> ColumnElement[bool]:
    path, message = actor.tenant.path, t.message.c
    merged, heir = t.tenant.alias("merged"), t.tenant.alias("heir")
    here = or_(heir.c.path == path, heir.c.path.startswith(path + "/", autoescape=True))
    taken_over = select(merged.c.id).join(heir, heir.c.id == merged.c.heir_id).where(here)
    mine = or_(
        message.tenant_path == path,
        message.tenant_path.startswith(path + "/", autoescape=True),
        message.tenant_id.in_(taken_over),  # sent to a unit that became part of one here
    )
    return (message.kind == "message") & message.status.in_(("waiting", "expired")) & (message.template != "") & mine


def _choices(connection: Connection, actor: Actor, name: str) -> tuple[tuple[str, str, str], ...]:
    rows = connection.execute(
        select(t.instance.c.id, t.instance.c.number, t.instance.c.title)
        .join(t.message_wait, t.message_wait.c.instance_id == t.instance.c.id)
        .where(
            t.message_wait.c.kind == "message",
            t.message_wait.c.message == name,
            t.message_wait.c.status == "waiting",
            t.instance.c.status == "running",
            visible_to(actor),
        )
        .distinct()
        .order_by(t.instance.c.number)
        .limit(_CHOICES_MAX)
    )
    return tuple((row.id, row.number, row.title) for row in rows)
