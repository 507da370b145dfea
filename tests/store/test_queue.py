"""Jobs through the real queue on both databases: none lost, none early, none twice, and dead workers are replaced."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from dbos import DBOS
from sqlalchemy import select, text

from engine.commands import incidents
from engine.errors import Rejected
from engine.model import JobRequest, JobResult
from engine.store import tables as t
from engine.store.database import Database
from engine.store.directory import system_actor
from engine.store.leftovers import SUBMISSION_DAYS_KEPT
from engine.worker import DbosWorker, Rhythm
from tests.store.queued import QueuedWorld, connectors_of, until, with_connector, with_timer, worker_that_hangs

NO_SWEEPING = Rhythm(poll_seconds=0.05, sweep_seconds=3600)
Work = Callable[..., DbosWorker]


@pytest.fixture
def queued(database: Database) -> QueuedWorld:
    """A world whose jobs go through the queue, without a worker yet."""
    return QueuedWorld(database)


@pytest.fixture
def work(queued: QueuedWorld) -> Iterator[Work]:
    """Starts a worker in this process; it stops with the test."""
    with ExitStack() as running:

        def start(
            connector: Callable[[JobRequest], JobResult] = lambda _: JobResult({}), rhythm: Rhythm = NO_SWEEPING
        ) -> DbosWorker:
            worker = DbosWorker(queued.platform, connectors_of(connector), "test", rhythm)
            worker.start()
            running.callback(_stop_quickly, worker)
            return worker

        yield start


def _stop_quickly(worker: DbosWorker) -> None:
    worker._stopped.set()
    DBOS.destroy(destroy_registry=True)


class Calls:
    """A connector that counts, and breaks or refuses as long as it is told to."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error
        self.requests: list[JobRequest] = []

    def __call__(self, request: JobRequest) -> JobResult:
        self.requests.append(request)
        if self.error is not None:
            raise self.error
        return JobResult({"told": request.inputs["a"]})


def test_a_committed_command_has_its_job_done_exactly_once(queued: QueuedWorld, work: Work) -> None:
    queued.furnish(with_connector("echo"))
    calls = Calls()
    work(calls)

    case = queued.start()

    assert until(lambda: queued.open(case) == ["last"])
    time.sleep(0.3)
    assert len(calls.requests) == 1
    assert queued.types(case).count("ConnectorFinished") == 1
    assert set(queued.jobs().values()) == {"done"}
    assert queued.verdict().findings == ()


def test_a_command_that_is_rolled_back_leaves_no_job(queued: QueuedWorld, work: Work) -> None:
    queued.furnish(with_connector("echo"))
    calls = Calls()
    work(calls)

    with pytest.raises(Rejected, match="changed my mind"):
        queued.platform.run(_start_and_refuse(queued), queued.actor("ann.east"), queued.now)

    time.sleep(0.5)
    assert calls.requests == []
    assert queued.jobs() == {}
    assert DBOS.list_workflows() == []


def _start_and_refuse(queued: QueuedWorld) -> Callable[..., None]:
    from engine.commands.instances import start_instance

    def command(uow: object) -> None:
        start_instance(uow, "review", {"note": ["x"]}, {})  # type: ignore[arg-type]
        raise Rejected("I changed my mind.")

    return command


def test_a_timer_fires_when_its_time_has_come_and_not_before(queued: QueuedWorld, work: Work) -> None:
    queued.furnish(with_timer("PT2S"))
    work()
    began = queued.platform.database.clock()

    case = queued.start()

    assert until(lambda: queued.open(case) == ["last"])
    passed = (queued.platform.database.clock() - began).total_seconds()
    assert passed >= 2.0
    assert queued.types(case).count("TimerFired") == 1


@pytest.mark.slow
def test_a_timer_whose_queue_entry_comes_too_early_waits_for_its_time(queued: QueuedWorld, work: Work) -> None:
    queued.furnish(with_timer("PT2S"))
    case = queued.start()
    job = next(iter(queued.jobs()))
    worker = work()

    worker._until_settled(job)

    assert queued.open(case) == ["last"]
    with queued.platform.database.read() as connection:
        due_at = connection.execute(select(t.job.c.due_at).where(t.job.c.id == job)).scalar_one()
        fired_at = connection.execute(select(t.history.c.at).where(t.history.c.type == "TimerFired")).scalar_one()
    assert fired_at >= due_at


