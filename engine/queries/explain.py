"""Why a case went the way it went, and why it is still where it is: answers for any element, from recorded facts.

What was recorded is told as recorded (inputs and rows of a table, who got work and until when). A gateway's
conditions are computed again from the data of that moment, and said to agree with the way that was taken or not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, select

from engine.decision.elements import DecisionTable
from engine.definition.diagram import Diagram, Element, Flow
from engine.errors import NotFound, ShangmenError
from engine.feel import Environment, compile_expression
from engine.history import events as e
from engine.history.facts import Fact
from engine.queries.audit import Film
from engine.queries.reexecution import Past
from engine.runtime.duties import violated
from engine.store import tables as t
from engine.store.reading import facts_of

DAYS_SHOWN_MAX = 120


@dataclass(frozen=True, slots=True)
class Way:
    """One flow out of a gateway. ``holds`` is None for a flow without condition or one that cannot be computed."""

    flow: Flow
    target: Element
    holds: bool | None
    reads: Mapping[str, Any]
    taken: bool
    is_default: bool

    @property
    def is_doubtful(self) -> bool:
        """Whether the condition, computed from the data of the whole case, says otherwise than what happened."""
        return self.flow.condition is not None and not self.is_default and self.holds is not self.taken


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table that matched: ``tests`` and ``results`` are (column, text)."""

    decision: str
    number: int
    tests: tuple[tuple[str, str], ...]
    results: tuple[tuple[str, str], ...]
    description: str


@dataclass(frozen=True, slots=True)
class Day:
    """A day of a term: ``count`` is its number among the days that count, None for one that does not."""

    day: date
    count: int | None


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who had the role at the unit then. ``duty`` is why they may not act all the same, else None."""

    user: str
    name: str
    duty: str | None


@dataclass(frozen=True)
class Visit:
    """One passage of the element. ``since`` and ``until`` are facts; ``until`` is None while the case is there."""

    since: Fact
    until: Fact | None
    came_by: Flow | None
    source: Element | None
    ways: tuple[Way, ...] = ()
    rows: tuple[Row, ...] = ()
    candidates: tuple[Candidate, ...] = ()
    days: tuple[Day, ...] = ()

    @property
    def is_open(self) -> bool:
        """Whether the case is still here."""
        return self.until is None


@dataclass(frozen=True)
class Explanation:
    """An element of a case and all its visits, the last one last."""

    element: Element
    diagram: Diagram
    visits: tuple[Visit, ...]


_OPENS = (
    e.UserTaskCreated,
    e.TimerScheduled,
    e.ConnectorRequested,
    e.MessageAwaited,
    e.ScopeEntered,
    e.IncidentRaised,
)
_CLOSES = (
    e.UserTaskCompleted,
    e.UserTaskCancelled,
    e.TimerFired,
    e.TimerCancelled,
    e.ConnectorFinished,
    e.ConnectorCancelled,
    e.MessageReceived,
    e.MessageWaitEnded,
    e.ScopeLeft,
)


def explain(connection: Connection, film: Film, element_id: str) -> Explanation:
    """Everything about one element of a case whose film the actor may see. Raises ``NotFound``."""
    for diagram in film.definition.processes.values():
        if element_id in diagram.elements:
            told = _Told(connection, film, diagram, diagram.elements[element_id])
            return Explanation(told.element, diagram, tuple(told.visits()))
    raise NotFound("There is no such case, or it is not yours to see.")


class _Told:
    """What is needed to tell of one element."""

    def __init__(self, connection: Connection, film: Film, diagram: Diagram, element: Element) -> None:
        self.connection, self.film, self.diagram, self.element = connection, film, diagram, element
        self._past: Past | None = None

    def visits(self) -> Iterator[Visit]:
        """All passages of the element, in order."""
        facts = self.film.facts
        for at, fact in enumerate(facts):
            event = fact.event
            if not isinstance(event, e.AtElement) or event.element != self.element.id:
                continue
            if isinstance(event, _OPENS):
                yield self._visit(at, fact, self._end(at, event))
            elif not isinstance(event, _CLOSES) and not self._doubled(at, event):
                yield self._visit(at, fact, fact)

    def _doubled(self, at: int, event: e.AtElement) -> bool:
        """Whether the fact before has told of this passage: a table's ruling comes before its element is left."""
        before = self.film.facts[at - 1].event if at else None
        return isinstance(before, e.DecisionEvaluated) and before.element == event.element

    def _end(self, at: int, opened: e.AtElement) -> Fact | None:
        keys = ("task", "job", "wait", "inner", "incident")
        key = next((name for name in keys if getattr(opened, name, "")), "")
        if isinstance(opened, e.IncidentRaised):
            key = "incident"
        wanted = getattr(opened, key, None)
        for fact in self.film.facts[at + 1 :]:
            closes = isinstance(fact.event, (*_CLOSES, e.IncidentResolved))
            if (closes and getattr(fact.event, key, "") == wanted) or isinstance(fact.event, e.InstanceCancelled):
                return fact
        return None

    def _visit(self, at: int, fact: Fact, until: Fact | None) -> Visit:
        event = fact.event
        came_by = self.diagram.flows.get(getattr(event, "via", None) or "")
        return Visit(
            since=fact,
            until=until,
            came_by=came_by,
            source=self.diagram.elements[came_by.source] if came_by else None,
            ways=tuple(self._ways(at, fact)) if isinstance(event, e.ElementCompleted) else (),
            rows=tuple(self._rows(event)) if isinstance(event, e.DecisionEvaluated) else (),
            candidates=tuple(self._candidates(at, fact, event)) if isinstance(event, e.UserTaskCreated) else (),
            days=tuple(self._days(fact, event)) if isinstance(event, e.UserTaskCreated) else (),
        )

    # -------------------------------------------------------------- the way

    def _ways(self, at: int, fact: Fact) -> Iterator[Way]:
        flows = self.diagram.flows_out(self.element.id)
        if len(flows) < 2:
            return
        variables = {"profile": self.film.definition.profile, **self.film.frames[at].variables}
        environment = Environment(now=fact.at, calendar=self._calendar(fact))
        taken = self._taken(at, {flow.id for flow in flows})
        for flow in flows:
            holds, reads = _computed(flow.condition, variables, environment)
            yield Way(
                flow,
                self.diagram.elements[flow.target],
                holds,
                reads,
                flow.id in taken,
                flow.id == self.element.default,
            )

    def _taken(self, at: int, flows: set[str]) -> set[str]:
        here = self.film.facts[at].event
        found: set[str] = set()
        for fact in self.film.facts[at + 1 :]:
            event = fact.event
            if not isinstance(event, e.AtElement) or (event.process, event.scope) != (
                getattr(here, "process", ""),
                getattr(here, "scope", ""),
            ):
                continue
            if event.element == self.element.id:
                break
            found |= flows & {event.via or "", *getattr(event, "joined", ())}
        return found

    def _calendar(self, fact: Fact) -> Any:
        self._past = self._past or Past(self.connection)
        path = self.film.case.tenant.path
        return self._past.surroundings(self.film.case.id, path, frozenset(), fact.at).calendar

    # -------------------------------------------------------------- the table

    def _rows(self, event: e.DecisionEvaluated) -> Iterator[Row]:
        for model in self.film.definition.decisions.values():
            for decision in model.decisions:
                table = decision.expression
                if isinstance(table, DecisionTable) and decision.id in event.rows:
                    for number in event.rows[decision.id]:
                        if 0 < number <= len(table.rules):
                            yield _row(decision.name or decision.id, table, number)

    # -------------------------------------------------------------- who, and until when

    def _candidates(self, at: int, fact: Fact, event: e.UserTaskCreated) -> Iterator[Candidate]:
        done = self.film.frames[at].standing.done
        for user, name in who_had(self.connection, event.tenant, event.role, fact.at):
            broken = violated(self.film.definition.duties, done, self.element.id, user)
            yield Candidate(user, name, broken[0].name if broken else None)

    def _days(self, fact: Fact, event: e.UserTaskCreated) -> Iterator[Day]:
        attributes = self.element.attributes
        if event.due_at is None or "dueFrom" in attributes or "dueMonths" in attributes:
            return
        zone = event.due_at.tzinfo
        day, end, count = fact.at.astimezone(zone).date(), event.due_at.date(), 0
        if (end - day).days > DAYS_SHOWN_MAX:
            return
        calendar = self._calendar(fact)
        while day < end:
            day += timedelta(days=1)
            counts = "dueDays" in attributes or calendar.is_working_day(day)
            count += counts
            yield Day(day, count if counts else None)


