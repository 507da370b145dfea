"""What one engine step costs (load, complete one task, run, save) as a case grows older, beside the bare library.

    python -m benchmarks.step_cost [--quick]

The process is the approval procedure of 27 elements with two calls; every task answers a form of 2 kB; the case
is sent back for rework round after round. Times are medians of process time in milliseconds; the bare library
runs the same diagram with its own parser, script engine and serializer, in the same run, interleaved.
"""

from __future__ import annotations

import gc
import statistics
import sys
import time
import warnings
from collections.abc import Callable
from datetime import datetime
from typing import Any

from lxml import etree

from engine.definition.bpmn import read_diagram
from engine.runtime import interpreter as runtime
from engine.runtime.compiled import ProcessDefinition, assemble
from engine.runtime.surroundings import ZONE, Surroundings
from tests.runtime.drawing import Drawing

AROUND = Surroundings("k", datetime(2026, 9, 7, 9, tzinfo=ZONE), steps_max=20_000)
MAIN = """
start s0
xor m1
user submit
script prep do {round_no: 1}
user completeness
xor x1
user back
script register do {reg_no: 1}
and p1
call legal review
call tech techreview
user fee
boundary fee_timer on fee non-interrupting timer P14D
script remind do {reminded: 1}
end e_remind
and p2
user assess
xor x2
user approve
user reject
user rework
xor m2
user sign
script publish do {published: 1}
task notify
user archive
end e0
s0 > m1 > submit > prep > completeness > x1
x1 > register if complete
x1 > back default
back > m1
register > p1
p1 > legal > p2
p1 > tech > p2
p1 > fee > p2
fee_timer > remind > e_remind
p2 > assess > x2
x2 > approve if decision = "approve"
x2 > rework if decision = "rework"
x2 > reject default
rework > m1
approve > m2
reject > m2
m2 > sign > publish > notify > archive > e0
"""
REVIEW = """
start {p}s
script {p}assign do {{assigned: 1}}
user {p}review
xor {p}x
user {p}second
xor {p}m
script {p}conclude do {{concluded: 1}}
end {p}e
{p}s > {p}assign > {p}review > {p}x
{p}x > {p}second if need_second
{p}x > {p}m default
{p}second > {p}m > {p}conclude > {p}e
"""
FORM: dict[str, Any] = {
    "applicant": {"name": "Jane Doe", "id": "19850101-1234", "address": {"street": "Main street 1", "city": "Sp"}},
    "items": [{"id": i, "desc": f"Line item number {i} with a short text", "amount": 10 * i} for i in range(10)],
    "comments": "Lorem ipsum dolor sit amet " * 8,
    "flags": {f"f{i}": bool(i % 2) for i in range(10)},
    "attachments": [{"name": f"doc{i}.pdf", "sha": "ab" * 32} for i in range(4)],
    "complete": True,
    "need_second": True,
    "decision": "rework",
}


def drawings() -> dict[str, bytes]:
    """The three processes as BPMN."""
    return {
        "p": Drawing(MAIN, "p").xml(),
        "review": Drawing(REVIEW.format(p="l"), "review").xml(),
        "techreview": Drawing(REVIEW.format(p="t"), "techreview").xml(),
    }


def ours() -> ProcessDefinition:
    return assemble("p", {key: read_diagram(xml) for key, xml in drawings().items()}, {}, {})


def our_step(definition: ProcessDefinition, state: bytes, number: int) -> bytes:
    """Load, complete the first open task, run, save."""
    task = next(iter(runtime.waits(definition, state).tasks))
    return runtime.complete_task(definition, state, task, {"note": number}, AROUND).state


def our_pure_step(definition: ProcessDefinition, state: bytes) -> Callable[[], object]:
    task = next(iter(runtime.waits(definition, state).tasks))
    return lambda: runtime.complete_task(definition, state, task, {"note": 1}, AROUND)


