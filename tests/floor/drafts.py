"""Drafts of the national procedure for tests: one change each, made in the files as an editor would make it."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from lxml import etree

from engine.definition.bundle import Bundle, read_folder
from engine.definition.finding import Finding
from engine.definition.floor import check_floor, floor_of

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "processes" / "disability_assessment"
B = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
XSI = "{http://www.w3.org/2001/XMLSchema-instance}"
Files = dict[tuple[str, str], bytes]
Edit = Callable[[Files], None]


@cache
def national() -> Bundle:
    """The national bundle as it stands in the repository."""
    return read_folder(FOLDER, ROOT / "forms" / "library")


def draft(*edits: Edit) -> Files:
    """The national files with these edits."""
    files = dict(national().resources)
    for edit in edits:
        edit(files)
    return files


def judge(files: Files) -> tuple[Finding, ...]:
    """The errors that the floor finds."""
    floor = floor_of(national().resources)
    assert floor is not None
    found = check_floor(national().manifest["process"], files, floor)
    return tuple(finding for finding in found if finding.severity == "error")


def numbers(files: Files) -> set[str]:
    """The numbers of the rules that the draft breaks."""
    return {str(finding.params.get("number", finding)) for finding in judge(files)}


def text(kind: str, key: str, old: str, new: str, count: int = 1) -> Edit:
    """Replaces a piece of text that stands in the file ``count`` times."""

    def edit(files: Files) -> None:
        content = files[(kind, key)].decode()
        assert content.count(old) == count, (key, old, content.count(old))
        files[(kind, key)] = content.replace(old, new).encode()

    return edit


def profile(key: str, **values: Any) -> Edit:
    """Another value (and bounds) of a parameter, as a root that writes its own bounds could give it."""

    def edit(files: Files) -> None:
        place = ("profile", "disability_assessment")
        lines = files[place].decode().splitlines()
        number = next(n for n, line in enumerate(lines) if line.startswith(f"{key} = "))
        for name, value in values.items():
            before = f"{name} = "
            start = lines[number].index(f" {before}") + len(before) + 1
            end = min(i for i in (lines[number].find(",", start), lines[number].find(" }", start)) if i > 0)
            lines[number] = lines[number][:start] + str(value) + lines[number][end:]
        files[place] = "\n".join(lines).encode()

    return edit


def form(key: str, change: Callable[[dict[str, Any]], None], field: str) -> Edit:
    """Changes one field of a form."""

    def edit(files: Files) -> None:
        data = json.loads(files[("form", key)])
        change(_component(data["components"], field))
        files[("form", key)] = json.dumps(data, ensure_ascii=False).encode()

    return edit


def without_field(key: str, field: str) -> Edit:
    """Takes a field out of a form."""

    def edit(files: Files) -> None:
        data = json.loads(files[("form", key)])
        _drop(data["components"], field)
        files[("form", key)] = json.dumps(data, ensure_ascii=False).encode()

    return edit


def new_field(key: str, component: dict[str, Any]) -> Edit:
    """Adds a field at the end of a form."""

    def edit(files: Files) -> None:
        data = json.loads(files[("form", key)])
        data["components"].append(component)
        files[("form", key)] = json.dumps(data, ensure_ascii=False).encode()

    return edit


def _component(components: list[dict[str, Any]], field: str) -> dict[str, Any]:
    for one in components:
        if one.get("key") == field:
            return one
        if "components" in one:
            try:
                return _component(one["components"], field)
            except KeyError:
                continue
    raise KeyError(field)


def _drop(components: list[dict[str, Any]], field: str) -> None:
    components[:] = [one for one in components if one.get("key") != field]
    for one in components:
        _drop(one.get("components", []), field)


def drawn(key: str, change: Callable[[Drawn], None]) -> Edit:
    """Changes a diagram."""

    def edit(files: Files) -> None:
        drawing = Drawn(files[("process", key)])
        change(drawing)
        files[("process", key)] = drawing.content()

    return edit


class Drawn:
    """A diagram that can be redrawn. Layout is left as it was."""

    def __init__(self, content: bytes) -> None:
        self.root = etree.fromstring(content)

    def content(self) -> bytes:
        for node in self.root.iter(f"{B}*"):
            for old in [*node.iterfind(B + "incoming"), *node.iterfind(B + "outgoing")]:
                node.remove(old)
        return etree.tostring(self.root, xml_declaration=True, encoding="UTF-8")

    def node(self, key: str) -> Any:
        return next(one for one in self.root.iter(f"{B}*") if one.get("id") == key)

    def into(self, key: str) -> list[Any]:
        return [one for one in self.root.iter(B + "sequenceFlow") if one.get("targetRef") == key]

    def out(self, key: str) -> list[Any]:
        return [one for one in self.root.iter(B + "sequenceFlow") if one.get("sourceRef") == key]

    def remove(self, key: str) -> None:
        """Takes a step out; what led to it leads to what came after it."""
        after = self.out(key)[0].get("targetRef")
        for flow in self.into(key):
            flow.set("targetRef", after)
        for flow in self.out(key):
            flow.getparent().remove(flow)
        self.erase(key)

    def erase(self, key: str) -> None:
        node = self.node(key)
        node.getparent().remove(node)
        for one in list(self.root.iter(B + "boundaryEvent")):
            if one.get("attachedToRef") == key:
                self.erase_tail(one.get("id"))
        for ref in list(self.root.iter(B + "flowNodeRef")):
            if ref.text == key:
                ref.getparent().remove(ref)

    def erase_tail(self, key: str) -> None:
        """An element and all that only it leads to."""
        onward = [flow.get("targetRef") for flow in self.out(key)]
        for flow in self.out(key):
            flow.getparent().remove(flow)
        self.erase(key)
        for target in onward:
            if not self.into(target):
                self.erase_tail(target)

    def retarget(self, flow: str, target: str) -> None:
        self.node(flow).set("targetRef", target)

    def flow(self, source: str, target: str, condition: str = "", key: str = "") -> str:
        parent = self.node(source).getparent()
        made = etree.SubElement(parent, B + "sequenceFlow")
        made.set("id", key or f"new_{source}_{target}")
        made.set("sourceRef", source)
        made.set("targetRef", target)
        if condition:
            inner = etree.SubElement(made, B + "conditionExpression")
            inner.set(XSI + "type", "bpmn:tFormalExpression")
            inner.text = condition
        return str(made.get("id"))

    def add(self, kind: str, key: str, beside: str, **attributes: str) -> None:
        """A new element in the scope and the lane of another."""
        made = etree.SubElement(self.node(beside).getparent(), B + kind)
        made.set("id", key)
        made.set("name", key)
        for name, value in attributes.items():
            made.set(f"{{urn:shangmen:bpmn:1}}{name}" if name in OURS else name, value)
        for ref in list(self.root.iter(B + "flowNodeRef")):
            if ref.text == beside:
                etree.SubElement(ref.getparent(), B + "flowNodeRef").text = key

    def before(self, key: str, kind: str, made: str, **attributes: str) -> None:
        """A new step right before another."""
        self.add(kind, made, key, **attributes)
        for flow in self.into(key):
            flow.set("targetRef", made)
        self.flow(made, key)

    def around(self, key: str, condition: str, target: str = "") -> None:
        """A gateway before a step, from which a way leads past it."""
        past = target or self.out(key)[0].get("targetRef")
        self.before(key, "exclusiveGateway", f"gate_{key}")
        self.node(f"gate_{key}").set("default", f"new_gate_{key}_{key}")
        self.flow(f"gate_{key}", past, condition)

    def swap(self, first: str, second: str) -> None:
        """Two steps in a row change places."""
        into, between, out = self.into(first), self.out(first), self.out(second)
        for flow in into:
            flow.set("targetRef", second)
        for flow in between:
            flow.set("sourceRef", second)
            flow.set("targetRef", first)
        for flow in out:
            flow.set("sourceRef", first)


OURS = frozenset({"role", "level", "tenant", "form", "decision", "result", "connector", "input", "dueWorkingDays"})
