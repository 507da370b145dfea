"""What the facts of organisations and people do to the rows."""

from __future__ import annotations

from engine.history import events as e
from engine.history.facts import Fact
from engine.store import tables as t
from engine.store.apply.change import Change, Delete, Insert, Update


def apply_people(fact: Fact, _case: str) -> list[Change] | None:
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
