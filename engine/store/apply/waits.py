"""What the facts of a case do to the rows of jobs, awaited messages, incidents and attachments."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from engine.history import events as e
from engine.history.facts import ERASED, Fact
from engine.store import tables as t
from engine.store.apply.change import Change, Delete, Insert, Update


def apply_wait(fact: Fact, case: str) -> list[Change] | None:
    match fact.event:
        case e.TimerScheduled() as timer:
            return [Insert(t.job, _job(fact, timer, "timer", timer.due_at or fact.at, ""))]
        case e.ConnectorRequested() as asked:
            return [Insert(t.job, _job(fact, asked, "connector", fact.at, asked.connector))]
        case e.TimerFired(job=job) | e.ConnectorFinished(job=job):
            return [Update(t.job, {"id": job}, {"status": "done"})]
        case e.TimerCancelled(job=job) | e.ConnectorCancelled(job=job):
            return [Update(t.job, {"id": job}, {"status": "cancelled"})]
        case e.MessageAwaited() as wait:
            key = wait.correlation if isinstance(wait.correlation, str) else ""
            about = {
                "message": wait.message[:_ABOUT_MAX],
                "roles": list(wait.roles),
                "form": wait.form,
                "correlation": key,
            }
            return [Insert(t.message_wait, _wait(wait, case, "message", about))]
        case e.EventAwaited() as wait:
            about = {"message": wait.about[:_ABOUT_MAX], "roles": [], "form": "", "correlation": ""}
            return [Insert(t.message_wait, _wait(wait, case, wait.kind, about))]
        case e.MessageReceived(wait=wait_id) | e.EventCame(wait=wait_id):
            return [Update(t.message_wait, {"id": wait_id}, {"status": "received", "correlation": ""})]
        case e.MessageWaitEnded(wait=wait_id) | e.EventWaitEnded(wait=wait_id):
            return [Update(t.message_wait, {"id": wait_id}, {"status": "cancelled", "correlation": ""})]
        case e.IncidentRaised() as raised:
            row: dict[str, Any] = {
                "id": raised.incident,
                "instance_id": case,
                "element": raised.element,
                "name": raised.name,
                "template": raised.template,
                "params": {} if ERASED.keys() <= raised.params.keys() else dict(raised.params),
                "created_at": fact.at,
                "status": "open",
                "reason": "",
            }
            failed = [Update(t.job, {"id": raised.job}, {"status": "failed"})] if raised.job else []
            return [Insert(t.incident, row), *failed]
        case e.WaitMoved(kind=kind, wait=wait, element=element, name=name):
            table = t.incident if kind == "incident" else t.job
            return [Update(table, {"id": wait}, {"element": element, "name": name})]
        case e.IncidentResolved(incident=incident, reason=reason):
            said = reason if isinstance(reason, str) else ""
            return [Update(t.incident, {"id": incident}, {"status": "resolved", "reason": said})]
    return None


_ABOUT_MAX = 120


def _wait(event: e.MessageAwaited | e.EventAwaited, case: str, kind: str, about: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": event.wait,
        "instance_id": case,
        "element": event.element,
        "name": event.name,
        "status": "waiting",
        "kind": kind,
        **about,
    }


def _job(
    fact: Fact, event: e.TimerScheduled | e.ConnectorRequested, kind: str, due_at: datetime, connector: str
) -> dict[str, Any]:
    return {
        "id": event.job,
        "instance_id": fact.stream.removeprefix("case:"),
        "kind": kind,
        "element": event.element,
        "name": event.name,
        "connector": connector,
        "due_at": due_at,
        "request_seq": fact.seq,
        "status": "waiting",
    }


def apply_place(fact: Fact, case: str) -> list[Change] | None:
    match fact.event:
        case e.PlaceReserved() as new:
            row = {
                "id": new.reservation,
                "instance_id": case,
                "procedure": new.procedure,
                "element": new.element,
                "pool": new.pool if isinstance(new.pool, str) else "",
                "slot": new.slot if isinstance(new.slot, str) else "",
                "place": new.place,
            }
            return [Insert(t.reservation, row)]
        case e.PlaceReleased(reservation=reservation):
            return [Delete(t.reservation, {"id": reservation})]
    return None


def apply_file(fact: Fact, case: str) -> list[Change] | None:
    match fact.event:
        case e.FileAttached() as file:
            task, document = file.task, ""
        case e.PaperIssued() as file:
            task, document = "", file.document
        case _:
            return None
    row = {
        "id": f"{case}.f{fact.seq}",
        "instance_id": case,
        "digest": file.digest if isinstance(file.digest, str) else "",
        "name": file.name if isinstance(file.name, str) else "",
        "media_type": file.media_type,
        "size": file.size,
        "task_id": task,
        "document": document,
        "added_at": fact.at,
        "added_by": fact.actor,
    }
    return [Insert(t.attachment, row)]
