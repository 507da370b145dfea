"""What a worker does: run due jobs, one transaction each; take over from dead workers; clear away what is done.

Jobs arrive through DBOS Transact (``DbosWorker``), on one machine or many. The queue only says *that* a job
may be due; whether it is, and whether it still waits, is asked of our own rows in the job's transaction, by
the database's clock. A job that no queue delivers – its worker died, a backup was restored – is found in
our rows by the sweeper of any other worker.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from dbos import DBOS, DBOSConfig, DBOSPortableJSONSerializer

from engine.commands import jobs, migration_orders, reading, sealing
from engine.connectors.registry import Connector, forget, perform
from engine.errors import Rejected, ShangmenError
from engine.following import tend_units
from engine.history.checkpoint import Signer
from engine.model import JobRequest, JobResult, Tenant
from engine.queries.dossier import dossier
from engine.queries.jobs import due_jobs, overdue_jobs, waiting_jobs
from engine.store.database import Database, is_transient
from engine.store.directory import system_actor
from engine.store.erasure import mark_cleaned, uncleaned
from engine.store.leftovers import clear_away
from engine.store.migration_orders import job_of, order_of, untouched_orders
from engine.store.queue import APPLICATION, QUEUE, WORKFLOW
from engine.store.run import Platform
from engine.store.scrub import scrub

log = logging.getLogger("shangmen.worker")

CONNECTOR_ATTEMPTS_MAX = 3
_CONNECTOR_PAUSE_SECONDS = 1.0
_WAIT_SECONDS_MAX = 60.0
_PURGE_BATCH = 500
_ENDED = ["SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED"]
_LEG_SECONDS = 5.0  # after which an order to move cases lets other jobs have a turn
_VERSION = "1"  # constant on purpose: jobs of older releases must be run by newer ones


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How often a worker looks for work, and after how long it takes over what another left lying."""

    poll_seconds: float = 0.25
    sweep_seconds: float = 10.0
    overdue_seconds: float = 15.0
    purge_hours: float = 6.0
    keep_hours: float = 24.0


def run_job(
    platform: Platform,
    connectors: Mapping[str, Connector],
    job_id: str,
    now: datetime,
    *,
    clock: Callable[[], datetime] | None = None,
    pause_seconds: float = 0.0,
) -> None:
    """Do one job if it still waits and is due: fire the timer, or carry out the connector and record the result.

    Delivering a job twice has one effect. A connector that breaks is tried three times, then it is an
    incident; one that refuses is an incident at once. ``clock`` says when it was done (default: ``now``).
    Raises ``NotDue`` when its time has not come.
    """
    request = platform.run(lambda uow: jobs.look_at_job(uow, job_id), jobs.MACHINE, now)
    if request is None:
        return
    instance, tenant = request.instance, request.tenant
    asked = replace(request, dossier=lambda: _dossier_of(platform, instance, tenant))
    try:
        result = _tried(connectors, asked, pause_seconds)
    except ShangmenError as refused:
        template, params = refused.template, refused.params
        done_at = clock() if clock else now
        platform.run(lambda uow: jobs.record_failed(uow, job_id, template, params), jobs.MACHINE, done_at)
        return
    done_at = clock() if clock else now
    platform.run(lambda uow: jobs.record_done(uow, job_id, result), jobs.MACHINE, done_at)


def _dossier_of(platform: Platform, instance_id: str, tenant: Tenant) -> Mapping[str, Any]:
    """The full dossier of a case of a unit."""
    with platform.database.read() as connection:
        return dossier(connection, platform.known, system_actor(tenant), instance_id, masked=False).data


def _tried(connectors: Mapping[str, Connector], request: JobRequest, pause_seconds: float) -> JobResult:
    for attempt in range(1, CONNECTOR_ATTEMPTS_MAX + 1):
        try:
            return perform(connectors, request)
        except ShangmenError:
            raise
        except Exception as broken:
            log.exception("connector %s broke on job %s, attempt %s", request.connector, request.job, attempt)
            if attempt == CONNECTOR_ATTEMPTS_MAX:
                reason = f"{type(broken).__name__}: {broken}"
                raise Rejected(
                    "The connector %(connector)s broke: %(reason)s.", connector=request.connector, reason=reason
                ) from broken
        time.sleep(pause_seconds * attempt)
    raise AssertionError("unreachable")


