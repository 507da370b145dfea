"""A BPMN file as rules see it: nodes by tag and by id."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from lxml import etree

MODEL = "http://www.omg.org/spec/BPMN/20100524/MODEL"
B = f"{{{MODEL}}}"
Breach = tuple[etree._Element, str, dict[str, Any]]
Rule = Callable[["Document"], Iterable[Breach]]

TASKS = {"task", "userTask", "manualTask", "serviceTask", "scriptTask", "businessRuleTask", "sendTask", "receiveTask"}
SUBPROCESSES = {"subProcess", "transaction", "adHocSubProcess"}
ACTIVITIES = TASKS | SUBPROCESSES | {"callActivity"}
GATEWAYS = {"exclusiveGateway", "parallelGateway", "inclusiveGateway", "eventBasedGateway", "complexGateway"}
EVENTS = {
    "startEvent",
    "endEvent",
    "intermediateCatchEvent",
    "intermediateThrowEvent",
    "boundaryEvent",
    "implicitThrowEvent",
}
NODES = ACTIVITIES | GATEWAYS | EVENTS


def tag(node: etree._Element | None) -> str:
    """The BPMN tag of a node, "" for anything else."""
    name = str(node.tag) if node is not None else ""
    return name.removeprefix(B) if name.startswith(B) else ""


def ref(text: str | None) -> str:
    """A reference without its prefix."""
    return (text or "").strip().rpartition(":")[2]


def text(node: etree._Element | None) -> str:
    return "".join(node.itertext()).strip() if node is not None else ""


class Document:
    """``by_id`` is first come; the reader has already refused ids that stand twice."""

    def __init__(self, root: etree._Element) -> None:
        self.root = root
        self.nodes = list(root.iter(f"{B}*"))
        self.by_id: dict[str, etree._Element] = {}
        for node in self.nodes:
            if node.get("id"):
                self.by_id.setdefault(node.get("id") or "", node)
        self.out: dict[str, list[etree._Element]] = {}
        self.into: dict[str, list[etree._Element]] = {}
        for flow in self.all("sequenceFlow"):
            self.out.setdefault(ref(flow.get("sourceRef")), []).append(flow)
            self.into.setdefault(ref(flow.get("targetRef")), []).append(flow)

        self.handlers = {
            ref(node.get("targetRef"))
            for node in self.all("association")
            if self.kind(ref(node.get("sourceRef"))) == "boundaryEvent"
        }
        """Activities that a compensation boundary event leads to."""

    def all(self, *tags: str) -> Iterator[etree._Element]:
        """All nodes with one of these tags, in document order."""
        wanted = set(tags)
        return (node for node in self.nodes if tag(node) in wanted)

    def kind(self, key: str) -> str:
        """The tag of the node with this id, "" if there is none."""
        return tag(self.by_id.get(key))

    def nearest_id(self, node: etree._Element | None) -> str:
        while node is not None:
            if node.get("id"):
                return node.get("id") or ""
            node = node.getparent()
        return ""

    def definitions(self, event: etree._Element) -> list[etree._Element]:
        """The event definitions of an event, its own and referenced ones."""
        found = []
        for child in event:
            name = tag(child)
            if name.endswith("EventDefinition"):
                found.append(child)
            elif name == "eventDefinitionRef" and ref(child.text) in self.by_id:
                found.append(self.by_id[ref(child.text)])
        return found

    def kinds(self, event: etree._Element) -> list[str]:
        return [tag(definition).removesuffix("EventDefinition") for definition in self.definitions(event)]

    def executable(self, node: etree._Element) -> bool:
        """Whether a node belongs to a process that is meant to run."""
        around: etree._Element | None = node
        while around is not None and tag(around) != "process":
            around = around.getparent()
        return around is not None and around.get("isExecutable") in ("true", "1")
