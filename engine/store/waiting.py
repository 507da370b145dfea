"""Since when the open tasks and timers of a case wait."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, select

from engine.store import tables as t


def waiting_since(connection: Connection, instance_id: str) -> dict[str, datetime]:
    """Id of each open task and waiting timer → when it began to wait."""
    tasks = connection.execute(
        select(t.user_task.c.id, t.user_task.c.created_at).where(
            t.user_task.c.instance_id == instance_id, t.user_task.c.status == "open"
        )
    )
    timers = connection.execute(
        select(t.job.c.id, t.history.c.at)
        .join(t.history, (t.history.c.stream == f"case:{instance_id}") & (t.history.c.seq == t.job.c.request_seq))
        .where(t.job.c.instance_id == instance_id, t.job.c.status == "waiting", t.job.c.kind == "timer")
    )
    return {row[0]: row[1] for row in (*tasks, *timers)}
