"""What publishing and the calendar do to the rows."""

from __future__ import annotations

from datetime import date

from engine.history import events as e
from engine.history.facts import Fact
from engine.store import tables as t
from engine.store.apply.change import Change, Delete, Insert


def apply_published(fact: Fact, _case: str) -> list[Change] | None:
    match fact.event:
        case e.DeploymentPublished() as new:
            return _published(fact, new)
        case e.CalendarDaySet() as day:
            row = {"day": day.day, "working": day.working, "name": day.name, "source": day.source}
            return [Delete(t.calendar_day, {"day": day.day}), Insert(t.calendar_day, row)]
        case e.CalendarImported() as new:
            return _imported(new)
    return None


def _published(fact: Fact, new: e.DeploymentPublished) -> list[Change]:
    row = {
        "id": new.deployment,
        "procedure": new.procedure,
        "tenant_id": new.tenant,
        "title": new.title,
        "published_at": fact.at,
        "published_by": fact.actor,
        "effective_at": new.effective_at,
        "proposal_id": new.proposal or None,
    }
    owner = {"deployment_id": new.deployment, "procedure": new.procedure, "tenant_id": new.tenant}
    files = [Insert(t.resource, {"withdrawn": False, "source": None, **item, **owner}) for item in new.resources]
    return [Insert(t.deployment, row), *files]


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
