"""Units change from a day on: added, renamed, moved, closed, merged. Cases follow, each by a fact of its own.

A change for today is carried out at once; one for later is a planned fact, judged again and carried out by the
machine when its day has come. What cannot be right then is not done, and says why.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from functools import partial

from engine.errors import Corrupt, FieldProblem, Invalid, NotFound, Rejected
from engine.history import events as e
from engine.model import Actor, Tenant, acting_unit
from engine.runtime.surroundings import ZONE
from engine.store.known import find_tenant
from engine.store.people import has_role
from engine.store.unit_changes import Consequences, Wanted, judge, wanted_of
from engine.store.unit_of_work import ORGANISATIONS, UnitOfWork
from engine.store.unit_rows import lock_change, open_tasks_at, planned_alike, roles_at
from engine.store.units import in_reach


def today(now: datetime) -> date:
    """The day on which a moment falls here."""
    return now.astimezone(ZONE).date()


def change_unit(uow: UnitOfWork, wanted: Wanted, shown: str | None = None) -> str:
    """Plan a change of a unit, and carry it out if its day is today. Returns the change's id.

    ``shown`` is the digest of the consequences that the actor saw: when they are others by now, nothing is done.
    Raises ``NotFound``, ``Invalid`` (why it cannot be), ``Outdated``.
    """
    uow.lock(ORGANISATIONS)
    found = judge(uow.connection, uow.actor, wanted, today(uow.now))
    problems = list(found.problems)
    if planned_alike(uow.connection, wanted.tenant, wanted.kind):
        problems.append(FieldProblem("", "Such a change is planned for this unit already. Call it off first."))
    if problems:
        raise Invalid(problems)
    if shown is not None and shown != found.shown:
        raise Outdated("What would follow is not what was shown any more. Look at it again, then confirm.")
    change = uow.new_id()
    name = found.unit.name if found.unit else wanted.name.strip()
    planned = e.UnitChangePlanned(change, wanted.kind, wanted.tenant, wanted.since, wanted.details, name)
    if wanted.since <= today(uow.now):
        _carry_out(uow, change, found, planned)
    else:
        uow.record_in(ORGANISATIONS, [planned])
    return change


class Outdated(Rejected):
    """What was confirmed is not what would happen now."""


def call_off(uow: UnitOfWork, change_id: str) -> None:
    """Take back a planned change before its day. Raises ``NotFound``, ``Rejected``."""
    row = lock_change(uow.connection, change_id)
    if row is None:
        raise NotFound("There is no such planned change.")
    wanted = wanted_of(row)
    unit = in_reach(uow.connection, uow.actor, wanted.parent if wanted.kind == "add" else wanted.tenant)
    if not uow.actor.is_system and unit.id == uow.actor.tenant.id and wanted.kind != "add":
        raise NotFound("There is no such planned change.")
    if row["status"] != "planned":
        raise Rejected("Expected a change that is still planned, but it was carried out or called off already.")
    name = wanted.name if wanted.kind == "add" else unit.name
    uow.record_in(ORGANISATIONS, [e.UnitChangeCalledOff(change_id, name)])


def carry_out_planned(uow: UnitOfWork, change_id: str) -> None:
    """Carry out a planned change whose day has come, or record why it cannot be. A no-op when that was done before."""
    uow.lock(ORGANISATIONS)
    row = lock_change(uow.connection, change_id)
    if row is None or row["status"] != "planned" or row["since"] > today(uow.now):
        return
    wanted = wanted_of(row)
    try:
        found = judge(uow.connection, uow.actor, wanted, row["since"])
    except NotFound as gone:
        problem: FieldProblem | None = FieldProblem("", gone.template, gone.params)
    else:
        problem = found.problems[0] if found.problems else None
    if problem is not None:
        unit = find_tenant(uow.connection, wanted.tenant)
        name = unit.name if unit else wanted.name
        uow.record_in(ORGANISATIONS, [e.UnitChangeFailed(change_id, problem.template, problem.params, name)])
        return
    _carry_out(uow, change_id, found)


def hand_over(uow: UnitOfWork, instance_id: str, former_id: str) -> None:
    """Let a case follow its units: to the heir of ``former_id`` if that ceased, and to where its unit lies now."""
    case = uow.case(instance_id)
    find = partial(find_tenant, uow.connection)
    former, heir = find(former_id), acting_unit(find, former_id)
    place = acting_unit(find, case.tenant.id) or find(case.tenant.id) or case.tenant
    if former is not None and heir is not None and heir.id != former.id:
        tasks = open_tasks_at(uow.connection, case.id, former.id)
        touched = former.id in case.standing.tenants and heir.id not in case.standing.tenants
        if tasks or touched or place.id != case.tenant.id:
            told = e.InstanceHandedOver(former.id, former.name, heir.id, heir.name, place.id, place.path, tasks)
            uow.acting(_as_machine_of(uow, place)).record(case, [told])
            return
    if place.path != case.tenant.path:
        above = find(place.lineage_ids[1]) if "/" in place.path else None
        placed = e.InstancePlaced(place.id, place.path, place.name, above.name if above else "")
        uow.acting(_as_machine_of(uow, place)).record(case, [placed])


# ------------------------------------------------------------------ what each kind of change does


def _carry_out(uow: UnitOfWork, change: str, found: Consequences, *before: e.Event) -> None:
    """Record what a change does, after the facts ``before``; people of a merged unit have their roles at the heir."""
    uow.record_in(ORGANISATIONS, [*before, *_facts_of(change, found)])
    if found.wanted.kind == "merge" and found.unit is not None and found.other is not None:
        _hand_roles_over(uow, found.unit, found.other)


def _facts_of(change: str, found: Consequences) -> list[e.Event]:
    wanted, since, below = found.wanted, found.wanted.since, found.below
    match wanted.kind, found.unit, found.other:
        case "add", None, Tenant() as parent:
            path, name = f"{parent.path}/{wanted.tenant}", wanted.name.strip()
            return [e.TenantAdded(wanted.tenant, path, name, wanted.level, wanted.code or None, since, change)]
        case "rename", Tenant() as unit, None:
            return [e.TenantRenamed(unit.id, wanted.name.strip(), unit.name, since, change)]
        case "move", Tenant() as unit, Tenant() as parent:
            return [_moved(unit, parent, below, since, change)]
        case "close", Tenant() as unit, None:
            return [e.TenantClosed(unit.id, unit.name, since, change=change, path=unit.path)]
        case "merge", Tenant() as unit, Tenant() as heir:
            children = [one for one in below if one.lineage_ids[1] == unit.id]
            moves = [_moved(child, heir, tuple(one for one in below if one != child), since, "") for child in children]
            return [*moves, e.TenantClosed(unit.id, unit.name, since, heir.id, heir.name, change, unit.path)]
    raise Corrupt("The change %(change)s is of no known kind.", change=change)


def _moved(unit: Tenant, parent: Tenant, below: tuple[Tenant, ...], since: date, change: str) -> e.TenantMoved:
    path = f"{parent.path}/{unit.id}"
    paths = {one.id: path + one.path.removeprefix(unit.path) for one in below if unit.contains(one.path)}
    return e.TenantMoved(unit.id, unit.name, path, unit.path, since, paths, change, parent.name)


def _hand_roles_over(uow: UnitOfWork, unit: Tenant, heir: Tenant) -> None:
    roles = roles_at(uow.connection, unit.id)
    given = [
        e.RoleGranted(user, heir.id, role, name)
        for user, name, role in roles
        if not has_role(uow.connection, user, heir.id, role)
    ]
    if given:
        uow.record_in(f"tenant:{heir.id}", given)
    if roles:
        uow.record_in(f"tenant:{unit.id}", [e.RoleRevoked(user, unit.id, role, name) for user, name, role in roles])


def _as_machine_of(uow: UnitOfWork, unit: Tenant) -> Actor:
    """Whoever acts, acting for the unit that the case has from now on."""
    return replace(uow.actor, tenant=unit)
