"""SpiffWorkflow as bought, on the same drawings: what it does wrong, so that a test can show the difference."""

from __future__ import annotations

import warnings
from typing import Any

from lxml import etree
from SpiffWorkflow import TaskState
from SpiffWorkflow.bpmn import BpmnEvent, BpmnWorkflow
from SpiffWorkflow.bpmn.parser import BpmnParser
from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer
from SpiffWorkflow.bpmn.specs.event_definitions import MessageEventDefinition

from tests.runtime.drawing import Drawing

_TIMES = ("timeDate", "timeDuration", "timeCycle")
_M = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"


def as_python(xml: bytes) -> etree._Element:
    """The few expressions of the drawings in the library's own language."""
    root = etree.fromstring(xml)
    for name in _TIMES:
        for node in root.iter(_M + name):
            node.text = repr(node.text)
    for node in root.iter(_M + "conditionExpression"):
        node.text = (node.text or "").replace(" = ", " == ").replace("true", "True")
    for node in root.iter(_M + "script"):
        inner = (node.text or "").strip().removeprefix("{").removesuffix("}")
        node.text = "; ".join(part.replace(":", " =", 1).strip() for part in inner.split(",")) or "pass"
    return root


class Bare:
    """One workflow of the bare library, with its own serializer between steps if ``reload``."""

    def __init__(self, text: str | bytes, variables: dict[str, Any] | None = None, reload: bool = False) -> None:
        warnings.simplefilter("ignore")
        parser = BpmnParser()
        xml = text if isinstance(text, bytes) else Drawing(text).xml()
        parser.add_bpmn_xml(etree.ElementTree(as_python(xml)), "p")
        self.reload = reload
        self.serializer = BpmnWorkflowSerializer()
        self.workflow = BpmnWorkflow(parser.get_spec("p"), parser.get_subprocess_specs("p"))
        self.workflow.task_tree.data.update(variables or {})
        self.workflow.do_engine_steps()

    @property
    def open(self) -> list[str]:
        return sorted(t.task_spec.name for t in self.workflow.get_tasks(state=TaskState.READY, manual=True))

    @property
    def passed(self) -> list[str]:
        return [t.task_spec.name for t in self.workflow.get_tasks(state=TaskState.COMPLETED)]

    def do(self, name: str, **answers: Any) -> None:
        task = next(t for t in self.workflow.get_tasks(state=TaskState.READY, manual=True) if t.task_spec.name == name)
        task.data.update(answers)
        task.run()
        self.workflow.do_engine_steps()
        if self.reload:
            self.workflow = self.serializer.deserialize_json(self.serializer.serialize_json(self.workflow))

    def tell(self, name: str) -> None:
        self.workflow.send_event(BpmnEvent(MessageEventDefinition(name), {}))
        self.workflow.do_engine_steps()

    @property
    def ended(self) -> bool:
        return bool(self.workflow.is_completed())
