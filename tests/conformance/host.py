"""A thin host for public models: adapts scripts to FEEL, passes messages between instances, lets time go by."""

# ruff: noqa: E501 - a drawing reads better in one line

from __future__ import annotations

import re
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from lxml import etree

from engine.definition.bpmn import read_diagrams
from engine.definition.diagram import Diagram
from engine.errors import NotFound
from engine.history import events as e
from engine.runtime import interpreter as runtime
from engine.runtime.compiled import ProcessDefinition, assemble
from engine.runtime.surroundings import ZONE, Surroundings

B = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
S = "{urn:shangmen:bpmn:1}"
MORNING = datetime(2026, 9, 7, 9, tzinfo=ZONE)
_CONDITIONS = (
    "conditionExpression",
    "condition",
    "loopCondition",
    "loopCardinality",
    "completionCondition",
    "activationCondition",
)


def log(word: str) -> str:
    return f'{{log: append(log, "{word}")}}'


_SCRIPTS = {
    "CREATE_LOG_FILE": "{}",
    "CREATE_MARKER_FILE": log("MARKER_exists"),
    "SET_STRING_DATA": '{data: "String", Data_Output_Set: "String"}',
    "LOG_DATA": '{log: append(log, if data = "String" or Data_Input_End = "String" then "DATA_correct" else "DATA_wrong")}',
    "INCREMENT_INTEGER_VARIABLE": "{integerVariable: integerVariable + 1}",
    "INCREMENT_INTEGER_VARIABLE_AND_LOG": '{integerVariable: integerVariable + 1, log: append(log, "INCREMENT_correct")}',
}


_JOBS = {"CREATE_TIMESTAMP_LOG": "overlap", "WAIT_TEN_SECONDS": "wait", "THROW_ERROR": "throw"}
"""Scripts that take time or fail are the machine's work here: the first word, and what connector does it."""


def feel(text: str) -> str:
    """A Java-like condition of the public set in FEEL."""
    text = text.strip()
    text = re.sub(r'(\w+)\.contains\("(\w+)"\)', r'contains(\1, "\2")', text)
    return text.replace("&&", " and ").replace("||", " or ")


def adapt(content: bytes) -> bytes:
    """Scripts and conditions rewritten in FEEL; scripts that must overlap in time become jobs."""
    root = etree.fromstring(content)
    for node in list(root.iter(B + "scriptTask", B + "globalScriptTask")):
        script = node.find(B + "script")
        word = (script.text or "").strip() if script is not None else ""
        job = next((name for start, name in _JOBS.items() if word.startswith(start)), None)
        if job is not None:
            node.tag = B + "serviceTask"
            node.set(S + "connector", job)
            node.remove(script)
            continue
        if script is not None:
            script.text = _SCRIPTS.get(word, log(word))
        node.set("scriptFormat", "feel")
    for tag in _CONDITIONS:
        for node in root.iter(B + tag):
            node.text = feel("".join(node.itertext()))
    return etree.tostring(root)


def load(content: bytes) -> dict[str, Diagram]:
    return {diagram.process: diagram for diagram in read_diagrams(content)}


@dataclass
class Instance:
    definition: ProcessDefinition
    around: Surroundings
    state: bytes = b""
    events: list[e.Event] = field(default_factory=list)
    ended: bool = False
    told: bool = False

    def take(self, step: runtime.Step) -> list[e.Event]:
        self.state, self.ended = step.state, step.ended
        self.events += step.events
        return list(step.events)