def run_order(platform: Platform, order_id: str, clock: Callable[[], datetime], seconds: float = _LEG_SECONDS) -> int:
    """Move the cases of an order one after the other, each in its own transaction. Returns how many had their turn.

    After ``seconds`` the queue is asked to go on with the rest. Being delivered twice moves no case twice.
    """
    until, count = time.monotonic() + seconds, 0
    while _has_turn(platform, order_id, clock):
        count += 1
        if time.monotonic() >= until:
            platform.run(lambda uow: migration_orders.hand_on(uow, order_id), jobs.MACHINE, clock())
            break
    return count


def _has_turn(platform: Platform, order_id: str, clock: Callable[[], datetime]) -> bool:
    """Give the next case of an order its turn, even if the program fails at it. False when none is left."""
    try:
        return platform.run(lambda uow: migration_orders.carry_on(uow, order_id), jobs.MACHINE, clock())
    except migration_orders.Broken as broken:
        log.exception("order %s broke at %s", order_id, broken)
        position = broken.position
        platform.run(lambda uow: migration_orders.give_up(uow, order_id, position), jobs.MACHINE, clock())
        return True


def run_due_jobs(platform: Platform, connectors: Mapping[str, Connector], now: datetime) -> int:
    """Do every job that is due at ``now``, in order of time, until none is left. Returns how many.

    For tests and scenarios with a pretended clock; each job acts at its own due time.
    """
    done: set[str] = set()
    while True:
        with platform.database.read() as connection:
            due = [job for job in due_jobs(connection, now) if job.id not in done]
        if not due:
            return len(done)
        first = due[0]
        run_job(platform, connectors, first.id, max(first.due_at, first.asked_at))
        done.add(first.id)


def clean_after_erasure(platform: Platform, connectors: Mapping[str, Connector], now: datetime) -> tuple[str, ...]:
    """Overwrite on the disk what erased cases left behind, and have connectors delete what they keep of them.

    Returns what could not be done here (``engine.store.scrub``). A no-op when nothing was erased since the last time.
    """
    database = platform.database
    with database.read() as connection:
        cases = uncleaned(connection)
    if not cases:
        return ()
    for case in cases:
        forget(connectors, case)
    left = scrub(database)
    with database.write() as connection:
        mark_cleaned(connection, cases, now)
    return left


def prepare(database: Database) -> None:
    """Create or upgrade the job engine's own tables. Once per database, before anything is enqueued."""
    DBOS.migrate(system_database_url=_dbos_url(database))


