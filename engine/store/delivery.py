"""Takes messages and signals to their cases: to exactly one, to all that listen, or nowhere yet, with the reason.

A message's row is locked while it is delivered, and what is told of it is sealed in its own stream
(``message:<id>``) in the same transaction as what it does to the case: so it is delivered once, however often
and by whomever it is tried.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import select

from engine.errors import Invalid, Rejected
from engine.history import events as e
from engine.model import Tenant, acting_unit
from engine.runtime import interpreter
from engine.store import tables as t
from engine.store.answering import fitting
from engine.store.beginning import begin_by_message
from engine.store.correlation import Wait, keep_apart, kept_for, listening_for, waiting_for
from engine.store.directory import system_actor
from engine.store.known import find_tenant
from engine.store.reading import personal_value
from engine.store.unit_of_work import UnitOfWork

_NAMED_MAX = 5


@dataclass(frozen=True, slots=True)
class Delivered:
    """The case that got a message, and whether it began with it."""

    instance: str
    number: str
    started: bool = False


def stream_of(message_id: str) -> str:
    """The stream of a message or signal; what goes to single cases stands in the stream of the signal."""
    return f"message:{message_id.split('/')[0]}"


def message_row(uow: UnitOfWork, message_id: str) -> dict[str, Any] | None:
    """The row of a message, locked."""
    query = select(t.message).where(t.message.c.id == message_id).with_for_update()
    found = uow.connection.execute(query).mappings().first()
    return dict(found) if found is not None else None


def payload_of(uow: UnitOfWork, row: Mapping[str, Any]) -> dict[str, Any]:
    """What a message carries. Raises ``NotFound`` when it was erased."""
    found = personal_value(uow.connection, row["stream"], row["seq"], "payload")
    return dict(found or {})


def deliver(uow: UnitOfWork, row: Mapping[str, Any], payload: Mapping[str, Any], reach: Tenant) -> Delivered:
    """Take a message to the one case that waits for it, or begin one with it, and record that it was delivered.

    Raises ``Rejected`` when none or several cases wait, ``Invalid`` when what it carries does not fit.
    """
    keep_apart(uow.connection, row["name"], sending=True)
    waits = [wait for wait in waiting_for(uow.connection, row["name"], row["correlation"], reach) if _may(uow, wait)]
    cases = sorted({wait.number for wait in waits})
    if len(cases) > 1:
        raise Rejected(
            "Several cases wait for the message %(message)s: %(cases)s. Choose one of them, or discard the message.",
            message=row["name"],
            cases=", ".join(cases[:_NAMED_MAX]) + (" …" if len(cases) > _NAMED_MAX else ""),
        )
    done = give(uow, row, payload, waits[0]) if waits else begin_by_message(uow, row["name"], payload, row["id"], reach)
    if done is None:
        raise Rejected(
            "No case waits for the message %(message)s with its key. It is delivered as soon as one does.",
            message=row["name"],
        )
    delivered = done if isinstance(done, Delivered) else Delivered(*done, started=True)
    told = e.MessageDelivered(row["id"], row["name"], delivered.instance, delivered.number, delivered.started)
    uow.record_in(stream_of(row["id"]), [told])
    return delivered


def give(uow: UnitOfWork, row: Mapping[str, Any], payload: Mapping[str, Any], wait: Wait) -> Delivered:
    """Tell a waiting case the message. Raises ``Invalid`` when what it carries does not fit the case's form."""
    case, found = uow.case_of_wait(wait.id)
    if found["row_status"] != "waiting":
        raise Rejected("Expected case %(case)s to wait for it, but it no longer does.", case=case.number)
    answers = fitting(uow, case, found["row_form"], found["row_roles"], payload)
    step = interpreter.receive_message(case.definition, case.state, wait.id, answers, uow.around(case), row["id"])
    uow.record(case, step.events, step.state)
    return Delivered(case.id, case.number)


