"""Work for the machine: timers whose time has come, and effects that connectors carry out.

A job runs in up to three parts: look (a transaction), do (no transaction: the effect), record (a
transaction). Only the last one counts; a job that is no longer waiting is a no-op, so a job may be
delivered twice.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from engine.errors import Rejected
from engine.history import events as e
from engine.model import JobRequest, JobResult, Paper
from engine.runtime import interpreter, places
from engine.store.delivery import attend
from engine.store.directory import system_actor
from engine.store.places import held_around
from engine.store.queue import message_of
from engine.store.reading import personal_value
from engine.store.unit_of_work import Case, UnitOfWork

MACHINE = system_actor()


class NotDue(Rejected):
    """The clock says that it is too early; put the job back. ``wait_seconds`` says for how long."""

    def __init__(self, due_at: datetime, now: datetime) -> None:
        super().__init__("Expected a due job, but its time comes at %(due)s.", due=due_at.isoformat())
        self.wait_seconds = (due_at - now).total_seconds()


def look_at_job(uow: UnitOfWork, job_id: str) -> JobRequest | None:
    """Fire a due timer, deliver a message or reserve a place at once and return None; for any other connector return
    what it is asked to do.

    None also when the job is no longer waiting. Raises ``NotDue`` when a timer's time has not come.
    """
    message = message_of(job_id)
    if message is not None:
        due_at = attend(uow, message)
        if due_at is not None:
            raise NotDue(due_at, uow.now)
        return None
    case, row = uow.case_of_job(job_id)
    if row["row_status"] != "waiting" or case.status != "running":
        return None
    if row["row_kind"] == "timer":
        if row["row_due_at"] > uow.now:
            raise NotDue(row["row_due_at"], uow.now)
        step = interpreter.fire_timer(case.definition, case.state, job_id, uow.around(case))
        uow.record(case, step.events, step.state)
        return None
    inputs = personal_value(uow.connection, case.stream, row["row_request_seq"], "inputs")
    if row["row_connector"] == places.CONNECTOR:
        _reserve(uow, case, job_id, row["row_element"], inputs)
        return None
    return JobRequest(
        job=job_id,
        connector=row["row_connector"],
        element=row["row_element"],
        instance=case.id,
        number=case.number,
        started_at=row["started_at"],
        now=uow.now,
        tenant=case.tenant,
        inputs=inputs,
        variables=interpreter.variables(case.definition, case.state),
        documents=case.definition.documents,
    )


def record_done(uow: UnitOfWork, job_id: str, done: JobResult) -> None:
    """Record what a connector brought back, its papers included. A no-op when the job is no longer waiting."""
    case, row = uow.case_of_job(job_id)
    if row["row_status"] != "waiting" or case.status != "running":
        return
    papers = [_issued(uow, paper) for paper in done.papers]
    step = interpreter.finish_connector(case.definition, case.state, job_id, dict(done.result), uow.around(case))
    uow.record(case, [*papers, *step.events], step.state)


def record_failed(uow: UnitOfWork, job_id: str, template: str, params: Mapping[str, Any]) -> None:
    """Raise an incident for a job that could not be done. A no-op when the job is no longer waiting."""
    case, row = uow.case_of_job(job_id)
    if row["row_status"] != "waiting" or case.status != "running":
        return
    texts = {key: str(value) for key, value in params.items()}
    step = interpreter.fail_connector(case.definition, case.state, job_id, template, texts, uow.around(case))
    uow.record(case, step.events, step.state)


def _reserve(uow: UnitOfWork, case: Case, job_id: str, element: str, inputs: Mapping[str, Any]) -> None:
    """Take a place, or tell the case that none is left. Nothing outside is touched, so it is one transaction."""
    try:
        wish = places.wish_of(inputs)
    except Rejected as refused:
        record_failed(uow, job_id, refused.template, refused.params)
        return
    asked = places.Place(job_id, case.id, element, "", "", 0)
    held = held_around(uow.connection, case.procedure, wish, case.id, case.standing.places)
    taken, told = places.answer(wish, asked, case.procedure, case.definition.element_name(element), held)
    step = interpreter.finish_connector(case.definition, case.state, job_id, told, uow.around(case))
    uow.record(case, [*taken, *step.events], step.state)


def _issued(uow: UnitOfWork, paper: Paper) -> e.PaperIssued:
    digest = uow.store_file(paper.content)
    return e.PaperIssued(digest, paper.name, paper.media_type, len(paper.content), paper.document)
