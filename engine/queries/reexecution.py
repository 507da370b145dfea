"""Run the recorded inputs of a case again through its pinned definitions, and compare event by event.

Replay shows what the history says; re-execution proves that it is what the published diagrams, tables and
forms prescribe: who, when, what was answered, which message, which timer go in as recorded, with the
organisations and the calendar as they were then; out must come the same events and the same saved state.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from engine.errors import Corrupt, NotFound, ShangmenError
from engine.history import events as e
from engine.history.facts import Fact
from engine.history.seal import digest
from engine.queries.past import Past as Past
from engine.queries.past import place_after
from engine.runtime import interpreter
from engine.runtime.interpreter import ProcessDefinition, Step, Surroundings
from engine.runtime.migration import migrate
from engine.store import tables as t
from engine.store.known import Known
from engine.store.reading import facts_of

BESIDE = (
    e.FileAttached,
    e.PaperIssued,
    e.PlaceReserved,
    e.PlaceReleased,
    e.UserTaskClaimed,
    e.UserTaskReleased,
    e.UserTaskReassigned,
    e.AnswersErased,
    e.InstanceHandedOver,
    e.InstancePlaced,
)
"""Facts that the interpreter knows nothing of."""


@dataclass(frozen=True, slots=True)
class Difference:
    """The first thing that came out otherwise: at fact ``seq``."""

    seq: int
    template: str
    params: dict[str, Any]

    def __str__(self) -> str:
        return f"#{self.seq}: {self.template % self.params}"


@dataclass(frozen=True, slots=True)
class Agreement:
    """How many commands were run again, and the first difference, None when all agrees.

    ``erased`` when personal data were erased: then there is nothing to put in, and nothing is claimed.
    """

    commands: int
    difference: Difference | None
    erased: bool = False


def re_execute(connection: Connection, known: Known, instance_id: str, past: Past | None = None) -> Agreement:
    """Run a case's recorded inputs again. Raises ``NotFound`` for an unknown case."""
    row = connection.execute(
        select(t.instance.c.process, t.instance.c.pins).where(t.instance.c.id == instance_id)
    ).first()
    if row is None:
        raise NotFound("There is no such case, or it is not yours to see.")
    past = past or Past(connection)
    definition: ProcessDefinition | None = None
    state, count, path = b"", 0, ""
    try:
        facts = list(facts_of(connection, f"case:{instance_id}"))
    except Corrupt as corrupt:
        return Agreement(0, Difference(int(corrupt.params.get("seq", 1)), corrupt.template, dict(corrupt.params)))
    for command in _commands(facts):
        path = place_after(path, command)
        if any(fact.erased for fact in command):
            return Agreement(count, None, erased=True)
        expected = [fact for fact in command if not isinstance(fact.event, BESIDE)]
        if not expected:
            if digest(state) != command[-1].state:
                return Agreement(count, _state_differs(command))
            continue
        version = _version(expected)
        former = definition
        try:
            if version is not None:
                definition = known.definition(connection, version.process, version.pins)
            if definition is None:
                raise NotFound("There is no input among these facts.")
            levels = definition.levels | (former.levels if former else frozenset())
            around = past.surroundings(instance_id, path, levels, command[0].at)
            step = _step(former, definition, state, expected, around)
        except (ShangmenError, KeyError, TypeError, ValueError) as refused:  # an altered record may hold anything
            return Agreement(
                count,
                Difference(expected[0].seq, "This was refused when run again: %(reason)s", {"reason": str(refused)}),
            )
        difference = _compare(expected, step.events) or (
            None if digest(step.state) == command[-1].state else _state_differs(command)
        )
        if difference is not None:
            return Agreement(count, difference)
        state, count = step.state, count + 1
    return Agreement(count, None)


def states_before(
    facts: Sequence[Fact], past: Past, definition_at: Callable[[int], ProcessDefinition]
) -> Iterator[tuple[int, bytes]]:
    """The state that each command found, beside the index of its first fact, by running the case again.

    ``definition_at`` says what was in force at a fact. Ends where the case cannot be run again, or comes out otherwise.
    """
    state, at, path = b"", 0, ""
    former: ProcessDefinition | None = None
    for command in _commands(facts):
        yield at, state
        path = place_after(path, command)
        definition = definition_at(at)
        at += len(command)
        expected = [fact for fact in command if not isinstance(fact.event, BESIDE)]
        if any(fact.erased for fact in command):
            return
        if not expected:
            continue
        instance_id = facts[0].stream.removeprefix("case:")
        levels = definition.levels | (former.levels if former else frozenset())
        around = past.surroundings(instance_id, path, levels, command[0].at)
        try:
            state = _step(former, definition, state, expected, around).state
        except ShangmenError:
            return
        if digest(state) != command[-1].state:
            return
        former = definition