class DbosWorker:
    """A running worker: listens to the queue until ``stop``. One per process."""

    def __init__(
        self,
        platform: Platform,
        connectors: Mapping[str, Connector],
        executor_id: str,
        rhythm: Rhythm = Rhythm(),
        signer: Signer | None = None,
    ) -> None:
        self.platform = platform
        self.signer = signer
        self.connectors = connectors
        self.rhythm = rhythm
        self._stopped = threading.Event()
        self._hands = threading.Lock()
        self._in_hand: set[str] = set()
        config: DBOSConfig = {
            "name": APPLICATION,
            "system_database_url": _dbos_url(platform.database),
            "system_database_engine": platform.database.engine,
            "run_migrations": False,
            "application_version": _VERSION,
            "executor_id": executor_id,
            "serializer": DBOSPortableJSONSerializer(),
            "log_level": "WARNING",
            "console_log_level": "WARNING",
            "run_admin_server": False,
            "max_executor_threads": 16,
        }
        DBOS(config=config)

        @DBOS.workflow(name=WORKFLOW)  # type: ignore[untyped-decorator]
        def run_when_due(job_id: str) -> None:
            self._until_settled(job_id)

    def start(self) -> None:
        """Begin to listen, and to sweep up what no queue delivered."""
        DBOS.launch()
        DBOS.register_queue(QUEUE, worker_concurrency=8, polling_interval_sec=self.rhythm.poll_seconds)
        threading.Thread(target=self._sweep_until_stopped, name="sweeper", daemon=True).start()

    def stop(self) -> None:
        """Finish what is running (at most five seconds) and stop listening."""
        self._stopped.set()
        DBOS.destroy(workflow_completion_timeout_sec=5, destroy_registry=True)

    def _until_settled(self, job_id: str) -> None:
        """Run a job until it is done or not for us: what is left then, the sweeper finds when it is overdue."""
        pause_seconds = 0.1
        while not self._stopped.is_set():
            try:
                self._run(job_id)
                return
            except jobs.NotDue as early:
                if early.wait_seconds > _WAIT_SECONDS_MAX:  # this machine's clock is wrong: do not hold a place
                    return
                pause_seconds = min(early.wait_seconds + 0.001, 1.0)
            except Rejected:
                log.info("job %s is no longer wanted", job_id)
                return
            except Exception as error:
                if not is_transient(error):
                    log.exception("job %s failed; the sweeper will come back to it", job_id)
                    return
                pause_seconds = min(pause_seconds * 2, 5)
            self._stopped.wait(pause_seconds)

    def _run(self, job_id: str) -> None:
        """Run a job unless another thread of this worker has it in hand."""
        with self._hands:
            if job_id in self._in_hand:
                return
            self._in_hand.add(job_id)
        try:
            clock, order_id = self.platform.database.clock, order_of(job_id)
            if order_id is not None:
                run_order(self.platform, order_id, clock)
                return
            run_job(
                self.platform, self.connectors, job_id, clock(), clock=clock, pause_seconds=_CONNECTOR_PAUSE_SECONDS
            )
        finally:
            with self._hands:
                self._in_hand.discard(job_id)

    def _sweep_until_stopped(self) -> None:
        purged_at = time.monotonic()
        while not self._stopped.wait(self.rhythm.sweep_seconds):
            try:
                self.sweep()
                tend_units(self.platform, self.platform.database.clock())
                self.seal_notes()
                self.commit_to_log()
                clean_after_erasure(self.platform, self.connectors, self.platform.database.clock())
                if time.monotonic() - purged_at >= self.rhythm.purge_hours * 3600:
                    purged_at = time.monotonic()
                    self.purge()
            except Exception:
                log.exception("sweeping failed; it is tried again in %s s", self.rhythm.sweep_seconds)

    def sweep(self) -> int:
        """Do the jobs that are overdue although the queue should have run them. Returns how many were tried.

        A job that fails keeps no other from being tried.
        """
        before = self.platform.database.clock() - timedelta(seconds=self.rhythm.overdue_seconds)
        with self.platform.database.read() as connection:
            missed = [
                *overdue_jobs(connection, before),
                *(job_of(one, 0) for one in untouched_orders(connection, before)),
            ]
        for job_id in missed:
            if self._stopped.is_set():
                break
            try:
                self._run(job_id)
            except Exception:
                log.exception("overdue job %s failed; it is tried again in %s s", job_id, self.rhythm.sweep_seconds)
        return len(missed)

    def seal_notes(self) -> int:
        """Seal what the pages noted of looks and log-ins. Returns how many there were."""
        return self.platform.run(reading.seal_notes, jobs.MACHINE, self.platform.database.clock())

    def commit_to_log(self) -> str | None:
        """Bring new facts under a signed head of the Merkle log, if this worker has the key. Returns the head."""
        signer = self.signer
        if signer is None:
            return None
        now = self.platform.database.clock()
        return self.platform.run(lambda uow: sealing.commit_to_log(uow, signer), jobs.MACHINE, now)

    def purge(self) -> int:
        """Take away what is done and old: the queue's ended entries and technical rows. Returns how many entries.

        An entry of a worker that died never ends; it goes when its job no longer waits.
        """
        database = self.platform.database
        now = database.clock()
        before = (now - timedelta(hours=self.rhythm.keep_hours)).isoformat()
        count = 0
        while not self._stopped.is_set():
            ended = self._entries(status=_ENDED, completed_before=before)
            if not ended:
                break
            DBOS.delete_workflows(ended)
            count += len(ended)
        abandoned = self._entries(status=["PENDING"], end_time=before)
        with database.read() as connection:
            settled = sorted(set(abandoned) - waiting_jobs(connection, abandoned))
        if settled:
            DBOS.delete_workflows(settled)
        clear_away(database, now)
        return count + len(settled)

    def _entries(self, **which: object) -> list[str]:
        found = DBOS.list_workflows(name=WORKFLOW, limit=_PURGE_BATCH, load_input=False, load_output=False, **which)
        return [entry.workflow_id for entry in found]


def _dbos_url(database: Database) -> str:
    return database.engine.url.render_as_string(hide_password=False).replace("+psycopg", "")


def executor_name() -> str:
    """A name for this process among all workers, also when the number of the process comes round again."""
    return f"{os.uname().nodename}-{os.getpid()}-{os.urandom(3).hex()}"
