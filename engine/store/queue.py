"""The port to the job engine: put a job into this transaction, to be run when it is due.

The job itself – what, for which case, due when – stands in the table ``job``; the queue only carries its id.
``DbosQueue`` hands the id to DBOS Transact inside our own transaction, so a rolled-back command leaves no
job and a committed one never loses it. ``NoQueue`` leaves it to whoever asks for due jobs (tests, scenarios).
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Protocol

from dbos import DBOSClient
from sqlalchemy import Connection, Engine

APPLICATION = "shangmen"
WORKFLOW = "shangmen.job"
QUEUE = "jobs"


MESSAGE = "message:"


def message_job(message_id: str, what: str = "") -> str:
    """The job that looks at a message or signal. ``what`` tells several jobs for one message apart."""
    return f"{MESSAGE}{message_id}@{what}" if what else f"{MESSAGE}{message_id}"


def message_of(job_id: str) -> str | None:
    """The message that a job looks at, None for another kind of job."""
    return job_id.removeprefix(MESSAGE).partition("@")[0] if job_id.startswith(MESSAGE) else None


class JobQueue(Protocol):
    """Where due work waits."""

    def enqueue(self, connection: Connection, job_id: str, due_at: datetime) -> None:
        """Have the job run at ``due_at`` (at once if that is past), if this transaction commits."""


class NoQueue:
    """Nobody is told; due jobs are found in the table."""

    def enqueue(self, connection: Connection, job_id: str, due_at: datetime) -> None:
        """Nothing to do: the row in ``job`` is enough."""


class DbosQueue:
    """DBOS Transact on our database. Its tables must exist (``engine.worker.prepare``)."""

    def __init__(self, engine: Engine) -> None:
        from dbos import DBOSPortableJSONSerializer

        self._client = DBOSClient(
            system_database_engine=engine,
            serializer=DBOSPortableJSONSerializer(),
            application_name=APPLICATION,
            lazy=True,
        )

    def enqueue(self, connection: Connection, job_id: str, due_at: datetime) -> None:
        """Hand over the id; the same id a second time is a no-op."""
        delay_seconds = (due_at - datetime.now(UTC)).total_seconds()
        options: dict[str, object] = {"workflow_name": WORKFLOW, "queue_name": QUEUE, "workflow_id": job_id}
        if delay_seconds > 0:
            options["delay_seconds"] = delay_seconds
        self._client.enqueue_in_transaction(connection, options, job_id)
