"""What a worker does: run due jobs, one transaction each; take over from dead workers; sweep up what was missed.

Jobs arrive through DBOS Transact (``DbosWorker``), on one machine or many. The queue only says *that* a job
may be due; whether it is, and whether it still waits, is asked of our own rows in the job's transaction.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from dbos import DBOS, DBOSConfig, DBOSPortableJSONSerializer
from sqlalchemy import Engine

from engine.commands import jobs
from engine.connectors.registry import Connector, perform
from engine.errors import Rejected, ShangmenError
from engine.queries.jobs import due_jobs, overdue_jobs
from engine.store.database import is_transient
from engine.store.queue import APPLICATION, QUEUE, WORKFLOW
from engine.store.run import Platform

log = logging.getLogger("shangmen.worker")

SWEEP_SECONDS = 20
OVERDUE_SECONDS = 30
CONNECTOR_ATTEMPTS_MAX = 3
_VERSION = "1"  # constant on purpose: jobs of older releases must be run by newer ones


def run_job(platform: Platform, connectors: Mapping[str, Connector], job_id: str, now: datetime) -> None:
    """Do one job if it still waits and is due: fire the timer, or carry out the connector and record the result.

    Delivering a job twice has one effect. Raises ``NotDue`` when its time has not come.
    """
    request = platform.run(lambda uow: jobs.look_at_job(uow, job_id), jobs.MACHINE, now)
    if request is None:
        return
    try:
        result = perform(connectors, request)
    except ShangmenError as refused:
        template, params = refused.template, refused.params
        platform.run(lambda uow: jobs.record_failed(uow, job_id, template, params), jobs.MACHINE, now)
        return
    except Exception as broken:
        log.exception("connector %s broke on job %s", request.connector, job_id)
        template, params = (
            "The connector %(connector)s broke: %(reason)s.",
            {
                "connector": request.connector,
                "reason": f"{type(broken).__name__}: {broken}",
            },
        )
        platform.run(lambda uow: jobs.record_failed(uow, job_id, template, params), jobs.MACHINE, now)
        return
    platform.run(lambda uow: jobs.record_done(uow, job_id, result), jobs.MACHINE, now)


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


def prepare(engine: Engine) -> None:
    """Create or upgrade the job engine's own tables. Once per database, before anything is enqueued."""
    url = engine.url.render_as_string(hide_password=False).replace("+psycopg", "")
    DBOS.migrate(system_database_url=url)


class DbosWorker:
    """A running worker: listens to the queue until ``stop``. One per process."""

    def __init__(self, platform: Platform, connectors: Mapping[str, Connector], executor_id: str) -> None:
        self.platform = platform
        self.connectors = connectors
        self._stopped = threading.Event()
        config: DBOSConfig = {
            "name": APPLICATION,
            "system_database_url": _dbos_url(platform.database.engine),
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
        DBOS.register_queue(QUEUE, worker_concurrency=8, polling_interval_sec=0.25)
        threading.Thread(target=self._sweep, name="sweeper", daemon=True).start()

    def stop(self) -> None:
        """Finish what is running and stop listening."""
        self._stopped.set()
        DBOS.destroy()

    def _until_settled(self, job_id: str) -> None:
        pause_seconds = 0.1
        while not self._stopped.is_set():
            try:
                run_job(self.platform, self.connectors, job_id, datetime.now(UTC))
                return
            except jobs.NotDue:
                pause_seconds = 1.0
            except Rejected:
                log.info("job %s is no longer wanted", job_id)
                return
            except Exception as error:
                if not is_transient(error):
                    log.exception("job %s failed; the sweeper will come back to it", job_id)
                    return
                pause_seconds = min(pause_seconds * 2, 5)
            time.sleep(pause_seconds)

    def _sweep(self) -> None:
        """Jobs that are overdue although the queue should have run them: a dead machine, a restored backup."""
        while not self._stopped.wait(SWEEP_SECONDS):
            try:
                before = datetime.now(UTC) - timedelta(seconds=OVERDUE_SECONDS)
                with self.platform.database.read() as connection:
                    missed = overdue_jobs(connection, before)
                for job_id in missed:
                    run_job(self.platform, self.connectors, job_id, datetime.now(UTC))
            except Exception:
                log.exception("sweeping failed; it is tried again in %s s", SWEEP_SECONDS)


def _dbos_url(engine: Engine) -> str:
    return engine.url.render_as_string(hide_password=False).replace("+psycopg", "")


def executor_name() -> str:
    """A name for this process among all workers."""
    return f"{os.uname().nodename}-{os.getpid()}"
