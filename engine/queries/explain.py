"""Why a case went the way it went, and why it is still where it is: answers for any element, from recorded facts.

What was recorded is told as recorded (inputs and rows of a table, who got work and until when). A gateway's
conditions are computed again from the data of that moment, and said to agree with the way that was taken or not.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cached_property
from typing import Any

from sqlalchemy import Connection

from engine.calendar import Calendar
from engine.decision.elements import DecisionTable
from engine.definition.diagram import Diagram, Element, Flow
from engine.definition.profile import Parameter, resolve_parameters
from engine.errors import NotFound, ShangmenError
from engine.feel import Environment, compile_expression
from engine.history import events as e
from engine.history.facts import Fact
from engine.history.replay import learned
from engine.queries.audit import Film
from engine.queries.holders import Holders
from engine.queries.items import Items
from engine.queries.passages import BESIDE, CLOSES, MOVES, OPENS, first_of_command, paired
from engine.queries.reexecution import Past
from engine.queries.table_rows import Row, row_of
from engine.queries.terms import Term, day_names, task_term, waiting_days
from engine.runtime.duties import violated
from engine.store.known import read_resources


@dataclass(frozen=True, slots=True)
class Way:
    """One flow out of a gateway. ``holds`` is None for a flow without condition or one that cannot be computed.

    ``origins`` says by which moment (from 1) each value that the condition reads was set.
    """

    flow: Flow
    target: Element
    holds: bool | None
    reads: Mapping[str, Any]
    taken: bool
    is_default: bool
    origins: Mapping[str, int] = field(default_factory=dict)

    @property
    def is_doubtful(self) -> bool:
        """Whether the condition, computed from the data of the whole case, says otherwise than what happened."""
        return self.flow.condition is not None and not self.is_default and self.holds is not self.taken


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who had the role at the unit then, ``since`` when, given by ``by`` (a user's id).

    ``duty`` is why they may not act all the same, else None. A deputy could act for ``acting_for`` from ``begins`` to
    the end of ``ends``; ``since`` is when that was settled.
    """

    user: str
    name: str
    duty: str | None
    since: datetime
    by: str
    acting_for: str = ""
    begins: date | None = None
    ends: date | None = None

    @property
    def persons(self) -> tuple[str, ...]:
        """Whose act it would be: theirs, and that of whom they stand in for."""
        return (self.user, self.acting_for) if self.acting_for else (self.user,)


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
    term: Term | None = None

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


def explain(connection: Connection, film: Film, element_id: str) -> Explanation:
    """Everything about one element of a case whose film the actor may see. Raises ``NotFound``."""
    explainer = Explainer(connection, film)
    place = explainer.place(element_id)
    if place is None:
        raise NotFound("There is no such case, or it is not yours to see.")
    diagram, element = place
    return Explanation(element, diagram, tuple(explainer.visits(element_id)))


