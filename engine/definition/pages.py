"""A BPMN file as its author laid it out: page by page, with everything that stands on it.

Reading for display asks less than running: whatever has a place on the page is drawn, also what no engine executes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from lxml import etree

from engine.definition.bpmn import read_diagrams
from engine.definition.bpmn_elements import B, local, reference, text_of
from engine.definition.bpmn_shapes import read_shapes
from engine.definition.diagram import Artifact, Diagram, Edge, Link, Shape
from engine.hardened import parse_xml

_DIAGRAM = "{http://www.omg.org/spec/BPMN/20100524/DI}BPMNDiagram"


@dataclass(frozen=True, slots=True)
class Page:
    """One page: the processes (with the shapes that stand here), what stands beside them, and the lines between."""

    name: str
    diagrams: tuple[Diagram, ...]
    artifacts: Mapping[str, Artifact]
    links: Mapping[str, Link]
    shapes: Mapping[str, Shape]
    edges: Mapping[str, Edge]

    @property
    def shows_more(self) -> bool:
        """Whether there is more on it than one process in its pool."""
        return (
            bool(self.links)
            or sum(bool(diagram.shapes) for diagram in self.diagrams) > 1
            or any(artifact.kind != "participant" for artifact in self.artifacts.values())
        )


def read_pages(content: bytes, what: str = "the diagram") -> tuple[Page, ...]:
    """The pages of a BPMN file, without those that show nothing. Raises ``Rejected`` for what is no valid BPMN."""
    root = parse_xml(content, what)
    diagrams = read_diagrams(content, what)
    by_id = {node.get("id") or "": node for node in root.iter(f"{B}*") if node.get("id")}
    pages = (_page(node, diagrams, by_id) for node in root.iterfind(_DIAGRAM))
    return tuple(page for page in pages if page.shapes)


def _page(node: etree._Element, diagrams: tuple[Diagram, ...], by_id: Mapping[str, etree._Element]) -> Page:
    shapes, edges = read_shapes(node)
    inside = {key for diagram in diagrams for key in (*diagram.elements, *(lane.id for lane in diagram.lanes))}
    flows = {key for diagram in diagrams for key in diagram.flows}
    return Page(
        node.get("name") or "",
        tuple(_here(diagram, shapes, edges) for diagram in diagrams),
        {key: _artifact(key, by_id) for key in shapes if key not in inside},
        {key: _link(key, by_id) for key in edges if key not in flows},
        shapes,
        edges,
    )


def _here(diagram: Diagram, shapes: Mapping[str, Shape], edges: Mapping[str, Edge]) -> Diagram:
    """The diagram with what stands on this page only."""
    own = set(diagram.elements) | {lane.id for lane in diagram.lanes}
    return replace(
        diagram,
        shapes={key: shape for key, shape in shapes.items() if key in own},
        edges={key: edge for key, edge in edges.items() if key in diagram.flows},
    )


def _artifact(key: str, by_id: Mapping[str, etree._Element]) -> Artifact:
    node = by_id.get(key)
    if node is None:
        return Artifact(key, "")
    return Artifact(key, local(node), _name(node, by_id))


def _name(node: etree._Element, by_id: Mapping[str, etree._Element]) -> str:
    """Its name or text, or the name of what it stands for."""
    said = node.get("name") or text_of(node.find(B + "text"))
    value = by_id.get(reference(node.get("categoryValueRef")) or "")
    if value is not None:
        said = said or value.get("value") or ""
    for attribute in ("dataObjectRef", "dataStoreRef"):
        other = by_id.get(reference(node.get(attribute)) or "")
        said = said or (other.get("name") or "" if other is not None else "")
    state = node.find(B + "dataState")
    in_state = f"[{state.get('name')}]" if state is not None and state.get("name") else ""
    return said if in_state in said else f"{said} {in_state}"


def _link(key: str, by_id: Mapping[str, etree._Element]) -> Link:
    node = by_id.get(key)
    if node is None:
        return Link(key, "")
    return Link(key, local(node), node.get("name") or "", node.get("associationDirection") or "None")
