"""The worklist: what waits for a person, found by name or number, filtered, sorted, counted and paged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
    Select,
    and_,
    case,
    false,
    func,
    literal,
    not_,
    or_,
    select,
)

from engine.model import Actor
from engine.store import tables as t

View = Literal["roles", "mine", "deputy"]
Sort = Literal["due", "created", "name"]
Due = Literal["", "overdue", "soon"]
COUNTED = ("roles", "mine", "deputy", "overdue", "soon")
SOON_DAYS = 2
PER_PAGE_MAX = 200
TEXT_LENGTH_MAX = 80


@dataclass(frozen=True, slots=True)
class WorklistRow:
    """One waiting task. ``assignee_name`` is None while nobody has taken it on.

    ``acting_for`` is the name of who the actor would do it for as a deputy, "" for nobody.
    """

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
    acting_for: str = ""


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

    ``view``: everything for the actor's roles that nobody else has taken on, only what they took on, or only what
    they would do as a deputy. What they may do for somebody is in the first, and what that one took on in the second.
    ``counts`` has the views, ``overdue`` and ``soon`` (due within two days), whatever the filters say.
    """
    per_page = max(1, min(per_page, PER_PAGE_MAX))
    base = _within_reach(actor)
    steps = _steps(connection, actor, base, now)
    counts = {name: sum(step[name] for step in steps) for name in COUNTED}
    chosen = and_(base, *_filters(actor, now, view, text, procedure, element, due))
    is_whole = not (text.strip() or procedure or element or due)
    tasks = _tasks_by_case if text.strip() or procedure or sort == "name" else _tasks
    wanted = tasks(t.user_task.c.id).where(chosen).order_by(*_order(sort))
    matching = None if is_whole else list(connection.execute(wanted).scalars())
    total = counts[view] if matching is None else len(matching)
    pages = max(1, -(-total // per_page))
    page = max(1, min(page, pages))
    first = (page - 1) * per_page
    if matching is None:  # the whole list: its length is known, and only one page of it is read
        ids = list(connection.execute(wanted.limit(per_page).offset(first)).scalars())
    else:
        ids = matching[first : first + per_page]
    found = {
        row["id"]: _row(row, actor) for row in connection.execute(_rows().where(t.user_task.c.id.in_(ids))).mappings()
    }
    rows = tuple(found[id_] for id_ in ids)
    return Worklist(rows, total, page, pages, counts, *_facets(connection, steps, view))


def _within_reach(actor: Actor) -> ColumnElement[bool]:
    """Open tasks of the actor's unit and roles, free or their own; and those of whom they stand in for."""
    task = t.user_task.c
    if not actor.mandates:
        return and_(task.status == "open", _own(actor))
    return and_(
        task.status == "open",  # units and roles once more, as lists: so the index is used in spite of the alternatives
        task.tenant_id.in_(sorted(unit.id for unit in actor.units)),
        task.role.in_(sorted(actor.roles.union(mandate.role for mandate in actor.mandates))),
        or_(_own(actor), *_lent(actor)),
    )


def _own(actor: Actor) -> ColumnElement[bool]:
    """Tasks that the actor would do in their own name."""
    task = t.user_task.c
    return and_(
        task.tenant_id == actor.tenant.id,
        task.role.in_(sorted(actor.roles)),
        or_(task.assignee.is_(None), task.assignee == actor.user),
    )


def _lent(actor: Actor) -> list[ColumnElement[bool]]:
    """Tasks of each whom the actor stands in for."""
    task = t.user_task.c
    return [
        and_(
            task.tenant_id == mandate.tenant.id,
            task.role == mandate.role,
            or_(task.assignee.is_(None), task.assignee == mandate.principal),
        )
        for mandate in actor.mandates
    ]


def _held(actor: Actor) -> ColumnElement[bool]:
    """Taken on by the actor, or by somebody whom they stand in for: which tasks those are, is known by then."""
    return t.user_task.c.assignee.in_(sorted({actor.user, *(mandate.principal for mandate in actor.mandates)}))


def _view(actor: Actor, view: View) -> ColumnElement[bool]:
    match view:
        case "mine":
            return _held(actor)
        case "deputy":
            return and_(or_(false(), *_lent(actor)), not_(_own(actor)))
    return t.user_task.c.status == "open"


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


def _tasks(*columns: Any) -> Select[Any]:
    """From tasks alone: what a list needs first, however long it is."""
    return select(*columns).select_from(t.user_task)


def _tasks_by_case(*columns: Any) -> Select[Any]:
    """From tasks and their cases: where the case's name, number or procedure matters."""
    return _tasks(*columns).join(t.instance, t.instance.c.id == t.user_task.c.instance_id)


def _rows() -> Select[Any]:
    unit, place = t.tenant.alias("unit"), t.tenant.alias("place")
    return (
        _tasks_by_case(
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


def _row(row: RowMapping, actor: Actor) -> WorklistRow:
    hats = actor.hats(row["tenant_id"], row["role"], row["assignee"])
    acting_for = hats[0].on_behalf_of if hats else ""
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
        next((mandate.name for mandate in actor.mandates if mandate.principal == acting_for), ""),
    )


def _steps(connection: Connection, actor: Actor, base: ColumnElement[bool], now: datetime) -> list[Mapping[str, Any]]:
    """How many tasks wait at each step: one pass over the tasks, from which all counts and filters follow."""
    task = t.user_task.c

    def number_of(condition: ColumnElement[bool]) -> Any:
        return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)

    rows = connection.execute(
        select(
            task.process,
            task.element,
            func.max(task.id).label("sample"),
            func.count().label("roles"),
            number_of(_view(actor, "mine")).label("mine"),
            (number_of(_view(actor, "deputy")) if actor.mandates else literal(0)).label("deputy"),
            number_of(task.due_at < now).label("overdue"),
            number_of(and_(task.due_at >= now, task.due_at < now + timedelta(days=SOON_DAYS))).label("soon"),
        )
        .where(base)
        .group_by(task.process, task.element)
    ).mappings()
    return [{**row, **{name: int(row[name]) for name in COUNTED}} for row in rows]


def _facets(
    connection: Connection, steps: list[Mapping[str, Any]], view: View
) -> tuple[tuple[Facet, ...], tuple[Facet, ...]]:
    """The filters' choices. Element ids are unique in a procedure: one task of a step tells its name and whose."""
    task = t.user_task.c
    query = _tasks_by_case(task.id, task.name, t.instance.c.procedure)
    samples = connection.execute(query.where(task.id.in_([step["sample"] for step in steps]))).all()
    sample_of = {row.id: row for row in samples}
    procedures: dict[str, int] = {}
    elements: dict[str, tuple[str, int]] = {}
    for step in steps:
        if step[view]:
            _, name, procedure = sample_of[step["sample"]]
            procedures[procedure] = procedures.get(procedure, 0) + step[view]
            elements[step["element"]] = (name, elements.get(step["element"], ("", 0))[1] + step[view])
    return (
        tuple(Facet(key, key, count) for key, count in sorted(procedures.items())),
        tuple(Facet(key, name, count) for key, (name, count) in sorted(elements.items())),
    )
