"""Overwrite what deleted rows leave behind on the disk: free pages, the journal, old versions, statistics.

A database only forgets where a row was. SQLite: the file is written anew and the write-ahead log cut to nothing.
PostgreSQL: the tables are written anew and the old files removed at a checkpoint. Not in reach from here, and said so
in the handbook: backups, archived write-ahead logs, replicas, snapshots of the disk.
"""

from __future__ import annotations

import time
from typing import Any

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from engine.errors import Conflict
from engine.store.database import Database

TABLES = (
    "payload", "instance", "user_task", "attachment", "incident", "file", "submission", "message", "message_wait",
    "access_note", "migration_batch", "migration_item", "kept_search",
)  # fmt: skip
"""Where personal values were."""

_ATTEMPTS_MAX = 60
_PAUSE_SECONDS = 0.5


def scrub(database: Database) -> tuple[str, ...]:
    """Write anew what held erased values. Takes as long as a copy of the database, and writers wait.

    Returns sentences about what could not be done here. Raises ``Conflict`` when others never let it finish.
    """
    return _scrub_sqlite(database) if database.is_sqlite else _scrub_postgres(database)


def _scrub_sqlite(database: Database) -> tuple[str, ...]:
    raw = database.engine.raw_connection()
    try:
        connection: Any = raw.driver_connection
        connection.execute("vacuum")
        for _ in range(_ATTEMPTS_MAX):
            busy, _frames, _done = connection.execute("pragma wal_checkpoint(truncate)").fetchone()
            if not busy:
                return ()
            time.sleep(_PAUSE_SECONDS)  # a reader still looks at pages of the log
    finally:
        raw.close()
    raise Conflict("Others were reading all the time, so the journal could not be emptied. Try it again.")


def _scrub_postgres(database: Database) -> tuple[str, ...]:
    left = []
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for table in TABLES:
            connection.execute(text(f"vacuum (full, analyze) {table}"))
        for statement, name in (("vacuum (full) pg_statistic", "pg_statistic"), ("checkpoint", "checkpoint")):
            try:
                connection.execute(text(statement))
            except DBAPIError:
                left.append(name)
    return tuple(left)
