"""What can be done to a case as a whole."""

from __future__ import annotations

from typing import Any

from engine.commands.answers import Files, Raw, checked, form_of
from engine.commands.tasks import next_for
from engine.errors import Conflict, Rejected
from engine.history import events as e
from engine.runtime import interpreter
from engine.store.mandates import still
from engine.store.numbers import next_number
from engine.store.publications import Manifest, pins_for, starting_role
from engine.store.unit_of_work import UnitOfWork

REASON_LENGTH_MAX = 500


def start_instance(
    uow: UnitOfWork, procedure: str, raw: Raw, files: Files, language: str = "", shown_for: str = ""
) -> dict[str, Any]:
    """Open a case at the actor's unit with the answers of the procedure's start form.

    ``shown_for`` (``Actor.shown_for``): for whom, and at which unit, a deputy opens it. The case pins what is in
    force for the unit now. Returns ``{"instance", "number", "next"}``.
    Raises ``NotFound`` (nothing published), ``Rejected`` (not a start role), ``Conflict`` (no deputy any more),
    ``Invalid``.
    """
    everything = uow.acting(still(uow.connection, uow.actor, uow.now))
    uow, role, pins, manifest = _beginner(everything, procedure, shown_for)
    definition = uow.known.definition(uow.connection, manifest["process"], pins)
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
    return {"instance": instance_id, "number": started.number, "next": next_for(everything, step.events)}


def _beginner(uow: UnitOfWork, procedure: str, shown_for: str) -> tuple[UnitOfWork, str, dict[str, str], Manifest]:
    """Who opens a case: in which name, in which role, by what is in force at that unit."""
    names = [name for name in uow.actor.names if name.shown_for == shown_for]
    if not names:
        raise Conflict(
            "Expected that you still stand in for whom the page named, but that has ended. Nothing was recorded. "
            "Begin anew and look for whom you act."
        )
    pins, manifest = pins_for(uow.connection, procedure, names[0].tenant, uow.now)
    for name in names:
        if role := starting_role(manifest, name):
            return uow.acting(name), role, pins, manifest
    raise Rejected("Expected somebody who may open such a case; your roles here do not include it.")


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
