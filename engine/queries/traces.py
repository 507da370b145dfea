"""Cases as traces of events, for process mining and exports: what, when, by whom, where – never with which answers.

Personal values are not even read. People and cases get pseudonyms that are the same throughout one export and
mean nothing outside it: ``HMAC-SHA-256`` under a key that is made for the export and then forgotten.
"""

from __future__ import annotations

import hashlib
import hmac
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, select

from engine.errors import Rejected
from engine.history import events as e
from engine.history.facts import Fact, open_fact
from engine.model import SYSTEM_USER, Actor
from engine.queries.visibility import visible_to
from engine.store import tables as t

CASES_MAX = 5_000
_CHUNK = 200
_PSEUDONYM_LENGTH = 12
STATES = ("running", "completed", "cancelled")

LIFECYCLE: dict[type[e.Event], str] = {
    e.InstanceStarted: "start",
    e.InstanceCompleted: "complete",
    e.InstanceCancelled: "pi_abort",
    e.ElementCompleted: "complete",
    e.DecisionEvaluated: "complete",
    e.UserTaskCreated: "schedule",
    e.UserTaskClaimed: "assign",
    e.UserTaskReleased: "unassign",
    e.UserTaskReassigned: "reassign",
    e.UserTaskCompleted: "complete",
    e.UserTaskCancelled: "withdraw",
    e.TimerFired: "complete",
    e.ConnectorFinished: "complete",
    e.MessageReceived: "complete",
    e.EventCame: "complete",
    e.IncidentRaised: "suspend",
    e.IncidentResolved: "resume",
}
"""Kind of fact → transition of the standard lifecycle (IEEE 1849, lifecycle extension)."""

CASE = "case"
"""The activity of what happens to the case as a whole."""


@dataclass(frozen=True, slots=True)
class TraceEvent:
    """One event. ``person`` is "" where the machine acted; ``item`` the work item or file it is about, else "".

    ``principal`` is for whom the person acted as a deputy, "" for nobody.
    """

    seq: int
    activity: str
    element: str
    transition: str
    kind: str
    at: datetime
    person: str
    unit: str
    role: str
    item: str
    principal: str = ""


