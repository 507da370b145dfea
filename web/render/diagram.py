"""A diagram as a picture (SVG), with the way a case took marked on it.

The picture is made on the server: it needs no script, prints, weighs a few kilobytes and can stand in a
document. Scripts only add zoom and the keyboard (see ``frontend/src/diagram.js``); for them every node says
what it is (``data-says``) and where it leads (``data-to``). What the picture shows, ``outline`` says in words.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from markupsafe import Markup, escape

from engine.definition.diagram import EVENTS, GATEWAYS, Diagram, Edge, Element, Lane, Shape
from engine.history.replay import Frame
from web.language import gettext, word
from web.render import lettering, shapes
from web.render.outline import NOTHING, Mark, Marks, spoken, telling_order

_MARGIN = 16
_LINE = 1.25  # line height
_TAKEN = "#1d6b40"
_BADGES = {"done": "✓", "now": "▶", "stuck": "!", "cancelled": "✕", "added": "＋", "changed": "✎", "removed": "−"}
_SHRINKS_TO = 0.66
_LABEL_WIDTH = 92
_UPRIGHT = str.maketrans("()（）", "︵︶︵︶")  # how brackets stand in a column of characters


def marks_of(frame: Frame, process: str, scopes: Collection[str] = ("",)) -> Marks:
    """What ``frame`` says about one diagram: the visits and flows of ``process`` within ``scopes``.

    A picture shows a call of its process and the scopes of the subprocesses that are drawn inside.
    """
    nodes: dict[str, Mark] = {}
    stuck = set(frame.standing.incidents.values())
    for visit in frame.visits:
        if visit.process != process or visit.scope not in scopes:
            continue
        before = nodes.get(visit.element)
        if visit.until is None:
            state = "stuck" if visit.element in stuck else "now"
        else:
            state = "cancelled" if visit.cancelled else "done"
        if before and before.state in {"now", "stuck"}:
            state = before.state if state not in {"now", "stuck"} else state
        nodes[visit.element] = Mark(state, (before.visits if before else 0) + 1)
    flows = frozenset(flow for at, within, flow in frame.flows if at == process and within in scopes)
    return Marks(nodes, flows)


def picture(diagram: Diagram, marks: Marks = NOTHING, label: str = "") -> Markup:
    """The diagram as one ``<svg>`` element, named by ``label``; empty if the file says nothing of its looks."""
    visible = {key: shape for key, shape in diagram.shapes.items() if is_visible(diagram, key)}
    if not visible:
        return Markup("")  # nothing in it
    edges = {key: edge for key, edge in diagram.edges.items() if key in diagram.flows and is_visible(diagram, key)}
    drawn = layers(diagram, visible, edges, marks)
    parts = [*pools(diagram, visible), *drawn.below, *drawn.above]
    name = label or gettext("Diagram: %(name)s", name=word(diagram.name or diagram.process))
    return svg(parts, visible.values(), edges.values(), name, diagram.process)


@dataclass(frozen=True, slots=True)
class Layers:
    """One process as pieces of SVG: what lies under flows between processes, and what lies over them."""

    below: list[str]
    above: list[str]


def layers(diagram: Diagram, visible: dict[str, Shape], edges: dict[str, Edge], marks: Marks = NOTHING) -> Layers:
    """Lanes, open subprocesses and flows; then nodes and the names of flows."""
    nodes = [e for e in telling_order(diagram) if e.id in visible]  # an attached event comes after its activity
    frames = [e for e in nodes if e.is_subprocess and visible[e.id].expanded]
    below = _lanes(diagram, visible)
    below += [_node(diagram, element, visible[element.id], marks) for element in frames]
    below += [_flow(diagram, edge, edge.element in marks.flows) for edge in edges.values()]
    above = [_node(diagram, element, visible[element.id], marks) for element in nodes if element not in frames]
    return Layers(below, above + [_flow_label(diagram, edge) for edge in edges.values()])


def svg(parts: Iterable[str], boxes: Iterable[Shape], edges: Iterable[Edge], name: str, process: str) -> Markup:
    """A page around the boxes and edges, with the parts on it; every word inside them must be escaped."""
    page = _Page.around(boxes, edges)
    return Markup(  # noqa: S704 - every word and id inside is escaped where it is put in
        f'<svg class="bpmn {page.size_class}" role="img" aria-label="{escape(name)}" '
        f'xmlns="http://www.w3.org/2000/svg" viewBox="{page.view_box}" width="{page.width:.0f}" '
        f'height="{page.height:.0f}" data-process="{escape(process)}" font-family="{_FONTS}" '
        f'fill="{shapes.INK}">{"".join(parts)}</svg>'
    )


_FONTS = "PingFang SC, Microsoft YaHei, Noto Sans SC, Noto Sans CJK SC, sans-serif"


def is_visible(diagram: Diagram, key: str) -> bool:
    """Not inside a closed subprocess."""
    if key in diagram.flows:
        parent = diagram.flows[key].parent
    else:
        parent = diagram.elements[key].parent if key in diagram.elements else None
    while parent is not None:
        if parent not in diagram.shapes or not diagram.shapes[parent].expanded:
            return False
        parent = diagram.elements[parent].parent
    return True


@dataclass(frozen=True, slots=True)
class _Page:
    x: float
    y: float
    width: float
    height: float

    @classmethod
    def around(cls, boxes: Iterable[Shape], edges: Iterable[Edge]) -> _Page:
        """The smallest page with everything on it, labels below events included."""
        xs: list[float] = []
        ys: list[float] = []
        for shape in boxes:
            beside = max(0.0, (_LABEL_WIDTH - shape.width) / 2) if shape.height < 60 else 0.0
            xs += [shape.x - beside, shape.x + shape.width + beside]
            above, below = (18, 28) if shape.height < 60 else (0, 0)  # room for a label
            ys += [shape.y - above, shape.y + shape.height + below]
        for edge in edges:
            xs += [x for x, _ in edge.points]
            ys += [y for _, y in edge.points]
        left, top = min(xs) - _MARGIN, min(ys) - _MARGIN
        return cls(left, top, max(xs) + _MARGIN - left, max(ys) + _MARGIN - top)

    @property
    def view_box(self) -> str:
        return " ".join(shapes.number(n) for n in (self.x, self.y, self.width, self.height))

    @property
    def size_class(self) -> str:
        """How far a narrow screen may shrink it before it scrolls: ``w7`` is 700 pixels (see diagram.css)."""
        return f"w{min(20, max(3, int(self.width * _SHRINKS_TO / 100)))}"


# ------------------------------------------------------------------ pools and lanes


def pools(diagram: Diagram, visible: dict[str, Shape]) -> list[str]:
    known = {*diagram.elements, *(lane.id for lane in diagram.lanes)}
    return [band(diagram.name, shape, "#ffffff") for key, shape in visible.items() if key not in known]


def _lanes(diagram: Diagram, visible: dict[str, Shape]) -> list[str]:
    lanes: list[Lane] = [lane for lane in diagram.lanes if lane.id in visible]
    tints = ("#f6f8fb", "#ffffff")
    ordered = sorted(lanes, key=lambda lane: (visible[lane.id].y, visible[lane.id].x))
    tint = {lane.id: tints[n % 2] for n, lane in enumerate(ordered)}
    return [
        f'<g data-lane="{escape(lane.id)}">{band(lane.name, visible[lane.id], tint[lane.id])}</g>' for lane in lanes
    ]


def band(name: str, shape: Shape, fill: str) -> str:
    """A pool or lane: its name stands at the left from top to bottom, or at the top if it runs downwards."""
    box = " ".join(
        f'{side}="{shapes.number(value)}"'
        for side, value in (("x", shape.x), ("y", shape.y), ("width", shape.width), ("height", shape.height))
    )
    drawn = f'<rect class="lane" {box} fill="{fill}" stroke="#9aa4b2" stroke-width="1"/>'
    text = word(name)
    if not text:
        return drawn
    if not shape.horizontal:
        return drawn + text_at(lettering.fit(text, shape.width - 8, 26), shape.x + shape.width / 2, shape.y + 15)
    cx, cy = shape.x + 15, shape.y + shape.height / 2
    upright = text.translate(_UPRIGHT)
    if lettering.is_chinese(upright) and len(upright) * 16 <= shape.height - 8:
        return drawn + text_at(lettering.Setting(tuple(upright), 14), cx, cy, leading=1.12)
    setting = lettering.fit(text, shape.height - 10, 28, (13, 12, 11, 10))
    turned = text_at(setting, 0, 0, leading=1.1)
    return f'{drawn}<g transform="translate({shapes.number(cx)} {shapes.number(cy)}) rotate(-90)">{turned}</g>'


# ------------------------------------------------------------------ nodes


def _node(diagram: Diagram, element: Element, shape: Shape, marks: Marks) -> str:
    mark = marks.nodes.get(element.id)
    paint = shapes.PAINTS[mark.state if mark else ""]
    onward = " ".join(flow.target for flow in diagram.flows_out(element.id))
    data = f'data-id="{escape(element.id)}" data-says="{escape(spoken(diagram, element, mark))}"'
    for name, value in (("to", onward), ("on", element.attached_to), ("calls", element.called)):
        if value:
            data += f' data-{name}="{escape(value)}"'
    state = f" is-{mark.state}" if mark else ""
    kind = "event" if element.kind in EVENTS else "gateway" if element.kind in GATEWAYS else "activity"
    if element.is_subprocess and shape.expanded:
        kind = "frame"
    drawn = shapes.node(element, shape, paint) + _name(diagram, element, shape) + _badge(mark, shape)
    return f'<g class="node {kind}{state}" {data}>{drawn}</g>'


def _name(diagram: Diagram, element: Element, shape: Shape) -> str:
    text = word(element.name)
    if not text:
        return ""
    cx = shape.x + shape.width / 2
    if element.is_subprocess and shape.expanded:
        setting = lettering.fit(text, shape.width - 20, 18, (14, 13, 12))
        return text_at(setting, cx, shape.y + 16)
    if element.is_activity:
        has_icon = element.kind in shapes.TASK_ICONS
        has_marker = element.kind == "callActivity" or element.loop is not None or element.is_subprocess
        room = shape.height - (20 if has_icon else 6) - (20 if has_marker else 6)
        setting = lettering.fit(text, shape.width - 10, room, (15, 14, 13, 12, 11, 10))
        crowded = len(setting.lines) > 2
        aside = (7 if has_icon and crowded else 0) - (7 if has_marker else 0)
        return text_at(setting, cx, shape.y + shape.height / 2 + aside)
    return _label(diagram, element, shape, text)


def _label(diagram: Diagram, element: Element, shape: Shape, text: str) -> str:
    """The name of an event or gateway, beside it where no flow leaves."""
    setting = lettering.Setting(lettering.wrap(text, _LABEL_WIDTH, 13), 13)
    height = len(setting.lines) * 13 * _LINE
    cx, bottom = shape.x + shape.width / 2, shape.y + shape.height
    if element.attached_to:
        return text_at(setting, shape.x + shape.width - 2, bottom + height / 2, anchor="start", halo=True)
    used = _sides(diagram, element, shape)
    if "bottom" not in used:
        return text_at(setting, cx, bottom + 5 + height / 2, halo=True)
    if "top" not in used:
        return text_at(setting, cx, shape.y - 5 - height / 2, halo=True)
    if "right" not in used:
        return text_at(setting, shape.x + shape.width + 5, shape.y + shape.height / 2, anchor="start", halo=True)
    return text_at(setting, cx - shape.width * 0.3, shape.y - height / 2 + 8, anchor="end", halo=True)


def _sides(diagram: Diagram, element: Element, shape: Shape) -> set[str]:
    ends = [diagram.edges[f].points[0] for f in element.outgoing if f in diagram.edges]
    ends += [diagram.edges[f].points[-1] for f in element.incoming if f in diagram.edges]
    sides = set()
    for x, y in ends:
        dx = (x - shape.x - shape.width / 2) / (shape.width or 1)
        dy = (y - shape.y - shape.height / 2) / (shape.height or 1)
        if abs(dx) > abs(dy):
            sides.add("right" if dx > 0 else "left")
        else:
            sides.add("bottom" if dy > 0 else "top")
    return sides


def _badge(mark: Mark | None, shape: Shape) -> str:
    """A sign at the upper right corner, so that colour is never the only message; with the count from two visits."""
    if mark is None:
        return ""
    if mark.badge:
        return _counted(mark, shape)
    text = _BADGES[mark.state] + (f"{mark.visits}" if mark.visits > 1 else "")
    half = 9 if len(text) == 1 else 14
    aside, below = (-2, 2) if shape.width > 60 else (half - 9, 5)
    x, y = shape.x + shape.width + aside, shape.y + below
    return (
        f'<g class="badge" transform="translate({shapes.number(x)} {shapes.number(y)})"><rect x="{-half}" y="-9" '
        f'width="{2 * half}" height="18" rx="9" fill="{shapes.PAINTS[mark.state].stroke}"/><text y="4.5" '
        f'text-anchor="middle" font-size="12" font-weight="700" fill="#fff">{text}</text></g>'
    )


def _counted(mark: Mark, shape: Shape) -> str:
    """A plate at the node with numbers, for a picture of many cases: above a task, at a corner where no flow leaves."""
    half = 6 + 3.6 * sum(2 if lettering.is_chinese(sign) else 1 for sign in mark.badge)
    at_top = shape.width > 60
    x = shape.x + (shape.width / 2 if at_top else shape.width)
    y = shape.y - 2 if at_top else shape.y + shape.height - 3
    return (
        f'<g class="badge" transform="translate({shapes.number(x)} {shapes.number(y)})">'
        f'<rect x="{shapes.number(-half)}" y="-9" width="{shapes.number(2 * half)}" height="18" rx="4" '
        f'fill="{shapes.PAINTS[mark.state].stroke}"/><text y="4.5" text-anchor="middle" font-size="12" '
        f'font-weight="700" fill="#fff">{escape(mark.badge)}</text></g>'
    )


# ------------------------------------------------------------------ flows and words


def _flow(diagram: Diagram, edge: Edge, taken: bool) -> str:
    if len(edge.points) < 2:
        return ""
    flow = diagram.flows[edge.element]
    colour, thick = (_TAKEN, 3) if taken else (shapes.INK, 1.5)
    drawn = f'<path class="line" d="{shapes.route(edge.points)}" fill="none" stroke="{colour}" stroke-width="{thick}"/>'
    drawn += f'<path class="head" d="{shapes.arrow_head(edge.points, 11 if taken else 9)}" fill="{colour}"/>'
    if diagram.elements[flow.source].default == flow.id:
        drawn += f'<path class="line" d="{shapes.default_slash(edge.points)}" stroke="{colour}" stroke-width="1.5"/>'
    return f'<g class="flow{" is-taken" if taken else ""}" data-flow="{escape(flow.id)}">{drawn}</g>'


def _flow_label(diagram: Diagram, edge: Edge) -> str:
    """The name of a flow: over its first stretch, where the choice is made, or over its longest."""
    text = word(diagram.flows[edge.element].name)
    if not text or len(edge.points) < 2:
        return ""
    stretches = list(zip(edge.points, edge.points[1:], strict=False))
    wanted = min(lettering.width(text, 13), 96) + 14
    if len(stretches) > 1 and _shares_start(diagram, edge):
        (ax, ay), (bx, by) = stretches[-1]  # where it has parted from its siblings
    else:
        (ax, ay), (bx, by) = next(
            (s for s in stretches[:1] if math.dist(*s) >= min(wanted, 34)), max(stretches, key=lambda s: math.dist(*s))
        )
    if abs(bx - ax) >= abs(by - ay):
        room = max(60.0, abs(bx - ax) - 8)
        setting = lettering.Setting(lettering.wrap(text, room, 13), 13)
        middle = (ax + bx) / 2 if abs(bx - ax) < 160 else ax + (60 if bx > ax else -60)
        return text_at(setting, middle, (ay + by) / 2 - 4 - len(setting.lines) * 13 * _LINE / 2, halo=True)
    setting = lettering.Setting(lettering.wrap(text, 96, 13), 13)
    middle = (ay + by) / 2 if abs(by - ay) < 90 else ay + (36 if by > ay else -36)
    return text_at(setting, ax + 6, middle, anchor="start", halo=True)


def _shares_start(diagram: Diagram, edge: Edge) -> bool:
    """Whether another flow of the same gateway begins on the same line."""
    source = diagram.flows[edge.element].source
    others = [diagram.edges[flow].points for flow in diagram.elements[source].outgoing if flow in diagram.edges]
    return sum(points[:1] == edge.points[:1] for points in others) > 1


def text_at(
    setting: lettering.Setting, x: float, y: float, anchor: str = "middle", leading: float = _LINE, halo: bool = False
) -> str:
    """Lines around the height ``y``. A halo keeps words readable where they cross a line."""
    step = setting.size * leading
    first = y - step * (len(setting.lines) - 1) / 2 + setting.size * 0.36
    around = ' stroke="#fff" stroke-width="3.5" stroke-linejoin="round" paint-order="stroke"' if halo else ""
    lines = "".join(
        f'<tspan x="{shapes.number(x)}" y="{shapes.number(first + n * step)}">{escape(line)}</tspan>'
        for n, line in enumerate(setting.lines)
    )
    return f'<text font-size="{shapes.number(setting.size)}" text-anchor="{anchor}"{around}>{lines}</text>'
