"""What can be done to a case as a whole."""

from __future__ import annotations

from typing import Any

from engine.commands.answers import Files, Raw, checked, form_of
from engine.commands.tasks import next_for
from engine.errors import Rejected
from engine.history import events as e
from engine.runtime import interpreter
from engine.store.numbers import next_number
from engine.store.publications import pins_for
from engine.store.unit_of_work import UnitOfWork

REASON_LENGTH_MAX = 500


def start_instance(uow: UnitOfWork, procedure: str, raw: Raw, files: Files, language: str = "") -> dict[str, Any]:
    """Open a case at the actor's unit with the answers of the procedure's start form.

    The case pins what is in force for the unit now. Returns ``{"instance", "number", "next"}``.
    Raises ``NotFound`` (nothing published), ``Rejected`` (not a start role), ``Invalid``.
    """
    pins, manifest = pins_for(uow.connection, procedure, uow.actor.tenant, uow.now)
    definition = uow.known.definition(uow.connection, manifest["process"], pins)
    role = next((role for role in manifest["start_roles"] if role in uow.actor.roles), None)
    if role is None:
        raise Rejected("Expected somebody who may open such a case; your roles here do not include it.")
    units, calendar = uow.units_for(uow.actor.tenant, definition.levels)
    instance_id = uow.new_id()
    answers, attached = checked(
        uow,
        form_of(definition, manifest["start_form"]),
        role,
        raw,
        files,
        {},
        definition,
        uow.actor.tenant,
        calendar,
    )
    started = e.InstanceStarted(
        procedure=procedure,
        process=manifest["process"],
        number=next_number(uow, manifest["number_prefix"]),
        tenant=uow.actor.tenant.id,
        tenant_path=uow.actor.tenant.path,
        pins=dict(pins),
        variables=answers,
        calendar=calendar.version,
        language=language,
    )
    step = interpreter.start(definition, uow.surroundings(instance_id, units, calendar), answers)
    uow.begin_case(instance_id, started, [*attached, *step.events], step.state)
    return {"instance": instance_id, "number": started.number, "next": next_for(uow, step.events)}


def cancel_instance(uow: UnitOfWork, instance_id: str, reason: str) -> None:
    """End a running case from outside, with a reason. What was open is taken away."""
    case = uow.case(instance_id)
    reason = reason.strip()
    if not reason or len(reason) > REASON_LENGTH_MAX:
        raise Rejected(
            "Expected a reason of 1 to %(max)s characters. Say why the case is cancelled.", max=REASON_LENGTH_MAX
        )
    if case.status != "running":
        raise Rejected("Expected a running case, but case %(number)s has ended.", number=case.number)
    step = interpreter.cancel(case.definition, case.state, uow.around(case), reason)
    uow.record(case, step.events, step.state)
