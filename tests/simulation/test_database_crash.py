"""PostgreSQL itself is stopped in the middle of everything: what was acknowledged is there, and the worker goes on."""

from __future__ import annotations

import os
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from dbos import DBOS
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from engine.model import JobResult
from engine.store.database import Database, open_database
from engine.store.schema import upgrade
from engine.worker import DbosWorker, Rhythm
from tests.postgres import MISSING, private_server, server_programs
from tests.store.queued import QueuedWorld, until, with_connector

pytestmark = [pytest.mark.slow, pytest.mark.postgres]


@pytest.fixture
def own_server() -> Iterator[Database]:
    """A database on a server of this test's own, which may be stopped."""
    programs = server_programs()
    if programs is None:
        pytest.skip(MISSING)
    with private_server(programs) as address:
        database = open_database(address)
        upgrade(database)
        yield database
        database.close()


def _stop_at_once_and_start(database: Database) -> None:
    """``immediate``: as after a power cut, the server recovers from its log."""
    with database.read() as connection:
        folder = Path(str(connection.execute(text("show data_directory")).scalar_one()))
    user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    programs = server_programs()
    assert programs is not None
    command = [*user, str(programs / "pg_ctl"), "-D", str(folder), "-m", "immediate", "-w", "restart"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=folder.parent)


def test_a_worker_and_its_people_outlive_a_crash_of_the_database(own_server: Database) -> None:
    world = QueuedWorld(own_server)
    world.furnish(with_connector("echo"))
    worker = DbosWorker(world.platform, {"echo": lambda _: JobResult({})}, "test", Rhythm(0.1, 0.5, 1.0))
    worker.start()
    started: list[str] = []
    stop = threading.Event()

    def work() -> None:
        while not stop.is_set():
            try:
                started.append(world.start())
            except DBAPIError:  # not acknowledged: the person would see an error and send the form again
                stop.wait(0.05)

    person = threading.Thread(target=work)
    person.start()
    try:
        for _ in range(3):
            known = len(started)
            assert until(lambda known=known: len(started) > known + 3, 30)
            _stop_at_once_and_start(own_server)
        known = len(started)
        assert until(lambda: len(started) > known + 3, 30)
        stop.set()
        person.join(30)
        assert until(lambda: all(world.open(case) == ["last"] for case in started), 30)
    finally:
        stop.set()
        worker._stopped.set()
        DBOS.destroy(destroy_registry=True)
    assert set(world.jobs().values()) == {"done"}
    assert world.verdict().findings == ()
