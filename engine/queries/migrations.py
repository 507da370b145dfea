"""Which running cases do not follow the version in force for them, and what would become of each if it were moved."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Text, cast, func, or_, select

from engine.errors import NotFound, ShangmenError
from engine.history import events as e
from engine.history.seal import canonical, digest
from engine.model import Actor, Pins, Tenant
from engine.queries.cases import CaseRow, case_query, case_row
from engine.runtime.compiled import ProcessDefinition
from engine.runtime.migration import Blocker, NewFile, files_that_differ, fitting, migrate, plan, what_is_new
from engine.store import tables as t
from engine.store.known import Known
from engine.store.publications import pins_for
from engine.store.queue import NoQueue
from engine.store.unit_of_work import UnitOfWork

PER_PAGE = 50
SHOWN_NAMES_MAX = 200


@dataclass(frozen=True, slots=True)
class Target:
    """The version in force somewhere: what a case there would pin if it began now."""

    process: str
    pins: Pins


@dataclass(frozen=True, slots=True)
class Choice:
    """Something that cases can be chosen by, and how many there are: a version, or a step where they stand."""

    key: str
    label: str
    count: int
    files: tuple[NewFile, ...] = ()
    """Of a version: the files in which it is another than the one in force."""


@dataclass(frozen=True, slots=True)
class Outdated:
    """A running case that does not follow the version in force for it."""

    id: str
    version: str
    target: Target


@dataclass(frozen=True)
class CasePlan:
    """What would become of a case. ``begins`` and ``ends``: names of what it would newly await, and no longer.

    ``moves``: (old id, new id) of steps with a case in them whose id changes. Empty ``blockers`` means it can go.
    """

    case: CaseRow
    label: str
    blockers: tuple[Blocker, ...]
    begins: tuple[str, ...] = ()
    ends: tuple[str, ...] = ()
    files: tuple[NewFile, ...] = ()


@dataclass(frozen=True)
class Choosing:
    """The cases that match, and by what one could choose among them. ``seen`` names the versions they would go to."""

    cases: tuple[Outdated, ...]
    versions: tuple[Choice, ...]
    places: tuple[Choice, ...]
    seen: str


def administered(actor: Actor) -> Any:
    """Cases of the actor's own part of the tree: those that they answer for, not those that they merely saw."""
    path = actor.tenant.path
    return or_(t.instance.c.tenant_path == path, t.instance.c.tenant_path.startswith(path + "/", autoescape=True))


def outdated_counts(connection: Connection, actor: Actor, now: datetime) -> dict[str, int]:
    """How many running cases of the actor's part of the tree do not follow the version in force, by procedure."""
    counts: dict[str, int] = {}
    in_force = _InForce(connection, now)
    for procedure, path, text, count in _groups(connection, administered(actor)):
        target = in_force.at(procedure, path)
        if target is not None and json.loads(text) != target.pins:
            counts[procedure] = counts.get(procedure, 0) + count
    return counts


def choose(
    connection: Connection,
    known: Known,
    actor: Actor,
    procedure: str,
    now: datetime,
    *,
    unit: Tenant | None = None,
    version: str = "",
    element: str = "",
) -> Choosing:
    """Running cases of a procedure that do not follow the version in force, oldest first, narrowed as one likes."""
    where = [administered(actor), t.instance.c.procedure == procedure]
    if unit is not None:
        below = t.instance.c.tenant_path.startswith(unit.path + "/", autoescape=True)
        where.append(or_(t.instance.c.tenant_path == unit.path, below))
    in_force = _InForce(connection, now)
    texts: dict[str, str] = {}
    outdated: dict[tuple[str, str], Target] = {}
    versions: dict[str, Choice] = {}
    for _, path, text, count in _groups(connection, *where):
        target = in_force.at(procedure, path)
        if target is None or json.loads(text) == target.pins:
            continue
        outdated[path, text] = target
        key = texts.setdefault(text, _version_key(text))
        choice = versions.get(key) or _version(connection, known, key, json.loads(text), target)
        versions[key] = replace(choice, count=choice.count + count)
    pins = cast(t.instance.c.pins, Text)
    wanted = [text for text, key in texts.items() if not version or key == version]
    query = select(t.instance.c.id, t.instance.c.tenant_path, pins.label("text")).where(
        *where, t.instance.c.status == "running", pins.in_(wanted)
    )
    if element:
        task = t.user_task.c
        stands = select(task.instance_id).where(task.status == "open", task.element == element)
        query = query.where(t.instance.c.id.in_(stands))
    rows = connection.execute(query.order_by(t.instance.c.started_at, t.instance.c.id))
    cases = [
        Outdated(row.id, texts[row.text], outdated[row.tenant_path, row.text])
        for row in rows
        if (row.tenant_path, row.text) in outdated
    ]
    return Choosing(
        tuple(cases),
        tuple(versions.values()),
        _places(connection, where, wanted),
        _seen({id(case.target): case.target for case in cases}.values()),
    )


def plans(
    connection: Connection,
    known: Known,
    actor: Actor,
    cases: Sequence[Outdated],
    mapping: Mapping[str, str],
    now: datetime,
) -> tuple[CasePlan, ...]:
    """What would become of each case now. The same is asked again when it is moved."""
    targets = {case.id: case.target for case in cases}
    rows = (
        connection.execute(
            case_query().add_columns(t.instance.c.state).where(t.instance.c.id.in_(targets), administered(actor))
        )
        .mappings()
        .all()
    )
    waiting = _waiting(connection, list(targets))
    around = UnitOfWork(connection, known, NoQueue(), actor, now)
    found = {}
    for row in rows:
        case = case_row(row, waiting.get(row["id"], ()))
        old = known.definition(connection, row["process"], row["pins"])
        target = targets[row["id"]]
        found[row["id"]] = _plan(connection, known, around, case, (old, row["pins"], row["state"]), target, mapping)
    return tuple(found[case.id] for case in cases if case.id in found)


