"""MIWG's reference models: each is read, shown with every shape, and written back without losing anything."""

from __future__ import annotations

from pathlib import Path

import pytest
from lxml import etree

from engine.definition.bpmn import read_diagrams
from engine.definition.graft import graft
from engine.definition.pages import read_pages
from tests.conformance.corpora import corpus
from tests.definition.test_graft import saved_by_the_editor
from web.render.outline import outline
from web.render.sheet import sheet

DI = "{http://www.omg.org/spec/BPMN/20100524/DI}"
B = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
NAMES = [
    "A.1.0",
    "A.2.0",
    "A.2.1",
    "A.3.0",
    "A.4.0",
    "A.4.1",
    "B.1.0",
    "B.2.0",
    "C.1.0",
    "C.1.1",
    "C.2.0",
    "C.3.0",
    "C.4.0",
    "C.5.0",
    "C.6.0",
    "C.7.0",
    "C.8.0",
    "C.8.1",
    "C.9.0",
    "C.9.1",
    "C.9.2",
]


def model(name: str) -> Path:
    return corpus("miwg") / "Reference" / f"{name}.bpmn"


def laid_out(content: bytes) -> set[str]:
    """What the file gives a place to, as lxml sees it."""
    root = etree.fromstring(content)
    return {
        node.get("bpmnElement", "").rpartition(":")[2]
        for tag in ("BPMNShape", "BPMNEdge")
        for node in root.iter(DI + tag)
        if node.get("bpmnElement")
    }


def shown(content: bytes) -> set[str]:
    """What stands in the pictures of the file's pages."""
    found: set[str] = set()
    for page in read_pages(content):
        tree = etree.fromstring(str(sheet(page)))
        for mark in ("data-id", "data-flow", "data-artifact", "data-link", "data-lane"):
            found |= {node.get(mark) for node in tree.iter() if node.get(mark)}
    return found


def everything(content: bytes) -> list[tuple[str, tuple[tuple[str, str], ...], str]]:
    """Every element with its attributes and text."""
    return [
        (str(node.tag), tuple(sorted(node.attrib.items())), (node.text or "").strip())
        for node in etree.fromstring(content).iter()
    ]


@pytest.mark.parametrize("name", NAMES)
def test_every_shape_and_line_of_the_model_is_shown(name: str) -> None:
    content = model(name).read_bytes()

    assert laid_out(content) - shown(content) == set()
    for diagram in read_diagrams(content):
        assert len(outline(diagram)) == len(diagram.elements)


@pytest.mark.parametrize("name", NAMES)
def test_every_flow_node_of_the_model_is_read(name: str) -> None:
    content = model(name).read_bytes()
    kinds = ("Task", "task", "Gateway", "Event", "subProcess", "callActivity", "transaction", "adHocSubProcess")
    drawn = {
        node.get("id")
        for process in etree.fromstring(content).iter(B + "process")
        for node in process.iter(f"{B}*")
        if str(node.tag).endswith(kinds) and not str(node.tag).endswith("EventDefinition")
    }

    assert drawn == {
        key for diagram in read_diagrams(content) for key in diagram.elements if not diagram.is_global_task
    }


@pytest.mark.parametrize("name", NAMES)
def test_the_model_comes_back_from_the_editor_with_every_element_and_attribute(name: str) -> None:
    content, saved = model(name).read_bytes(), saved_by_the_editor()[model(name)]

    written = graft(content, saved)

    assert everything(written) == everything(content)
    assert written == content


def test_what_is_not_drawn_and_what_is_lost_would_be_noticed() -> None:
    content = model("A.2.0").read_bytes()
    assert everything(saved_by_the_editor()[model("A.2.0")]) != everything(content)
    root = etree.fromstring(content)
    shape = next(root.iter(DI + "BPMNShape"))
    shape.getparent().remove(shape)
    assert laid_out(content) - shown(etree.tostring(root)) == {shape.get("bpmnElement")}
