"""A case under test: acts by element names, reloads its state before every act, and re-executes itself at the end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from engine.calendar import PLAIN
from engine.definition.bpmn import read_diagram
from engine.history import events as e
from engine.history.events import dump, load
from engine.model import Tenant
from engine.runtime import interpreter as runtime
from engine.runtime.compiled import ProcessDefinition, assemble
from engine.runtime.surroundings import ZONE, Surroundings
from tests.runtime.drawing import Drawing

MORNING = datetime(2026, 9, 7, 9, tzinfo=ZONE)
COUNTY = Tenant("c", "c", "县", "county")
VILLAGE = Tenant("v", "c/v", "村", "village")


def define(text: str, calls: dict[str, str] | None = None, attributes: str = "", **parts: Any) -> ProcessDefinition:
    """The definition of a drawing, with the drawings of the processes it calls."""
    drawings = {"p": Drawing(text, "p", attributes)} | {k: Drawing(v, k) for k, v in (calls or {}).items()}
    diagrams = {key: read_diagram(drawing.xml()) for key, drawing in drawings.items()}
    return assemble("p", diagrams, parts.get("decisions", {}), parts.get("profile", {}), manifest={})


class Case:
    """Every act loads the state from bytes; ``again()`` proves that the same acts give the same bytes.

    ``patient``: whether the case may wait for nothing but a signal or a condition.
    """

    def __init__(
        self,
        definition: ProcessDefinition,
        variables: dict[str, Any] | None = None,
        patient: bool = False,
        **around: Any,
    ) -> None:
        self.definition = definition
        self.patient = patient
        fields = {"lineage": (VILLAGE, COUNTY), "units": (), "calendar": PLAIN, **around}
        self.around = Surroundings("k", MORNING, **fields)
        self.acts: list[tuple[datetime, ProcessDefinition, Callable[[bytes, Surroundings], runtime.Step]]] = []
        self.events: list[e.Event] = []
        self.state = b""
        self.ended = False
        first = dict(variables or {})
        self.act(lambda _, around: runtime.start(definition, around, first))

    def act(self, what: Callable[[bytes, Surroundings], runtime.Step]) -> list[e.Event]:
        step = what(self.state, self.around)
        self.acts.append((self.around.now, self.definition, what))
        self.state, self.ended = step.state, step.ended
        self.events += step.events
        for event in step.events:
            assert load(type(event).__name__, dump(event)) is not None
        self.consistent()
        return list(step.events)

    def consistent(self) -> None:
        """What the events say is open is what the state waits for."""
        tasks = self._open(e.UserTaskCreated, "task", e.UserTaskCompleted, e.UserTaskCancelled)
        timers = self._open(e.TimerScheduled, "job", e.TimerFired, e.TimerCancelled)
        messages = self._open(e.MessageAwaited, "wait", e.MessageReceived, e.MessageWaitEnded)
        awaited = self._open(e.EventAwaited, "wait", e.EventCame, e.EventWaitEnded)
        jobs = self._open(e.ConnectorRequested, "job", e.ConnectorFinished, e.ConnectorCancelled)
        jobs -= {event.job for event in self.events if isinstance(event, e.IncidentRaised)}
        incidents = self._open(e.IncidentRaised, "incident", e.IncidentResolved)
        found = self.waits
        assert tasks == set(found.tasks)
        assert timers == set(found.timers)
        assert messages == set(found.messages)
        assert awaited == set(found.awaited)
        assert jobs == set(found.connectors)
        assert incidents == set(found.incidents)
        if self.ended:
            assert not (tasks or timers or messages or awaited or jobs or incidents)
        else:
            assert tasks or timers or messages or jobs or incidents or (awaited and self.patient)

    def _open(self, opened: type, key: str, *closed: type) -> set[str]:
        found: set[str] = set()
        for event in self.events:
            if isinstance(event, opened):
                found.add(getattr(event, key))
            elif isinstance(event, closed):
                found.discard(getattr(event, key))
        return found

    @property
    def waits(self) -> runtime.Waits:
        return runtime.waits(self.definition, self.state)

    @property
    def open(self) -> list[str]:
        """The elements of open tasks, sorted."""
        return sorted(self.waits.tasks.values())

    @property
    def variables(self) -> dict[str, Any]:
        return runtime.variables(self.definition, self.state)

    def task(self, element: str, nth: int = 0) -> str:
        return [task for task, found in self.waits.tasks.items() if found == element][nth]

    def do(self, element: str, nth: int = 0, **answers: Any) -> list[e.Event]:
        """Complete the open task of an element."""
        task = self.task(element, nth)
        return self.act(lambda state, around: runtime.complete_task(self.definition, state, task, answers, around))

    def later(self, **delta: float) -> Case:
        self.around = replace(self.around, now=self.around.now + timedelta(**delta))
        return self

    def fire(self) -> list[e.Event]:
        """Fire the timer that is due first, at its time."""
        job, due = min(self.waits.timers.items(), key=lambda item: item[1])
        self.around = replace(self.around, now=max(self.around.now, due))
        return self.act(lambda state, around: runtime.fire_timer(self.definition, state, job, around))

    def tell(self, message: str, **payload: Any) -> list[e.Event]:
        """Report a message."""
        wait = next(wait for wait, name in self.waits.messages.items() if name == message)
        return self.act(lambda state, around: runtime.receive_message(self.definition, state, wait, payload, around))

    def finish(self, element: str, **result: Any) -> list[e.Event]:
        """The machine finishes the job of an element."""
        job = next(job for job, found in self.waits.connectors.items() if found == element)
        return self.act(lambda state, around: runtime.finish_connector(self.definition, state, job, result, around))

    def fail(self, element: str) -> list[e.Event]:
        job = next(job for job, found in self.waits.connectors.items() if found == element)
        return self.act(
            lambda state, around: runtime.fail_connector(self.definition, state, job, "no %(x)s", {"x": "ink"}, around)
        )

    def retry(self) -> list[e.Event]:
        incident = next(iter(self.waits.incidents))
        return self.act(lambda state, around: runtime.retry_incident(self.definition, state, incident, around, "again"))

    def skip(self) -> list[e.Event]:
        incident = next(iter(self.waits.incidents))
        return self.act(lambda state, around: runtime.skip_incident(self.definition, state, incident, around, "enough"))

    def path(self) -> list[str]:
        """The elements passed, in order, as an auditor sees them."""
        kinds = (e.ElementCompleted, e.UserTaskCompleted, e.TimerFired, e.ConnectorFinished)
        kinds += (e.MessageReceived, e.EventCame)
        return [event.element for event in self.events if isinstance(event, kinds)]

    def told(self, kind: type) -> list[Any]:
        return [event for event in self.events if isinstance(event, kind)]

    def outcome(self) -> str | None:
        ends = self.told(e.InstanceCompleted)
        return ends[-1].outcome if ends else None

    def again(self) -> None:
        """Re-execute every act from the beginning: the same events, the same bytes."""
        state, events = b"", []
        for now, definition, what in self.acts:
            self.definition = definition  # a case that was moved had several
            step = what(state, replace(self.around, now=now))
            state = step.state
            events += step.events
        assert events == self.events
        assert state == self.state
