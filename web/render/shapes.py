"""The shapes of BPMN as SVG: events with their icons, tasks, gateways, markers, arrows.

Everything is drawn with plain attributes, so that a picture looks right alone, in print and without any
style sheet. Icons stand in a box of 16 × 16. Clause 13 of BPMN 2.0.2 says what each shape means; circles
are 36, gateways 50 and tasks 100 × 80 units where the file says nothing else.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from engine.definition.diagram import EVENTS, GATEWAYS, Element, EventDefinition, Shape

INK: Final = "#3d4653"


@dataclass(frozen=True, slots=True)
class Paint:
    """How a node's outline is painted; ``thicker`` is added to the width that its kind prescribes."""

    fill: str = "#ffffff"
    stroke: str = INK
    thicker: float = 0


PAINTS: Final = {
    "": Paint(),
    "done": Paint("#e3f3e8", "#1d6b40", 0.4),
    "now": Paint("#fff1c9", "#a33d00", 1.6),
    "stuck": Paint("#fde4e1", "#b01e12", 1.6),
    "cancelled": Paint("#eeeff1", "#6b7280"),
    "added": Paint("#e3f3e8", "#1d6b40", 1.6),
    "changed": Paint("#fff1c9", "#8a4b00", 1.6),
    "removed": Paint("#fde4e1", "#b01e12", 1.6),
    "heat0": Paint("#ffffff", "#3d4653"),
    "heat1": Paint("#fff3d6", "#7a5200"),
    "heat2": Paint("#ffdba6", "#8a3d00"),
    "heat3": Paint("#ffb98f", "#8f2300"),
    "heat4": Paint("#f78f78", "#7d0f0f"),
}
"""State of a node → its paint. The same colours stand in diagram.css for the scripts; a sign says it as well."""

TASK_ICONS: Final = {
    "userTask": '<circle cx="8" cy="5" r="3.2"/><path d="M1.8 15c0-4 2.4-6 6.2-6s6.2 2 6.2 6z"/>',
    "manualTask": '<path d="M2 8V5.5c2-2.5 4-3 5.5-3L6.5 4.5H14a1.2 1.2 0 0 1 0 2.4H9m5.5 0a1.2 1.2 0 0 1 '
    '0 2.4H9m4.8 0a1.2 1.2 0 0 1 0 2.4H9m3.5 0a1.2 1.2 0 0 1 0 2.3H5C3 14 2 12 2 10z"/>',
    "serviceTask": '<circle cx="8" cy="8" r="2.2"/><circle cx="8" cy="8" r="4.7"/>'
    '<path d="M8 1v2.2M8 12.8V15M1 8h2.2M12.8 8H15M3 3l1.6 1.6M11.4 11.4 13 13M13 3l-1.6 1.6M4.6 11.4 3 13"/>',
    "scriptTask": '<path d="M4 1.5h9c-3.5 4 2.5 8-1 13H3c3.5-5-2.5-9 1-13zM5.5 5h5M6 8h5M6.5 11h5"/>',
    "businessRuleTask": '<path d="M1 2.5h14v11H1zM1 6h14M1 9.7h14M5.5 6v7.5"/>',
    "sendTask": '<path fill="#3d4653" d="M1 3.5h14v9.5H1z"/><path stroke="#fff" d="m1.5 4 6.5 5 6.5-5"/>',
    "receiveTask": '<path d="M1 3.5h14v9.5H1zM1 3.5 8 9l7-5.5"/>',
}

_ARROW = "M1 6h7V2.5L15 8l-7 5.5V10H1z"
_ENVELOPE = '<path d="M1.5 4h13v8.5h-13z"/><path d="m1.5 4 6.5 5 6.5-5" {inner}/>'
EVENT_ICONS: Final = {
    "timer": '<circle cx="8" cy="8" r="7"/><path d="M8 3.5V8l3 2M8 1v1.3M8 13.7V15M1 8h1.3M13.7 8H15"/>',
    "error": '<path d="m2 14 3.5-11 4.5 6 4-7-3.5 11.5-4.5-6.5z"/>',
    "signal": '<path d="m8 2 6.5 11.5h-13z"/>',
    "escalation": '<path d="m8 1.5 5 12.5-5-4.5L3 14z"/>',
    "conditional": '<path d="M3 1.5h10v13H3zM5 5h6M5 8h6M5 11h6"/>',
    "link": f'<path d="{_ARROW}"/>',
    "compensate": '<path d="M8 3v10L1.5 8zM14.5 3v10L8 8z"/>',
    "cancel": '<path d="m3.5 2 4.5 4.5L12.5 2 14 3.5 9.5 8l4.5 4.5-1.5 1.5L8 9.5 3.5 14 2 12.5 6.5 8 2 3.5z"/>',
    "terminate": '<circle cx="8" cy="8" r="7.3"/>',
    "multiple": '<path d="m8 1.5 6.5 4.8-2.5 7.7H4L1.5 6.3z"/>',
    "parallelMultiple": '<path d="M6 1.5h4V6h4.5v4H10v4.5H6V10H1.5V6H6z"/>',
}

