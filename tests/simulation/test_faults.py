"""Every single statement of a command fails once, and the commit, too: all or nothing, and afterwards it works."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import Connection, event, select, text
from sqlalchemy.exc import OperationalError

from engine.commands import instances, jobs, tasks
from engine.model import JobResult
from engine.store import tables as t
from engine.store.database import Database
from engine.store.queue import DbosQueue
from engine.store.run import Platform
from tests.store.queued import QueuedWorld
from tests.world import flow, process, user_task

STATEMENTS_MAX = 60
_WAIT = "<timerEventDefinition><timeDuration>PT0S</timeDuration></timerEventDefinition>"
MAIN = process(
    "review",
    '<startEvent id="begin"/>'
    + user_task("check")
    + '<parallelGateway id="split"/>'
    + user_task("opinion")
    + f'<intermediateCatchEvent id="wait">{_WAIT}</intermediateCatchEvent>'
    + '<serviceTask id="call" sm:connector="echo" sm:input="{a: 1}" sm:result="r"/>'
    + user_task("after_wait")
    + user_task("after_call")
    + '<endEvent id="done"/>'
    + flow(1, "begin", "check")
    + flow(2, "check", "split")
    + flow(3, "split", "opinion")
    + flow(4, "split", "wait")
    + flow(5, "split", "call")
    + flow(6, "wait", "after_wait")
    + flow(7, "call", "after_call")
    + flow(8, "opinion", "done")
    + flow(9, "after_wait", "done")
    + flow(10, "after_call", "done"),
)

Act = Callable[[Platform], Any]


class Fault(Exception):
    """What we do to the database."""


class Plan:
    """Fails the k-th statement, or the commit when ``at`` is 0. ``has_struck`` says whether it came to that."""

    def __init__(self, at: int, error: Exception) -> None:
        self.at, self.error, self.count, self.has_struck = at, error, 0, False

    def before_statement(self, *_: Any) -> None:
        self.count += 1
        self._strike(self.count == self.at)

    def before_commit(self, _connection: Connection) -> None:
        self._strike(self.at == 0)

    def _strike(self, is_time: bool) -> None:
        if is_time and not self.has_struck:
            self.has_struck = True
            raise self.error


@contextmanager
def _planned(database: Database, plan: Plan) -> Iterator[None]:
    event.listen(database.engine, "before_cursor_execute", plan.before_statement)
    event.listen(database.engine, "commit", plan.before_commit)
    try:
        yield
    finally:
        event.remove(database.engine, "before_cursor_execute", plan.before_statement)
        event.remove(database.engine, "commit", plan.before_commit)


def _everything(database: Database) -> dict[str, list[Any]]:
    """All rows of all tables, and the queue's."""
    with database.read() as connection:
        found = {
            table.name: sorted(map(repr, connection.execute(select(table)).all())) for table in t.metadata.sorted_tables
        }
        schema = "" if database.is_sqlite else "dbos."
        entries = connection.execute(text(f"select workflow_uuid from {schema}workflow_status")).scalars()
        found["queue"] = sorted(entries)
    return found


@pytest.fixture
def queued(database: Database) -> QueuedWorld:
    """A world whose jobs are enqueued, but not run."""
    return QueuedWorld(database).furnish(MAIN)  # type: ignore[return-value]


def _start(world: QueuedWorld) -> tuple[Act, list[str]]:
    ann, now = world.actor("ann.east"), world.now
    command = lambda uow: instances.start_instance(uow, "review", {"note": ["x"]}, {})
    return lambda platform: platform.run_once(command, ann, now, "token"), ["check"]


def _complete(world: QueuedWorld) -> tuple[Act, list[str]]:
    task, bob, now = world.task(world.start(), "check"), world.actor("bob.east"), world.now
    command = lambda uow: tasks.complete_task(uow, task, {"outcome": ["forward"]}, {})
    return lambda platform: platform.run_once(command, bob, now, "token"), ["opinion"]


def _fire(world: QueuedWorld) -> tuple[Act, list[str]]:
    job = _job_at(world, "wait")
    return lambda platform: platform.run(lambda uow: jobs.look_at_job(uow, job), jobs.MACHINE, world.now), [
        "after_wait",
        "opinion",
    ]


def _finish(world: QueuedWorld) -> tuple[Act, list[str]]:
    job, done = _job_at(world, "call"), JobResult({"b": 2})
    return lambda platform: platform.run(lambda uow: jobs.record_done(uow, job, done), jobs.MACHINE, world.now), [
        "after_call",
        "opinion",
    ]


def _job_at(world: QueuedWorld, element: str) -> str:
    world.complete(world.start(), "check")
    with world.platform.database.read() as connection:
        return str(connection.execute(select(t.job.c.id).where(t.job.c.element == element)).scalar_one())


COMMANDS = pytest.mark.parametrize("prepare", [_start, _complete, _fire, _finish], ids=lambda prepare: prepare.__name__)


def _open(world: QueuedWorld) -> list[str]:
    with world.platform.database.read() as connection:
        return sorted(connection.execute(select(t.user_task.c.element).where(t.user_task.c.status == "open")).scalars())


@COMMANDS
def test_whichever_statement_fails_nothing_is_written(
    queued: QueuedWorld, prepare: Callable[[QueuedWorld], tuple[Act, list[str]]]
) -> None:
    act, opened = prepare(queued)
    database = queued.platform.database
    before = _everything(database)

    struck = 0
    for at in range(STATEMENTS_MAX):
        plan = Plan(at, Fault(f"statement {at}"))
        fresh = Platform(database, DbosQueue(database.engine))  # knows nothing yet: reads everything itself
        with _planned(database, plan):
            try:
                act(fresh)
            except Fault:
                struck += 1
                assert _everything(database) == before, f"something is left of a command whose statement {at} failed"
                continue
        break

    assert not plan.has_struck
    assert struck >= 8, "too few statements for this to say anything"
    assert _open(queued) == opened
    assert queued.verdict().findings == ()


@pytest.mark.slow
@COMMANDS
@pytest.mark.parametrize("place", [0, 6], ids=["commit", "sixth statement"])
def test_a_command_that_stumbles_over_a_deadlock_is_run_again_and_has_one_effect(
    queued: QueuedWorld, prepare: Callable[[QueuedWorld], tuple[Act, list[str]]], place: int
) -> None:
    act, opened = prepare(queued)
    plan = Plan(place, OperationalError("select 1", {}, Exception("deadlock detected")))

    with _planned(queued.platform.database, plan):
        act(Platform(queued.platform.database, queued.platform.queue))

    assert plan.has_struck
    assert _open(queued) == opened
    assert queued.verdict().findings == ()
