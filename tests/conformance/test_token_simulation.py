"""The public token-simulation models: what happens at their elements happens in the same order here."""

# ruff: noqa: E501 - a drawing reads better in one line

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path

from lxml import etree

from engine.errors import ShangmenError
from engine.history import events as e
from engine.runtime import interpreter as runtime
from tests.conformance.corpora import corpus
from tests.conformance.host import Host, Instance, load

B = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
FLOOR = 60
OTHERWISE = {
    "event-sub-process-nested-interrupting-non-interrupting-boundary": "two branches side by side, in another order",
    "sub-process-multiple-starts": "four branches side by side, in another order",
    "transaction-compensation": "the cancel event is told when the work is undone, not before",
    "compensation-error": "two branches reach the error in one tick; the first takes the second away",
    "compensation-nested": "an activity has two handlers; here the one at its border is the one",
    "message-flow-pool-pool": "two empty pools: there is nothing to run",
    "signal-consume": "a signal reaches all who wait: the boundary event, too",
    "signal-trigger-multiple-start-events": "a signal that begins processes is the host's business",
}
"""Traces that are not reproduced, and why."""
_HAPPENED = (
    e.ElementCompleted,
    e.UserTaskCompleted,
    e.TimerFired,
    e.MessageReceived,
    e.EventCame,
    e.ConnectorFinished,
    e.ScopeLeft,
    e.UserTaskCancelled,
)
_GATES = ("exclusiveGateway", "inclusiveGateway", "complexGateway")
_PASSING = ("task", "userTask", "serviceTask", "scriptTask", "businessRuleTask", "sendTask", "manualTask")
_TOLD = ("timer", "message", "conditional")


def occurrences(trace: list[str], kinds: dict[str, str]) -> list[str]:
    """The elements of a trace in the order in which something happened at them.

    Events that are told happen when they are told; throwing and end events when they are entered (what they
    throw may take them away before they are left); all else when it is left.
    """
    signalled: Counter[str] = Counter()
    gone: set[tuple[str, str]] = set()
    found = []
    for line in trace:
        action, element, scope = line.split(":")
        kind = kinds.get(element)
        if kind is None or kind == "eventBasedGateway":
            continue
        throws = kind in ("endEvent", "intermediateThrowEvent")
        if throws:
            if action == "enter":
                found.append(element)
        elif action == "signal" and kind not in ("subProcess", "transaction"):
            signalled[element] += 1
            found.append(element)
        elif action == "exit":
            if signalled[element]:
                signalled[element] -= 1
            elif (element, scope) not in gone:
                found.append(element)
            gone.add((element, scope)) if kind in ("subProcess", "transaction") else None
    return found


def prepare(content: bytes, trace: list[str]) -> bytes:
    """The model with the choices that the simulator's user made, and everything told by name of the element."""
    root = etree.fromstring(content)
    entered = {line.split(":")[1] for line in trace if line.startswith("enter:")}
    left = {line.split(":")[1] for line in trace if line.startswith("exit:")}
    signalled = {line.split(":")[1] for line in trace if line.startswith("signal:")}
    for node in list(root.iter(B + "conditionExpression")):
        node.getparent().remove(node)
    for node in list(root.iter(*(B + tag for tag in _GATES))):
        flows = [f for f in root.iter(B + "sequenceFlow") if f.get("sourceRef") == node.get("id")]
        node.attrib.pop("default", None)
        if len(flows) > 1:
            for flow in flows:
                condition = etree.SubElement(flow, B + "conditionExpression")
                condition.text = "true" if flow.get("id") in entered else "false"
    for node in list(root.iter(*(B + tag for tag in _PASSING))):
        key = node.get("id")
        waits = key in signalled or (key in entered and key not in left)
        node.tag = B + ("userTask" if waits else "task")
        for child in list(node.iterfind(B + "script")):
            node.remove(child)
    for definition in root.iter(B + "linkEventDefinition"):
        definition.set("name", definition.get("name") or definition.getparent().get("name") or "unnamed")
    for definition in list(root.iter(B + "signalEventDefinition")):
        if not definition.get("signalRef"):
            if root.find(f"{B}signal[@id='unnamed']") is None:
                root.insert(0, etree.Element(B + "signal", id="unnamed", name="unnamed"))
            definition.set("signalRef", "unnamed")
    for node in list(root.iter(B + "receiveTask")):
        node.set("messageRef", message(root, node.get("id")))
    for node in list(root.iter()):
        match = re.fullmatch(r"(\w+)EventDefinition", etree.QName(node).localname)
        holder = node.getparent()
        catching = match and holder.tag in (B + "startEvent", B + "boundaryEvent", B + "intermediateCatchEvent")
        top = (
            holder is not None
            and holder.tag == B + "startEvent"
            and holder.getparent().get("triggeredByEvent") != "true"
        )
        if catching and match[1] in _TOLD:
            holder.remove(node)
            if not top:
                told = etree.SubElement(holder, B + "messageEventDefinition")
                told.set("messageRef", message(root, holder.get("id")))
        elif match and match[1] == "message" and not catching:
            holder.remove(node)
    return etree.tostring(root)


def message(root: etree._Element, name: str) -> str:
    key = f"message_{name}"
    node = etree.Element(B + "message", id=key, name=name)
    root.insert(0, node)
    return key