class Bare:
    """SpiffWorkflow as bought: its parser, its Python expressions, its serializer."""

    def __init__(self) -> None:
        from SpiffWorkflow.bpmn import BpmnWorkflow
        from SpiffWorkflow.bpmn.parser import BpmnParser
        from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer

        parser = BpmnParser()
        for key, xml in drawings().items():
            parser.add_bpmn_xml(etree.ElementTree(etree.fromstring(self._python(xml))), key)
        self.serializer = BpmnWorkflowSerializer()
        workflow = BpmnWorkflow(parser.get_spec("p"), parser.get_subprocess_specs("p"))
        workflow.task_tree.data.update(FORM)
        workflow.do_engine_steps()
        self.state = self.serializer.serialize_json(workflow)
        self.steps = 0

    @staticmethod
    def _python(xml: bytes) -> bytes:
        text = xml.decode().replace(' = "', ' == "').replace("P14D", '"P14D"')
        for name in ("round_no", "reg_no", "reminded", "published", "assigned", "concluded"):
            text = text.replace("{" + name + ": 1}", f"{name} = 1")
        return text.encode()

    def act(self, state: str) -> str:
        from SpiffWorkflow import TaskState

        workflow = self.serializer.deserialize_json(state)
        task = workflow.get_next_task(state=TaskState.READY, manual=True)
        task.set_data(note=1)
        task.run()
        workflow.do_engine_steps()
        found: str = self.serializer.serialize_json(workflow)
        return found

    def to(self, steps: int) -> str:
        while self.steps < steps:
            self.state = self.act(self.state)
            self.steps += 1
        return self.state


def median(what: Callable[[], object], repeats: int) -> float:
    """Milliseconds of process time."""
    samples = []
    for _ in range(repeats):
        gc.collect()
        gc.disable()
        began = time.process_time()
        what()
        samples.append(time.process_time() - began)
        gc.enable()
    return statistics.median(samples) * 1000


def cycle(definition: ProcessDefinition, state: bytes, number: int, repeats: int) -> tuple[float, int, bytes]:
    """The median over one whole round of the process (every kind of step once), the largest state, where it stands."""
    times, size = [], 0
    for n in range(10):
        times.append(median(our_pure_step(definition, state), repeats))
        state = our_step(definition, state, number + n)
        size = max(size, len(state))
    return statistics.median(times), size, state


def measure(
    bare_too: bool = True, ages: tuple[int, ...] = (10, 100, 300), repeats: int = 7
) -> dict[int, dict[str, float]]:
    """Per age in steps: our median, our largest state in bytes, and the bare library's median and size."""
    warnings.simplefilter("ignore")
    definition = ours()
    state = runtime.start(definition, AROUND, FORM).state
    bare = Bare() if bare_too else None
    found: dict[int, dict[str, float]] = {}
    number = 0
    for age in ages:
        while number < age:
            state = our_step(definition, state, number)
            number += 1
        ours_ms, size, state = cycle(definition, state, number, repeats)
        number += 10
        found[age] = {"ours_ms": ours_ms, "ours_bytes": size}
        if bare is not None:
            saved = bare.to(age)
            found[age]["bare_ms"] = median(lambda saved=saved: bare.act(saved), max(3, repeats // 2))  # type: ignore[misc]
            found[age]["bare_bytes"] = len(saved)
    return found


def items(count: int = 1000) -> float:
    """Milliseconds to complete one item of a parallel multi-instance task of ``count``."""
    definition = assemble(
        "p", {"p": read_diagram(Drawing("start s\nuser a each item in items\nend e\ns > a > e").xml())}, {}, {}
    )
    state = runtime.start(definition, AROUND, {"items": list(range(count))}).state
    task = list(runtime.waits(definition, state).tasks)[count // 2]
    return median(lambda: runtime.complete_task(definition, state, task, {}, AROUND), 7)


def main() -> None:
    quick = "--quick" in sys.argv
    print("age (steps)   ours ms   state bytes   bare ms   bare bytes   times faster")
    found = measure(ages=(10, 100) if quick else (10, 100, 300))
    for age, row in found.items():
        print(
            f"{age:>11} {row['ours_ms']:>9.2f} {row['ours_bytes']:>13.0f} {row['bare_ms']:>9.2f} "
            f"{row['bare_bytes']:>12.0f} {row['bare_ms'] / row['ours_ms']:>14.1f}"
        )
    last, first = max(found), min(found)
    print(f"{last} steps cost {found[last]['ours_ms'] / found[first]['ours_ms']:.2f} times what {first} steps cost")
    print(f"one of 1000 items: {items():.1f} ms")


if __name__ == "__main__":
    main()
