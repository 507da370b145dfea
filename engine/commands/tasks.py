"""What staff can do to a user task. Each function is one line of the audit trail."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from engine.commands.answers import Files, Raw, checked, form_of, spoken
from engine.commands.recusals import require_no_recusal
from engine.errors import Conflict, NotFound, Rejected
from engine.history import events as e
from engine.model import Actor
from engine.runtime import interpreter
from engine.runtime.duties import Duty, violated
from engine.store.directory import actor_for, candidates
from engine.store.drafts import keep_draft
from engine.store.mandates import former_principal, still
from engine.store.unit_of_work import Case, Row, UnitOfWork

REASON_LENGTH_MAX = 500
IN_PERSON = "Expected whoever has the role: “%(task)s” is done in person, no deputy can do it. Leave it to them."
OTHER_PRINCIPAL = (
    "Expected that you act for whom the page named, but meanwhile that has changed. "
    "Nothing was recorded. Open the task again and look for whom you act."
)


def claim_task(uow: UnitOfWork, task_id: str, shown_for: str | None = None) -> None:
    """Take a task on: others of the role see that it is in hand. Claiming one's own task again changes nothing."""
    uow, case, row = _open_task(uow, task_id)
    uow = _as_who_may_do(uow, case, row, shown_for)
    holder = uow.actor.on_behalf_of or uow.actor.user
    if row["row_assignee"] == holder:
        return
    uow.record(case, [e.UserTaskClaimed(task_id, holder, row["row_name"])])


def release_task(uow: UnitOfWork, task_id: str) -> None:
    """Put a task back that one, or whom one stands in for, has taken on. Raises ``Rejected`` for any other."""
    uow, case, row = _open_task(uow, task_id)
    holder = row["row_assignee"]
    if holder is None:
        raise Rejected("Expected a task that you have taken on; this one you have not. Look at it again.")
    if holder != uow.actor.user:  # what one has taken on oneself can be put back even without the role
        hats = uow.actor.hats(row["row_tenant_id"], row["row_role"], holder)
        if not hats:
            raise Rejected("Expected a task that you have taken on; this one you have not. Look at it again.")
        uow = uow.acting(hats[0])
    uow.record(case, [e.UserTaskReleased(task_id, row["row_name"])])


def reassign_task(uow: UnitOfWork, task_id: str, user_id: str, reason: str) -> None:
    """Give a task to a colleague who has its role at its unit. ``reason`` is shown in the history."""
    uow, case, row = _open_task(uow, task_id)
    _require_role(uow, row)
    reason = reason.strip()
    if not reason or len(reason) > REASON_LENGTH_MAX:
        raise Rejected(
            "Expected a reason of 1 to %(max)s characters. Say why the task changes hands.", max=REASON_LENGTH_MAX
        )
    known = dict(candidates(uow.connection, row["row_tenant_id"], row["row_role"]))
    if user_id not in known:
        raise Rejected("Expected a colleague who may do this task. Choose one from the list.")
    if breach := violated(case.definition.duties, case.standing.done, row["row_element"], user_id):
        raise barred(breach[0])
    uow.acting(_own_or_lent(uow, row)).record(case, [e.UserTaskReassigned(task_id, user_id, reason, row["row_name"])])


def save_draft(uow: UnitOfWork, task_id: str, raw: Raw) -> None:
    """Keep what somebody has typed so far, unchecked. Not a fact: the next draft replaces it."""
    uow, case, row = _open_task(uow, task_id)
    _as_who_may_do(uow, case, row)
    keep_draft(uow.connection, task_id, {key: list(values) for key, values in raw.items()})


def complete_task(
    uow: UnitOfWork, task_id: str, raw: Raw, files: Files, language: str = "", shown_for: str | None = None
) -> dict[str, Any]:
    """Complete a user task and move its case on to the next wait.

    ``shown_for`` is for whom somebody chose to act, or the page said they do ("" for nobody, None for no page): it
    is never done for anybody else.
    Returns ``{"instance", "number", "next"}``: ``next`` is a task of this case that the same person can do
    now, or None. Raises ``Invalid`` (problems by field), ``Conflict`` (already done), ``NotFound``.
    """
    everything, case, row = _open_task(uow, task_id)
    uow = _as_who_may_do(everything, case, row, shown_for)
    variables = interpreter.task_variables(case.definition, case.state, task_id)
    require_no_recusal(
        case.definition, row["row_element"], _names(everything.actor, uow.actor), variables, uow.now, case.calendar
    )
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
    return {"instance": case.id, "number": case.number, "next": next_for(everything, step.events)}


