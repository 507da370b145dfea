"""How much work waits where, for the log-in page of a demonstration."""

from __future__ import annotations

from sqlalchemy import Connection, func, select

from engine.store import tables as t


def waiting_by_role(connection: Connection) -> dict[tuple[str, str], int]:
    """``(organisation, role)`` → how many open tasks nobody has taken on."""
    task = t.user_task.c
    rows = connection.execute(
        select(task.tenant_id, task.role, func.count().label("tasks"))
        .where(task.status == "open", task.assignee.is_(None))
        .group_by(task.tenant_id, task.role)
    )
    return {(row.tenant_id, row.role): row.tasks for row in rows}


def names_of_units(connection: Connection, ids: list[str]) -> dict[str, str]:
    """The names of organisations by id."""
    rows = connection.execute(select(t.tenant.c.id, t.tenant.c.name).where(t.tenant.c.id.in_(ids)))
    return {row.id: row.name for row in rows}
