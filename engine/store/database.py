"""Open a database: an embedded SQLite file or PostgreSQL. One engine to write, one that cannot write, to read."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlalchemy.pool import QueuePool

from engine.store.gate import Gate

waits_for_disk = "full"
"""Whether SQLite waits at each commit until the disk has it. Only tests say ``off``, of what need not last."""
_WAL_ATTEMPTS_MAX = 200
_WAL_PAUSE_SECONDS = 0.05


class Database:
    """An open database. Made by ``open_database``; share one per process."""

    def __init__(self, url: str, engine: Engine, read_engine: Engine) -> None:
        self.url = url
        self.engine = engine
        self.read_engine = read_engine
        self.is_sqlite = engine.dialect.name == "sqlite"

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A consistent, read-only look. Writing through it fails."""
        with self.read_engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """One transaction: committed at the end of the block, rolled back by an exception."""
        with self.engine.begin() as connection:
            yield connection

    def clock(self) -> datetime:
        """The database's own time: the one clock that all machines on it share."""
        statement = "select clock_timestamp()"
        if self.is_sqlite:  # milliseconds, cut off: never later than it is
            statement = "select strftime('%Y-%m-%dT%H:%M:%f', 'now')"
        with self.read() as connection:
            found = connection.execute(text(statement)).scalar_one()
        return found if isinstance(found, datetime) else datetime.fromisoformat(found).replace(tzinfo=UTC)

    def close(self) -> None:
        """Give all connections back."""
        self.engine.dispose()
        self.read_engine.dispose()


_QUIET: Final[dict[str, Any]] = {"hide_parameters": True}
"""What a statement carried is personal: it stands in no error message and in no log."""


def open_database(url: str) -> Database:
    """Open the database at an SQLAlchemy URL (``sqlite:////path/file.db`` or ``postgresql+psycopg://…``).

    Raises ``ValueError`` for another kind of database.
    """
    backend = make_url(url).get_backend_name()
    if backend == "sqlite":
        return _open_sqlite(url)
    if backend == "postgresql":
        options: dict[str, Any] = {**_QUIET, "pool_size": 10, "max_overflow": 10, "pool_pre_ping": True}
        engine = create_engine(url, **options)
        read_engine = create_engine(
            url,
            **options,
            isolation_level="REPEATABLE READ",
            execution_options={
                "postgresql_readonly": True,
            },
        )
        event.listen(read_engine, "connect", _configure_postgres_reader)
        return Database(url, engine, read_engine)
    raise ValueError(f"expected a SQLite or PostgreSQL address, found {backend}")


def _configure_postgres_reader(raw: Any, _record: Any) -> None:
    # Its default is for turning disks; on others it reads all cases where looking up a clerk's few is quicker.
    raw.execute("set random_page_cost = 1.1")
    raw.commit()


def _open_sqlite(url: str) -> Database:
    path = make_url(url).database
    if not path or path == ":memory:":
        raise ValueError("expected a file: an in-memory database would be another one in each thread")
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    gate = Gate(Path(path + ".lock"))
    options: dict[str, Any] = {
        **_QUIET,
        "poolclass": QueuePool,
        "connect_args": {"timeout": 30, "check_same_thread": False},
    }
    engine = create_engine(url, pool_size=8, max_overflow=24, **options)
    read_engine = create_engine(url, pool_size=8, max_overflow=24, **options)
    event.listen(engine, "connect", _configure_writer)
    event.listen(read_engine, "connect", _configure_reader)
    event.listen(engine, "begin", lambda connection: _begin_in_turn(connection, gate))
    event.listen(read_engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN"))
    event.listen(engine, "checkin", lambda raw, record: _leave_gate(record, gate))
    return Database(url, engine, read_engine)


def _configure_writer(raw: Any, _record: Any) -> None:
    raw.isolation_level = None  # we say BEGIN ourselves: pysqlite would not before a SELECT
    _use_write_ahead_log(raw)
    raw.execute(f"pragma synchronous={waits_for_disk}")
    raw.execute("pragma foreign_keys=on")
    raw.execute("pragma busy_timeout=30000")


def _use_write_ahead_log(raw: Any) -> None:
    """Several processes may open a new file at once; SQLite does not let them wait for this one switch."""
    for attempt in range(_WAL_ATTEMPTS_MAX):
        try:
            raw.execute("pragma journal_mode=wal")
            return
        except sqlite3.OperationalError:
            if attempt == _WAL_ATTEMPTS_MAX - 1:
                raise
            time.sleep(_WAL_PAUSE_SECONDS)


def _configure_reader(raw: Any, _record: Any) -> None:
    raw.isolation_level = None
    raw.execute("pragma busy_timeout=30000")
    raw.execute("pragma query_only=on")
    raw.execute("pragma cache_size=-16000")  # 16 MB for each reader, and the file itself mapped:
    raw.execute("pragma mmap_size=268435456")  # long lists are read twice as fast


def _begin_in_turn(connection: Connection, gate: Gate) -> None:
    record = connection.info
    if not record.get("holds_gate"):
        gate.enter()
        record["holds_gate"] = True
    try:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    except BaseException:
        record["holds_gate"] = False
        gate.leave()
        raise


def _leave_gate(record: Any, gate: Gate) -> None:
    # Not at COMMIT's event, which comes before the COMMIT itself, but when the connection is given back.
    if record is not None and record.info.pop("holds_gate", False):
        gate.leave()


def is_transient(error: BaseException) -> bool:
    """Whether doing the same again may succeed: a lost connection, a deadlock, a busy database."""
    if isinstance(error, IntegrityError):
        return False
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return True
    return isinstance(error, OperationalError)


StatementCounter = Callable[[str], None]


@contextmanager
def watch_statements(database: Database, seen: StatementCounter) -> Iterator[None]:
    """Call ``seen`` with each SQL statement (and with ``"COMMIT"``) while the block runs: for tests and benchmarks."""

    def before(_c: Any, _cur: Any, statement: str, _p: Any, _ctx: Any, _many: bool) -> None:
        if not statement.startswith(("BEGIN", "pragma")):
            seen(statement)

    def commit(_connection: Connection) -> None:
        seen("COMMIT")

    engines = (database.engine, database.read_engine)
    for engine in engines:
        event.listen(engine, "before_cursor_execute", before)
    event.listen(database.engine, "commit", commit)
    try:
        yield
    finally:
        for engine in engines:
            event.remove(engine, "before_cursor_execute", before)
        event.remove(database.engine, "commit", commit)
