"""Where a case stands, for software that acts on it: scenarios, tests, simulations. Never for a page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from engine.errors import NotFound
from engine.runtime import interpreter
from engine.runtime.interpreter import ProcessDefinition
from engine.store import tables as t
from engine.store.known import Known


@dataclass(frozen=True, slots=True)
class WaitingMessage:
    """A message that a case waits for."""

    id: str
    element: str
    message: str
    roles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TaskState:
    """A task as the rows have it."""

    id: str
    element: str
    role: str
    tenant_id: str
    due_at: datetime | None


@dataclass(frozen=True)
class CaseState:
    """Where a case stands, for software that acts on it (scenarios, tests, simulations)."""

    id: str
    process: str
    pins: Mapping[str, str]
    status: str
    outcome: str
    seq: int
    state: bytes
    tasks: tuple[TaskState, ...]
    past_tasks: tuple[TaskState, ...]
    messages: tuple[WaitingMessage, ...]
    incidents: tuple[str, ...]

    def variables(self, known: Known, connection: Connection) -> Mapping[str, Any]:
        """The case's variables now."""
        return interpreter.variables(known.definition(connection, self.process, self.pins), self.state)


def case_state(connection: Connection, instance_id: str) -> CaseState:
    """Where a case stands, whoever asks. Raises ``NotFound``. Never for a page."""
    row = connection.execute(select(t.instance).where(t.instance.c.id == instance_id)).mappings().first()
    if row is None:
        raise NotFound("There is no such case, or it is not yours to see.")
    task = t.user_task.c
    tasks = connection.execute(
        select(task.id, task.element, task.role, task.tenant_id, task.due_at, task.status)
        .where(task.instance_id == instance_id)
        .order_by(task.created_at, task.id)
    ).all()
    waits = connection.execute(
        select(t.message_wait).where(
            t.message_wait.c.instance_id == instance_id,
            t.message_wait.c.status == "waiting",
            t.message_wait.c.kind == "message",
        )
    )
    stuck = connection.execute(
        select(t.incident).where(t.incident.c.instance_id == instance_id, t.incident.c.status == "open")
    )
    return CaseState(
        row["id"],
        row["process"],
        row["pins"],
        row["status"],
        row["outcome"],
        row["seq"],
        row["state"],
        tuple(TaskState(*found[:5]) for found in tasks if found.status == "open"),
        tuple(TaskState(*found[:5]) for found in tasks if found.status != "open"),
        tuple(WaitingMessage(wait.id, wait.element, wait.message, tuple(wait.roles)) for wait in waits),
        tuple(f"{found.element}: {found.template % found.params}" for found in stuck),
    )


@dataclass(frozen=True)
class WaitingForm:
    """The form of an open task with what it would show."""

    definition: ProcessDefinition
    form: str
    role: str
    variables: Mapping[str, Any]


def waiting_form(connection: Connection, known: Known, task_id: str) -> WaitingForm | None:
    """The form of a task, whoever asks; None when it does not wait."""
    row = (
        connection.execute(
            select(t.user_task.c.form, t.user_task.c.role, t.instance.c.process, t.instance.c.pins, t.instance.c.state)
            .join(t.instance, t.instance.c.id == t.user_task.c.instance_id)
            .where(t.user_task.c.id == task_id, t.user_task.c.status == "open")
        )
        .mappings()
        .first()
    )
    if row is None:
        return None
    definition = known.definition(connection, row["process"], row["pins"])
    return WaitingForm(
        definition, row["form"], row["role"], interpreter.task_variables(definition, row["state"], task_id)
    )
