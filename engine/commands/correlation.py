"""Messages and signals from outside: found their case by name and key, kept until one waits, or settled by a person.

A message is for exactly one case of those that the sender reaches. The sender's own id for it makes it one
message however often it is sent.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial
from hashlib import sha256
from typing import Any

from engine.errors import Conflict, Invalid, NotFound, Rejected
from engine.history import events as e
from engine.model import Tenant, acting_unit
from engine.runtime.keys import KEY_LENGTH_MAX, KEY_SEPARATOR
from engine.store.answering import checked_content
from engine.store.apply.messages import NAME_LENGTH
from engine.store.correlation import number_of, told_by, waiting_for
from engine.store.delivery import deliver, give, hold, message_row, payload_of, spread, stream_of
from engine.store.known import find_tenant
from engine.store.reading import facts_of
from engine.store.unit_of_work import UnitOfWork

KEEP = timedelta(days=7)
KEEP_MAX = timedelta(days=366)
REASON_LENGTH_MAX = 500


def correlate_message(
    uow: UnitOfWork,
    name: str,
    keys: Sequence[str],
    payload: Mapping[str, Any],
    message_id: str,
    keep: timedelta = KEEP,
) -> dict[str, Any]:
    """Send a message to the one case that waits for ``name`` with these ``keys`` (or has this number).

    Where no case waits, a procedure that begins with the message begins; else it is kept for ``keep`` and
    delivered when a case begins to wait. ``message_id`` is the sender's own: the same again is the same message.
    Returns ``{"message", "status", "instance", "number", "why"}``. Raises ``Rejected`` for what is no message,
    ``Invalid`` when it does not fit the form of the case, ``Conflict`` when the id was used for another message.
    """
    name, key, own = _text(name, NAME_LENGTH), _key(keys), _text(message_id, KEY_LENGTH_MAX)
    content = checked_content(payload)
    if not timedelta(0) < keep <= KEEP_MAX:
        raise Rejected("Expected a message to be kept for up to %(days)s days. Correct the time.", days=KEEP_MAX.days)
    sent = _id_of(uow.actor.tenant, own)
    row = message_row(uow, sent)
    if row is not None:
        _must_be_same(uow, row, name, key, content)
        return _answer(uow, sent)
    uow = _at_open_unit(uow)
    reach = uow.actor.tenant
    arrived = e.MessageArrived(sent, name, own, key, content, reach.id, reach.path, uow.now + keep)
    uow.record_in(stream_of(sent), [arrived])
    row = _found(uow, sent)
    try:
        deliver(uow, row, content, reach)
    except Invalid:
        raise
    except Rejected as why:
        hold(uow, row, why)
    return _answer(uow, sent)


def broadcast_signal(uow: UnitOfWork, name: str, payload: Mapping[str, Any], message_id: str) -> dict[str, Any]:
    """Give a signal to every case in the actor's part of the tree that waits for it, each in its own transaction.

    The same ``message_id`` again is the same signal. Returns ``{"message", "cases"}``, the number of cases that
    waited. Raises ``Rejected`` for what is no signal.
    """
    name, own = _text(name, NAME_LENGTH), _text(message_id, KEY_LENGTH_MAX)
    content = checked_content(payload)
    sent = _id_of(uow.actor.tenant, f"signal {own}")
    if message_row(uow, sent) is None:
        uow = _at_open_unit(uow)
        reach = uow.actor.tenant
        given = e.SignalBroadcast(sent, name, own, content, reach.id, reach.path)
        uow.record_in(stream_of(sent), [given])
        spread(uow, _found(uow, sent), reach)
    return {"message": sent, "cases": told_by(uow.connection, sent)}


def deliver_by_hand(uow: UnitOfWork, message_id: str, instance_id: str) -> dict[str, Any]:
    """Take a kept or expired message to a case that waits for its name, whatever the key.

    Raises ``NotFound`` when message or case are not the actor's to see, ``Conflict`` when it is settled already.
    """
    row = _to_settle(uow, message_id)
    case = uow.case(instance_id)
    reach = uow.actor.tenant
    waits = [wait for wait in waiting_for(uow.connection, row["name"], None, reach) if wait.instance == case.id]
    if not waits:
        raise Conflict("Expected the case to wait for “%(message)s”, but it no longer does.", message=row["name"])
    given = give(uow, row, payload_of(uow, row), waits[0])
    told = e.MessageDelivered(row["id"], row["name"], given.instance, given.number, by_hand=True)
    uow.record_in(stream_of(row["id"]), [told])
    return _answer(uow, row["id"])


def discard_message(uow: UnitOfWork, message_id: str, reason: str) -> None:
    """Settle a kept or expired message by throwing it away, with a reason. Raises ``Rejected`` without one."""
    row = _to_settle(uow, message_id)
    reason = reason.strip()
    if not reason or len(reason) > REASON_LENGTH_MAX:
        raise Rejected(
            "Expected a reason of 1 to %(max)s characters. Say why the message is discarded.", max=REASON_LENGTH_MAX
        )
    uow.record_in(stream_of(row["id"]), [e.MessageDiscarded(row["id"], row["name"], reason)])


def _at_open_unit(uow: UnitOfWork) -> UnitOfWork:
    """The same transaction at the unit that is meant: what is sent to one that became part of another is the heir's.

    Raises ``Rejected`` for a unit that is closed and in whose place there is none.
    """
    unit = uow.actor.tenant
    if unit.closed_on is None:
        return uow
    heir = acting_unit(partial(find_tenant, uow.connection), unit.id)
    if heir is None:
        raise Rejected(
            "%(unit)s is closed, and no unit took its place. Nothing was sent. Send it to an organisation above it.",
            unit=unit.name,
        )
    return uow.acting(replace(uow.actor, tenant=heir))


def _is_ours(uow: UnitOfWork, row: Mapping[str, Any]) -> bool:
    """Whether a message was sent to the actor's part of the tree, or to a unit that became part of one there."""
    if uow.actor.tenant.contains(row["tenant_path"]):
        return True
    heir = acting_unit(partial(find_tenant, uow.connection), row["tenant_id"]) if row["tenant_id"] else None
    return heir is not None and uow.actor.tenant.contains(heir.path)


