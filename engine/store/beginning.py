"""A message begins a case: when no case waits for it and a procedure's main process has a start event for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import select

from engine.errors import NotFound, Rejected
from engine.history import events as e
from engine.model import Tenant
from engine.runtime import interpreter
from engine.runtime.interpreter import ProcessDefinition
from engine.store import tables as t
from engine.store.answering import fitting_form
from engine.store.numbers import next_number
from engine.store.publications import Manifest, pins_for
from engine.store.unit_of_work import UnitOfWork

_Start = tuple[dict[str, str], Manifest, ProcessDefinition, str]


def begin_by_message(
    uow: UnitOfWork, name: str, payload: Mapping[str, Any], sent: str, unit: Tenant
) -> tuple[str, str] | None:
    """Begin a case at ``unit`` with what the message carries; its id and number, None where nothing begins so.

    Raises ``Rejected`` when several procedures do, ``Invalid`` when what it carries does not fit the message's form.
    """
    starts = list(_starts(uow, name, unit))
    if not starts:
        return None
    if len(starts) > 1:
        raise Rejected(
            "Expected one procedure that begins with the message %(message)s but found several: %(found)s. "
            "Rename the message in all but one.",
            message=name,
            found=", ".join(manifest["procedure"] for _, manifest, _, _ in starts),
        )
    pins, manifest, definition, start = starts[0]
    units, calendar = uow.units_for(unit, definition.levels)
    instance_id = uow.new_id()
    message = next((m for m in definition.diagram.messages.values() if m.name == name), None)
    form, roles = (message.form, message.roles) if message is not None else ("", ())
    answers = fitting_form(uow, definition, form, roles, payload, {}, unit, calendar)
    step = interpreter.start(definition, uow.surroundings(instance_id, units, calendar), answers, start)
    started = e.InstanceStarted(
        procedure=manifest["procedure"],
        process=manifest["process"],
        number=next_number(uow.acting(replace(uow.actor, tenant=unit)), manifest["number_prefix"]),
        tenant=unit.id,
        tenant_path=unit.path,
        pins=pins,
        variables=answers,
        calendar=calendar.version,
        at=start,
        sent=sent,
    )
    uow.begin_case(instance_id, started, step.events, step.state)
    return instance_id, started.number


def _starts(uow: UnitOfWork, name: str, unit: Tenant) -> list[_Start]:
    """The procedures in force for a unit whose main process begins with the message, and that the actor may begin."""
    if not unit.path:
        return []
    published = select(t.resource.c.procedure).where(
        t.resource.c.kind == "bundle", t.resource.c.tenant_id.in_(unit.lineage_ids)
    )
    found: list[_Start] = []
    for procedure in sorted(set(uow.connection.execute(published).scalars())):
        try:
            pins, manifest = pins_for(uow.connection, procedure, unit, uow.now)
        except NotFound:
            continue
        definition = uow.known.definition(uow.connection, manifest["process"], pins)
        start = _start_of(definition, name)
        if start and (uow.actor.is_system or uow.actor.roles & set(manifest["start_roles"])):
            found.append((pins, manifest, definition, start))
    return found


def _start_of(definition: ProcessDefinition, name: str) -> str:
    """The id of the top-level start event for a message, "" if there is none."""
    for element in definition.diagram.starts(None):
        if any(found.kind == "message" and found.name == name for found in element.definitions):
            return element.id
    return ""