_GATEWAY_SIGNS: Final = {
    "exclusiveGateway": '<path stroke-width="3.2" d="m-7-8 14 16M7-8l-14 16"/>',
    "parallelGateway": '<path stroke-width="3.2" d="M-10 0h20M0-10v20"/>',
    "inclusiveGateway": '<circle r="9.5" stroke-width="2.8"/>',
    "complexGateway": '<path stroke-width="3" d="M-10 0h20M0-10v20M-7-7 7 7M7-7-7 7"/>',
    "eventBasedGateway": '<circle r="12"/><circle r="9.5"/><path d="m0-6 5.7 4.2-2.2 6.7h-7l-2.2-6.7z"/>',
}


def number(value: float) -> str:
    """A coordinate without needless digits."""
    return f"{value:.1f}".rstrip("0").rstrip(".") or "0"


def icon(content: str, x: float, y: float, size: float, filled: bool = False) -> str:
    """A 16 × 16 icon with its upper left corner at ``x, y``."""
    scale = "" if size == 16 else f" scale({size / 16:.3g})"
    paint = f'fill="{INK}"' if filled else 'fill="none"'
    return (
        f'<g class="icon" transform="translate({number(x)} {number(y)}){scale}" {paint} stroke="{INK}" '
        f'stroke-width="1.1">{content}</g>'
    )


# ------------------------------------------------------------------ nodes


def node(element: Element, shape: Shape, paint: Paint) -> str:
    """Any node, without its name."""
    if element.kind in EVENTS:
        return event(element, shape, paint)
    return gateway(element, shape, paint) if element.kind in GATEWAYS else activity(element, shape, paint)


def _outline(paint: Paint, thick: float) -> str:
    plain = f' data-width="{number(thick)}"' if paint.thicker else ""
    return f'fill="{paint.fill}" stroke="{paint.stroke}" stroke-width="{number(thick + paint.thicker)}"{plain}'


def event(element: Element, shape: Shape, paint: Paint) -> str:
    """A circle: thin for a start, double between, thick for an end; dashed where it does not interrupt."""
    cx, cy, r = shape.x + shape.width / 2, shape.y + shape.height / 2, min(shape.width, shape.height) / 2
    at = f'cx="{number(cx)}" cy="{number(cy)}"'
    thick = 3.4 if element.kind == "endEvent" else 1.6
    waits_on = element.kind in {"boundaryEvent", "startEvent"} and not element.interrupting
    dash = ' stroke-dasharray="4 3"' if waits_on else ""
    drawn = f'<circle class="body" {at} r="{number(r)}" {_outline(paint, thick)}{dash}/>'
    if element.kind not in {"startEvent", "endEvent"}:
        inner = number(r - 3.5)
        drawn += f'<circle class="line" {at} r="{inner}" fill="none" stroke="{INK}" stroke-width="1.2"{dash}/>'
    sign = _event_sign(element)
    if sign:
        size = r * 1.05
        throws = element.kind in {"endEvent", "intermediateThrowEvent"}
        content = EVENT_ICONS.get(sign) or _ENVELOPE.format(inner='stroke="#fff"' if throws else "")
        drawn += icon(content, cx - size / 2, cy - size / 2, size, throws or sign == "terminate")
    return drawn


def _event_sign(element: Element) -> str:
    kinds: Sequence[EventDefinition] = element.definitions
    if len(kinds) > 1:
        return "parallelMultiple" if element.parallel_multiple else "multiple"
    return kinds[0].kind if kinds else ""


