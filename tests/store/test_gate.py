"""The gate before SQLite's writers: in order, for threads and processes, left whatever happens, shared with a queue."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from dbos import DBOS
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from engine.model import JobResult
from engine.store.database import Database, open_database
from engine.store.gate import Gate
from engine.worker import DbosWorker, Rhythm
from tests.store.queued import ROOT, QueuedWorld, until, with_connector

WAIT_SECONDS_MAX = 5.0


def _write(database: Database, name: str) -> None:
    with database.write() as connection:
        connection.execute(text("insert into counter (name, value) values (:name, 1)"), {"name": name})


def _value(database: Database, name: str) -> int:
    with database.read() as connection:
        return int(connection.execute(text("select value from counter where name = :n"), {"n": name}).scalar_one())


def test_who_comes_first_is_let_in_first() -> None:
    gate, order = Gate(), []
    gate.enter()
    threads = []
    for number in range(8):
        threads.append(threading.Thread(target=lambda n=number: (gate.enter(), order.append(n), gate.leave())))
        threads[-1].start()
        assert until(lambda n=number: len(gate._waiting) == n + 1, WAIT_SECONDS_MAX)

    gate.leave()
    for thread in threads:
        thread.join(WAIT_SECONDS_MAX)

    assert order == list(range(8))


def test_nobody_is_let_in_while_another_is_inside() -> None:
    gate, entered = Gate(), threading.Event()
    gate.enter()
    thread = threading.Thread(target=lambda: (gate.enter(), entered.set(), gate.leave()))
    thread.start()

    assert not entered.wait(0.2)

    gate.leave()
    assert entered.wait(WAIT_SECONDS_MAX)
    thread.join()


def test_a_failing_transaction_leaves_the_gate(sqlite_database: Database) -> None:
    def fail() -> None:
        with sqlite_database.write() as connection:
            connection.execute(text("insert into counter (name, value) values ('x', 1)"))
            raise ZeroDivisionError

    for _ in range(3):
        with pytest.raises(ZeroDivisionError):
            fail()

    assert _in_time(lambda: _write(sqlite_database, "after"))


def test_a_connection_that_is_lost_in_a_transaction_leaves_the_gate(sqlite_database: Database) -> None:
    def lose() -> None:
        with sqlite_database.write() as connection:
            connection.connection.dbapi_connection.close()  # type: ignore[union-attr]
            connection.execute(text("select 1"))

    with pytest.raises(Exception, match="closed"):
        lose()

    assert _in_time(lambda: _write(sqlite_database, "after"))


def test_a_begin_that_fails_leaves_the_gate(sqlite_database: Database) -> None:
    path = sqlite_database.engine.url.database
    stranger = open_database(f"sqlite:///{path}")  # of another process, which does not wait its turn
    raw_connection = stranger.engine.raw_connection()
    raw_connection.execute("begin immediate")  # type: ignore[attr-defined]
    impatient = sqlite_database.engine.raw_connection()
    impatient.execute("pragma busy_timeout=10")  # type: ignore[attr-defined]
    impatient.close()
    try:
        with pytest.raises(OperationalError, match="locked"):
            _write(sqlite_database, "refused")
    finally:
        raw_connection.rollback()
        raw_connection.close()
        stranger.close()

    assert _in_time(lambda: _write(sqlite_database, "after"))


def _in_time(act: object) -> bool:
    thread = threading.Thread(target=act, daemon=True)  # type: ignore[arg-type]
    thread.start()
    thread.join(WAIT_SECONDS_MAX)
    return not thread.is_alive()


WRITER = """
import sys
from sqlalchemy import text
from engine.store.database import open_database
database = open_database(sys.argv[1])
print("ready", flush=True)
sys.stdin.readline()
for _ in range(100):
    with database.write() as connection:
        value = connection.execute(text("select value from counter where name = 'shared'")).scalar_one()
        connection.execute(text("update counter set value = :v where name = 'shared'"), {"v": value + 1})
"""


def test_processes_take_turns_and_lose_no_update(sqlite_database: Database) -> None:
    with sqlite_database.write() as connection:
        connection.execute(text("insert into counter (name, value) values ('shared', 0)"))
    command = [sys.executable, "-c", WRITER, sqlite_database.url]
    writers = [
        subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(3)
    ]
    for writer in writers:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "ready\n"

    for writer in writers:
        writer.communicate("go\n", timeout=60)

    assert [writer.returncode for writer in writers] == [0, 0, 0]
    assert _value(sqlite_database, "shared") == 300


def test_a_process_that_is_killed_inside_lets_the_next_one_in(sqlite_database: Database, tmp_path: Path) -> None:
    hold = "import sys, time\nfrom engine.store.database import open_database\n"
    hold += "with open_database(sys.argv[1]).write():\n    print('inside', flush=True)\n    time.sleep(60)"
    command = [sys.executable, "-c", hold, sqlite_database.url]
    holder = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert holder.stdout is not None
    assert holder.stdout.readline() == "inside\n"
    written = threading.Thread(target=_write, args=(sqlite_database, "after"), daemon=True)
    written.start()
    written.join(0.3)
    assert written.is_alive(), "two writers at once"

    holder.kill()
    holder.communicate()

    written.join(WAIT_SECONDS_MAX)
    assert not written.is_alive()


@pytest.fixture
def busy(sqlite_database: Database) -> Iterator[QueuedWorld]:
    """An SQLite world whose worker is hard at work in this very process."""
    world = QueuedWorld(sqlite_database)
    world.furnish(with_connector("echo"))
    worker = DbosWorker(world.platform, {"echo": lambda _: JobResult({})}, "busy", Rhythm(0.02, 0.1, 0.1))
    worker.start()
    yield world
    worker._stopped.set()
    DBOS.destroy(destroy_registry=True)


@pytest.mark.slow
def test_people_and_worker_of_one_process_share_the_file_without_a_deadlock(busy: QueuedWorld) -> None:
    slowest, cases = [0.0], []

    def work(who: str) -> None:
        for _ in range(8):
            began = time.monotonic()
            cases.append(busy.start(who))
            slowest.append(time.monotonic() - began)

    threads = [threading.Thread(target=work, args=(who,), daemon=True) for who in ("ann.east", "bob.east", "eve.east")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert not any(thread.is_alive() for thread in threads), "they wait for each other"
    assert until(lambda: all(busy.open(case) == ["last"] for case in cases), 30)
    assert len(cases) == 24
    assert max(slowest) < 10
    assert busy.verdict().findings == ()
