"""Overwrite what deleted rows leave behind on the disk: free pages, the journal, old versions, statistics.

A database only forgets where a row was. SQLite: the file is written anew and the write-ahead log cut to nothing.
PostgreSQL: the tables are written anew and the old files removed at a checkpoint. Not in reach from here, and said so
in the handbook: backups, archived write-ahead logs, replicas, snapshots of the disk.
"""

from __future__ import annotations

import re
import time
from typing import Any

from sqlalchemy import Connection, text
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
_NUMBER = re.compile(r"\d+")


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
        connection.execute(f"pragma busy_timeout = {int(_PAUSE_SECONDS * 1000)}")  # the pause between two attempts
        for _ in range(_ATTEMPTS_MAX):
            busy, _frames, _done = connection.execute("pragma wal_checkpoint(truncate)").fetchone()
            if not busy:  # no reader looks at pages of the log any more
                return ()
    finally:
        raw.invalidate()  # nobody else is to be this impatient
    raise Conflict("Others were reading all the time, so the journal could not be emptied. Try it again.")


def _scrub_postgres(database: Database) -> tuple[str, ...]:
    left = []
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for table in TABLES:
            _write_anew(connection, f"vacuum (full, analyze, verbose) {table}")
        try:
            _write_anew(connection, "vacuum (full, verbose) pg_statistic")
        except DBAPIError:
            left.append("pg_statistic")
        try:
            connection.execute(text("checkpoint"))
        except DBAPIError:
            left.append("checkpoint")
    return tuple(left)


def _write_anew(connection: Connection, vacuum: str) -> None:
    """Vacuum until no dead row is left. What somebody may still look at (an open transaction, the server's own
    gathering of statistics) is copied to the new file as well, and only the detail of a notice says so."""
    kept: list[int] = []

    def hear(notice: Any) -> None:
        kept.extend(int(number) for number in _NUMBER.findall(notice.message_detail or "")[:1])

    driver: Any = connection.connection.driver_connection
    driver.add_notice_handler(hear)
    try:
        for _ in range(_ATTEMPTS_MAX):
            kept.clear()
            connection.execute(text(vacuum))
            if not any(kept):
                return
            time.sleep(_PAUSE_SECONDS)
    finally:
        driver.remove_notice_handler(hear)
    raise Conflict("Others were reading all the time, so old rows could not be overwritten. Try it again.")
