"""Tell a case something that it waits for: a report from a person, or from other software."""

from __future__ import annotations

from typing import Any

from engine.commands.answers import Files, Raw, checked, form_of, spoken
from engine.commands.tasks import next_for
from engine.errors import Conflict, NotFound
from engine.runtime import interpreter
from engine.store.unit_of_work import UnitOfWork


def send_message(uow: UnitOfWork, wait_id: str, raw: Raw, files: Files, language: str = "") -> dict[str, Any]:
    """Report what a case waits for, with the answers of its form. Returns ``{"instance", "number", "next"}``.

    Raises ``Conflict`` when it is no longer awaited, ``NotFound`` when it is not the actor's to report.
    """
    case, row = uow.case_of_wait(wait_id)
    role = next((role for role in row["row_roles"] if role in uow.actor.roles), None)
    if role is None:
        raise NotFound("There is no such case, or it is not yours to see.")
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
    return {"instance": case.id, "number": case.number, "next": next_for(uow, step.events)}
