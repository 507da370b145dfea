"""Orders to move cases as their page shows them: who ordered what, how far it has come, and each case's result."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, func, or_, select

from engine.errors import NotFound
from engine.model import Actor
from engine.store import tables as t

RECENT_MAX = 20
PER_PAGE = 100


@dataclass(frozen=True, slots=True)
class Order:
    """An order and its progress. ``undone_by`` is the order that takes it back, "" for none."""

    id: str
    procedure: str
    unit: str
    ordered_by: str
    ordered_at: datetime
    reason: str
    status: str
    undoes: str
    undone_by: str
    waiting: int
    moved: int
    refused: int

    @property
    def total(self) -> int:
        return self.waiting + self.moved + self.refused


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one case; ``template`` and ``params`` say why it stays."""

    instance: str
    number: str
    title: str
    status: str
    template: str
    params: Mapping[str, Any]


def orders(connection: Connection, actor: Actor, procedure: str) -> tuple[Order, ...]:
    """The newest orders for the actor's part of the tree."""
    query = _query(actor).where(t.migration_batch.c.procedure == procedure)
    rows = connection.execute(query.order_by(t.migration_batch.c.ordered_at.desc()).limit(RECENT_MAX)).mappings()
    return tuple(_order(connection, row) for row in rows)


def order(connection: Connection, actor: Actor, order_id: str) -> Order:
    """One order. Raises ``NotFound``, also for one of another part of the tree."""
    row = connection.execute(_query(actor).where(t.migration_batch.c.id == order_id)).mappings().first()
    if row is None:
        raise NotFound("There is no such order, or it is not yours to see.")
    return _order(connection, row)


def results(connection: Connection, order_id: str, page: int) -> tuple[Result, ...]:
    """What became of the cases of an order so far, those that stay first."""
    item = t.migration_item.c
    rows = connection.execute(
        select(item.instance_id, t.instance.c.number, t.instance.c.title, item.status, item.template, item.params)
        .join(t.instance, t.instance.c.id == item.instance_id)
        .where(item.batch_id == order_id)
        .order_by(item.status != "refused", item.position)
        .limit(PER_PAGE)
        .offset((page - 1) * PER_PAGE)
    )
    return tuple(Result(*row) for row in rows)


def _query(actor: Actor) -> Select[Any]:
    row, path = t.migration_batch.c, actor.tenant.path
    return (
        select(t.migration_batch, t.tenant.c.name.label("unit"), t.user.c.name.label("person"))
        .join(t.tenant, t.tenant.c.id == row.tenant_id, isouter=True)
        .join(t.user, t.user.c.id == row.ordered_by, isouter=True)
        .where(or_(row.tenant_path == path, row.tenant_path.startswith(path + "/", autoescape=True)))
    )


def _order(connection: Connection, row: RowMapping) -> Order:
    item = t.migration_item.c
    counted = connection.execute(
        select(item.status, func.count()).where(item.batch_id == row["id"]).group_by(item.status)
    )
    counts: dict[str, int] = {found[0]: found[1] for found in counted}
    batch = t.migration_batch.c
    undone = connection.execute(select(batch.id).where(batch.undoes == row["id"]).limit(1)).scalar()
    return Order(
        row["id"],
        row["procedure"],
        row["unit"] or row["tenant_id"],
        row["person"] or row["ordered_by"],
        row["ordered_at"],
        row["reason"],
        row["status"],
        row["undoes"] or "",
        undone or "",
        counts.get("waiting", 0),
        counts.get("moved", 0),
        counts.get("refused", 0),
    )
