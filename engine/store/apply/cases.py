"""What the facts of a case do to the rows of cases, user tasks and erasures."""

from __future__ import annotations

from engine.history import events as e
from engine.history.facts import Fact
from engine.store import tables as t
from engine.store.apply.change import Change, Insert, Update


def apply_case(fact: Fact, case: str) -> list[Change] | None:
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
        case e.InstanceMigrated(pins=pins, process=process):
            return [Update(t.instance, {"id": case}, {"pins": dict(pins), "process": process})]
        case e.InstanceHandedOver() as handed:
            place = {"tenant_id": handed.place, "tenant_path": handed.place_path}
            tasks = [Update(t.user_task, {"id": task}, {"tenant_id": handed.tenant}) for task in handed.tasks]
            return [Update(t.instance, {"id": case}, place), *tasks, _party(case, handed.tenant)]
        case e.InstancePlaced(place_path=path):
            return [Update(t.instance, {"id": case}, {"tenant_path": path})]
        case e.InstanceCompleted(outcome=outcome, name=name):
            values = {"status": "completed", "outcome": outcome, "outcome_name": name, "ended_at": fact.at}
            return [Update(t.instance, {"id": case}, values)]
        case e.InstanceCancelled():
            return [Update(t.instance, {"id": case}, {"status": "cancelled", "ended_at": fact.at})]
    return None


def apply_erasure(fact: Fact, case: str) -> list[Change] | None:
    match fact.event:
        case e.ErasureRequested() as asked:
            row = {
                "id": asked.request,
                "instance_id": case,
                "reason": asked.reason,
                "legal_basis": asked.legal_basis,
                "requested_at": fact.at,
                "requested_by": fact.actor,
                "status": "requested",
            }
            return [Insert(t.erasure, row)]
        case e.ErasureDeclined(request=request):
            return [Update(t.erasure, {"id": request}, {"status": "declined"})]
        case e.AnswersErased(request=request):
            return [Update(t.erasure, {"id": request}, {"status": "done"})] if request else []
    return None


def _party(case: str, tenant: str) -> Insert:
    return Insert(t.party, {"tenant_id": tenant, "instance_id": case}, or_ignore=True)


def apply_task(fact: Fact, case: str) -> list[Change] | None:
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
                "completed_for": None,
            }
            return [Insert(t.user_task, row), _party(case, new.tenant)]
        case e.UserTaskClaimed(task=task, user=user) | e.UserTaskReassigned(task=task, user=user):
            return [Update(t.user_task, {"id": task}, {"assignee": user})]
        case e.UserTaskReleased(task=task):
            return [Update(t.user_task, {"id": task}, {"assignee": None})]
        case e.UserTaskMoved() as moved:
            return _moved(moved, case)
        case e.UserTaskCompleted(task=task):
            values = {"status": "completed", "ended_at": fact.at, "completed_by": fact.actor}
            if fact.on_behalf_of:
                values["completed_for"] = fact.on_behalf_of
            return [Update(t.user_task, {"id": task}, values)]
        case e.UserTaskCancelled(task=task):
            return [Update(t.user_task, {"id": task}, {"status": "cancelled", "ended_at": fact.at})]
    return None


def _moved(moved: e.UserTaskMoved, case: str) -> list[Change]:
    """A task in another version: who holds it and what they typed stays, unless it is somebody else's now."""
    values = {"element": moved.element, "process": moved.process, "name": moved.name, "form": moved.form}
    key = {"id": moved.task}
    changes: list[Change] = [Update(t.user_task, key, values)]
    if moved.rescheduled:
        due = {"due_at": moved.due_at, "due_provisional": moved.due_provisional}
        changes.append(Update(t.user_task, key, due))
    if moved.reassigned:
        holder = {"role": moved.role, "tenant_id": moved.tenant, "assignee": None, "draft": None}
        changes += [Update(t.user_task, key, holder), _party(case, moved.tenant)]
    return changes
