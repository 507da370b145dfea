"""What each fact does to the rows: the one place where events become rows.

Pure: a fact gives changes, and changes are carried out by the unit of work – or folded in memory by
``verify``, which computes every row again from history alone and compares.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Table

from engine.history import events as e
from engine.history.facts import Fact
from engine.store import tables as t


@dataclass(frozen=True, slots=True)
class Insert:
    table: Table
    values: Mapping[str, Any]
    or_ignore: bool = False


@dataclass(frozen=True, slots=True)
class Update:
    table: Table
    key: Mapping[str, Any]
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Delete:
    table: Table
    key: Mapping[str, Any]


Change = Insert | Update | Delete


def case_of(stream: str) -> str:
    """The instance id of a case's stream, "" for any other stream."""
    return stream[5:] if stream.startswith("case:") else ""


def apply(fact: Fact) -> list[Change]:
    """The changes to rows that follow from one fact. A fact without consequences gives none."""
    for rule in (_apply_case, _apply_task, _apply_wait, _apply_file, _apply_published, _apply_people):
        changes = rule(fact, case_of(fact.stream))
        if changes is not None:
            return changes
    return []


def _apply_case(fact: Fact, case: str) -> list[Change] | None:
    match fact.event:
        case e.InstanceStarted() as started:
            path = started.tenant_path
            row = {
                "id": case,
                "number": started.number,
                "procedure": started.procedure,
                "process": started.process,
                "tenant_id": started.tenant,
                "tenant_path": path,
                "pins": dict(started.pins),
                "title": "",
                "status": "running",
                "outcome": "",
                "outcome_name": "",
                "started_at": fact.at,
                "started_by": fact.actor,
                "ended_at": None,
            }
            return [Insert(t.instance, row), _party(case, started.tenant)]
        case e.InstanceDescribed(title=title):
            return [Update(t.instance, {"id": case}, {"title": title if isinstance(title, str) else ""})]
        case e.InstanceCompleted(outcome=outcome, name=name):
            values = {"status": "completed", "outcome": outcome, "outcome_name": name, "ended_at": fact.at}
            return [Update(t.instance, {"id": case}, values)]
        case e.InstanceCancelled():
            return [Update(t.instance, {"id": case}, {"status": "cancelled", "ended_at": fact.at})]
    return None


def _party(case: str, tenant: str) -> Insert:
    return Insert(t.party, {"tenant_id": tenant, "instance_id": case}, or_ignore=True)


def _apply_task(fact: Fact, case: str) -> list[Change] | None:
    match fact.event:
        case e.UserTaskCreated() as new:
            row = {
                "id": new.task,
                "instance_id": case,
                "element": new.element,
                "process": new.process,
                "name": new.name,
                "form": new.form,
                "role": new.role,
                "tenant_id": new.tenant,
                "assignee": None,
                "status": "open",
                "created_at": fact.at,
                "due_at": new.due_at,
                "due_provisional": new.due_provisional,
                "ended_at": None,
                "completed_by": None,
            }
            return [Insert(t.user_task, row), _party(case, new.tenant)]
        case e.UserTaskClaimed(task=task, user=user) | e.UserTaskReassigned(task=task, user=user):
            return [Update(t.user_task, {"id": task}, {"assignee": user})]
        case e.UserTaskReleased(task=task):
            return [Update(t.user_task, {"id": task}, {"assignee": None})]
        case e.UserTaskCompleted(task=task):
            values = {"status": "completed", "ended_at": fact.at, "completed_by": fact.actor}
            return [Update(t.user_task, {"id": task}, values)]
        case e.UserTaskCancelled(task=task):
            return [Update(t.user_task, {"id": task}, {"status": "cancelled", "ended_at": fact.at})]
    return None


