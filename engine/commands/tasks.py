"""What staff can do to a user task. Each function is one line of the audit trail."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from engine.commands.answers import Files, Raw, checked, form_of, spoken
from engine.errors import Conflict, NotFound, Rejected
from engine.history import events as e
from engine.runtime import interpreter
from engine.runtime.duties import violated
from engine.store.directory import actor_for, candidates
from engine.store.drafts import keep_draft
from engine.store.unit_of_work import Case, Row, UnitOfWork

REASON_LENGTH_MAX = 500


def claim_task(uow: UnitOfWork, task_id: str) -> None:
    """Take a task on: others of the role see that it is in hand. Claiming one's own task again changes nothing."""
    case, row = _open_task(uow, task_id)
    _require_may_do(uow, case, row)
    if row["row_assignee"] == uow.actor.user:
        return
    uow.record(case, [e.UserTaskClaimed(task_id, uow.actor.user, row["row_name"])])


def release_task(uow: UnitOfWork, task_id: str) -> None:
    """Put a task back that one has taken on. Raises ``Rejected`` when it is not one's own."""
    case, row = _open_task(uow, task_id)
    if row["row_assignee"] != uow.actor.user:
        raise Rejected("Expected a task that you have taken on; this one you have not. Look at it again.")
    uow.record(case, [e.UserTaskReleased(task_id, row["row_name"])])


def reassign_task(uow: UnitOfWork, task_id: str, user_id: str, reason: str) -> None:
    """Give a task to a colleague who has its role at its unit. ``reason`` is shown in the history."""
    case, row = _open_task(uow, task_id)
    _require_role(uow, row)
    reason = reason.strip()
    if not reason or len(reason) > REASON_LENGTH_MAX:
        raise Rejected(
            "Expected a reason of 1 to %(max)s characters. Say why the task changes hands.", max=REASON_LENGTH_MAX
        )
    known = dict(candidates(uow.connection, row["row_tenant_id"], row["row_role"]))
    if user_id not in known:
        raise Rejected("Expected a colleague who may do this task. Choose one from the list.")
    _require_duty(case, row["row_element"], user_id)
    uow.record(case, [e.UserTaskReassigned(task_id, user_id, reason, row["row_name"])])


def save_draft(uow: UnitOfWork, task_id: str, raw: Raw) -> None:
    """Keep what somebody has typed so far, unchecked. Not a fact: the next draft replaces it."""
    case, row = _open_task(uow, task_id)
    _require_may_do(uow, case, row)
    keep_draft(uow.connection, task_id, {key: list(values) for key, values in raw.items()})


def complete_task(uow: UnitOfWork, task_id: str, raw: Raw, files: Files, language: str = "") -> dict[str, Any]:
    """Complete a user task and move its case on to the next wait.

    Returns ``{"instance", "number", "next"}``: ``next`` is a task of this case that the same person can do
    now, or None. Raises ``Invalid`` (problems by field), ``Conflict`` (already done), ``NotFound``.
    """
    case, row = _open_task(uow, task_id)
    _require_may_do(uow, case, row)
    variables = interpreter.task_variables(case.definition, case.state, task_id)
    answers, attached = checked(
        uow,
        form_of(case.definition, row["row_form"]),
        row["row_role"],
        raw,
        files,
        variables,
        case.definition,
        case.tenant,
        case.calendar,
        task_id,
    )
    step = interpreter.complete_task(case.definition, case.state, task_id, answers, uow.around(case))
    uow.record(case, [*attached, *spoken(step.events, language)], step.state)
    return {"instance": case.id, "number": case.number, "next": next_for(uow, step.events)}


def next_for(uow: UnitOfWork, events: Sequence[e.Event]) -> str | None:
    """The first task among new facts that the acting person can do at once."""
    for event in events:
        if (
            isinstance(event, e.UserTaskCreated)
            and event.role in uow.actor.roles
            and event.tenant == uow.actor.tenant.id
        ):
            return event.task
    return None


def _open_task(uow: UnitOfWork, task_id: str) -> tuple[Case, Row]:
    case, row = uow.case_of_task(task_id)
    if row["row_status"] == "completed":
        raise Conflict("Expected a waiting task, but “%(task)s” is already completed.", task=row["row_name"])
    if row["row_status"] != "open":
        raise Conflict("Expected a waiting task, but “%(task)s” is no longer needed.", task=row["row_name"])
    return case, row


def _require_role(uow: UnitOfWork, row: Row) -> None:
    if row["row_tenant_id"] != uow.actor.tenant.id or row["row_role"] not in uow.actor.roles:
        raise NotFound("There is no such case, or it is not yours to see.")


def _require_may_do(uow: UnitOfWork, case: Case, row: Row) -> None:
    _require_role(uow, row)
    if row["row_assignee"] not in (None, uow.actor.user):
        holder = actor_for(uow.connection, row["row_assignee"], row["row_tenant_id"]).name
        raise Rejected(
            "Expected a free task, but %(who)s has taken on “%(task)s”. Ask them to put it back.",
            who=holder,
            task=row["row_name"],
        )
    _require_duty(case, row["row_element"], uow.actor.user)


def _require_duty(case: Case, element: str, user: str) -> None:
    breach = violated(case.definition.duties, case.standing.done, element, user)
    if breach is not None:
        raise Rejected(
            "Expected another person: “%(duty)s”. This one already did an earlier step of this case. "
            "Leave it to a colleague.",
            duty=breach[0].name,
        )
