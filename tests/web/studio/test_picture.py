"""A diagram as a picture: every shape is drawn, words fit, and nothing of a file can break out of its place."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from lxml import etree

import processes
from engine.definition.bpmn import read_diagram
from engine.definition.diagram import Diagram
from engine.errors import Rejected
from engine.history.replay import Frame, Standing, Visit
from web.render import lettering
from web.render.diagram import marks_of, picture
from web.render.outline import Mark, Marks, outline, spoken

SVG = "{http://www.w3.org/2000/svg}"
OURS = sorted(Path(next(iter(processes.__path__))).glob("*/*.bpmn"))

HEAD = (
    '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" id="d" targetNamespace="t" '
    'xmlns:di="http://www.omg.org/spec/BPMN/20100524/DI" xmlns:dc="http://www.omg.org/spec/DD/20100524/DC" '
    'xmlns:dd="http://www.omg.org/spec/DD/20100524/DI">'
)


def drawn(diagram: Diagram, marks: Marks | None = None) -> etree._Element:
    return etree.fromstring(str(picture(diagram, marks) if marks else picture(diagram)))


def small(name: str = "审核", flow: str = "") -> Diagram:
    """start → check → end, with layout."""
    shapes = "".join(
        f'<di:BPMNShape bpmnElement="{key}"><dc:Bounds x="{x}" y="{y}" width="{w}" height="{h}"/></di:BPMNShape>'
        for key, x, y, w, h in (("start", 0, 22, 36, 36), ("check", 90, 0, 100, 80), ("end", 250, 22, 36, 36))
    )
    edges = "".join(
        f'<di:BPMNEdge bpmnElement="{key}"><dd:waypoint x="{a}" y="40"/><dd:waypoint x="{b}" y="40"/></di:BPMNEdge>'
        for key, a, b in (("f1", 36, 90), ("f2", 190, 250))
    )
    return read_diagram(
        f'{HEAD}<process id="p" isExecutable="true"><startEvent id="start"/><userTask id="check" name="{name}"/>'
        f'<endEvent id="end" name="完"/><sequenceFlow id="f1" sourceRef="start" targetRef="check" name="{flow}"/>'
        f'<sequenceFlow id="f2" sourceRef="check" targetRef="end"/></process>'
        f"<di:BPMNDiagram><di:BPMNPlane>{shapes}{edges}</di:BPMNPlane></di:BPMNDiagram></definitions>".encode()
    )


def node(tree: etree._Element, key: str) -> etree._Element:
    (found,) = tree.iterfind(f".//{SVG}g[@data-id='{key}']")
    return found


@pytest.mark.parametrize("file", OURS, ids=lambda file: file.stem)
def test_every_element_and_flow_of_our_procedures_is_drawn(file: Path) -> None:
    diagram = read_diagram(file.read_bytes())

    tree = drawn(diagram)

    assert {g.get("data-id") for g in tree.iterfind(f".//{SVG}g[@data-id]")} == set(diagram.elements)
    assert {g.get("data-flow") for g in tree.iterfind(f".//{SVG}g[@data-flow]")} == set(diagram.flows)
    said = "".join(tree.itertext())
    for element in diagram.elements.values():
        assert all(character in said for character in element.name)


@pytest.mark.parametrize("file", OURS, ids=lambda file: file.stem)
def test_the_outline_tells_every_element_once_and_the_start_first(file: Path) -> None:
    diagram = read_diagram(file.read_bytes())

    steps = outline(diagram)

    assert sorted(step.element for step in steps) == sorted(diagram.elements)
    assert diagram.elements[steps[0].element].kind == "startEvent"
    assert [step.number for step in steps] == list(range(1, len(steps) + 1))


@pytest.mark.skipif(not os.environ.get("SHANGMEN_CORPORA"), reason="set SHANGMEN_CORPORA to the folder of the corpora")
def test_every_readable_diagram_of_the_corpora_is_well_formed_svg_with_all_its_drawn_nodes() -> None:
    seen = 0
    for file in sorted(Path(os.environ["SHANGMEN_CORPORA"]).rglob("*.bpmn")):
        try:
            diagram = read_diagram(file.read_bytes())
        except Rejected:
            continue
        svg = str(picture(diagram))
        outline(diagram)
        if not svg:
            assert not diagram.shapes, file
            continue
        seen += 1
        etree.fromstring(svg)
    assert seen > 100


def test_a_file_without_layout_has_an_outline_and_no_picture() -> None:
    diagram = read_diagram(
        f'{HEAD}<process id="p" isExecutable="true"><startEvent id="s"/><endEvent id="e"/>'
        '<sequenceFlow id="f" sourceRef="s" targetRef="e"/></process></definitions>'.encode()
    )

    assert picture(diagram) == ""
    assert [step.element for step in outline(diagram)] == ["s", "e"]


def test_names_cannot_break_out_of_the_picture() -> None:
    hostile = "&lt;script&gt;alert(1)&lt;/script&gt;&quot; onload=&quot;x"
    svg = str(picture(small(hostile, hostile)))

    tree = etree.fromstring(svg)

    assert "<script" not in svg
    assert not [el for el in tree.iter() if any(name.startswith("on") for name in el.attrib)]


def test_marks_change_only_the_marked_node_and_say_it_with_a_sign() -> None:
    tree = drawn(small(), Marks({"check": Mark("now", 2)}, frozenset({"f1"})))

    check, start = node(tree, "check"), node(tree, "start")
    assert "is-now" in check.get("class")
    assert "▶2" in "".join(check.itertext())
    assert "is-" not in start.get("class")
    assert start.find(f"{SVG}g[@class='badge']") is None
    taken = {g.get("data-flow") for g in tree.iterfind(f".//{SVG}g[@class='flow is-taken']")}
    assert taken == {"f1"}


def test_a_node_says_its_name_kind_state_and_what_follows() -> None:
    diagram = small(flow="好")

    assert spoken(diagram, diagram.elements["check"], Mark("done")).startswith("审核")
    assert "完" in spoken(diagram, diagram.elements["check"])
    assert "好: 审核" in spoken(diagram, diagram.elements["start"])


def test_a_picture_of_one_call_shows_only_what_happened_in_it() -> None:
    frame = Frame(
        seq=9,
        standing=Standing(incidents={"i": "check"}),
        visits=(
            Visit("start", "p", "", 1, 1),
            Visit("check", "p", "", 2),
            Visit("check", "p", "c.1", 3, 4, cancelled=True),
            Visit("check", "q", "", 5, 6),
        ),
        flows=(("p", "", "f1"), ("p", "c.1", "f2")),
    )

    main, call = marks_of(frame, "p"), marks_of(frame, "p", {"c.1"})

    assert main == Marks({"start": Mark("done"), "check": Mark("stuck")}, frozenset({"f1"}))
    assert call == Marks({"check": Mark("cancelled")}, frozenset({"f2"}))


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("县级审核", ("县级审核",)),
        ("重度残疾人上门评定", ("重度残疾人", "上门评定")),
        ("Township review", ("Township", "review")),
        ("", ()),
    ],
)
def test_words_break_where_a_reader_expects(text: str, lines: tuple[str, ...]) -> None:
    assert lettering.wrap(text, 90, 14) == lines


def test_a_closing_mark_never_begins_a_line() -> None:
    for room in range(20, 90, 7):
        lines = lettering.wrap("材料齐全吗？好的，可以（是）", room, 14)
        assert not any(line.startswith(("？", "，", "）")) for line in lines[1:])


@pytest.mark.parametrize(
    "text",
    ["一" * 200, "x" * 400, "x" * 1_000_000, "A long name of a step that nobody would give it " * 4],
    ids=["Chinese", "one word", "a million letters", "words"],
)
def test_a_name_of_any_length_stays_in_its_box(text: str) -> None:
    setting = lettering.fit(text, 90, 54)

    assert len(setting.lines) * setting.size * 1.25 <= 54
    assert all(lettering.width(line, setting.size) <= 90 + setting.size for line in setting.lines)
