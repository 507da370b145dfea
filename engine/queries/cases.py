"""Cases and their tasks as pages show them. Whoever may not see a case gets the answer for one that does not exist."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, func, or_, select

from engine.errors import NotFound
from engine.history.facts import Fact
from engine.history.replay import Frame
from engine.model import Actor, Mandate, Tenant
from engine.queries.case_files import FileInfo, case_files, content_of, unseen_digests
from engine.queries.case_tasks import TaskInfo, case_tasks
from engine.queries.visibility import visible_to
from engine.runtime import interpreter
from engine.runtime.interpreter import ProcessDefinition
from engine.store import tables as t
from engine.store.directory import candidates
from engine.store.known import Known, find_tenant, tenant_of

PER_PAGE_MAX = 200
TEXT_LENGTH_MAX = 80


@dataclass(frozen=True, slots=True)
class Awaited:
    """What comes by itself at a time, such as the end of a term."""

    name: str
    due_at: datetime


@dataclass(frozen=True, slots=True)
class CaseRow:
    """A case in a list. ``waiting``: the names of its open tasks; ``awaited``: the time it waits for without any."""

    id: str
    number: str
    title: str
    procedure: str
    tenant: Tenant
    status: str
    outcome_name: str
    started_at: datetime
    ended_at: datetime | None
    waiting: tuple[str, ...]
    awaited: Awaited | None = None


@dataclass(frozen=True, slots=True)
class CaseList:
    rows: tuple[CaseRow, ...]
    total: int
    page: int
    pages: int


@dataclass(frozen=True, slots=True)
class MessageInfo:
    """Something the case can be told by the actor in ``roles``; by a deputy for ``acting_for`` ("": for nobody)."""

    id: str
    name: str
    message: str
    form: str
    roles: frozenset[str]
    acting_for: str = ""
    acting_for_name: str = ""


@dataclass(frozen=True, slots=True)
class IncidentInfo:
    id: str
    element: str
    name: str
    template: str
    params: Mapping[str, Any]
    created_at: datetime


@dataclass(frozen=True)
class CasePage:
    """Everything the page of a case shows. ``names``: user id and tenant id → name, for sentences.

    ``former``: tenant id → (when it was renamed, its name before), in order.
    """

    case: CaseRow
    definition: ProcessDefinition
    pins: Mapping[str, str]
    tasks: tuple[TaskInfo, ...]
    facts: tuple[Fact, ...]
    frames: tuple[Frame, ...]
    files: tuple[FileInfo, ...]
    messages: tuple[MessageInfo, ...]
    incidents: tuple[IncidentInfo, ...]
    names: Mapping[str, str]
    former: Mapping[str, Sequence[tuple[datetime, str]]] = field(default_factory=dict)

    @property
    def frame(self) -> Frame:
        """Where the case stands."""
        return self.frames[-1] if self.frames else Frame()


@dataclass(frozen=True)
class TaskPage:
    """Everything the page of a task shows; ``variables`` is what the form may show, by field."""

    task: TaskInfo
    page: CasePage
    variables: Mapping[str, Any]


def find_cases(
    connection: Connection,
    actor: Actor,
    *,
    text: str = "",
    status: str = "",
    procedure: str = "",
    page: int = 1,
    per_page: int = 25,
) -> CaseList:
    """Cases the actor may see, newest first, by part of their title or number."""
    per_page = max(1, min(per_page, PER_PAGE_MAX))
    where = [visible_to(actor)]
    text = text.strip()[:TEXT_LENGTH_MAX]
    if text:
        where.append(
            or_(
                t.instance.c.title.contains(text, autoescape=True), t.instance.c.number.icontains(text, autoescape=True)
            )
        )
    if status in ("running", "completed", "cancelled"):
        where.append(t.instance.c.status == status)
    if procedure:
        where.append(t.instance.c.procedure == procedure)
    total = connection.execute(select(func.count()).select_from(t.instance).where(*where)).scalar_one()
    pages = max(1, -(-total // per_page))
    page = max(1, min(page, pages))
    rows = (
        connection.execute(
            case_query()
            .where(*where)
            .order_by(t.instance.c.started_at.desc(), t.instance.c.id)
            .limit(per_page)
            .offset((page - 1) * per_page)
        )
        .mappings()
        .all()
    )
    waiting = _waiting(connection, [row["id"] for row in rows])
    idle = [row["id"] for row in rows if row["status"] == "running" and row["id"] not in waiting]
    awaited = _awaited(connection, idle)
    found = tuple(case_row(row, waiting.get(row["id"], ()), awaited.get(row["id"])) for row in rows)
    return CaseList(found, total, page, pages)


def case_query() -> Select[Any]:
    """Cases with their place, without the interpreter's state."""
    columns = [c for c in t.instance.c if c.name not in ("state", "standing")]
    return select(*columns, *[c.label(f"place_{c.name}") for c in t.tenant.c]).join(
        t.tenant, t.tenant.c.id == t.instance.c.tenant_id
    )


