"""The tree as administrators see it: units with their days, what is planned, and where nobody could do the work."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, or_, select

from engine.errors import NotFound
from engine.model import Actor, Tenant
from engine.store import tables as t
from engine.store.known import Known, find_tenant, tenant_of
from engine.store.publications import pins_for
from engine.store.unit_changes import Wanted, wanted_of
from engine.store.unit_places import needs, procedures_of
from engine.store.units import in_reach

UNITS_MAX = 500
VACANCIES_MAX = 100


@dataclass(frozen=True, slots=True)
class UnitRow:
    """A unit in the tree. ``people`` is how many who can log in have a role there; ``planned`` how many changes are."""

    unit: Tenant
    since: date | None
    people: int
    planned: int


@dataclass(frozen=True, slots=True)
class UnitChange:
    """A change of a unit, planned or past. ``status``: planned, done, off (called off) or failed (then says why)."""

    id: str
    wanted: Wanted
    status: str
    planned_at: datetime
    planned_by: str
    decided_at: datetime | None
    template: str
    params: Mapping[str, Any]
    former: str
    name: str
    other: str


@dataclass(frozen=True, slots=True)
class UnitPage:
    """Everything the page of a unit shows. ``own``: it is the actor's own, on which others decide."""

    unit: Tenant
    since: date | None
    above: Tenant | None
    heir: Tenant | None
    took_over: tuple[Tenant, ...]
    children: tuple[UnitRow, ...]
    people: tuple[tuple[str, str, str], ...]
    changes: tuple[UnitChange, ...]
    may_change: bool
    may_rename: bool


def units(connection: Connection, actor: Actor, text: str = "", *, closed: bool = False) -> list[UnitRow]:
    """The actor's part of the tree in its order: at most 500, by part of the name or beginning of id or code."""
    row = t.tenant.c
    where = [_below(actor)]
    if not closed:
        where.append(row.closed_on.is_(None))
    if wanted := text.strip()[:80]:
        where.append(
            or_(
                row.name.contains(wanted, autoescape=True),
                row.id.startswith(wanted, autoescape=True),
                row.code.startswith(wanted, autoescape=True),
            )
        )
    return _rows(connection, where)


def to_choose(connection: Connection, actor: Actor, level: str, but: str, text: str = "") -> list[Tenant]:
    """Open units of a level in the actor's part of the tree, without one; at most 500."""
    row = t.tenant.c
    query = select(t.tenant).where(_below(actor), row.closed_on.is_(None), row.level == level, row.id != but)
    if wanted := text.strip()[:80]:
        query = query.where(or_(row.name.contains(wanted, autoescape=True), row.id.startswith(wanted, autoescape=True)))
    return [tenant_of(found) for found in connection.execute(query.order_by(row.path).limit(UNITS_MAX)).mappings()]


def unit_page(connection: Connection, actor: Actor, unit_id: str) -> UnitPage:
    """One unit of the actor's part of the tree, closed or not. Raises ``NotFound``."""
    unit = in_reach(connection, actor, unit_id)
    is_root, is_own = "/" not in unit.path, unit.id == actor.tenant.id
    row, member = t.tenant.c, t.membership.c
    inheriting = connection.execute(select(t.tenant).where(row.heir_id == unit.id).order_by(row.path)).mappings()
    people = connection.execute(
        select(t.user.c.id, t.user.c.name, member.role)
        .join(t.user, t.user.c.id == member.user_id)
        .where(member.tenant_id == unit.id, ~t.user.c.disabled)
        .order_by(t.user.c.login, member.role)
        .limit(UNITS_MAX)
    )
    may_change = unit.closed_on is None and not is_own and not is_root
    return UnitPage(
        unit,
        connection.execute(select(row.since).where(row.id == unit.id)).scalar(),
        None if is_root or is_own else find_tenant(connection, unit.lineage_ids[1]),
        find_tenant(connection, unit.heir) if unit.heir else None,
        tuple(found for one in inheriting if actor.tenant.contains((found := tenant_of(one)).path)),
        tuple(_rows(connection, [row.parent_id == unit.id])),
        tuple((one.id, one.name, one.role) for one in people),
        changes_of(connection, actor, unit.id),
        may_change,
        may_change or (is_root and unit.closed_on is None),
    )


def changes_of(connection: Connection, actor: Actor, unit_id: str = "") -> tuple[UnitChange, ...]:
    """The changes of a unit, newest first; without one, what is planned or failed anywhere in the actor's part."""
    row, unit = t.unit_change.c, t.tenant.c
    query = (
        select(t.unit_change, t.user.c.name.label("person"), unit.name.label("unit_name"), unit.path)
        .join(t.user, t.user.c.id == row.planned_by, isouter=True)
        .join(t.tenant, unit.id == row.tenant_id, isouter=True)
    )
    if unit_id:
        query = query.where(row.tenant_id == unit_id).order_by(row.since.desc(), row.planned_at.desc())
    else:
        query = query.where(row.status.in_(("planned", "failed"))).order_by(row.since, row.planned_at)
    found = [dict(one) for one in connection.execute(query.limit(UNITS_MAX)).mappings()]
    others = {one["details"].get("parent") or one["details"].get("heir") or "" for one in found}
    there = {
        one["id"]: tenant_of(one)
        for one in connection.execute(select(t.tenant).where(unit.id.in_(others - {""}))).mappings()
    }
    told = []
    for one in found:
        wanted = wanted_of(one)
        other = there.get(wanted.parent or wanted.heir)
        path = one["path"] or (other.path if other else "")
        if not (actor.is_system or actor.tenant.contains(path)):
            continue
        named = other.name if other and (actor.is_system or actor.tenant.contains(other.path)) else ""
        told.append(
            UnitChange(
                one["id"], wanted, one["status"], one["planned_at"], one["person"] or "", one["decided_at"],
                one["template"], one["params"], one["former"], one["unit_name"] or wanted.name, named,
            )
        )  # fmt: skip
    return tuple(told)


