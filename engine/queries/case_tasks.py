"""The tasks of a case as a page shows them to one person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, RowMapping, select

from engine.model import Actor, Tenant
from engine.store import tables as t
from engine.store.known import tenant_of


@dataclass(frozen=True, slots=True)
class TaskInfo:
    """A task of a case. ``may_do``: the actor has its role at its unit and nobody else has taken it on.

    ``acting_for`` is the user for whom they would do it as a deputy, "" for nobody; ``names`` are all in whose name
    they could: (user or "" for themselves, name).
    """

    id: str
    element: str
    process: str
    name: str
    form: str
    role: str
    tenant: Tenant
    assignee: str | None
    assignee_name: str | None
    created_at: datetime
    due_at: datetime | None
    due_provisional: bool
    status: str
    may_do: bool
    is_candidate: bool
    draft: Mapping[str, list[str]] | None
    acting_for: str = ""
    acting_for_name: str = ""
    names: tuple[tuple[str, str], ...] = ()

    @property
    def is_held(self) -> bool:
        """Whether somebody has taken it on: for who may do it, they themselves or whom they stand in for."""
        return self.assignee is not None


def case_tasks(connection: Connection, actor: Actor, where: ColumnElement[bool]) -> tuple[TaskInfo, ...]:
    """The tasks that ``where`` chooses, oldest first. The caller sees to it that the actor may see their case."""
    rows = connection.execute(
        select(t.user_task, t.user.c.name.label("assignee_name"), *[c.label(f"unit_{c.name}") for c in t.tenant.c])
        .join(t.tenant, t.tenant.c.id == t.user_task.c.tenant_id)
        .join(t.user, t.user.c.id == t.user_task.c.assignee, isouter=True)
        .where(where)
        .order_by(t.user_task.c.created_at, t.user_task.c.id)
    ).mappings()
    return tuple(_task_info(row, actor) for row in rows)


def _task_info(row: RowMapping, actor: Actor) -> TaskInfo:
    candidate = actor.is_candidate(row["tenant_id"], row["role"])
    hats = actor.hats(row["tenant_id"], row["role"], row["assignee"])
    acting_for = hats[0].on_behalf_of if hats else ""
    called = {mandate.principal: mandate.name for mandate in actor.mandates}
    return TaskInfo(
        row["id"],
        row["element"],
        row["process"],
        row["name"],
        row["form"],
        row["role"],
        tenant_of({c.name: row[f"unit_{c.name}"] for c in t.tenant.c}),
        row["assignee"],
        row["assignee_name"],
        row["created_at"],
        row["due_at"],
        row["due_provisional"],
        row["status"],
        may_do=row["status"] == "open" and bool(hats),
        is_candidate=candidate,
        draft=row["draft"] if hats else None,
        acting_for=acting_for,
        acting_for_name=called.get(acting_for, ""),
        names=tuple((hat.on_behalf_of, called.get(hat.on_behalf_of, actor.name)) for hat in hats),
    )