def gateway(element: Element, shape: Shape, paint: Paint) -> str:
    """A diamond with its sign."""
    cx, cy = shape.x + shape.width / 2, shape.y + shape.height / 2
    w, h = number(shape.width / 2), number(shape.height / 2)
    sign = _GATEWAY_SIGNS.get(element.kind, "")
    return (
        f'<path class="body" d="M{number(cx)} {number(shape.y)}l{w} {h}-{w} {h}-{w}-{h}z" '
        f'{_outline(paint, 1.6)}/><g class="icon" transform="translate({number(cx)} {number(cy)})" '
        f'fill="none" stroke="{INK}" stroke-width="1.2">{sign}</g>'
    )


def activity(element: Element, shape: Shape, paint: Paint) -> str:
    """A rounded box; thick for a call activity, dotted for an event subprocess, with type and loop markers."""
    box = f'x="{number(shape.x)}" y="{number(shape.y)}" width="{number(shape.width)}" height="{number(shape.height)}"'
    thick = 3.2 if element.kind == "callActivity" else 1.6
    dash = ' stroke-dasharray="2 4"' if element.triggered_by_event else ""
    if element.is_subprocess and shape.expanded:
        paint = Paint("none", paint.stroke, paint.thicker)
    drawn = f'<rect class="body" {box} rx="9" {_outline(paint, thick)}{dash}/>'
    if element.kind == "transaction":
        drawn += (
            f'<rect class="line" x="{number(shape.x + 3.5)}" y="{number(shape.y + 3.5)}" rx="6" fill="none" '
            f'width="{number(shape.width - 7)}" height="{number(shape.height - 7)}" stroke="{INK}"/>'
        )
    if element.kind in TASK_ICONS:
        drawn += icon(TASK_ICONS[element.kind], shape.x + 6, shape.y + 6, 15)
    return drawn + _markers(element, shape)


def _markers(element: Element, shape: Shape) -> str:
    signs = []
    if element.kind == "callActivity" or (element.is_subprocess and not shape.expanded):
        signs.append('<path d="M1.5 1.5h13v13h-13zM8 4v8M4 8h8"/>')
    if element.loop is not None:
        signs.append(
            {
                "parallel": '<path stroke-width="2.2" d="M3.5 2v12M8 2v12M12.5 2v12"/>',
                "sequential": '<path stroke-width="2.2" d="M2 3.5h12M2 8h12M2 12.5h12"/>',
            }.get(element.loop.kind, '<path d="M5.5 13.5a6 6 0 1 1 4.5 0M5.5 13.5 6 9.5M5.5 13.5l-4-.5"/>')
        )
    if element.for_compensation:
        signs.append(EVENT_ICONS["compensate"])
    if element.kind == "adHocSubProcess":
        signs.append('<path stroke-width="2.2" d="M2 10c2-5 4-5 6-2s4 3 6-2"/>')
    x = shape.x + shape.width / 2 - len(signs) * 9
    return "".join(icon(sign, x + n * 18 + 2, shape.y + shape.height - 18, 14) for n, sign in enumerate(signs))


# ------------------------------------------------------------------ flows


def route(points: Sequence[tuple[float, float]], radius: float = 6) -> str:
    """The path of a flow with its corners rounded."""
    drawn = f"M{number(points[0][0])} {number(points[0][1])}"
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        near = min(radius, math.dist(before, corner) / 2, math.dist(corner, after) / 2)
        (ax, ay), (bx, by) = _towards(corner, before, near), _towards(corner, after, near)
        drawn += f"L{number(ax)} {number(ay)}Q{number(corner[0])} {number(corner[1])} {number(bx)} {number(by)}"
    return drawn + f"L{number(points[-1][0])} {number(points[-1][1])}"


def arrow_head(points: Sequence[tuple[float, float]], size: float = 9) -> str:
    """The path of the arrow head at the end of a flow."""
    tip = points[-1]
    base = _towards(tip, points[-2], size)
    dx, dy = (tip[0] - base[0]) * 0.42, (tip[1] - base[1]) * 0.42
    corners = (tip, (base[0] - dy, base[1] + dx), (base[0] + dy, base[1] - dx))
    return "M" + "L".join(f"{number(x)} {number(y)}" for x, y in corners) + "z"


def default_slash(points: Sequence[tuple[float, float]]) -> str:
    """The path of the short stroke that marks a gateway's default flow."""
    x, y = _towards(points[0], points[1], 11)
    return f"M{number(x - 4)} {number(y + 5)}l8-10"


def _towards(start: tuple[float, float], end: tuple[float, float], way: float) -> tuple[float, float]:
    length = math.dist(start, end) or 1.0
    return start[0] + (end[0] - start[0]) / length * way, start[1] + (end[1] - start[1]) / length * way