@dataclass
class Host:
    """All processes of one file; every instance has its own case."""

    diagrams: dict[str, Diagram]
    now: datetime = MORNING
    instances: list[Instance] = field(default_factory=list)
    overlapped: bool = False
    busy: dict[tuple[int, str], datetime] = field(default_factory=dict)

    def around(self) -> Surroundings:
        return Surroundings(f"case{len(self.instances)}", self.now)

    def start(self, process: str, variables: dict[str, object], at: str | None = None) -> Instance:
        definition = assemble(process, self.diagrams, {}, {})
        instance = Instance(definition, self.around())
        self.instances.append(instance)
        self.after(instance, runtime.start(definition, instance.around, variables, at or self._other_start(process)))
        return instance

    def _other_start(self, process: str) -> str | None:
        """Where a process begins that has no plain start: at its timer or condition, as if that had come."""
        starts = [s for s in self.diagrams[process].starts(None) if s.kind == "startEvent"]
        if any(not start.definitions for start in starts):
            return None
        return next((s.id for s in starts if {d.kind for d in s.definitions} & {"timer", "conditional"}), None)

    def after(self, instance: Instance, step: runtime.Step) -> None:
        """Deliver what an instance threw to the other instances, or begin a process with it."""
        for event in instance.take(step):
            if isinstance(event, e.ElementCompleted):
                for kind, name in self._thrown(event):
                    self._deliver(instance, kind, name)

    def _thrown(self, event: e.ElementCompleted) -> Iterable[tuple[str, str]]:
        diagram = self.diagrams[event.process]
        element = diagram.elements[event.element]
        if element.kind == "sendTask" and element.message:
            yield "message", diagram.messages[element.message].name
        if element.kind in ("intermediateThrowEvent", "endEvent"):
            for definition in element.definitions:
                if definition.kind in ("message", "signal"):
                    yield definition.kind, definition.name

    def _deliver(self, sender: Instance, kind: str, name: str) -> None:
        for other in self.instances:
            if other is sender or other.ended:
                continue
            here = (other.definition, other.state)
            wait = next((w for w, n in runtime.waits(*here).messages.items() if n == name), None)
            if kind == "signal":
                with suppress(NotFound):
                    self.after(other, runtime.receive_signal(*here, name, {}, other.around))
            elif wait is not None:
                self.after(other, runtime.receive_message(*here, wait, {}, other.around))
                return
        for process, diagram in self.diagrams.items():
            for element in diagram.starts(None):
                message = diagram.messages.get(element.message or "")
                names = {d.name for d in element.definitions if d.kind == kind} | ({message.name} if message else set())
                begins = element.kind == "startEvent" or element.instantiate
                if process != sender.definition.main and begins and name in names:
                    self.start(process, {"log": []}, at=element.id)
                    return

    def let_time_pass(self, limit: timedelta) -> None:
        """Fire timers in the order of their time, and do jobs, until nothing is due within ``limit``."""
        deadline = self.now + limit
        while True:
            for instance in self.instances:
                self._work(instance)
            due = sorted(
                (at, number, job)
                for number, instance in enumerate(self.instances)
                for job, at in runtime.waits(instance.definition, instance.state).timers.items()
                if at <= deadline
            ) + sorted((at, n, job) for (n, job), at in self.busy.items() if self._asked(n, job))
            due.sort()
            if not due:
                return
            at, number, job = due[0]
            self.now = max(self.now, at)
            instance = self.instances[number]
            now = replace(instance.around, now=self.now)
            if self.busy.pop((number, job), None) is not None:
                step = runtime.finish_connector(instance.definition, instance.state, job, {}, now)
            else:
                step = runtime.fire_timer(instance.definition, instance.state, job, now)
            self.after(instance, step)

    def _asked(self, number: int, job: str) -> bool:
        instance = self.instances[number]
        return job in runtime.waits(instance.definition, instance.state).connectors

    def _work(self, instance: Instance) -> None:
        """Do the jobs of an instance: at once, after ten seconds, or with an error."""
        jobs = runtime.waits(instance.definition, instance.state).connectors
        self.overlapped = self.overlapped or len(jobs) > 1
        number, now = self.instances.index(instance), replace(instance.around, now=self.now)
        for job, element in jobs.items():
            node = next(d.elements[element] for d in self.diagrams.values() if element in d.elements)
            here = (instance.definition, instance.state)
            if not self._asked(number, job):
                continue
            if node.attributes["connector"] == "wait":
                self.busy.setdefault((number, job), self.now + timedelta(seconds=10))
            elif node.attributes["connector"] == "throw":
                self.after(instance, runtime.fail_connector(*here, job, "thrown", {}, now, "ERR_CODE"))
            else:
                self.after(instance, runtime.finish_connector(*here, job, {}, now))

    def logged(self) -> list[str]:
        """What all instances logged, and runtime errors."""
        words: list[str] = []
        for instance in self.instances:
            words += runtime.variables(instance.definition, instance.state).get("log", [])
            words += [word for event in instance.events if (word := _error(event))]
        return words


def _error(event: e.Event) -> str:
    """What an incident is called in the traces; waiting for what cannot come is no error."""
    if not isinstance(event, e.IncidentRaised) or "nothing can come" in event.template:
        return ""
    unhandled = "somebody to handle" in event.template or event.template == "thrown"
    return "ERROR_thrownErrorEvent" if unhandled else "ERROR_runtime"
