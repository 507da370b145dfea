"""What the facts of organisations and people do to the rows."""

from __future__ import annotations

from typing import Any

from engine.history import events as e
from engine.history.facts import Fact
from engine.store import tables as t
from engine.store.apply.change import Change, Delete, Insert, Update


def apply_people(fact: Fact, _case: str) -> list[Change] | None:
    match fact.event:
        case e.TenantAdded() as new:
            parent = new.path.rsplit("/", 2)[-2] if "/" in new.path else None
            row: dict[str, Any] = {
                "id": new.tenant,
                "parent_id": parent,
                "path": new.path,
                "name": new.name,
                "level": new.level,
                "code": new.code,
                "since": new.since,
                "closed_on": None,
                "heir_id": None,
            }
            return [Insert(t.tenant, row), *_done(fact, new.change)]
        case e.TenantRenamed() as renamed:
            now = Update(t.tenant, {"id": renamed.tenant}, {"name": renamed.name})
            return [now, *_done(fact, renamed.change, renamed.former)]
        case e.TenantMoved() as moved:
            return _moved(fact, moved)
        case e.TenantClosed() as closed:
            values = {"closed_on": closed.since, "heir_id": closed.heir or None}
            return [Update(t.tenant, {"id": closed.tenant}, values), *_done(fact, closed.change, closed.path)]
        case e.UnitChangePlanned() as planned:
            return [Insert(t.unit_change, _planned(fact, planned))]
        case e.UnitChangeCalledOff(change=change):
            return [Update(t.unit_change, {"id": change}, {"status": "off", "decided_at": fact.at})]
        case e.UnitChangeFailed(change=change, template=template, params=params):
            why = {"status": "failed", "decided_at": fact.at, "template": template, "params": dict(params)}
            return [Update(t.unit_change, {"id": change}, why)]
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


def _planned(fact: Fact, planned: e.UnitChangePlanned) -> dict[str, Any]:
    return {
        "id": planned.change,
        "kind": planned.kind,
        "tenant_id": planned.tenant,
        "since": planned.since,
        "details": dict(planned.details),
        "status": "planned",
        "planned_at": fact.at,
        "planned_by": fact.actor,
        "decided_at": None,
        "template": "",
        "params": {},
        "former": "",
    }


def _done(fact: Fact, change: str, former: str = "") -> list[Change]:
    values = {"status": "done", "decided_at": fact.at, "former": former}
    return [Update(t.unit_change, {"id": change}, values)] if change else []


def _moved(fact: Fact, moved: e.TenantMoved) -> list[Change]:
    parent = moved.path.rsplit("/", 2)[-2]
    changes: list[Change] = [Update(t.tenant, {"id": moved.tenant}, {"path": moved.path, "parent_id": parent})]
    changes += [Update(t.tenant, {"id": unit}, {"path": path}) for unit, path in moved.below.items()]
    return [*changes, *_done(fact, moved.change, moved.former)]