def _apply_wait(fact: Fact, case: str) -> list[Change] | None:
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
            row: dict[str, Any] = {
                "id": wait.wait,
                "instance_id": case,
                "element": wait.element,
                "name": wait.name,
                "message": wait.message,
                "roles": list(wait.roles),
                "form": wait.form,
                "status": "waiting",
            }
            return [Insert(t.message_wait, row)]
        case e.MessageReceived(wait=wait):
            return [Update(t.message_wait, {"id": wait}, {"status": "received"})]
        case e.MessageWaitEnded(wait=wait):
            return [Update(t.message_wait, {"id": wait}, {"status": "cancelled"})]
        case e.IncidentRaised() as raised:
            row = {
                "id": raised.incident,
                "instance_id": case,
                "element": raised.element,
                "name": raised.name,
                "template": raised.template,
                "params": dict(raised.params),
                "created_at": fact.at,
                "status": "open",
                "reason": "",
            }
            failed = [Update(t.job, {"id": raised.job}, {"status": "failed"})] if raised.job else []
            return [Insert(t.incident, row), *failed]
        case e.IncidentResolved(incident=incident, reason=reason):
            return [Update(t.incident, {"id": incident}, {"status": "resolved", "reason": reason})]
    return None


def _job(
    fact: Fact, event: e.TimerScheduled | e.ConnectorRequested, kind: str, due_at: datetime, connector: str
) -> dict[str, Any]:
    return {
        "id": event.job,
        "instance_id": case_of(fact.stream),
        "kind": kind,
        "element": event.element,
        "name": event.name,
        "connector": connector,
        "due_at": due_at,
        "request_seq": fact.seq,
        "status": "waiting",
    }


def _apply_file(fact: Fact, case: str) -> list[Change] | None:
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
        "digest": file.digest,
        "name": file.name if isinstance(file.name, str) else "",
        "media_type": file.media_type,
        "size": file.size,
        "task_id": task,
        "document": document,
        "added_at": fact.at,
        "added_by": fact.actor,
    }
    return [Insert(t.attachment, row)]


def _apply_published(fact: Fact, _case: str) -> list[Change] | None:
    match fact.event:
        case e.DeploymentPublished() as new:
            row = {
                "id": new.deployment,
                "procedure": new.procedure,
                "tenant_id": new.tenant,
                "title": new.title,
                "published_at": fact.at,
                "published_by": fact.actor,
            }
            files = [
                Insert(
                    t.resource,
                    {**item, "deployment_id": new.deployment, "procedure": new.procedure, "tenant_id": new.tenant},
                )
                for item in new.resources
            ]
            return [Insert(t.deployment, row), *files]
        case e.CalendarDaySet() as day:
            row = {"day": day.day, "working": day.working, "name": day.name, "source": day.source}
            return [Delete(t.calendar_day, {"day": day.day}), Insert(t.calendar_day, row)]
        case e.CalendarImported() as new:
            return _imported(new)
    return None


def _imported(new: e.CalendarImported) -> list[Change]:
    changes: list[Change] = []
    for year in new.years:
        changes += [
            Delete(t.calendar_year, {"year": year}),
            Insert(t.calendar_year, {"year": year, "source": new.source}),
        ]
    for iso_day, working, name in new.days:
        day = date.fromisoformat(iso_day)
        changes += [
            Delete(t.calendar_day, {"day": day}),
            Insert(t.calendar_day, {"day": day, "working": working, "name": name, "source": new.source}),
        ]
    return changes


def _apply_people(fact: Fact, _case: str) -> list[Change] | None:
    match fact.event:
        case e.TenantAdded() as new:
            parent = new.path.rsplit("/", 2)[-2] if "/" in new.path else None
            row = {
                "id": new.tenant,
                "parent_id": parent,
                "path": new.path,
                "name": new.name,
                "level": new.level,
                "code": new.code,
            }
            return [Insert(t.tenant, row)]
        case e.UserAdded() as new:
            return [Insert(t.user, {"id": new.user, "login": new.login, "name": new.name, "disabled": False})]
        case e.UserDisabled(user=user):
            return [Update(t.user, {"id": user}, {"disabled": True})]
        case e.UserEnabled(user=user):
            return [Update(t.user, {"id": user}, {"disabled": False})]
        case e.RoleGranted(user=user, tenant=tenant, role=role):
            return [Insert(t.membership, {"user_id": user, "tenant_id": tenant, "role": role}, or_ignore=True)]
        case e.RoleRevoked(user=user, tenant=tenant, role=role):
            return [Delete(t.membership, {"user_id": user, "tenant_id": tenant, "role": role})]
    return None
