"""Who waits for what: the indexed look-ups behind messages and signals, and the lock that keeps them from crossing."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from hashlib import sha256

from sqlalchemy import ColumnElement, Connection, and_, exists, func, or_, select, true

from engine.model import Tenant
from engine.store import tables as t
from engine.store.apply.messages import NAME_LENGTH

_FOUND_MAX = 200


@dataclass(frozen=True, slots=True)
class Wait:
    """A case that waits for a message: the wait's id, the case, and who may tell it (nobody named: anybody)."""

    id: str
    instance: str
    number: str
    roles: frozenset[str]


def reached_by(tenant: Tenant) -> ColumnElement[bool]:
    """Cases in a unit's part of the tree, and cases in which the unit has had work."""
    return or_(
        t.instance.c.tenant_path == tenant.path,
        t.instance.c.tenant_path.startswith(tenant.path + "/", autoescape=True),
        exists().where(t.party.c.instance_id == t.instance.c.id, t.party.c.tenant_id == tenant.id),
    )


def waiting_for(connection: Connection, name: str, key: str | None, reach: Tenant) -> list[Wait]:
    """The waits for a message in the running cases that ``reach`` reaches, oldest first; at most 200.

    ``key`` is compared with the wait's own key and with the case's number; "" means a wait without a key, None any.
    """
    wait = t.message_wait.c
    if key is None:
        meant: ColumnElement[bool] = true()
    elif key:
        meant = or_(wait.correlation == key, t.instance.c.number == key)
    else:
        meant = wait.correlation == ""
    rows = connection.execute(
        select(wait.id, wait.instance_id, wait.roles, t.instance.c.number)
        .join(t.instance, t.instance.c.id == wait.instance_id)
        .where(_open("message", name), meant, _in_reach(reach))
        .limit(_FOUND_MAX)
    )
    found = [Wait(row.id, row.instance_id, row.number, frozenset(row.roles)) for row in rows]
    return sorted(found, key=lambda one: (one.instance, int(one.id.rpartition(".")[2])))


def listening_for(connection: Connection, signal: str, reach: Tenant, but: str) -> list[str]:
    """The running cases reached by ``reach`` that wait for a signal, without ``but``, by id."""
    rows = connection.execute(
        select(t.message_wait.c.instance_id)
        .join(t.instance, t.instance.c.id == t.message_wait.c.instance_id)
        .where(_open("signal", signal), t.message_wait.c.instance_id != but, _in_reach(reach))
        .distinct()
        .order_by(t.message_wait.c.instance_id)
    )
    return list(rows.scalars())


def kept_for(connection: Connection, names: Collection[str], keys: Collection[str], instance_id: str) -> list[str]:
    """Ids of kept messages that a case waiting for ``names`` with one of ``keys`` may be meant by; oldest first."""
    message = t.message.c
    number = select(t.instance.c.number).where(t.instance.c.id == instance_id).scalar_subquery()
    rows = connection.execute(
        select(message.id)
        .where(
            message.kind == "message",
            message.name.in_([name[:NAME_LENGTH] for name in names]),
            message.status == "waiting",
            or_(message.correlation.in_(sorted(keys)), message.correlation == number),
        )
        .order_by(message.sent_at, message.id)
    )
    return list(rows.scalars())


def number_of(connection: Connection, instance_id: str) -> str:
    """The number of a case, "" for none."""
    return connection.execute(select(t.instance.c.number).where(t.instance.c.id == instance_id)).scalar() or ""


def told_by(connection: Connection, signal: str) -> int:
    """How many cases a signal is or was taken to."""
    to_cases = t.message.c.id.startswith(f"{signal}/", autoescape=True)
    return connection.execute(select(func.count()).select_from(t.message).where(to_cases)).scalar_one()


def keep_apart(connection: Connection, name: str, sending: bool) -> None:
    """Until this transaction ends, nobody sends ``name`` while somebody begins to wait for it, nor the other way round.

    Else both could look at the same moment, and neither see the other. SQLite has one writer at a time anyway.
    """
    if connection.dialect.name == "sqlite":
        return
    number = int.from_bytes(sha256(f"message {name}".encode()).digest()[:8], "big", signed=True)
    lock = func.pg_advisory_xact_lock if sending else func.pg_advisory_xact_lock_shared
    connection.execute(select(lock(number)))


def _open(kind: str, name: str) -> ColumnElement[bool]:
    wait = t.message_wait.c
    return and_(
        wait.kind == kind,
        wait.message == name[:NAME_LENGTH],
        wait.status == "waiting",
        t.instance.c.status == "running",
    )


def _in_reach(reach: Tenant) -> ColumnElement[bool]:
    return reached_by(reach) if reach.path else true()