def _to_settle(uow: UnitOfWork, message_id: str) -> dict[str, Any]:
    row = message_row(uow, message_id)
    if row is None or row["kind"] != "message" or not _is_ours(uow, row):
        raise NotFound("There is no such message, or it is not yours to see.")
    if row["status"] not in ("waiting", "expired"):
        raise Conflict("Expected a message that is still kept, but this one is settled. Look at the list again.")
    return row


def _must_be_same(uow: UnitOfWork, row: Mapping[str, Any], name: str, key: str, content: Mapping[str, Any]) -> None:
    first = next(facts_of(uow.connection, row["stream"], until=row["seq"], after=row["seq"] - 1))
    event = first.event
    same = isinstance(event, e.MessageArrived) and event.name == name
    if same and isinstance(event, e.MessageArrived) and not first.erased:
        same = (event.correlation, event.payload) == (key, content)
    if not same:
        raise Conflict("Expected a new id for a new message, but this id was used for another one. Choose a new id.")


def _answer(uow: UnitOfWork, message_id: str) -> dict[str, Any]:
    row = _found(uow, message_id)
    return {
        "message": row["id"],
        "status": row["status"],
        "instance": row["target"],
        "number": number_of(uow.connection, row["target"]) if row["target"] else "",
        "why": row["template"] % row["params"] if row["status"] == "waiting" else "",
    }


def _found(uow: UnitOfWork, message_id: str) -> dict[str, Any]:
    row = message_row(uow, message_id)
    if row is None:
        raise NotFound("There is no such message, or it is not yours to see.")
    return row


def _id_of(tenant: Tenant, own: str) -> str:
    """The id of a message: an organisation's own ids are its own, and nobody guesses those of another."""
    return "m" + sha256(f"{tenant.id}\0{own}".encode()).hexdigest()[:40]


def _key(keys: Sequence[str]) -> str:
    texts = [str(key).strip() for key in keys]
    if not all(text and KEY_SEPARATOR not in text for text in texts):
        raise Rejected("Expected keys that are texts, but one of them is empty. Correct the message.")
    return _text(KEY_SEPARATOR.join(texts), KEY_LENGTH_MAX) if texts else ""


def _text(value: str, limit: int) -> str:
    if not isinstance(value, str) or not value.strip() or len(value) > limit or not value.isprintable():
        raise Rejected(
            "Expected a message whose name, id and key are printable texts of 1 to %(limit)s characters, "
            "but found “%(found)s”. Correct the message.",
            limit=limit,
            found=str(value)[:80],
        )
    return value.strip()