# ------------------------------------------------------------------ where nobody could do the work


@dataclass(frozen=True, slots=True)
class Vacancy:
    """At this unit nobody who can log in has this role, but steps of the procedure go to it. ``tasks`` wait already."""

    unit: Tenant
    role: str
    procedure: str
    tasks: int


def vacancies(connection: Connection, known: Known, actor: Actor, now: datetime) -> list[Vacancy]:
    """Units of the actor's part of the tree where a role of a procedure in force is empty; at most 100."""
    held = _held(connection, actor)
    waiting = _waiting(connection, actor)
    found: list[Vacancy] = []
    for procedure in procedures_of(connection, actor.tenant):
        try:
            pins, manifest = pins_for(connection, procedure, actor.tenant, now)
        except NotFound:
            continue
        needed = needs(known.definition(connection, manifest["process"], pins))
        row = t.tenant.c
        places = connection.execute(
            select(t.tenant)
            .where(_below(actor), row.closed_on.is_(None), row.level.in_(sorted(needed)))
            .order_by(row.path)
        ).mappings()
        for place in places:
            for role in sorted(needed[place["level"]]):
                if (place["id"], role) not in held:
                    found.append(Vacancy(tenant_of(place), role, procedure, waiting.get((place["id"], role), 0)))
                    if len(found) >= VACANCIES_MAX:
                        return found
    return found


def stranded(connection: Connection, actor: Actor) -> list[tuple[Tenant, int]]:
    """Closed units of the actor's part of the tree at which tasks still wait: nobody can do them."""
    task = t.user_task.c
    rows = connection.execute(
        select(*t.tenant.c, func.count().label("tasks"))
        .join(t.user_task, task.tenant_id == t.tenant.c.id)
        .where(_below(actor), t.tenant.c.closed_on.is_not(None), task.status == "open")
        .group_by(*t.tenant.c)
        .order_by(t.tenant.c.path)
    ).mappings()
    return [(tenant_of(row), row["tasks"]) for row in rows]


def unhoused(connection: Connection, actor: Actor) -> list[tuple[str, str]]:
    """``(user id, name)`` of people whose units are all closed, at least one of them in the actor's part: no log-in."""
    member = t.membership.c
    unit = t.tenant.c
    housed = select(member.user_id).join(t.tenant, unit.id == member.tenant_id).where(unit.closed_on.is_(None))
    rows = connection.execute(
        select(t.user.c.id, t.user.c.name)
        .join(t.membership, member.user_id == t.user.c.id)
        .join(t.tenant, unit.id == member.tenant_id)
        .where(_below(actor), ~t.user.c.disabled, t.user.c.id.not_in(housed))
        .distinct()
        .order_by(t.user.c.name, t.user.c.id)
        .limit(VACANCIES_MAX)
    )
    return [(row.id, row.name) for row in rows]


def _below(actor: Actor) -> ColumnElement[bool]:
    path = actor.tenant.path
    return or_(t.tenant.c.path == path, t.tenant.c.path.startswith(path + "/", autoescape=True))


def _rows(connection: Connection, where: Sequence[ColumnElement[bool]]) -> list[UnitRow]:
    rows = list(
        connection.execute(select(t.tenant).where(*where).order_by(t.tenant.c.path).limit(UNITS_MAX)).mappings()
    )
    ids = [row["id"] for row in rows]
    member, change = t.membership.c, t.unit_change.c
    people = _counts(
        connection,
        select(member.tenant_id, func.count(member.user_id.distinct()).label("many"))
        .join(t.user, t.user.c.id == member.user_id)
        .where(member.tenant_id.in_(ids), ~t.user.c.disabled)
        .group_by(member.tenant_id),
    )
    planned = _counts(
        connection,
        select(change.tenant_id, func.count().label("many"))
        .where(change.tenant_id.in_(ids), change.status == "planned")
        .group_by(change.tenant_id),
    )
    return [UnitRow(tenant_of(row), row["since"], people.get(row["id"], 0), planned.get(row["id"], 0)) for row in rows]


def _counts(connection: Connection, query: Any) -> dict[str, int]:
    return {row.tenant_id: row.many for row in connection.execute(query)}


def _held(connection: Connection, actor: Actor) -> set[tuple[str, str]]:
    member = t.membership.c
    rows = connection.execute(
        select(member.tenant_id, member.role)
        .join(t.tenant, t.tenant.c.id == member.tenant_id)
        .join(t.user, t.user.c.id == member.user_id)
        .where(_below(actor), ~t.user.c.disabled)
        .distinct()
    )
    return {(row.tenant_id, row.role) for row in rows}


def _waiting(connection: Connection, actor: Actor) -> dict[tuple[str, str], int]:
    task = t.user_task.c
    rows = connection.execute(
        select(task.tenant_id, task.role, func.count().label("many"))
        .join(t.tenant, t.tenant.c.id == task.tenant_id)
        .where(_below(actor), task.status == "open")
        .group_by(task.tenant_id, task.role)
    )
    return {(row.tenant_id, row.role): row.many for row in rows}
