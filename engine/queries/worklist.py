"""The worklist: what waits for a person, found by name or number, filtered, sorted, counted and paged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import ColumnElement, Connection, RowMapping, Select, and_, case, func, or_, select

from engine.model import Actor
from engine.store import tables as t

View = Literal["roles", "mine"]
Sort = Literal["due", "created", "name"]
Due = Literal["", "overdue", "soon"]
SOON_DAYS = 2
PER_PAGE_MAX = 200
TEXT_LENGTH_MAX = 80


@dataclass(frozen=True, slots=True)
class WorklistRow:
    """One waiting task. ``assignee_name`` is None while nobody has taken it on."""

    task: str
    instance: str
    number: str
    title: str
    element: str
    name: str
    procedure: str
    process: str
    role: str
    tenant_id: str
    tenant_name: str
    place_name: str
    assignee: str | None
    assignee_name: str | None
    created_at: datetime
    due_at: datetime | None
    due_provisional: bool
    has_draft: bool


@dataclass(frozen=True, slots=True)
class Facet:
    """One choice of a filter and how many tasks it would show."""

    key: str
    name: str
    count: int


@dataclass(frozen=True, slots=True)
class Worklist:
    rows: tuple[WorklistRow, ...]
    total: int
    page: int
    pages: int
    counts: Mapping[str, int]
    procedures: tuple[Facet, ...] = ()
    elements: tuple[Facet, ...] = field(default=())


def list_tasks(
    connection: Connection,
    actor: Actor,
    now: datetime,
    *,
    view: View = "roles",
    text: str = "",
    procedure: str = "",
    element: str = "",
    due: Due = "",
    sort: Sort = "due",
    page: int = 1,
    per_page: int = 25,
) -> Worklist:
    """One page of what waits for the actor at their unit.

    ``view``: everything for the actor's roles that nobody else has taken on, or only what they took on.
    ``counts`` has ``roles``, ``mine``, ``overdue``, ``soon`` (due within two days), whatever the filters say.
    """
    per_page = max(1, min(per_page, PER_PAGE_MAX))
    base = _within_reach(actor)
    chosen = and_(base, *_filters(actor, now, view, text, procedure, element, due))
    total = connection.execute(_counting(chosen)).scalar_one()
    pages = max(1, -(-total // per_page))
    page = max(1, min(page, pages))
    query = _rows().where(chosen).order_by(*_order(sort)).limit(per_page).offset((page - 1) * per_page)
    rows = tuple(_row(row) for row in connection.execute(query).mappings())
    facets = _facets(connection, and_(base, _view(actor, view)))
    return Worklist(rows, total, page, pages, _counts(connection, actor, base, now), *facets)


def _within_reach(actor: Actor) -> ColumnElement[bool]:
    """Open tasks of the actor's unit and roles, free or their own."""
    task = t.user_task.c
    return and_(
        task.status == "open",
        task.tenant_id == actor.tenant.id,
        task.role.in_(sorted(actor.roles)),
        or_(task.assignee.is_(None), task.assignee == actor.user),
    )


def _view(actor: Actor, view: View) -> ColumnElement[bool]:
    task = t.user_task.c
    return task.assignee == actor.user if view == "mine" else task.status == "open"


def _filters(
    actor: Actor, now: datetime, view: View, text: str, procedure: str, element: str, due: Due
) -> list[ColumnElement[bool]]:
    task, found = t.user_task.c, [_view(actor, view)]
    text = text.strip()[:TEXT_LENGTH_MAX]
    if text:
        found.append(
            or_(
                t.instance.c.title.contains(text, autoescape=True), t.instance.c.number.icontains(text, autoescape=True)
            )
        )
    if procedure:
        found.append(t.instance.c.procedure == procedure)
    if element:
        found.append(task.element == element)
    if due == "overdue":
        found.append(task.due_at < now)
    if due == "soon":
        found.append(and_(task.due_at >= now, task.due_at < now + timedelta(days=SOON_DAYS)))
    return found


def _joined(*columns: Any) -> Select[Any]:
    return select(*columns).select_from(t.user_task).join(t.instance, t.instance.c.id == t.user_task.c.instance_id)


def _counting(where: ColumnElement[bool]) -> Select[Any]:
    return _joined(func.count()).where(where)


def _rows() -> Select[Any]:
    unit, place = t.tenant.alias("unit"), t.tenant.alias("place")
    return (
        _joined(
            t.user_task,
            t.instance.c.number,
            t.instance.c.title,
            t.instance.c.procedure,
            unit.c.name.label("tenant_name"),
            place.c.name.label("place_name"),
            t.user.c.name.label("assignee_name"),
        )
        .join(unit, unit.c.id == t.user_task.c.tenant_id)
        .join(place, place.c.id == t.instance.c.tenant_id)
        .join(t.user, t.user.c.id == t.user_task.c.assignee, isouter=True)
    )


def _order(sort: Sort) -> tuple[Any, ...]:
    task = t.user_task.c
    match sort:
        case "created":
            return (task.created_at, task.id)
        case "name":
            return (t.instance.c.title, task.id)
    return (case((task.due_at.is_(None), 1), else_=0), task.due_at, task.created_at, task.id)


def _row(row: RowMapping) -> WorklistRow:
    return WorklistRow(
        row["id"],
        row["instance_id"],
        row["number"],
        row["title"],
        row["element"],
        row["name"],
        row["procedure"],
        row["process"],
        row["role"],
        row["tenant_id"],
        row["tenant_name"],
        row["place_name"],
        row["assignee"],
        row["assignee_name"],
        row["created_at"],
        row["due_at"],
        row["due_provisional"],
        row["draft"] is not None,
    )


def _counts(connection: Connection, actor: Actor, base: ColumnElement[bool], now: datetime) -> dict[str, int]:
    task = t.user_task.c

    def number_of(condition: ColumnElement[bool]) -> Any:
        return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)

    row = (
        connection.execute(
            select(
                func.count().label("roles"),
                number_of(task.assignee == actor.user).label("mine"),
                number_of(task.due_at < now).label("overdue"),
                number_of(and_(task.due_at >= now, task.due_at < now + timedelta(days=SOON_DAYS))).label("soon"),
            ).where(base)
        )
        .mappings()
        .one()
    )
    return {name: int(count) for name, count in row.items()}


def _facets(connection: Connection, where: ColumnElement[bool]) -> tuple[tuple[Facet, ...], tuple[Facet, ...]]:
    task = t.user_task.c
    rows = connection.execute(
        _joined(t.instance.c.procedure, task.element, func.max(task.name).label("name"), func.count().label("n"))
        .where(where)
        .group_by(t.instance.c.procedure, task.element)
    ).all()
    procedures: dict[str, int] = {}
    elements: dict[str, tuple[str, int]] = {}
    for row in rows:
        procedures[row.procedure] = procedures.get(row.procedure, 0) + row.n
        elements[row.element] = (row.name, elements.get(row.element, ("", 0))[1] + row.n)
    return (
        tuple(Facet(key, key, count) for key, count in sorted(procedures.items())),
        tuple(Facet(key, name, count) for key, (name, count) in sorted(elements.items())),
    )
