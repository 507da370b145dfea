"""A page of a BPMN file as its author laid it out: all pools on one picture, with data, texts and groups,
message flows and associations. What cannot run is drawn like everything else."""

from __future__ import annotations

import math

from markupsafe import Markup, escape

from engine.definition.diagram import Artifact, Diagram, Edge, Link, Shape
from engine.definition.pages import Page
from web.language import gettext, word
from web.render import lettering, shapes
from web.render.diagram import band, layers, svg, text_at
from web.render.outline import NOTHING, Marks

_LABEL_WIDTH = 110
_BOXES = {"participant", "choreographyTask", "subChoreography", "callChoreography"}


def sheet(page: Page, label: str = "", marks: Marks = NOTHING) -> Markup:
    """The page as one ``<svg>`` element; ``marks`` are put on whatever process has the marked elements."""
    hidden = {key for diagram in page.diagrams for key in _inside_closed(diagram)}
    visible = {key: shape for key, shape in page.shapes.items() if key not in hidden}
    edges = {key: edge for key, edge in page.edges.items() if key not in hidden}
    beside = [(page.artifacts[key], shape) for key, shape in visible.items() if key in page.artifacts]
    parts = [_artifact(artifact, shape) for artifact, shape in beside if artifact.kind == "participant"]
    drawn = [
        layers(
            diagram,
            {key: shape for key, shape in visible.items() if key in diagram.shapes},
            {key: edge for key, edge in edges.items() if key in diagram.flows},
            marks,
        )
        for diagram in page.diagrams
    ]
    for one in drawn:
        parts += one.below
    parts += [_link(page.links[key], edge) for key, edge in edges.items() if key in page.links]
    parts += [_artifact(artifact, shape) for artifact, shape in beside if artifact.kind != "participant"]
    for one in drawn:
        parts += one.above
    name = label or gettext("Diagram: %(name)s", name=word(page.name))
    return svg(parts, visible.values(), edges.values(), name, page.name)


def _inside_closed(diagram: Diagram) -> list[str]:
    """What stands in a subprocess that is drawn closed on the same page."""

    def closed(parent: str | None) -> bool:
        while parent is not None:
            shape = diagram.shapes.get(parent)
            if shape is not None and not shape.expanded:
                return True
            parent = diagram.elements[parent].parent
        return False

    return [
        *(element.id for element in diagram.elements.values() if closed(element.parent)),
        *(flow.id for flow in diagram.flows.values() if closed(flow.parent)),
    ]


def _artifact(artifact: Artifact, shape: Shape) -> str:
    drawn = {
        "participant": lambda: band(artifact.name, shape, "#ffffff"),
        "textAnnotation": lambda: _annotation(artifact, shape),
        "group": lambda: _group(artifact, shape),
        "dataStoreReference": lambda: _store(shape) + _below(artifact.name, shape),
    }.get(artifact.kind)
    if drawn is None and artifact.kind.startswith("data"):
        content = _document(artifact.kind, shape) + _below(artifact.name, shape)
    else:
        content = drawn() if drawn is not None else _box(artifact, shape)
    return f'<g class="artifact" data-artifact="{escape(artifact.id)}">{content}</g>'


def _n(value: float) -> str:
    return shapes.number(value)


def _below(name: str, shape: Shape) -> str:
    text = word(name)
    if not text:
        return ""
    setting = lettering.Setting(lettering.wrap(text, _LABEL_WIDTH, 12), 12)
    height = len(setting.lines) * 12 * 1.25
    return text_at(setting, shape.x + shape.width / 2, shape.y + shape.height + 4 + height / 2, halo=True)


def _document(kind: str, shape: Shape) -> str:
    """A sheet of paper with a corner turned down; an arrow says input or output."""
    fold = min(shape.width, shape.height) * 0.28
    side, height = _n(shape.width - fold), _n(shape.height - fold)
    drawn = (
        f'<path d="M{_n(shape.x)} {_n(shape.y)}h{side}l{_n(fold)} {_n(fold)}v{height}h{_n(-shape.width)}z'
        f'M{_n(shape.x + shape.width - fold)} {_n(shape.y)}v{_n(fold)}h{_n(fold)}" fill="#fff" '
        f'stroke="{shapes.INK}" stroke-width="1.3"/>'
    )
    if kind in {"dataInput", "dataOutput"}:
        drawn += shapes.icon(
            shapes.EVENT_ICONS["link"], shape.x + 3, shape.y + 4, min(16, shape.width / 2), kind == "dataOutput"
        )
    return drawn


