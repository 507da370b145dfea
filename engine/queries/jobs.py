"""Which jobs are due."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from engine.store import tables as t
from engine.store.queue import message_job, message_of


@dataclass(frozen=True, slots=True)
class DueJob:
    """A job whose time has come. ``asked_at`` is when the case asked for it."""

    id: str
    due_at: datetime
    asked_at: datetime


def due_jobs(connection: Connection, now: datetime) -> list[DueJob]:
    """All waiting jobs of running cases, and messages to look at, that are due at ``now``, earliest first."""
    rows = connection.execute(
        select(t.job.c.id, t.job.c.due_at, t.history.c.at)
        .join(t.instance, t.instance.c.id == t.job.c.instance_id)
        .join(
            t.history, (t.history.c.stream == "case:" + t.job.c.instance_id) & (t.history.c.seq == t.job.c.request_seq)
        )
        .where(t.job.c.status == "waiting", t.job.c.due_at <= now, t.instance.c.status == "running")
        .order_by(t.job.c.due_at, t.job.c.id)
    )
    found = [DueJob(row.id, row.due_at, row.at) for row in rows]
    message = t.message.c
    sent = connection.execute(
        select(message.id, message.due_at, message.sent_at).where(message.status == "waiting", message.due_at <= now)
    )
    found += [DueJob(message_job(row.id), row.due_at, row.sent_at) for row in sent]
    return sorted(found, key=lambda job: (job.due_at, job.id))


def overdue_jobs(connection: Connection, before: datetime) -> list[str]:
    """Ids of jobs that should have been done ``before`` and still wait, at most 200."""
    rows = connection.execute(
        select(t.job.c.id)
        .join(t.instance, t.instance.c.id == t.job.c.instance_id)
        .where(t.job.c.status == "waiting", t.job.c.due_at < before, t.instance.c.status == "running")
        .order_by(t.job.c.due_at)
        .limit(200)
    )
    message = t.message.c
    sent = connection.execute(
        select(message.id)
        .where(message.status == "waiting", message.due_at < before)
        .order_by(message.due_at)
        .limit(200)
    )
    return [row.id for row in rows] + [message_job(row.id) for row in sent]


def waiting_jobs(connection: Connection, ids: Sequence[str]) -> set[str]:
    """Those of the ids whose job still waits."""
    rows = connection.execute(select(t.job.c.id).where(t.job.c.id.in_(ids), t.job.c.status == "waiting"))
    messages = {job: message for job in ids if (message := message_of(job)) is not None}
    waiting = connection.execute(
        select(t.message.c.id).where(t.message.c.id.in_(sorted(messages.values())), t.message.c.status == "waiting")
    )
    kept = set(waiting.scalars())
    return set(rows.scalars()) | {job for job, message in messages.items() if message in kept}


def next_due(connection: Connection, instance_id: str) -> datetime | None:
    """When the next timer of a case is due, None when it has none."""
    return connection.execute(
        select(func.min(t.job.c.due_at)).where(
            t.job.c.instance_id == instance_id, t.job.c.status == "waiting", t.job.c.kind == "timer"
        )
    ).scalar()