@dataclass(frozen=True, slots=True)
class Trace:
    """One case: ``case`` is its pseudonym or, in a named export, its number; ``title`` is "" unless named."""

    case: str
    title: str
    procedure: str
    unit: str
    status: str
    outcome: str
    started_at: datetime
    ended_at: datetime | None
    events: tuple[TraceEvent, ...]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which cases: of one procedure or all (""), in one state or all (""), opened from and until some moment.

    ``as_of`` looks back: which cases there were at that moment, and in which state each was then.
    """

    procedure: str = ""
    state: str = ""
    opened_from: datetime | None = None
    opened_until: datetime | None = None
    as_of: datetime | None = None

    def where(self, actor: Actor) -> list[ColumnElement[bool]]:
        """The condition for the cases among these that the actor may see."""
        found: list[ColumnElement[bool]] = [visible_to(actor)]
        if self.procedure:
            found.append(t.instance.c.procedure == self.procedure)
        if self.state in STATES:
            found.append(self._in_state())
        if self.as_of is not None:
            found.append(t.instance.c.started_at <= self.as_of)
        if self.opened_from is not None:
            found.append(t.instance.c.started_at >= self.opened_from)
        if self.opened_until is not None:
            found.append(t.instance.c.started_at < self.opened_until)
        return found

    def _in_state(self) -> ColumnElement[bool]:
        row = t.instance.c
        if self.as_of is None:
            return row.status == self.state
        if self.state == "running":
            return row.ended_at.is_(None) | (row.ended_at > self.as_of)
        return (row.status == self.state) & (row.ended_at <= self.as_of)


def traces(connection: Connection, actor: Actor, wanted: Wanted, key: bytes, *, named: bool = False) -> list[Trace]:
    """The wanted cases that the actor may see, oldest first. ``key``: 32 random bytes of this export's own.

    Raises ``Rejected`` for more than 5,000 cases.
    """
    columns = [column for column in t.instance.c if column.name not in ("state", "standing", "pins")]
    query = select(*columns).where(*wanted.where(actor)).order_by(t.instance.c.started_at, t.instance.c.id)
    rows = list(connection.execute(query.limit(CASES_MAX + 1)).mappings())
    if len(rows) > CASES_MAX:
        raise Rejected(
            "Expected at most %(limit)s cases in one export, but found more. Choose a procedure or a shorter time.",
            limit=CASES_MAX,
        )
    call = _caller(connection, key, named=named)
    units = _unlike(connection.execute(select(t.tenant.c.id, t.tenant.c.name, t.tenant.c.id)))
    found: list[Trace] = []
    for start in range(0, len(rows), _CHUNK):
        chunk = rows[start : start + _CHUNK]
        facts = _facts(connection, [row["id"] for row in chunk])
        found += [_trace(row, facts.get(row["id"], []), call, units, named=named) for row in chunk]
    return found


def case_ids(connection: Connection, actor: Actor, wanted: Wanted) -> list[str]:
    """The ids of the wanted cases that the actor may see, oldest first."""
    query = select(t.instance.c.id).where(*wanted.where(actor)).order_by(t.instance.c.started_at, t.instance.c.id)
    return [str(id_) for id_ in connection.execute(query).scalars()]


def _caller(connection: Connection, key: bytes, *, named: bool) -> Callable[[str, str], str]:
    """(kind, id) → what a person, case or work item is called in this export."""
    rows = connection.execute(select(t.user.c.id, t.user.c.name, t.user.c.login)) if named else ()
    people = _unlike(rows)

    def call(kind: str, id_: str) -> str:
        if not id_:
            return ""
        if kind == "person" and id_ in people:
            return people[id_]
        return pseudonym(key, kind, id_)

    return call


def _unlike(rows: Iterable[Any]) -> dict[str, str]:
    """``(id, name, distinction)`` → id to name; those of one name are told apart, or an export would merge them."""
    found = [(str(id_), str(name), str(distinction)) for id_, name, distinction in rows]
    times = Counter(name for _, name, _ in found)
    return {id_: name if times[name] == 1 else f"{name} ({distinction})" for id_, name, distinction in found}


def pseudonym(key: bytes, kind: str, id_: str) -> str:
    """What ``id_`` is called under ``key``: the same each time, and not to be guessed without the key."""
    return f"{kind}-{hmac.new(key, f'{kind}:{id_}'.encode(), hashlib.sha256).hexdigest()[:_PSEUDONYM_LENGTH]}"


def _facts(connection: Connection, instances: Sequence[str]) -> dict[str, list[Fact]]:
    found: dict[str, list[Fact]] = {}
    wanted = [f"case:{id_}" for id_ in instances]
    query = (
        select(t.history.c.stream, t.history.c.body)
        .where(t.history.c.stream.in_(wanted), t.history.c.type.in_([cls.__name__ for cls in LIFECYCLE]))
        .order_by(t.history.c.stream, t.history.c.seq)
    )
    for row in connection.execute(query):
        found.setdefault(row.stream[5:], []).append(open_fact(row.body, {}))
    return found


def _trace(
    row: RowMapping, facts: Sequence[Fact], call: Callable[[str, str], str], units: dict[str, str], *, named: bool
) -> Trace:
    return Trace(
        row["number"] if named else call(CASE, row["id"]),
        row["title"] if named else "",
        row["procedure"],
        units.get(row["tenant_id"], ""),
        row["status"],
        row["outcome_name"],
        row["started_at"],
        row["ended_at"],
        tuple(_events(facts, call, units)),
    )


def _events(facts: Sequence[Fact], call: Callable[[str, str], str], units: dict[str, str]) -> Iterator[TraceEvent]:
    work: dict[str, e.UserTaskCreated] = {}
    before: e.Event | None = None
    for fact in facts:
        event = fact.event
        told, before = before, event
        if isinstance(event, e.ElementCompleted) and is_told_before(told, event):
            continue
        if isinstance(event, e.UserTaskCreated):
            work[event.task] = event
        created = work.get(getattr(event, "task", ""))
        name = str(getattr(event, "name", "") or getattr(created, "name", ""))
        whole = isinstance(event, e.InstanceStarted | e.InstanceCompleted | e.InstanceCancelled)
        if not (name or whole):
            continue  # a gateway or event that nobody named: a line in the diagram, no activity
        machine = fact.actor in ("", SYSTEM_USER) or not isinstance(event, _BY_PEOPLE)
        tenant = created.tenant if created else ("" if machine else fact.tenant)
        yield TraceEvent(
            fact.seq,
            CASE if whole else " ".join(name.split()),
            str(getattr(event, "element", "") or getattr(created, "element", "")),
            LIFECYCLE[type(event)],
            type(event).__name__,
            fact.at,
            "" if machine else call("person", fact.actor),
            units.get(tenant, ""),
            created.role if created else "",
            call("item", str(getattr(event, "task", ""))),
            "" if machine else call("person", fact.on_behalf_of),
        )


def is_told_before(before: e.Event | None, event: e.AtElement) -> bool:
    """Whether an element is left after its table's ruling, which was told as the step: one visit, not two."""
    return isinstance(before, e.DecisionEvaluated) and (before.element, before.scope) == (event.element, event.scope)


_BY_PEOPLE = (
    e.InstanceStarted,
    e.InstanceCancelled,
    e.UserTaskClaimed,
    e.UserTaskReleased,
    e.UserTaskReassigned,
    e.UserTaskCompleted,
    e.MessageReceived,
    e.IncidentResolved,
)
