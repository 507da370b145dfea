"""What somebody has typed so far into a task's form. A convenience, not a fact: it may be lost or replaced."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from sqlalchemy import Connection

from engine.errors import Rejected
from engine.store import tables as t

DRAFT_BYTES_MAX = 200_000


def keep_draft(connection: Connection, task_id: str, raw: Mapping[str, Sequence[str]]) -> None:
    """Replace the draft of a task. Raises ``Rejected`` for more than 200 kB."""
    size = len(json.dumps(raw))
    if size > DRAFT_BYTES_MAX:
        raise Rejected(
            "Expected a draft of at most %(max)s characters, found %(found)s.", max=DRAFT_BYTES_MAX, found=size
        )
    connection.execute(t.user_task.update().where(t.user_task.c.id == task_id).values(draft=dict(raw)))