def _store(shape: Shape) -> str:
    """A barrel."""
    lid = shape.height * 0.14
    x, y, w, h = shape.x, shape.y + lid, shape.width, shape.height - 2 * lid
    curve = f"{_n(w / 2)} {_n(lid)} 0 0"
    return (
        f'<path d="M{_n(x)} {_n(y)}v{_n(h)}a{curve} 0 {_n(w)} 0v{_n(-h)}a{curve} 0 {_n(-w)} 0a{curve} 0 {_n(w)} 0" '
        f'fill="#fff" stroke="{shapes.INK}" stroke-width="1.3"/>'
    )


def _annotation(artifact: Artifact, shape: Shape) -> str:
    """A bracket and what it says."""
    setting = lettering.fit(word(artifact.name), max(20, shape.width - 12), max(14, shape.height), (13, 12, 11, 10, 9))
    bracket = f"M{_n(shape.x + 12)} {_n(shape.y)}h-12v{_n(shape.height)}h12"
    said = text_at(setting, shape.x + 8, shape.y + shape.height / 2, anchor="start") if artifact.name else ""
    return f'<path d="{bracket}" fill="none" stroke="{shapes.INK}" stroke-width="1.3"/>{said}'


def _group(artifact: Artifact, shape: Shape) -> str:
    box = f'x="{_n(shape.x)}" y="{_n(shape.y)}" width="{_n(shape.width)}" height="{_n(shape.height)}"'
    drawn = f'<rect {box} rx="9" fill="none" stroke="{shapes.INK}" stroke-width="1.3" stroke-dasharray="9 4 2 4"/>'
    if not artifact.name:
        return drawn
    setting = lettering.fit(word(artifact.name), max(40, shape.width - 16), 18, (13, 12, 11))
    return drawn + text_at(setting, shape.x + shape.width / 2, shape.y + 13, halo=True)


def _box(artifact: Artifact, shape: Shape) -> str:
    """Whatever has no sign of its own: a box with its name."""
    box = f'x="{_n(shape.x)}" y="{_n(shape.y)}" width="{_n(shape.width)}" height="{_n(shape.height)}"'
    drawn = f'<rect {box} fill="#fff" stroke="{shapes.INK}" stroke-width="1.3" stroke-dasharray="2 2"/>'
    setting = lettering.fit(word(artifact.name), max(20, shape.width - 8), max(14, shape.height - 6), (13, 12, 11, 10))
    middle = shape.y + shape.height / 2
    return drawn + (text_at(setting, shape.x + shape.width / 2, middle) if artifact.name else "")


def _link(link: Link, edge: Edge) -> str:
    """Dashed with an open head for a message flow; dotted for an association."""
    if len(edge.points) < 2:
        return ""
    message = link.kind == "messageFlow"
    dash = "7 4" if message else "1.5 4"
    drawn = (
        f'<path class="line" d="{shapes.route(edge.points)}" fill="none" stroke="{shapes.INK}" stroke-width="1.4" '
        f'stroke-dasharray="{dash}"/>'
    )
    if message or link.kind.startswith("data") or link.direction != "None":
        fill = "#fff" if message else "none"
        drawn += f'<path d="{shapes.arrow_head(edge.points)}" fill="{fill}" stroke="{shapes.INK}" stroke-width="1.2"/>'
    if link.direction == "Both":
        backwards = shapes.arrow_head(edge.points[::-1])
        drawn += f'<path d="{backwards}" fill="none" stroke="{shapes.INK}" stroke-width="1.2"/>'
    if message:
        x, y = edge.points[0]
        drawn += f'<circle cx="{_n(x)}" cy="{_n(y)}" r="3.5" fill="#fff" stroke="{shapes.INK}" stroke-width="1.2"/>'
    return f'<g class="link" data-link="{escape(link.id)}">{drawn}{_link_name(link, edge)}</g>'


def _link_name(link: Link, edge: Edge) -> str:
    text = word(link.name)
    if not text:
        return ""
    (ax, ay), (bx, by) = max(zip(edge.points, edge.points[1:], strict=False), key=lambda stretch: math.dist(*stretch))
    setting = lettering.Setting(lettering.wrap(text, _LABEL_WIDTH, 12), 12)
    return text_at(setting, (ax + bx) / 2 + 6, (ay + by) / 2, anchor="start", halo=True)