def case_row(row: RowMapping, waiting: tuple[str, ...], awaited: Awaited | None = None) -> CaseRow:
    """A row of ``case_query`` as a value."""
    tenant = tenant_of({c.name: row[f"place_{c.name}"] for c in t.tenant.c})
    return CaseRow(
        row["id"],
        row["number"],
        row["title"],
        row["procedure"],
        tenant,
        row["status"],
        row["outcome_name"],
        row["started_at"],
        row["ended_at"],
        waiting,
        awaited,
    )


def case_row_of(connection: Connection, actor: Actor, instance_id: str) -> CaseRow:
    """A case as lists show it. Raises ``NotFound``."""
    return case_row(case_found(connection, actor, instance_id), ())


def case_found(connection: Connection, actor: Actor, instance_id: str) -> RowMapping:
    """The row of a case that the actor may see. Raises ``NotFound``."""
    row = connection.execute(case_query().where(t.instance.c.id == instance_id, visible_to(actor))).mappings().first()
    if row is None:
        raise NotFound("There is no such case, or it is not yours to see.")
    return row


def _waiting(connection: Connection, instance_ids: list[str]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    rows = connection.execute(
        select(t.user_task.c.instance_id, t.user_task.c.name)
        .where(t.user_task.c.instance_id.in_(instance_ids), t.user_task.c.status == "open")
        .order_by(t.user_task.c.created_at)
    )
    for row in rows:
        found[row.instance_id] = (*found.get(row.instance_id, ()), row.name)
    return found


def _awaited(connection: Connection, instance_ids: list[str]) -> dict[str, Awaited]:
    """Of each case the timer that is due first and has a name."""
    job = t.job.c
    rows = connection.execute(
        select(job.instance_id, job.name, job.due_at)
        .where(job.instance_id.in_(instance_ids), job.kind == "timer", job.status == "waiting", job.name != "")
        .order_by(job.due_at.desc(), job.id)
    )
    return {row.instance_id: Awaited(row.name, row.due_at) for row in rows}


def case_page(connection: Connection, known: Known, actor: Actor, instance_id: str) -> CasePage:
    """The page of one case. Raises ``NotFound``."""
    row = case_found(connection, actor, instance_id)
    told = known.long_cases.told(connection, instance_id, (row["seq"], row["seal"]))
    facts, stills = told.facts, told.frames
    tasks = case_tasks(connection, actor, t.user_task.c.instance_id == instance_id)
    definition = known.definition(connection, row["process"], row["pins"])
    parties = {task.tenant.id for task in tasks}
    lent = [m for m in actor.mandates if m.tenant.contains(row["tenant_path"]) or m.tenant.id in parties]
    roles = actor.roles.union(mandate.role for mandate in lent)
    unseen = unseen_digests(definition.forms.values(), stills[-1].variables if stills else {}, roles)
    return CasePage(
        case=case_row(row, tuple(task.name for task in tasks if task.status == "open")),
        definition=definition,
        pins=row["pins"],
        tasks=tasks,
        facts=facts,
        frames=stills,
        files=tuple(file for file in case_files(connection, instance_id) if file.digest not in unseen),
        messages=_messages(connection, actor, lent, instance_id),
        incidents=_incidents(connection, instance_id),
        names=(names := names_in(connection, facts)),
        former=former_names(connection, names),
    )


def definition_of(connection: Connection, known: Known, instance_id: str) -> ProcessDefinition:
    """What is in force for a case that exists; that the actor may see it, the caller has found."""
    row = connection.execute(
        select(t.instance.c.process, t.instance.c.pins).where(t.instance.c.id == instance_id)
    ).one()
    return known.definition(connection, row.process, row.pins)


def file_content(
    connection: Connection, known: Known, actor: Actor, instance_id: str, file_id: str
) -> tuple[FileInfo, bytes]:
    """A file that the actor finds on the page of the case. Raises ``NotFound``."""
    found = next((file for file in case_page(connection, known, actor, instance_id).files if file.id == file_id), None)
    if found is None:
        raise NotFound("There is no such case, or it is not yours to see.")
    return found, content_of(connection, found.digest)


def task_page(connection: Connection, known: Known, actor: Actor, task_id: str) -> TaskPage:
    """The page of one task. Raises ``NotFound`` when its case is not the actor's to see."""
    found = case_tasks(connection, actor, t.user_task.c.id == task_id)
    if not found:
        raise NotFound("There is no such case, or it is not yours to see.")
    owner = connection.execute(
        select(t.instance.c.id, t.instance.c.state)
        .join(t.user_task, t.user_task.c.instance_id == t.instance.c.id)
        .where(t.user_task.c.id == task_id)
    ).one()
    page = case_page(connection, known, actor, owner.id)
    variables: Mapping[str, Any] = page.frame.variables
    if found[0].status == "open":
        variables = interpreter.task_variables(page.definition, owner.state, task_id)
    return TaskPage(found[0], page, variables)


def _messages(
    connection: Connection, actor: Actor, lent: Sequence[Mandate], instance_id: str
) -> tuple[MessageInfo, ...]:
    rows = connection.execute(
        select(t.message_wait).where(
            t.message_wait.c.instance_id == instance_id,
            t.message_wait.c.status == "waiting",
            t.message_wait.c.kind == "message",
        )
    ).mappings()
    found = []
    for row in rows:
        told = (row["id"], row["name"], row["message"], row["form"])
        mandate = next((mandate for mandate in lent if mandate.role in row["roles"]), None)
        if set(row["roles"]) & actor.roles:
            found.append(MessageInfo(*told, actor.roles))
        elif mandate is not None:
            found.append(MessageInfo(*told, frozenset({mandate.role}), mandate.principal, mandate.name))
    return tuple(found)


def _incidents(connection: Connection, instance_id: str) -> tuple[IncidentInfo, ...]:
    rows = connection.execute(
        select(t.incident).where(t.incident.c.instance_id == instance_id, t.incident.c.status == "open")
    ).mappings()
    return tuple(
        IncidentInfo(row["id"], row["element"], row["name"], row["template"], row["params"], row["created_at"])
        for row in rows
    )


def names_in(connection: Connection, facts: tuple[Fact, ...]) -> dict[str, str]:
    """The names of all users and organisations that facts mention, by id."""
    users = {user for fact in facts for user in (*fact.persons, getattr(fact.event, "user", ""))}
    tenants = {fact.tenant for fact in facts} | {getattr(fact.event, "tenant", "") for fact in facts}
    found = dict(connection.execute(select(t.user.c.id, t.user.c.name).where(t.user.c.id.in_(users))).all())
    found.update(connection.execute(select(t.tenant.c.id, t.tenant.c.name).where(t.tenant.c.id.in_(tenants))).all())
    return {str(key): str(name) for key, name in found.items()}


def former_names(connection: Connection, tenant_ids: Iterable[str]) -> dict[str, list[tuple[datetime, str]]]:
    """What organisations were called before they were renamed, and until when, in order."""
    row = t.unit_change.c
    query = select(row.tenant_id, row.decided_at, row.former).where(
        row.tenant_id.in_(list(tenant_ids)), row.kind == "rename", row.status == "done"
    )
    found: dict[str, list[tuple[datetime, str]]] = {}
    for one in connection.execute(query.order_by(row.decided_at)):
        found.setdefault(one.tenant_id, []).append((one.decided_at, one.former))
    return found


def colleagues(connection: Connection, task: TaskInfo) -> list[tuple[str, str]]:
    """Who else may do a task: ``(user id, name)``."""
    return candidates(connection, task.tenant.id, task.role)


def place(connection: Connection, tenant_id: str) -> Tenant | None:
    """An organisation by id."""
    return find_tenant(connection, tenant_id)
