"""What stands where in a BPMN file, and what is wrong with it as a drawing. Reads XML only, knows no engine."""

from __future__ import annotations

import tomllib
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
PROCESSES = ROOT / "processes"
PROCEDURES = sorted(path.parent for path in PROCESSES.glob("*/bundle.toml"))
DIAGRAMS = sorted(PROCESSES.glob("*/*.bpmn"))
B = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
DI = "{http://www.omg.org/spec/BPMN/20100524/DI}"
DC = "{http://www.omg.org/spec/DD/20100524/DC}"
DD = "{http://www.omg.org/spec/DD/20100524/DI}"
SM = "{urn:shangmen:bpmn:1}"
NODE_ENDINGS = ("Task", "task", "Event", "Gateway", "subProcess", "callActivity")


@dataclass(frozen=True)
class Box:
    """A rectangle on the page, in the file's own units."""

    name: str
    x: float
    y: float
    width: float
    height: float

    def overlaps(self, other: Box) -> bool:
        """Whether the two share some area."""
        return (self.x < other.x + other.width and other.x < self.x + self.width
                and self.y < other.y + other.height and other.y < self.y + self.height)  # fmt: skip

    def holds(self, other: Box) -> bool:
        """Whether the other lies wholly inside."""
        return (self.x <= other.x and other.x + other.width <= self.x + self.width
                and self.y <= other.y and other.y + other.height <= self.y + self.height)  # fmt: skip

    def crossed_by(self, start: tuple[float, float], end: tuple[float, float]) -> bool:
        """Whether an upright or level line runs through the inside (touching the rim is not crossing)."""
        (x1, y1), (x2, y2) = start, end
        return (max(x1, x2) > self.x + 1 and min(x1, x2) < self.x + self.width - 1
                and max(y1, y2) > self.y + 1 and min(y1, y2) < self.y + self.height - 1)  # fmt: skip


class Drawing:
    """One BPMN file: its elements by id, and where they stand."""

    def __init__(self, content: bytes) -> None:
        self.root = ET.fromstring(content)
        self.process = self.root.find(f"{B}process")
        assert self.process is not None
        inside = [e for e in self.process.iter() if e.tag.startswith(B)]
        self.nodes = {e.get("id", ""): e for e in inside if e.tag.endswith(NODE_ENDINGS)}
        self.flows = {e.get("id", ""): e for e in self.process.iter(f"{B}sequenceFlow")}
        self.lanes = {e.get("id", ""): e for e in self.process.iter(f"{B}lane")}
        self.boxes: dict[str, Box] = {}
        self.labels: dict[str, Box] = {}
        self.lines: dict[str, list[tuple[float, float]]] = {}
        for shape in self.root.iter(
            f"{DI}BPMNShape",
        ):
            self._put(shape)
        for edge in self.root.iter(f"{DI}BPMNEdge"):
            self._put(edge)
            self.lines[edge.get("bpmnElement", "")] = [
                (float(p.get("x", "")), float(p.get("y", ""))) for p in edge.iter(f"{DD}waypoint")
            ]

    def _put(self, drawn: ET.Element) -> None:
        key = drawn.get("bpmnElement", "")
        for holder, found in ((drawn, self.boxes), (drawn.find(f"{DI}BPMNLabel"), self.labels)):
            bounds = holder.find(f"{DC}Bounds") if holder is not None else None
            if bounds is not None:
                found[key] = Box(key, *(float(bounds.get(side, "")) for side in ("x", "y", "width", "height")))

    def kind(self, key: str) -> str:
        """The BPMN tag of an element."""
        return (self.nodes.get(key) if key in self.nodes else self.flows[key]).tag.removeprefix(B)

    def around(self, key: str) -> set[str]:
        """The subprocesses that an element stands in."""
        return {
            outer for outer, element in self.nodes.items()
            if outer != key and any(inner.get("id") == key for inner in element.iter())
        }  # fmt: skip

    def solid(self) -> list[Box]:
        """Shapes that nothing may lie upon: all nodes except expanded subprocesses."""
        return [self.boxes[key] for key in self.nodes if key in self.boxes and self.kind(key) != "subProcess"]


def faults(drawing: Drawing) -> list[str]:
    """Everything that makes a diagram unpleasant to read, as sentences."""
    return [*_missing(drawing), *_overlaps(drawing), *_crossings(drawing), *_slanted(drawing), *_loose_ends(drawing)]


def _missing(d: Drawing) -> list[str]:
    found = [f"{key} has no place" for key in [*d.nodes, *d.lanes] if key not in d.boxes]
    return found + [f"{key} has no line" for key in d.flows if len(d.lines.get(key, [])) < 2]


def _overlaps(d: Drawing) -> list[str]:
    boxes = d.solid()
    hosts = {key: e.get("attachedToRef") for key, e in d.nodes.items() if e.get("attachedToRef")}
    found = []
    for n, one in enumerate(boxes):
        for other in boxes[n + 1 :]:
            if one.overlaps(other) and hosts.get(one.name) != other.name and hosts.get(other.name) != one.name:
                found.append(f"{one.name} lies on {other.name}")
    for key, label in d.labels.items():
        found += [f"the words of {key} lie on {box.name}" for box in boxes if box.name != key and box.overlaps(label)]
    labels = list(d.labels.values())
    for n, one in enumerate(labels):
        found += [f"the words of {one.name} lie on those of {o.name}" for o in labels[n + 1 :] if one.overlaps(o)]
    return found


def _crossings(d: Drawing) -> list[str]:
    found = []
    for key, points in d.lines.items():
        if key not in d.flows:
            continue
        ends = {d.flows[key].get("sourceRef"), d.flows[key].get("targetRef")}
        for start, end in pairwise(points):
            found += [f"{key} runs through {box.name}" for box in d.solid()
                      if box.name not in ends and box.crossed_by(start, end)]  # fmt: skip
            found += [f"{key} runs through the words of {name}" for name, box in d.labels.items()
                      if name != key and box.crossed_by(start, end)]  # fmt: skip
    return found


def _slanted(d: Drawing) -> list[str]:
    return [
        f"{key} is slanted" for key, points in d.lines.items() for (x1, y1), (x2, y2) in pairwise(points)
        if abs(x1 - x2) > 1 and abs(y1 - y2) > 1
    ]  # fmt: skip


def _loose_ends(d: Drawing) -> list[str]:
    found = []
    for key, flow in d.flows.items():
        points = d.lines.get(key, [])
        for point, end in zip(points[:1] + points[-1:], (flow.get("sourceRef"), flow.get("targetRef")), strict=False):
            box = d.boxes.get(end or "")
            rim = box and Box("", box.x - 2, box.y - 2, box.width + 4, box.height + 4)
            if rim and not rim.holds(Box("", *point, 0, 0)):
                found.append(f"{key} does not touch {end}")
    return found


def toml(path: Path) -> dict[str, Any]:
    """A TOML file as plain data."""
    return tomllib.loads(path.read_text(encoding="utf-8"))
