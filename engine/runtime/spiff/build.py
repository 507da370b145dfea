"""Diagrams → one SpiffWorkflow specification in which every element of every process is a task spec."""

from __future__ import annotations

from collections.abc import Mapping

from SpiffWorkflow.specs.base import TaskSpec
from SpiffWorkflow.specs.WorkflowSpec import WorkflowSpec

from engine.definition.diagram import Diagram, Element
from engine.errors import Corrupt
from engine.runtime.spiff.activity import Activity
from engine.runtime.spiff.events import Boundary, Catching, Start, Throwing
from engine.runtime.spiff.gateways import Complex, EventBased, Exclusive, Inclusive, Parallel
from engine.runtime.spiff.node import Node
from engine.runtime.spiff.subprocess import AdHoc, Call, Handler, SubProcess
from engine.runtime.spiff.tasks import Receive, Rule, Script, Send, Service, User

KINDS: dict[str, type[Node]] = {
    "task": Activity,
    "manualTask": Activity,
    "userTask": User,
    "scriptTask": Script,
    "businessRuleTask": Rule,
    "serviceTask": Service,
    "sendTask": Send,
    "receiveTask": Receive,
    "subProcess": SubProcess,
    "transaction": SubProcess,
    "adHocSubProcess": AdHoc,
    "callActivity": Call,
    "exclusiveGateway": Exclusive,
    "parallelGateway": Parallel,
    "inclusiveGateway": Inclusive,
    "eventBasedGateway": EventBased,
    "complexGateway": Complex,
    "startEvent": Start,
    "endEvent": Throwing,
    "intermediateThrowEvent": Throwing,
    "intermediateCatchEvent": Catching,
    "boundaryEvent": Boundary,
}


class Root(TaskSpec):  # type: ignore[misc]
    """What all tokens hang under. Its name cannot be an XML id."""

    def test(self) -> None:
        """Nothing leads here."""


def build(diagrams: Mapping[str, Diagram]) -> WorkflowSpec:
    """The specification of a definition. Raises ``Corrupt`` if an element got lost on the way."""
    spec = WorkflowSpec("definition")
    spec.start = Root(spec, "/")
    for diagram in diagrams.values():
        for element in diagram.elements.values():
            _kind(element)(spec, diagram, element)
    wanted = {f"{d.process}/{key}" for d in diagrams.values() for key in d.elements}
    if set(spec.task_specs) != wanted | {"/"}:
        raise Corrupt("The compiled definition lacks elements of its diagrams.")
    return spec


def _kind(element: Element) -> type[Node]:
    return Handler if element.triggered_by_event else KINDS[element.kind]