class Explainer:
    """Answers about one film. What the answers rest on (histories of units, the calendar) is read once."""

    def __init__(self, connection: Connection, film: Film) -> None:
        self.connection, self.film = connection, film
        self.past = Past(connection)
        self.holders = Holders(connection)
        self._names: dict[str, dict[date, str]] = {}
        self._ends, self._begins = paired(film.facts)
        self._commands = list(first_of_command(film.facts))
        self._set_at: dict[str, list[int]] = {}
        self._work_at: dict[str, list[int]] = {}
        self.items = Items(film)
        for at, fact in enumerate(film.facts):
            if isinstance(fact.event, e.UserTaskCreated):
                self._work_at.setdefault(fact.event.element, []).append(at)
        for at, frame in enumerate(film.frames):
            for key in learned(film.facts[at].event) if self.items.is_needed else frame.changed:
                self._set_at.setdefault(key, []).append(at)

    @cached_property
    def parameters(self) -> Mapping[str, Parameter]:
        """The local parameters in force for the case now, with labels and sources."""
        pins = {pin: id_ for pin, id_ in self.film.pins.items() if pin.startswith("profile:")}
        files = read_resources(self.connection, pins)
        return resolve_parameters([files[key] for key in sorted(files)])

    def place(self, element_id: str, at: int | None = None) -> tuple[Diagram, Element] | None:
        """The diagram that an element is drawn in, and the element: in the version of that moment, else the newest."""
        return self.film.place(element_id, at)

    def visits(self, element_id: str) -> Iterator[Visit]:
        """All passages of an element, in order."""
        for at, fact in enumerate(self.film.facts):
            event = fact.event
            if not isinstance(event, e.AtElement) or event.element != element_id:
                continue
            if isinstance(event, OPENS) or not (isinstance(event, (*CLOSES, *MOVES)) or self._doubled(at, event)):
                yield self._visit(at, event)

    def visit_at(self, at: int) -> Visit | None:
        """The passage that the fact with this index (from 0) opens, ends or is; None for one about no element."""
        fact = self.film.facts[at]
        begun = self._begins.get(at)
        event = fact.event if begun is None or isinstance(fact.event, OPENS) else self.film.facts[begun].event
        at = at if event is fact.event else begun or 0
        return self._visit(at, event) if isinstance(event, e.AtElement) else None

    def work_at(self, at: int) -> e.UserTaskCreated | None:
        """The work that a fact is about as it stood then, with what a move to another version made of it."""
        begun = self._begins.get(at, at)
        work = self.film.facts[begun].event
        if not isinstance(work, e.UserTaskCreated):
            return None
        for fact in self.film.facts[begun + 1 : at + 1]:
            moved = fact.event
            if isinstance(moved, e.UserTaskMoved) and moved.task == work.task:
                work = replace(work, element=moved.element, process=moved.process, form=moved.form)
                if moved.reassigned:
                    work = replace(work, role=moved.role, tenant=moved.tenant)
                if moved.rescheduled:
                    work = replace(work, due_at=moved.due_at, due_provisional=moved.due_provisional)
            if isinstance(moved, e.InstanceHandedOver) and work.task in moved.tasks:
                work = replace(work, tenant=moved.tenant)
        return work

    def cause_of(self, at: int) -> int:
        """The index of the fact that set off what happened together with this one: what a person or the clock did."""
        first = self._commands[at]
        last = next((n for n in range(at, len(self._commands)) if self.film.facts[n].state), at)
        if isinstance(self.film.facts[last].event, e.InstanceCancelled):
            return last
        return next((n for n in range(first, last) if not isinstance(self.film.facts[n].event, BESIDE)), first)

    def work_before(self, at: int) -> list[int]:
        """The indexes of earlier work at the element of this fact: the case was here before and came back.

        Work at other items of the same round is no earlier work.
        """
        element = getattr(self.film.facts[at].event, "element", "")
        begun = self._begins.get(at, at)
        earlier = [found for found in self._work_at.get(element, ()) if found < begun]
        return [found for found in earlier if not self.items.are_beside(found, begun)]

    def first_of_command(self, at: int) -> int:
        """The index of the first fact that was recorded together with this one."""
        return self._commands[at]

    def origins(self, names: Iterable[str], at: int, *, before: bool = False) -> dict[str, int]:
        """Which moment (from 1), not later than index ``at`` (or ``before`` it), last set each of these values."""
        found = {}
        for name in names:
            moments = self._set_at.get(name, [])
            earlier = reversed(moments[: bisect_right(moments, at - 1 if before else at)])
            last = next((one for one in earlier if not self.items.are_beside(one, at)), None)
            if last is not None:
                found[name] = last + 1
        return found

    def candidates(self, tenant: str, role: str, element: str, at: int, when: int | None = None) -> Iterator[Candidate]:
        """Who had the role at the unit when the fact ``when`` was recorded (by index; at first the fact ``at``).

        A duty keeps those away who did what it names up to the fact ``at``.
        """
        done, duties = self.film.frames[at].standing.done, self.film.version_at(at).definition.duties
        moment = self.film.facts[at if when is None else when].at
        for one in self.holders.at(tenant, role, moment):
            broken = violated(duties, done, element, one.user)
            yield Candidate(one.user, one.name, broken[0].name if broken else None, one.since, one.by)
        for fact, lent in self.holders.deputies_at(tenant, role, moment):
            broken = violated(duties, done, element, lent.deputy, lent.principal)
            duty = broken[0].name if broken else None
            name, by, days = lent.deputy_name, fact.actor, (lent.begins, lent.ends)
            yield Candidate(lent.deputy, name, duty, fact.at, by, lent.principal, *days)

    def calendar(self, fact: Fact) -> Calendar:
        """The calendar that was in force at that moment."""
        path = self.film.case.tenant.path
        return self.past.surroundings(self.film.case.id, path, frozenset(), fact.at).calendar

    def evaluate(self, text: str, at: int, data: Mapping[str, Any] | None = None) -> Any:
        """What an expression of a diagram comes to with (other ``data`` or) the data of that moment; None where it
        cannot be told."""
        if not text.startswith("="):
            return text
        fact = self.film.facts[at]
        try:
            environment = Environment(now=fact.at, calendar=self.calendar(fact))
            return compile_expression(text).evaluate(self._variables(at, data), environment)
        except ShangmenError:
            return None

    def _variables(self, at: int, data: Mapping[str, Any] | None = None) -> dict[str, Any]:
        known = self.items.variables(at, self.evaluate) if data is None else data
        return {"profile": self.film.version_at(at).definition.profile, **known}

    def _doubled(self, at: int, event: e.AtElement) -> bool:
        """Whether the fact before has told of this passage: a table's ruling comes before its element is left."""
        before = self.film.facts[at - 1].event if at else None
        return isinstance(before, e.DecisionEvaluated) and before.element == event.element

    def _visit(self, at: int, event: e.AtElement) -> Visit:
        fact = self.film.facts[at]
        place = self.place(event.element, at)
        if place is None:
            return Visit(fact, fact, None, None)
        diagram, element = place
        came_by = diagram.flows.get(event.via or "")
        end = self._ends.get(at)
        until = fact if not isinstance(event, OPENS) else None if end is None else self.film.facts[end]
        works = isinstance(event, e.UserTaskCreated)
        return Visit(
            since=fact,
            until=until,
            came_by=came_by,
            source=diagram.elements.get(came_by.source) if came_by else None,
            ways=tuple(self._ways(at, fact, diagram, element)) if isinstance(event, e.ElementCompleted) else (),
            rows=tuple(self._rows(at, event)) if isinstance(event, e.DecisionEvaluated) else (),
            candidates=tuple(self.candidates(event.tenant, event.role, element.id, at))
            if isinstance(event, e.UserTaskCreated)
            else (),
            term=self._term(at, fact, element) if works or isinstance(event, e.TimerScheduled) else None,
        )

    # -------------------------------------------------------------- the way

    def _ways(self, at: int, fact: Fact, diagram: Diagram, element: Element) -> Iterator[Way]:
        flows = diagram.flows_out(element.id)
        if len(flows) < 2:
            return
        variables = self._variables(at)
        environment = Environment(now=fact.at, calendar=self.calendar(fact))
        taken = self._taken(at, element, {flow.id for flow in flows})
        for flow in flows:
            holds, reads = _computed(flow.condition, variables, environment)
            yield Way(
                flow,
                diagram.elements[flow.target],
                holds,
                reads,
                flow.id in taken,
                flow.id == element.default,
                self.origins(reads, at),
            )

    def _taken(self, at: int, element: Element, flows: set[str]) -> set[str]:
        here = self.film.facts[at].event
        found: set[str] = set()
        for fact in self.film.facts[at + 1 :]:
            event = fact.event
            if not isinstance(event, e.AtElement) or (event.process, event.scope) != (
                getattr(here, "process", ""),
                getattr(here, "scope", ""),
            ):
                continue
            if event.element == element.id:
                break
            found |= flows & {event.via or "", *getattr(event, "joined", ())}
        return found

    # -------------------------------------------------------------- the table

    def _rows(self, at: int, event: e.DecisionEvaluated) -> Iterator[Row]:
        place = self.place(event.element, at)
        result = place[1].attributes.get("result", "") if place else ""
        for model in self.film.version_at(at).definition.decisions.values():
            for decision in model.decisions:
                table = decision.expression
                if isinstance(table, DecisionTable) and decision.id in event.rows:
                    for number in event.rows[decision.id]:
                        if 0 < number <= len(table.rules):
                            yield row_of(decision.name or decision.id, table, number, result)

    # -------------------------------------------------------------- until when

    def _term(self, at: int, fact: Fact, element: Element) -> Term | None:
        due_at = getattr(fact.event, "due_at", None)
        if due_at is None:
            return None
        calendar = self.calendar(fact)
        if calendar.version not in self._names:
            self._names[calendar.version] = day_names(self.connection, fact.at)
        names = self._names[calendar.version]
        if isinstance(fact.event, e.TimerScheduled):
            return waiting_days(fact.at, due_at, calendar, names)
        return task_term(element.attributes, fact.at, due_at, calendar, names, lambda text: self.evaluate(text, at))


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