@pytest.mark.slow
def test_a_worker_whose_clock_is_wrong_fires_nothing_early(queued: QueuedWorld, work: Work) -> None:
    queued.furnish(with_timer("P1D"))
    case = queued.start()
    job = next(iter(queued.jobs()))
    worker = work()

    worker._until_settled(job)  # the queue says it is due; our rows and the database's clock say no

    assert queued.open(case) == []
    assert queued.jobs() == {job: "waiting"}


def test_the_same_id_twice_is_one_job(queued: QueuedWorld, work: Work) -> None:
    queued.furnish(with_connector("echo"))
    case = queued.start()
    job = next(iter(queued.jobs()))
    with queued.platform.database.write() as connection:
        queued.platform.queue.enqueue(connection, job, queued.now)
    calls = Calls()

    work(calls)

    assert until(lambda: queued.open(case) == ["last"])
    time.sleep(0.3)
    assert len(calls.requests) == 1
    assert len(DBOS.list_workflows()) == 1


@pytest.mark.slow
def test_a_job_delivered_by_queue_and_sweeper_at_once_has_one_effect(queued: QueuedWorld, work: Work) -> None:
    queued.furnish(with_connector("echo"))
    calls = Calls()
    case = queued.start()
    job = next(iter(queued.jobs()))
    worker = work(calls)
    threads = [threading.Thread(target=worker._until_settled, args=(job,)) for _ in range(6)]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert until(lambda: queued.open(case) == ["last"])
    assert queued.types(case).count("ConnectorFinished") == 1
    assert queued.verdict().findings == ()


LOST = pytest.mark.parametrize("main", [with_timer("PT0.1S"), with_connector("echo")], ids=["timer", "connector"])


@LOST
@pytest.mark.slow
def test_a_job_whose_queue_entry_is_lost_is_swept_up(queued: QueuedWorld, work: Work, main: bytes) -> None:
    queued.furnish(main)
    case = queued.start()
    _lose_all_entries(queued)

    work(rhythm=Rhythm(poll_seconds=0.05, sweep_seconds=0.2, overdue_seconds=0.3))

    assert until(lambda: queued.open(case) == ["last"])
    assert queued.verdict().findings == ()


@LOST
@pytest.mark.slow
def test_without_the_sweeper_a_lost_job_stays_undone(queued: QueuedWorld, work: Work, main: bytes) -> None:
    queued.furnish(main)
    case = queued.start()
    _lose_all_entries(queued)

    work(rhythm=NO_SWEEPING)

    assert not until(lambda: queued.open(case) == ["last"], seconds=1.5)


def _lose_all_entries(queued: QueuedWorld) -> None:
    schema = "" if queued.platform.database.is_sqlite else "dbos."
    with queued.platform.database.write() as connection:
        assert connection.execute(text(f"delete from {schema}workflow_status")).rowcount == 1


@pytest.mark.slow
def test_a_job_that_fails_keeps_no_other_from_being_swept_up(queued: QueuedWorld, work: Work) -> None:
    queued.furnish(with_timer("PT0.1S"))
    broken, sound = queued.start(), queued.start()
    schema = "" if queued.platform.database.is_sqlite else "dbos."
    with queued.platform.database.write() as connection:
        connection.execute(text(f"delete from {schema}workflow_status"))
        connection.execute(t.instance.update().where(t.instance.c.id == broken).values(state=b"{"))
        early = t.job.update().where(t.job.c.instance_id == broken)
        connection.execute(early.values(due_at=queued.now - timedelta(hours=1)))

    work(rhythm=Rhythm(sweep_seconds=0.2, overdue_seconds=0.3))

    assert until(lambda: queued.open(sound) == ["last"])


@pytest.mark.slow
def test_the_work_of_a_killed_worker_is_taken_over(queued: QueuedWorld, work: Work, tmp_path: Path) -> None:
    queued.furnish(with_connector("echo"))
    mark = tmp_path / "mark"
    doomed = worker_that_hangs(queued.platform.database, mark)
    case = queued.start()
    try:
        assert until(lambda: mark.exists() and mark.read_text() != "", 30)
    finally:
        doomed.kill()
        doomed.wait()
    calls = Calls()

    worker = work(calls, Rhythm(poll_seconds=0.05, sweep_seconds=0.2, overdue_seconds=1, keep_hours=0))

    assert until(lambda: queued.open(case) == ["last"])
    assert [request.job for request in calls.requests] == [mark.read_text()]
    assert queued.types(case).count("ConnectorFinished") == 1
    assert doomed.returncode == -signal.SIGKILL
    assert [entry.status for entry in DBOS.list_workflows()] == ["PENDING"]  # for ever, if nobody took it away
    assert worker.purge() == 1
    assert DBOS.list_workflows() == []