def _plan(
    connection: Connection,
    known: Known,
    uow: UnitOfWork,
    case: CaseRow,
    now: tuple[ProcessDefinition, Pins, bytes],
    target: Target,
    mapping: Mapping[str, str],
) -> CasePlan:
    old, former, state = now
    try:
        new = known.definition(connection, target.process, target.pins)
        units, calendar = uow.units_around(case.tenant, old.levels | new.levels)
        around = uow.surroundings(case.id, units, calendar)
        renames = fitting(mapping, old, new)
        label, files = what_is_new(new, former, target.pins), files_that_differ(new, former, target.pins)
        blockers = plan(old, new, state, around, renames).blockers
        if blockers:
            return CasePlan(case, label, blockers, files=files)
        fact = e.InstanceMigrated({}, {}, target.process, "", renames)
        events = migrate(old, new, state, around, fact).events
    except ShangmenError as refused:
        return CasePlan(case, "", (Blocker("", refused.template, dict(refused.params)),))
    return CasePlan(case, label, (), tuple(_named(events, _BEGINS)), tuple(_named(events, _ENDS)), files)


_BEGINS = (e.UserTaskCreated, e.TimerScheduled, e.MessageAwaited, e.ConnectorRequested, e.IncidentRaised)
_ENDS = (e.UserTaskCancelled, e.TimerCancelled, e.MessageWaitEnded, e.ConnectorCancelled)


def _named(events: Sequence[e.Event], kinds: tuple[type[e.Event], ...]) -> Iterator[str]:
    for event in events:
        if isinstance(event, kinds):
            yield getattr(event, "name", "") or getattr(event, "element", "")


class _InForce:
    """What is in force where at a moment, asked once for all units that inherit from the same organisations."""

    def __init__(self, connection: Connection, now: datetime) -> None:
        self._connection, self._now = connection, now
        self._owners: dict[str, frozenset[str]] = {}
        self._found: dict[tuple[str, tuple[str, ...]], Target | None] = {}

    def at(self, procedure: str, path: str) -> Target | None:
        """The version in force for the unit at ``path``, None where there is none."""
        if procedure not in self._owners:
            row = t.resource.c
            owners = self._connection.execute(select(row.tenant_id).where(row.procedure == procedure).distinct())
            self._owners[procedure] = frozenset(owners.scalars())
        tenant = Tenant(path.rsplit("/", 1)[-1], path, "", "")
        key = procedure, tuple(id_ for id_ in tenant.lineage_ids if id_ in self._owners[procedure])
        if key not in self._found:
            try:
                pins, manifest = pins_for(self._connection, procedure, tenant, self._now)
                self._found[key] = Target(manifest["process"], pins)
            except NotFound:
                self._found[key] = None
        return self._found[key]


def _groups(connection: Connection, *where: Any) -> list[tuple[str, str, str, int]]:
    """(procedure, path, pins as text, how many) of running cases."""
    row, pins = t.instance.c, cast(t.instance.c.pins, Text)
    query = (
        select(row.procedure, row.tenant_path, pins, func.count())
        .where(row.status == "running", *where)
        .group_by(row.procedure, row.tenant_path, pins)
    )
    return [(found[0], found[1], found[2], found[3]) for found in connection.execute(query)]


def _version_key(text: str) -> str:
    return digest(canonical(json.loads(text)))[:12]


def _seen(targets: Iterable[Target]) -> str:
    """A name for the versions that cases would go to: another one in force, another name."""
    return digest(canonical(sorted({digest(canonical(dict(target.pins))) for target in targets})))[:16]


def _version(connection: Connection, known: Known, key: str, pins: Pins, target: Target) -> Choice:
    """An older version by what it has that the one in force has not."""
    try:
        old = known.definition(connection, target.process, pins)
    except ShangmenError:
        return Choice(key, "", 0)
    return Choice(key, what_is_new(old, target.pins, pins), 0, files_that_differ(old, target.pins, pins))


def _places(connection: Connection, where: Sequence[Any], texts: Sequence[str]) -> tuple[Choice, ...]:
    """The steps at which the cases wait for people."""
    task = t.user_task.c
    rows = connection.execute(
        select(task.element, func.max(task.name), func.count(task.instance_id.distinct()))
        .join(t.instance, t.instance.c.id == task.instance_id)
        .where(
            *where, t.instance.c.status == "running", cast(t.instance.c.pins, Text).in_(texts), task.status == "open"
        )
        .group_by(task.element)
        .order_by(task.element)
        .limit(SHOWN_NAMES_MAX)
    )
    return tuple(Choice(row[0], row[1], row[2]) for row in rows)


def _waiting(connection: Connection, ids: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """The names of what each case waits for: people's tasks; where there are none, times."""
    found: dict[str, tuple[str, ...]] = {}
    task, job = t.user_task.c, t.job.c
    tasks = select(task.instance_id, task.name).where(task.status == "open").order_by(task.id)
    times = select(job.instance_id, job.name).where(job.status == "waiting", job.kind == "timer").order_by(job.id)
    for query, column in ((tasks, task.instance_id), (times, job.instance_id)):
        bare = [id_ for id_ in ids if id_ not in found]
        for row in connection.execute(query.where(column.in_(bare))):
            found[row.instance_id] = (*found.get(row.instance_id, ()), row.name)
    return found
