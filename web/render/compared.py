"""Two versions of a diagram on one canvas: what is new, changed or gone, by colour and sign and line.

The later version is drawn; what is gone from the former stands dashed where it stood. Where a shape stands is no
difference (``engine.definition.diff`` says what is).
"""

from __future__ import annotations

from collections.abc import Iterable

from markupsafe import Markup

from engine.definition.diagram import Diagram
from engine.definition.diff import Change
from web.language import gettext, word
from web.render import diagram as drawing
from web.render.outline import Mark, Marks


def compared(before: Diagram, after: Diagram, changes: Iterable[Change]) -> Markup:
    """One ``<svg>`` with both; empty if the later version says nothing of its looks."""
    told = {change.element for change in changes if change.element}
    nodes = {
        key: Mark("changed" if key in before.elements else "added") for key in after.elements if key in told
    }  # fmt: skip
    flows = frozenset(key for key in after.flows if key in told or after.flows[key].target in _new(before, after))
    visible = {key: shape for key, shape in after.shapes.items() if drawing.is_visible(after, key)}
    if not visible:
        return Markup("")  # nothing in it
    edges = {key: edge for key, edge in after.edges.items() if key in after.flows and drawing.is_visible(after, key)}
    new = drawing.layers(after, visible, edges, Marks(nodes, flows))
    gone_nodes = {
        key: before.shapes[key]
        for key in before.elements
        if key not in after.elements and key in before.shapes and drawing.is_visible(before, key)
    }
    gone_edges = {
        key: edge
        for key, edge in before.edges.items()
        if key in before.flows and _is_gone(before, after, key) and drawing.is_visible(before, key)
    }
    old = drawing.layers(before, gone_nodes, gone_edges, Marks({key: Mark("removed") for key in gone_nodes}))
    dashed = ['<g class="gone" stroke-dasharray="6 4" opacity="0.8">', *old.below, *old.above, "</g>"]
    parts = [*drawing.pools(after, visible), *new.below, *dashed, *new.above]
    name = gettext("What is different in %(name)s", name=word(after.name or after.process))
    boxes = [*visible.values(), *gone_nodes.values()]
    return drawing.svg(parts, boxes, [*edges.values(), *gone_edges.values()], name, after.process)


def _new(before: Diagram, after: Diagram) -> set[str]:
    return set(after.elements) - set(before.elements)


def _is_gone(before: Diagram, after: Diagram, key: str) -> bool:
    """A flow whose two ends no flow of the later version connects."""
    flow = before.flows[key]
    return not any((one.source, one.target) == (flow.source, flow.target) for one in after.flows.values())