def _computed(
    condition: str | None, variables: Mapping[str, Any], environment: Environment
) -> tuple[bool | None, dict[str, Any]]:
    if condition is None:
        return None, {}
    try:
        expression = compile_expression(condition)
        reads = {name: variables.get(name) for name in sorted(expression.names) if name != "profile"}
        value = expression.evaluate(variables, environment)
    except ShangmenError:
        return None, {}
    return (value if isinstance(value, bool) else None), reads


def _row(name: str, table: DecisionTable, number: int) -> Row:
    rule = table.rules[number - 1]
    tests = zip(table.inputs, rule.inputs, strict=False)
    results = zip(table.outputs, rule.outputs, strict=False)
    return Row(
        name,
        number,
        tuple((clause.label or clause.text or "", text) for clause, text in tests if text.strip() not in ("", "-")),
        tuple((clause.label or clause.name or "", text) for clause, text in results),
        rule.description,
    )


def who_had(connection: Connection, tenant_id: str, role: str, at: datetime) -> list[tuple[str, str]]:
    """Who had a role at a unit at a moment, by the unit's own history: ``(user id, name)``."""
    holders: dict[str, str] = {}
    for fact in facts_of(connection, f"tenant:{tenant_id}"):
        match fact.event:
            case e.RoleGranted(role=granted) as given if granted == role and fact.at <= at:
                holders[given.user] = given.name
            case e.RoleRevoked(role=revoked) as taken if revoked == role and fact.at <= at:
                holders.pop(taken.user, None)
    disabled = _disabled(connection, at)
    return [(user, name) for user, name in holders.items() if user not in disabled]


def _disabled(connection: Connection, at: datetime) -> set[str]:
    kinds = ("UserDisabled", "UserEnabled")
    streams: Sequence[str] = list(
        connection.execute(select(t.history.c.stream).where(t.history.c.type.in_(kinds)).distinct()).scalars()
    )
    facts = [fact for stream in streams for fact in facts_of(connection, stream) if fact.at <= at]
    out: set[str] = set()
    for fact in sorted(facts, key=lambda fact: (fact.at, fact.stream, fact.seq)):
        match fact.event:
            case e.UserDisabled(user=user):
                out.add(user)
            case e.UserEnabled(user=user):
                out.discard(user)
    return out
