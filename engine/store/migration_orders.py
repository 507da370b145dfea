"""Orders to move cases, and how far each has come."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from engine.store import tables as t

_PREFIX = "move."


def job_of(order_id: str, leg: int) -> str:
    """The id under which the queue carries one leg of an order."""
    return f"{_PREFIX}{order_id}.{leg}"


def order_of(job_id: str) -> str | None:
    """The order that a queued id belongs to, None for a job of a case."""
    return job_id.removeprefix(_PREFIX).rpartition(".")[0] if job_id.startswith(_PREFIX) else None


def insert_order(connection: Connection, order: Mapping[str, Any], items: Sequence[Mapping[str, Any]]) -> None:
    """A new order with its cases, in this order."""
    connection.execute(t.migration_batch.insert().values(**order))
    empty = {"batch_id": order["id"], "status": "waiting", "former": None, "template": "", "params": {}, "at": None}
    connection.execute(
        t.migration_item.insert(), [{**empty, "position": number, **item} for number, item in enumerate(items, 1)]
    )


def lock_order(connection: Connection, order_id: str) -> dict[str, Any] | None:
    """The order, locked until the end of the transaction."""
    query = select(t.migration_batch).where(t.migration_batch.c.id == order_id)
    found = connection.execute(query.with_for_update()).mappings().first()
    return dict(found) if found else None


def update_order(connection: Connection, order_id: str, **values: Any) -> None:
    """Change some columns of an order."""
    connection.execute(t.migration_batch.update().where(t.migration_batch.c.id == order_id).values(**values))


def next_item(connection: Connection, order_id: str) -> dict[str, Any] | None:
    """The first case of an order whose turn has not come."""
    item = t.migration_item.c
    query = select(t.migration_item).where(item.batch_id == order_id, item.status == "waiting")
    found = connection.execute(query.order_by(item.position).limit(1)).mappings().first()
    return dict(found) if found else None


def settle_item(connection: Connection, item: Mapping[str, Any], **values: Any) -> None:
    """Note what became of a case."""
    row = t.migration_item
    where = (row.c.batch_id == item["batch_id"], row.c.position == item["position"])
    connection.execute(row.update().where(*where).values(**values))


def moved_items(connection: Connection, order_id: str) -> list[dict[str, Any]]:
    """The cases that an order has moved."""
    item = t.migration_item.c
    query = select(t.migration_item).where(item.batch_id == order_id, item.status == "moved").order_by(item.position)
    return [dict(row) for row in connection.execute(query).mappings()]


def mapping_of(connection: Connection, order_id: str, instance_id: str) -> dict[str, str]:
    """Which elements took the place of which when an order moved a case."""
    item = t.migration_item.c
    found = connection.execute(
        select(item.mapping).where(item.batch_id == order_id, item.instance_id == instance_id, item.status == "moved")
    ).scalar()
    return dict(found or {})


def untouched_orders(connection: Connection, before: datetime) -> list[str]:
    """Orders under way of which nothing was heard since ``before``."""
    order = t.migration_batch.c
    query = select(order.id).where(order.status == "running", order.touched_at < before).order_by(order.ordered_at)
    return list(connection.execute(query).scalars())
