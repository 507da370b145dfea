"""Tell a case something that it waits for: a report from a person, or from other software."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Any

from engine.commands.answers import Files, Raw, checked, form_of, spoken
from engine.commands.tasks import OTHER_PRINCIPAL, next_for
from engine.errors import Conflict, NotFound
from engine.model import Actor
from engine.runtime import interpreter
from engine.store.mandates import former_principal, still
from engine.store.unit_of_work import Case, UnitOfWork


def send_message(
    uow: UnitOfWork, wait_id: str, raw: Raw, files: Files, language: str = "", shown_for: str | None = None
) -> dict[str, Any]:
    """Report what a case waits for, with the answers of its form. Returns ``{"instance", "number", "next"}``.

    ``shown_for`` as for ``complete_task``.
    Raises ``Conflict`` when it is no longer awaited, ``NotFound`` when it is not the actor's to report.
    """
    case, row = uow.case_of_wait(wait_id)
    uow = uow.acting(still(uow.connection, uow.actor, uow.now))
    everything, uow = uow, uow.acting(_as_who_may_report(uow, case, row["row_roles"]))
    if shown_for is not None and shown_for != uow.actor.on_behalf_of:
        raise Conflict(OTHER_PRINCIPAL)
    role = next(role for role in row["row_roles"] if role in uow.actor.roles)
    if row["row_status"] != "waiting":
        raise Conflict("Expected the case to wait for “%(message)s”, but it no longer does.", message=row["row_name"])
    payload: dict[str, Any] = {}
    attached: list[Any] = []
    if row["row_form"]:
        payload, attached = checked(
            uow,
            form_of(case.definition, row["row_form"]),
            role,
            raw,
            files,
            interpreter.variables(case.definition, case.state),
            case.definition,
            case.tenant,
            case.calendar,
        )
    step = interpreter.receive_message(case.definition, case.state, wait_id, payload, uow.around(case))
    uow.record(case, [*attached, *spoken(step.events, language)], step.state)
    return {"instance": case.id, "number": case.number, "next": next_for(everything, step.events)}


def _as_who_may_report(uow: UnitOfWork, case: Case, roles: Collection[str]) -> Actor:
    """The actor in their own name, or in that of whom they stand in for. Raises ``NotFound``, ``Conflict``."""
    actor = uow.actor
    hats = (actor, *(actor.standing_in(mandate) for mandate in actor.mandates))
    for hat in hats:
        if hat.roles & set(roles) and case.may_be_seen_by(replace(hat, mandates=())):
            return hat
    who = former_principal(uow.connection, actor.user, roles)
    if who is not None:
        raise Conflict(
            "Expected that you still stand in for %(who)s, but that has ended. Nothing was recorded.", who=who
        )
    raise NotFound("There is no such case, or it is not yours to see.")