def attend(uow: UnitOfWork, message_id: str) -> datetime | None:
    """What the machine does with a message or signal that is due; returns when it is due if that is later.

    One that needs nothing any more is left alone: being called twice has one effect.
    """
    row = message_row(uow, message_id)
    if row is None or row["status"] != "waiting":
        return None
    due_at: datetime = row["due_at"]
    if due_at > uow.now:
        return due_at
    machine, reach = _machine_for(uow, row)
    match row["kind"]:
        case "signal":
            spread(machine, row, reach)
        case "delivery":
            _tell_signal(machine, row)
        case _ if row["expires_at"] <= uow.now:
            machine.record_in(stream_of(message_id), [e.MessageExpired(message_id, row["name"])])
        case _:
            deliver_or_hold(machine, row, reach)
    return None


def _machine_for(uow: UnitOfWork, row: Mapping[str, Any]) -> tuple[UnitOfWork, Tenant]:
    """The machine, acting for the unit whose part of the tree a message was sent to."""
    find = partial(find_tenant, uow.connection)
    reach = (acting_unit(find, row["tenant_id"]) or find(row["tenant_id"])) if row["tenant_id"] else None
    actor = system_actor(reach)
    return uow.acting(actor), actor.tenant


def deliver_or_hold(uow: UnitOfWork, row: Mapping[str, Any], reach: Tenant) -> None:
    """Deliver a message that was sent before; when it cannot be, record why (once) and keep it until it expires."""
    try:
        deliver(uow, row, payload_of(uow, row), reach)
    except Invalid as problems:
        hold(
            uow,
            row,
            Rejected(
                "What the message %(message)s carries does not fit the form of the case: %(reason)s. "
                "Discard it, and have it sent again rightly.",
                message=row["name"],
                reason="; ".join(f"{problem.field}: {problem}" for problem in problems.problems[:_NAMED_MAX]),
            ),
        )
    except Rejected as why:  # nothing was written: a delivery is decided before it is recorded
        hold(uow, row, why)


def hold(uow: UnitOfWork, row: Mapping[str, Any], why: Rejected) -> None:
    """Record why a message is kept, unless that is known."""
    params = {name: str(value)[:200] for name, value in why.params.items()}
    if (row["template"], dict(row["params"])) != (why.template, params):
        held = e.MessageHeld(row["id"], row["name"], row["expires_at"], why.template, params)
        uow.record_in(stream_of(row["id"]), [held])


def spread(uow: UnitOfWork, row: Mapping[str, Any], reach: Tenant) -> None:
    """Record which cases wait for a signal, each to be told by a job of its own."""
    cases = listening_for(uow.connection, row["name"], reach, row["sender"])
    uow.record_in(stream_of(row["id"]), [e.SignalSpread(row["id"], row["name"], cases)])


def _tell_signal(uow: UnitOfWork, row: Mapping[str, Any]) -> None:
    case = uow.case(row["target"])
    source = row["id"].split("/")[0]
    signal = dict(uow.connection.execute(select(t.message).where(t.message.c.id == source)).mappings().one())
    heard = case.status == "running"
    if heard:
        try:
            step = interpreter.receive_signal(
                case.definition, case.state, row["name"], payload_of(uow, signal), uow.around(case), row["id"]
            )
            uow.record(case, step.events, step.state)
        except Rejected:  # it does not wait for it any more, or cannot hold what the signal carries
            heard = False
    uow.record_in(stream_of(row["id"]), [e.SignalDelivered(row["id"], row["name"], case.id, heard)])


def deliver_kept(uow: UnitOfWork, instance_id: str, opened: Sequence[e.MessageAwaited]) -> None:
    """A case just began to wait: a message that was kept for it comes now, in the same transaction."""
    names, keys = {wait.message for wait in opened}, {str(wait.correlation) for wait in opened}
    for name in sorted(names):
        keep_apart(uow.connection, name, sending=False)
    for message_id in kept_for(uow.connection, names, keys, instance_id):
        row = message_row(uow, message_id)
        if row is None or row["status"] != "waiting" or (row["expires_at"] or uow.now) <= uow.now:
            continue
        machine, reach = _machine_for(uow, row)
        deliver_or_hold(machine, row, reach)


def _may(uow: UnitOfWork, wait: Wait) -> bool:
    return uow.actor.is_system or not wait.roles or bool(wait.roles & uow.actor.roles)
