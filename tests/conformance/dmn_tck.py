"""Reads the DMN TCK: its test files, the values they state, and whether an answer is the expected one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from lxml import etree

from engine.feel import FeelFunction, equal, kind, literals

_NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"
_TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"


@dataclass(frozen=True)
class Expected:
    """One result node: what the decision ``name`` must yield. ``is_error``: null or a refusal."""

    name: str
    is_error: bool
    value: Any


@dataclass(frozen=True)
class Case:
    """One test case. ``invocable`` names a decision service or knowledge model; "" for decisions by result name."""

    id: str
    invocable: str
    inputs: dict[str, Any]
    expected: tuple[Expected, ...]

    @property
    def wants_a_value(self) -> bool:
        """Whether an engine that always answers null would fail it."""
        return any(not node.is_error and node.value is not None for node in self.expected)


@dataclass(frozen=True)
class TestFile:
    """One file of cases and the model it is about."""

    __test__ = False

    path: Path
    level: int
    suite: str
    model: Path
    cases: tuple[Case, ...]


def read_tck(root: Path) -> Iterator[TestFile]:
    """Every test file of the corpus, in order."""
    for path in sorted(root.glob("compliance-level-*/*/*test*.xml")):
        tree = etree.parse(path).getroot()
        name = "".join(_child(tree, "modelName").itertext()).strip()
        cases = tuple(_case(element) for element in _children(tree, "testCase"))
        yield TestFile(path, int(path.parent.parent.name[-1]), path.parent.name, path.parent / name, cases)


def _children(element: Any, name: str) -> list[Any]:
    return [child for child in element if isinstance(child.tag, str) and etree.QName(child).localname == name]


def _child(element: Any, name: str) -> Any:
    return next(iter(_children(element, name)), None)


def _case(element: Any) -> Case:
    inputs = {node.get("name"): _value(node) for node in _children(element, "inputNode")}
    expected = []
    for node in _children(element, "resultNode"):
        wanted = _child(node, "expected")
        is_error = node.get("errorResult") == "true"
        expected.append(Expected(node.get("name"), is_error, None if wanted is None else _value(wanted)))
    is_decision = element.get("type", "decision") == "decision"
    return Case(element.get("id"), "" if is_decision else element.get("invocableName"), inputs, tuple(expected))


def _value(element: Any) -> Any:
    """A value in FEEL's inside form."""
    items, components, value = _child(element, "list"), _children(element, "component"), _child(element, "value")
    if items is not None and items.get(_NIL) not in ("true", "1"):
        return [_value(item) for item in _children(items, "item")]
    if components:
        return {part.get("name"): None if part.get(_NIL) == "true" else _value(part) for part in components}
    if value is None or value.get(_NIL) in ("true", "1"):
        return None
    return _simple((value.get(_TYPE) or "string").split(":")[-1], value.text or "")


def _simple(type_name: str, text: str) -> Any:
    if type_name in ("decimal", "double", "integer", "int", "long", "float"):
        return Decimal(text.strip())
    if type_name == "boolean":
        return text.strip() in ("true", "1")
    readers = {
        "date": literals.read_date,
        "time": literals.read_time,
        "dateTime": literals.read_date_time,
        "duration": literals.read_duration,
    }
    return readers[type_name](text.strip()) if type_name in readers else text


def same(expected: Any, answer: Any) -> bool:
    """Whether an answer is the expected one: numbers to 1e-8, functions inside contexts ignored, as the TCK says."""
    if expected is None or answer is None:
        return expected is answer
    if kind(expected) != kind(answer):
        return False
    match expected:
        case Decimal():
            return abs(expected - answer) <= Decimal("1e-8") * max(1, abs(expected))
        case list():
            return len(expected) == len(answer) and all(map(same, expected, answer))
        case dict():
            plain = {key: value for key, value in answer.items() if not isinstance(value, FeelFunction)}
            return expected.keys() == plain.keys() and all(same(expected[key], plain[key]) for key in expected)
    return equal(expected, answer) is True