def case_ids(connection: Connection, since: datetime | None = None) -> list[tuple[str, str]]:
    """All cases, or those in which something happened since a moment, oldest first: ``(id, number)``."""
    query = select(t.instance.c.id, t.instance.c.number).order_by(t.instance.c.started_at)
    if since is not None:
        query = query.where(("case:" + t.instance.c.id).in_(select(t.history.c.stream).where(t.history.c.at >= since)))
    return [(row.id, row.number) for row in connection.execute(query)]


def _commands(facts: Iterable[Fact]) -> Iterator[list[Fact]]:
    """The facts of one command after another: its last fact carries the digest of the state it left."""
    command: list[Fact] = []
    for fact in facts:
        command.append(fact)
        if fact.state:
            yield command
            command = []
    if command:
        yield command


def _version(expected: Sequence[Fact]) -> e.InstanceStarted | e.InstanceMigrated | None:
    """The fact of a command that says which version is in force from there on."""
    return next(
        (fact.event for fact in expected if isinstance(fact.event, e.InstanceStarted | e.InstanceMigrated)), None
    )


def _step(
    former: ProcessDefinition | None,
    definition: ProcessDefinition,
    state: bytes,
    expected: Sequence[Fact],
    around: Surroundings,
) -> Step:
    """One command once more: into another version, or on in this one."""
    version = _version(expected)
    if isinstance(version, e.InstanceMigrated) and former is not None:
        return migrate(former, definition, state, around, version)
    return _again(definition, state, expected, around)


def _again(definition: ProcessDefinition, state: bytes, expected: Sequence[Fact], around: Surroundings) -> Step:
    last = expected[-1].event
    if isinstance(last, e.InstanceCancelled):
        return interpreter.cancel(definition, state, around, last.reason)
    for fact in expected:
        match fact.event:
            case e.InstanceStarted(variables=variables, at=at):
                return interpreter.start(definition, around, variables, at or None)
            case e.UserTaskCompleted(task=task, answers=answers):
                return interpreter.complete_task(definition, state, task, answers, around)
            case e.TimerFired(job=job):
                return interpreter.fire_timer(definition, state, job, around)
            case e.ConnectorFinished(job=job) as finished:
                return interpreter.finish_connector(definition, state, job, _brought(definition, finished), around)
            case e.MessageReceived(wait=wait, payload=payload, sent=sent) if wait:
                return interpreter.receive_message(definition, state, wait, payload, around, sent)
            case e.EventCame(kind="signal", about=about, payload=payload, sent=sent) if sent:
                return interpreter.receive_signal(definition, state, about, payload, around, sent)
            case e.IncidentResolved(incident=incident, how=how, reason=reason):
                resolve = interpreter.skip_incident if how == "skipped" else interpreter.retry_incident
                return resolve(definition, state, incident, around, reason)
            case e.IncidentRaised(job=job, template=template, params=params) if job:
                return interpreter.fail_connector(definition, state, job, template, params, around)
    raise NotFound("There is no input among these facts.")


def _brought(definition: ProcessDefinition, finished: e.ConnectorFinished) -> dict[str, Any]:
    """What the connector brought back: the fact has it under the name of the variable that it went to."""
    variable = definition.processes[finished.process].elements[finished.element].attributes.get("result")
    found: dict[str, Any] = finished.result[variable] if variable else finished.result
    return found


def _compare(expected: Sequence[Fact], found: Sequence[e.Event]) -> Difference | None:
    facts = [fact for fact in expected if not isinstance(fact.event, e.InstanceStarted)]
    for fact, event in zip(facts, found, strict=False):
        if e.dump(fact.event) != e.dump(_as_spoken(event, fact.event)) or type(fact.event) is not type(event):
            return Difference(
                fact.seq,
                "The record says %(recorded)s, but run again it is %(found)s.",
                {"recorded": _named(fact.event), "found": _named(event)},
            )
    if len(facts) > len(found):
        return Difference(
            facts[len(found)].seq,
            "The record says %(recorded)s, but run again nothing more happens.",
            {"recorded": _named(facts[len(found)].event)},
        )
    if len(found) > len(facts):
        return Difference(
            expected[-1].seq,
            "Run again, %(found)s happens too, but the record does not say so.",
            {"found": _named(found[len(facts)])},
        )
    return None


def _as_spoken(found: e.Event, recorded: e.Event) -> e.Event:
    """What came out, in the recorded language: in which one somebody read the form, the interpreter cannot know."""
    if isinstance(found, e.UserTaskCompleted | e.MessageReceived) and type(found) is type(recorded):
        return replace(found, language=recorded.language)
    return found


def _named(event: e.Event) -> str:
    place = getattr(event, "element", "") or getattr(event, "title", "")
    return f"{type(event).__name__} {place}".strip()


def _state_differs(command: Sequence[Fact]) -> Difference:
    return Difference(
        command[-1].seq, "The saved state that this step left is not the one it leaves when run again.", {}
    )