def next_for(uow: UnitOfWork, events: Sequence[e.Event]) -> str | None:
    """The first task among new facts that the acting person can do at once."""
    for event in events:
        if isinstance(event, e.UserTaskCreated) and uow.actor.is_candidate(event.tenant, event.role):
            return event.task
    return None


def _open_task(uow: UnitOfWork, task_id: str) -> tuple[UnitOfWork, Case, Row]:
    """The task and its case, locked; the actor has only those mandates that hold in this very transaction."""
    case, row = uow.case_of_task(task_id)
    uow = uow.acting(still(uow.connection, uow.actor, uow.now))
    if not case.may_be_seen_by(uow.actor):
        _require_role(uow, row)
    if row["row_status"] == "completed":
        raise Conflict("Expected a waiting task, but “%(task)s” is already completed.", task=row["row_name"])
    if row["row_status"] != "open":
        raise Conflict("Expected a waiting task, but “%(task)s” is no longer needed.", task=row["row_name"])
    return uow, case, row


def _require_role(uow: UnitOfWork, row: Row) -> None:
    if not uow.actor.is_candidate(row["row_tenant_id"], row["row_role"]):
        _refuse_former(uow, row)
        raise NotFound("There is no such case, or it is not yours to see.")


def _refuse_former(uow: UnitOfWork, row: Row) -> None:
    """Whoever could once do such work for somebody hears that this has ended. Anybody else hears nothing."""
    who = former_principal(uow.connection, uow.actor.user, [row["row_role"]], row["row_tenant_id"])
    if who is not None:
        raise Conflict(
            "Expected that you still stand in for %(who)s, but that has ended. Nothing was recorded. "
            "“%(task)s” waits for %(who)s or a colleague.",
            who=who,
            task=row["row_name"],
        )


def _own_or_lent(uow: UnitOfWork, row: Row) -> Actor:
    """As whom somebody decides about a task that anybody may have taken on: in their own name if they can."""
    tenant, role, holder = row["row_tenant_id"], row["row_role"], row["row_assignee"]
    hats = uow.actor.hats(tenant, role, holder) or uow.actor.hats(tenant, role, None)
    return hats[0]


def _as_who_may_do(uow: UnitOfWork, case: Case, row: Row, shown_for: str | None = None) -> UnitOfWork:
    """The same transaction in one's own name, or in that of whom one stands in for, as holder and duties allow.

    ``shown_for``: in that name and no other; None: in the first that may.
    """
    _require_role(uow, row)
    hats = uow.actor.hats(row["row_tenant_id"], row["row_role"], row["row_assignee"])
    if not hats:
        holder = actor_for(uow.connection, row["row_assignee"], row["row_tenant_id"]).name
        raise Rejected(
            "Expected a free task, but %(who)s has taken on “%(task)s”. Ask them to put it back.",
            who=holder,
            task=row["row_name"],
        )
    if row["row_role"] in case.definition.manifest.get("personal_roles", ()):
        hats = tuple(hat for hat in hats if not hat.on_behalf_of)
    if not hats:
        raise Rejected(IN_PERSON, task=row["row_name"])
    if shown_for is not None:
        hats = tuple(hat for hat in hats if hat.on_behalf_of == shown_for)
        if not hats:
            raise Conflict(OTHER_PRINCIPAL)
    done, element = case.standing.done, row["row_element"]
    breaches = [violated(case.definition.duties, done, element, *hat.persons) for hat in hats]
    for hat, breach in zip(hats, breaches, strict=True):
        if breach is None:
            return uow.acting(hat)
    raise barred(next(breach[0] for breach in breaches if breach is not None), hats[0].on_behalf_of)


def _names(actor: Actor, hat: Actor) -> Iterator[str]:
    """What those are called who act: oneself, and for whom, who gave one of one's mandates."""
    yield actor.name
    yield from {mandate.name for mandate in actor.mandates if mandate.principal == hat.on_behalf_of}


def barred(duty: Duty, on_behalf_of: str = "") -> Rejected:
    """What is said to whom a duty keeps away, in their own name or in that of whom they stand in for."""
    if on_behalf_of:
        return Rejected(
            "Expected another person: “%(duty)s”. You, or whom you stand in for, already did an earlier step of this "
            "case, or had it done. Leave it to a colleague.",
            duty=duty.name,
        )
    return Rejected(
        "Expected another person: “%(duty)s”. This one already did an earlier step of this case. "
        "Leave it to a colleague.",
        duty=duty.name,
    )
