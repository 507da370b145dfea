"""The rows of planned changes of units, and the cases that have yet to follow a change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, exists, or_, select

from engine.model import Tenant
from engine.store import tables as t

LEFT_MAX = 200
_STRAGGLERS = timedelta(hours=1)


def lock_change(connection: Connection, change_id: str) -> dict[str, Any] | None:
    """A planned change, locked until the end of the transaction; None for none."""
    query = select(t.unit_change).where(t.unit_change.c.id == change_id).with_for_update()
    found = connection.execute(query).mappings().first()
    return dict(found) if found else None


def planned_alike(connection: Connection, tenant_id: str, kind: str) -> bool:
    """Whether a change of this kind is planned for the unit already."""
    row = t.unit_change.c
    query = select(row.id).where(row.tenant_id == tenant_id, row.kind == kind, row.status == "planned")
    return connection.execute(query.limit(1)).first() is not None


def due_changes(connection: Connection, today: date) -> Sequence[str]:
    """The planned changes whose day has come, in the order in which they take effect."""
    row = t.unit_change.c
    query = select(row.id).where(row.status == "planned", row.since <= today)
    return connection.execute(query.order_by(row.since, row.planned_at, row.id)).scalars().all()


def unsettled_changes(connection: Connection) -> list[dict[str, Any]]:
    """Changes that were carried out and that cases may still have to follow."""
    row = t.unit_change.c
    query = select(t.unit_change).where(row.status == "done", row.kind.in_(("move", "merge")), row.settled_at.is_(None))
    return [dict(found) for found in connection.execute(query.order_by(row.decided_at, row.id)).mappings()]


def left_behind(connection: Connection, change: Mapping[str, Any], heir: Tenant | None, but: set[str]) -> list[str]:
    """Ids of cases that a change has yet to reach: at a place that is not there any more, or of a unit that ceased."""
    case, unit = t.instance.c, t.tenant.c
    vacated = change["former"]
    misplaced = (
        select(case.id)
        .join(t.tenant, unit.id == case.tenant_id)
        .where(or_(case.tenant_path == vacated, case.tenant_path.startswith(vacated + "/", autoescape=True)))
        .where(unit.path != case.tenant_path)
    )
    queries = [misplaced]
    if heir is not None:
        party, theirs = t.party.c, t.party.alias("theirs")
        taken_over = exists().where(theirs.c.instance_id == party.instance_id, theirs.c.tenant_id == heir.id)
        queries.append(select(party.instance_id).where(party.tenant_id == change["tenant_id"], ~taken_over))
        task = t.user_task.c
        queries.append(select(task.instance_id).where(task.status == "open", task.tenant_id == change["tenant_id"]))
        queries.append(select(case.id).where(case.tenant_path == vacated, case.tenant_id == change["tenant_id"]))
    found: dict[str, None] = {}
    for query in queries:
        found |= dict.fromkeys(connection.execute(query.limit(LEFT_MAX + len(but))).scalars())
    return [one for one in found if one not in but]


def open_tasks_at(connection: Connection, instance_id: str, tenant_id: str) -> list[str]:
    """The open tasks of a case at a unit, by id."""
    task = t.user_task.c
    query = select(task.id).where(task.instance_id == instance_id, task.tenant_id == tenant_id, task.status == "open")
    return list(connection.execute(query.order_by(task.id)).scalars())


def roles_at(connection: Connection, tenant_id: str) -> list[tuple[str, str, str]]:
    """``(user id, name, role)`` of everybody with a role at a unit."""
    row = t.membership.c
    query = select(row.user_id, t.user.c.name, row.role).join(t.user, t.user.c.id == row.user_id)
    found = connection.execute(query.where(row.tenant_id == tenant_id).order_by(row.user_id, row.role))
    return [(one.user_id, one.name, one.role) for one in found]


def settle(connection: Connection, change: Mapping[str, Any], now: datetime) -> None:
    """Nobody was left behind: look no more, once no transaction of before can still be under way."""
    if now - change["decided_at"] >= _STRAGGLERS:
        row = t.unit_change
        connection.execute(row.update().where(row.c.id == change["id"]).values(settled_at=now))
