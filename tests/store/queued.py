"""A world whose jobs go through the real queue, on real time; and a worker process that can be killed."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import select

from engine.connectors.registry import Connector
from engine.store import tables as t
from engine.store.database import Database
from engine.store.queue import DbosQueue
from engine.store.run import Platform
from engine.worker import prepare
from tests.world import World, flow, process, user_task

ROOT = Path(__file__).parents[2]


class QueuedWorld(World):
    """A world whose clock is the real one and whose jobs are enqueued."""

    def __init__(self, database: Database) -> None:
        prepare(database)
        super().__init__(Platform(database, DbosQueue(database.engine)))

    @property
    def now(self) -> datetime:
        return datetime.now(UTC)

    @now.setter
    def now(self, _moment: datetime) -> None:
        """Real time passes by itself."""

    def jobs(self) -> dict[str, str]:
        """Job id → status."""
        with self.platform.database.read() as connection:
            return dict(connection.execute(select(t.job.c.id, t.job.c.status).order_by(t.job.c.id)).all())

    def types(self, case: str) -> list[str]:
        """The types of the facts of a case, in order."""
        query = select(t.history.c.type).where(t.history.c.stream == f"case:{case}").order_by(t.history.c.seq)
        with self.platform.database.read() as connection:
            return list(connection.execute(query).scalars())


def with_timer(duration: str) -> bytes:
    """begin → wait → last."""
    timer = f"<timerEventDefinition><timeDuration>{duration}</timeDuration></timerEventDefinition>"
    body = f'<startEvent id="begin"/><intermediateCatchEvent id="wait">{timer}</intermediateCatchEvent>'
    body += user_task("last") + '<endEvent id="done"/>' + flow(1, "begin", "wait") + flow(2, "wait", "last")
    return process("review", body + flow(3, "last", "done"))


def with_connector(name: str) -> bytes:
    """begin → call → last."""
    body = f'<startEvent id="begin"/><serviceTask id="call" sm:connector="{name}" sm:input="{{a: 1}}" sm:result="r"/>'
    body += user_task("last") + '<endEvent id="done"/>' + flow(1, "begin", "call") + flow(2, "call", "last")
    return process("review", body + flow(3, "last", "done"))


def until(true: Callable[[], bool], seconds: float = 10.0) -> bool:
    """Whether something becomes true within the time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if true():
            return True
        time.sleep(0.02)
    return true()


WORKER = """
import sys, time
from pathlib import Path
from engine.model import JobResult
from engine.store.database import open_database
from engine.store.queue import DbosQueue
from engine.store.run import Platform
from engine.worker import DbosWorker, executor_name

def hang(request):
    Path(sys.argv[2]).write_text(request.job)
    time.sleep(60)
    return JobResult({})

database = open_database(sys.argv[1])
worker = DbosWorker(Platform(database, DbosQueue(database.engine)), {"echo": hang}, executor_name())
worker.start()
print("listening", flush=True)
time.sleep(60)
"""


def worker_that_hangs(database: Database, mark: Path) -> subprocess.Popen[str]:
    """A worker process that never comes back from a connector; it writes the job's id to ``mark`` first."""
    command = [sys.executable, "-c", WORKER, database.url, str(mark)]
    return subprocess.Popen(command, cwd=ROOT, text=True)


def connectors_of(connector: Connector) -> Mapping[str, Connector]:
    """One connector, called ``echo``."""
    return {"echo": connector}