class Simulator(Host):
    """Message flows go from element to element, whatever the messages are called."""

    links: list[tuple[str, str]]
    pools: dict[str, str]
    happened: list[str]

    def after(self, instance: Instance, step: runtime.Step) -> None:
        for event in instance.take(step):
            interrupted = isinstance(event, e.MessageWaitEnded) and self.kind(event) == "receiveTask"
            if isinstance(event, _HAPPENED) or interrupted:
                self.happened.append(event.element)
            if isinstance(event, e.ElementCompleted | e.UserTaskCompleted):
                for source, target in self.links:
                    if source == event.element:
                        self.tell(self.pools.get(target, target))

    def kind(self, event: e.AtElement) -> str:
        return self.diagrams[event.process].elements[event.element].kind

    def tell(self, element: str) -> None:
        """What the simulator's user clicked, or a message flow carries: wakes what waits, or begins a process."""
        for instance in self.instances:
            waits = runtime.waits(instance.definition, instance.state)
            wait = next((wait for wait, name in waits.messages.items() if name == element), None)
            task = next((task for task, name in waits.tasks.items() if name == element), None)
            done = (instance.definition, instance.state)
            if wait is not None:
                return self.after(instance, runtime.receive_message(*done, wait, {}, instance.around))
            if task is not None:
                return self.after(instance, runtime.complete_task(*done, task, {}, instance.around))
        for process, diagram in self.diagrams.items():
            if element == process or element in {start.id for start in diagram.starts(None)}:
                self.start(process, {}, None if element == process else element)
                return None
        return None


def replayed(content: bytes, trace: list[str]) -> tuple[list[str], list[str]]:
    """What happened in the trace, and what happened here."""
    prepared = prepare(content, trace)
    root = etree.fromstring(prepared)
    host = Simulator(load(prepared))
    host.links = [(f.get("sourceRef"), f.get("targetRef")) for f in root.iter(B + "messageFlow")]
    host.pools = {p.get("id"): p.get("processRef") for p in root.iter(B + "participant")}
    host.happened = []
    SCOPES.clear()
    SCOPES.update(
        key
        for d in host.diagrams.values()
        for key, element in d.elements.items()
        if element.is_subprocess or element.kind in ("userTask", "receiveTask")
    )
    kinds = {key: element.kind for diagram in host.diagrams.values() for key, element in diagram.elements.items()}
    processes = set(host.diagrams) | set(host.pools)
    flows_from = {source for source, _ in host.links}
    told = [line.split(":")[1] for line in trace if line.startswith("signal:")]
    if not set(told) & processes:  # the second half of a story: begin it, and compare from here
        host.start(next(iter(host.diagrams)), {})
        host.happened.clear()
    for element, following in zip(told, [*told[1:], ""], strict=True):
        starts = {s.id for d in host.diagrams.values() for s in d.starts(None)}
        if element in processes:
            process = host.pools.get(element, element)
            begun = any(i.definition.main == process and not i.told for i in host.instances)
            if not begun:
                host.start(process, {}, following if following in starts else None)
            else:
                next(i for i in host.instances if i.definition.main == process and not i.told).told = True
            host.instances[-1].told = True
        elif element in kinds and element not in starts:
            host.tell(element)
    _ = flows_from
    ours = [element for element in host.happened if kinds[element] != "eventBasedGateway"]
    return occurrences(trace, kinds), ours


def without_cancelled(there: list[str], here: list[str]) -> bool:
    """The simulator says that an interrupted scope was left only where a boundary event interrupted it, we always do."""
    more = Counter(here) - Counter(there)
    if not more or Counter(there) - Counter(here):
        return False
    scopes = {element for element in more if element in SCOPES}
    return set(more) == scopes and [x for x in there if x not in scopes] == [x for x in here if x not in scopes]


SCOPES: set[str] = set()
"""Ids of subprocesses of the model that was replayed last."""


def model_of(root: Path, trace: Path) -> Path:
    """The diagram of a trace: several traces may belong to one."""
    name = trace.stem
    while not (root / f"{name}.bpmn").exists():
        name = re.sub(r"-\d+$", "", name) if re.search(r"-\d+$", name) else name + "?"
        if name.endswith("?"):
            return root / "missing"
    return root / f"{name}.bpmn"


def test_the_traces_are_reproduced() -> None:
    root = corpus("token-simulation")
    exact, same, different = [], [], []
    for file in sorted((root / "traces").glob("*.json")):
        model = model_of(root, file)
        if not model.exists():
            different.append(f"{file.stem}: no model")
            continue
        try:
            there, here = replayed(model.read_bytes(), json.loads(file.read_text()))
        except (ShangmenError, KeyError, StopIteration) as error:
            different.append(f"{file.stem}: {type(error).__name__} {error}")
            continue
        if there == here or without_cancelled(there, here):
            exact.append(file.stem)
        elif sorted(there) == sorted(here):
            same.append(f"{file.stem}\n   there {there}\n   here  {here}")
        else:
            different.append(f"{file.stem}\n   there {there}\n   here  {here}")
    print(
        f"token simulation: {len(exact)} in the same order, {len(same)} the same elements in another order,"
        f" {len(different)} different"
    )
    print("\n".join(["SAME", *same, "DIFFERENT", *different]))
    assert len(exact) >= FLOOR
    named = {line.split("\n")[0].split(":")[0].removeprefix("Simulator.") for line in same + different}
    assert named == set(OTHERWISE)
