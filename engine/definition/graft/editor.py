"""What the editors of the bpmn.io family change although nobody edited: how a difference is told from noise.

They read a file into objects and write the objects anew. On the way, attributes that have their default value
are left out, numbers lose a ``.0``, prefixes change, ``xsi:type`` is written only where they need it, references
to nothing are dropped, and so is what they know no place for. None of that is a wish of the person who saved.
"""

from __future__ import annotations

from engine.definition.graft.source import Attribute, Node

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
XSI_TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"

_OMG = ("http://www.omg.org/spec/", "https://www.omg.org/spec/")
_DEFAULTS = {
    "behavior": "All",
    "cancelActivity": "true",
    "cancelRemainingInstances": "true",
    "completionQuantity": "1",
    "eventGatewayType": "Exclusive",
    "expressionLanguage": "http://www.w3.org/1999/XPath",
    "gatewayDirection": "Unspecified",
    "hitPolicy": "UNIQUE",
    "instantiate": "false",
    "isCollection": "false",
    "isForCompensation": "false",
    "isInterrupting": "true",
    "isReference": "false",
    "isSequential": "false",
    "isUnlimited": "true",
    "loopType": "None",
    "maximum": "1",
    "messageVisibleKind": "initiating",
    "minimum": "0",
    "mustUnderstand": "false",
    "parallelMultiple": "false",
    "startQuantity": "1",
    "testBefore": "false",
    "textFormat": "text/plain",
    "triggeredByEvent": "false",
    "typeLanguage": "http://www.w3.org/2001/XMLSchema",
    "waitForCompletion": "true",
    "x": "0",
    "y": "0",
}
"""Attributes that are not written when they have this value (the same name never has two defaults)."""
_REFERENCES = {"incoming", "outgoing", "default", "bpmnElement", "source", "target", "dmnElementRef"}
_SAME = {"formalExpression": "expression"}
"""Two names that the schema lets stand for the same thing."""


def kind(node: Node) -> str:
    """What an element is, whichever of its names was written."""
    return f"{{{node.namespace}}}{_SAME.get(node.local, node.local)}"


def same_value(key: str, old: Attribute, new: Attribute, before: Node, after: Node) -> bool:
    """Whether two spellings of an attribute say the same."""
    if " ".join(old.value.split()) == " ".join(new.value.split()):
        return True
    if key == XSI_TYPE:
        return _local(old.value) == _local(new.value)
    if ":" in old.value and ":" in new.value and _local(old.value) == _local(new.value):
        place = before.scope.get(old.value.partition(":")[0])
        return place is not None and place == after.scope.get(new.value.partition(":")[0])
    return _number(old.value) is not None and _number(old.value) == _number(new.value)


def left_out_attribute(key: str, value: str, ids: set[str]) -> bool:
    """Whether the editor leaves this attribute out by itself."""
    if _DEFAULTS.get(key) == value or key == XSI_TYPE:
        return True
    return _names_something(key) and _local(value) not in ids


def left_out_element(node: Node, ids: set[str]) -> bool:
    """Whether the editor leaves this element out by itself: no place for it, or a reference to nothing."""
    parent = node.parent
    if not node.namespace.startswith(_OMG) and parent is not None:
        return parent.namespace.startswith(_OMG) and parent.local != "extensionElements"
    return _names_something(node.local) and not node.children and _local(node.text.strip()) not in ids


def put_in_element(node: Node) -> bool:
    """Whether the editor puts this element in by itself: the place of a label that has no place yet."""
    return node.local == "BPMNLabel" and not node.children and not node.attributes


def has_order(node: Node) -> bool:
    """Whether it means something in which order this element stands among its like. For shapes and lines it
    does not: the editor sorts them anew by what lies on what."""
    return node.local not in ("BPMNShape", "BPMNEdge")


def digest(node: Node) -> tuple[object, ...]:
    """What an element says, without the noise: equal for elements that differ in spelling only."""
    attributes = sorted(
        (key, str(_number(a.value)) if _number(a.value) is not None else " ".join(a.value.split()))
        for key, a in node.attributes.items()
        if _DEFAULTS.get(key) != a.value and key != XSI_TYPE
    )
    return (kind(node), tuple(attributes), node.text.strip(), tuple(digest(child) for child in node.children))


def _names_something(name: str) -> bool:
    return name.endswith(("Ref", "Refs")) or name in _REFERENCES


def _local(value: str) -> str:
    return value.rpartition(":")[2]


def _number(value: str) -> float | None:
    try:
        return float(value)
    except ValueError:
        return None
