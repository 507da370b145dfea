"""Where the elements of a BPMN file stand on the page (BPMN DI)."""

from __future__ import annotations

from lxml import etree

from engine.definition.diagram import Edge, Shape

_DI = "{http://www.omg.org/spec/BPMN/20100524/DI}"
_DC = "{http://www.omg.org/spec/DD/20100524/DC}"
_DD = "{http://www.omg.org/spec/DD/20100524/DI}"


def read_shapes(root: etree._Element) -> tuple[dict[str, Shape], dict[str, Edge]]:
    """Bounds and way points by element id; what has no readable numbers is left out."""
    shapes: dict[str, Shape] = {}
    edges: dict[str, Edge] = {}
    for node in root.iter(_DI + "BPMNShape"):
        key = _element(node)
        bounds = node.find(_DC + "Bounds")
        numbers = [_number(bounds.get(side)) for side in ("x", "y", "width", "height")] if bounds is not None else []
        if key and numbers and None not in numbers:
            x, y, width, height = (number or 0.0 for number in numbers)
            shapes.setdefault(
                key,
                Shape(
                    key,
                    x,
                    y,
                    width,
                    height,
                    node.get("isExpanded") != "false",
                    node.get("isHorizontal") != "false",
                ),
            )
    for node in root.iter(_DI + "BPMNEdge"):
        key = _element(node)
        points = [(_number(point.get("x")), _number(point.get("y"))) for point in node.iterfind(_DD + "waypoint")]
        if key and points:
            edges.setdefault(key, Edge(key, tuple((x or 0.0, y or 0.0) for x, y in points)))
    return shapes, edges


def _element(node: etree._Element) -> str:
    return (node.get("bpmnElement") or "").rpartition(":")[2]


def _number(text: str | None) -> float | None:
    try:
        number = float(text or "")
    except ValueError:
        return None
    return number if abs(number) < 1e7 else None