def test_a_connector_that_breaks_is_tried_again_and_then_becomes_an_incident(
    queued: QueuedWorld, work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.worker._CONNECTOR_PAUSE_SECONDS", 0.01)
    queued.furnish(with_connector("echo"))
    calls = Calls(OSError("the printer burns"))
    work(calls)

    case = queued.start()

    assert until(lambda: len(queued.state(case).incidents) == 1)
    assert len(calls.requests) == 3
    assert "the printer burns" in queued.state(case).incidents[0]
    assert queued.state(case).status == "running"
    assert set(queued.jobs().values()) == {"failed"}
    assert queued.verdict().findings == ()


@pytest.mark.slow
def test_a_connector_that_breaks_once_is_no_incident(
    queued: QueuedWorld, work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.worker._CONNECTOR_PAUSE_SECONDS", 0.3)
    queued.furnish(with_connector("echo"))
    calls = Calls(OSError("the printer burns"))
    work(calls)

    case = queued.start()
    assert until(lambda: len(calls.requests) == 1)
    calls.error = None

    assert until(lambda: queued.open(case) == ["last"])
    assert queued.state(case).incidents == ()


@pytest.mark.slow
def test_after_a_retry_the_connector_is_asked_once_more(queued: QueuedWorld, work: Work) -> None:
    queued.furnish(with_connector("echo"))
    calls = Calls(Rejected("No paper."))
    work(calls, Rhythm(poll_seconds=0.05, sweep_seconds=0.1, overdue_seconds=0.1))
    case = queued.start()
    assert until(lambda: len(queued.state(case).incidents) == 1)
    calls.error = None

    with queued.platform.database.read() as connection:
        incident = connection.execute(t.incident.select()).mappings().one()["id"]
    queued.platform.run(
        lambda uow: incidents.retry_incident(uow, incident, "There is paper again."), system_actor(), queued.now
    )

    assert until(lambda: queued.open(case) == ["last"])
    time.sleep(0.5)  # the sweeper must not take up the failed job again
    assert len(calls.requests) == 2
    assert sorted(queued.jobs().values()) == ["done", "failed"]
    assert queued.verdict().findings == ()


@pytest.mark.slow
def test_the_purge_takes_what_is_done_and_old_and_nothing_else(queued: QueuedWorld, work: Work) -> None:
    queued.furnish(with_connector("echo"))
    worker = work(rhythm=Rhythm(poll_seconds=0.05, sweep_seconds=3600, keep_hours=0))
    done = queued.start()
    assert until(lambda: queued.open(done) == ["last"])
    queued.publish(with_timer("P30D"))
    waiting = queued.start()
    assert until(lambda: sorted(entry.status for entry in DBOS.list_workflows()) == ["DELAYED", "SUCCESS"])
    long_ago = datetime.now(UTC) - timedelta(days=SUBMISSION_DAYS_KEPT + 1)
    with queued.platform.database.write() as connection:
        for token, at in (("old", long_ago), ("new", queued.now)):
            connection.execute(t.submission.insert().values(token=token, at=at, answer={}))

    assert worker.purge() == 1

    assert [entry.status for entry in DBOS.list_workflows()] == ["DELAYED"]
    assert queued.open(waiting) == []
    assert queued.jobs()[_job_of(queued, waiting)] == "waiting"
    with queued.platform.database.read() as connection:
        assert connection.execute(t.submission.select()).mappings().one()["token"] == "new"


@pytest.mark.slow
def test_the_purge_keeps_what_ended_just_now(queued: QueuedWorld, work: Work) -> None:
    queued.furnish(with_connector("echo"))
    worker = work()
    case = queued.start()
    assert until(lambda: [entry.status for entry in DBOS.list_workflows()] == ["SUCCESS"])

    assert worker.purge() == 0

    assert queued.open(case) == ["last"]
    assert len(DBOS.list_workflows()) == 1


def _job_of(queued: QueuedWorld, case: str) -> str:
    return next(job for job in queued.jobs() if job.startswith(case))
