"""Run a command: one transaction, again on fresh state when somebody moved first, one effect per token.

A page gives each form a random token. The answer of a command is kept under it in the same transaction,
so a double click or a resend has one effect and gets the same answer.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from engine.errors import Conflict, Rejected
from engine.model import Actor
from engine.store import tables as t
from engine.store.database import Database, is_transient
from engine.store.delivery import deliver_kept
from engine.store.known import Known
from engine.store.queue import JobQueue, NoQueue
from engine.store.unit_of_work import UnitOfWork

Answer = TypeVar("Answer")
Command = Callable[[UnitOfWork], Answer]

ATTEMPTS_MAX = 20
_PAUSE_SECONDS = 0.005


class Platform:
    """An open database with what is known of it and its job queue: everything a process needs to act."""

    def __init__(self, database: Database, queue: JobQueue | None = None) -> None:
        self.database = database
        self.known = Known()
        self.queue = queue or NoQueue()

    def run(
        self,
        command: Command[Answer],
        actor: Actor,
        now: datetime,
        settled: Callable[[], Answer | None] = lambda: None,
    ) -> Answer:
        """Run a command and commit. Raises what the command raises; then nothing was written.

        ``settled`` is asked after a clash of keys whether the answer is already known.
        """
        for attempt in range(1, ATTEMPTS_MAX + 1):
            try:
                with self.database.write() as connection:
                    return command(UnitOfWork(connection, self.known, self.queue, actor, now, deliver_kept))
            except IntegrityError as clash:
                answer = settled()
                if answer is not None:
                    return answer
                if attempt == ATTEMPTS_MAX:
                    raise Conflict("Somebody else changed this at the same moment. Look at it again.") from clash
            except Exception as error:
                if attempt == ATTEMPTS_MAX or not is_transient(error):
                    raise
            time.sleep(_PAUSE_SECONDS * attempt)
        raise AssertionError("unreachable")

    def run_once(self, command: Command[dict[str, Any]], actor: Actor, now: datetime, token: str) -> dict[str, Any]:
        """Run a command whose answer is kept under ``token``: the second time the kept answer is given.

        ``token`` is bound to the actor, so that nobody can fetch another's answer.
        """
        key = f"{actor.user}:{token}"

        def once(uow: UnitOfWork) -> dict[str, Any]:
            answer = command(uow)
            uow.connection.execute(t.submission.insert().values(token=key, at=now, answer=answer))
            return answer

        try:
            return self.run(once, actor, now, settled=lambda: self._kept(key))
        except Rejected:
            kept = self._kept(key)
            if kept is None:
                raise
            return kept

    def _kept(self, key: str) -> dict[str, Any] | None:
        with self.database.read() as connection:
            found = connection.execute(select(t.submission.c.answer).where(t.submission.c.token == key)).first()
        return dict(found.answer) if found else None
