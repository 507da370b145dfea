"""The diagrams are a pleasure to read: measured, not hoped for."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.processes.drawing import DIAGRAMS, Box, Drawing, faults

TWO_TASKS = """<?xml version="1.0"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI"
  xmlns:dc="http://www.omg.org/spec/DD/20100524/DC" xmlns:di="http://www.omg.org/spec/DD/20100524/DI">
  <bpmn:process id="p"><bpmn:task id="a" /><bpmn:task id="b" /><bpmn:task id="c" />
    <bpmn:sequenceFlow id="f" sourceRef="a" targetRef="b" /></bpmn:process>
  <bpmndi:BPMNDiagram><bpmndi:BPMNPlane bpmnElement="p">
    <bpmndi:BPMNShape bpmnElement="a"><dc:Bounds x="0" y="0" width="100" height="80" /></bpmndi:BPMNShape>
    <bpmndi:BPMNShape bpmnElement="b"><dc:Bounds x="300" y="0" width="100" height="80" /></bpmndi:BPMNShape>
    %(c)s
    <bpmndi:BPMNEdge bpmnElement="f">%(line)s</bpmndi:BPMNEdge>
  </bpmndi:BPMNPlane></bpmndi:BPMNDiagram>
</bpmn:definitions>"""
ASIDE = '<bpmndi:BPMNShape bpmnElement="c"><dc:Bounds x="0" y="200" width="100" height="80" /></bpmndi:BPMNShape>'
BETWEEN = ASIDE.replace('x="0" y="200"', 'x="150" y="0"')
UPON = ASIDE.replace('x="0" y="200"', 'x="50" y="50"')
STRAIGHT = '<di:waypoint x="100" y="40" /><di:waypoint x="300" y="40" />'
SLANTED = '<di:waypoint x="100" y="40" /><di:waypoint x="300" y="60" />'
SHORT = '<di:waypoint x="100" y="40" /><di:waypoint x="250" y="40" />'


@pytest.mark.parametrize("path", DIAGRAMS, ids=lambda p: p.stem)
def test_every_element_has_its_place_and_nothing_lies_upon_anything(path: Path) -> None:
    assert faults(Drawing(path.read_bytes())) == []


@pytest.mark.parametrize("path", DIAGRAMS, ids=lambda p: p.stem)
def test_what_belongs_to_a_lane_stands_in_it(path: Path) -> None:
    drawing = Drawing(path.read_bytes())
    for lane_id, lane in drawing.lanes.items():
        for reference in lane.iter():
            if reference.tag.endswith("flowNodeRef"):
                assert drawing.boxes[lane_id].holds(drawing.boxes[reference.text or ""]), reference.text


@pytest.mark.parametrize("path", DIAGRAMS, ids=lambda p: p.stem)
def test_what_belongs_to_a_subprocess_stands_inside_its_frame(path: Path) -> None:
    drawing = Drawing(path.read_bytes())
    for key in drawing.nodes:
        for outer in drawing.around(key):
            assert drawing.boxes[outer].holds(drawing.boxes[key]), key


@pytest.mark.parametrize("path", DIAGRAMS, ids=lambda p: p.stem)
def test_boundary_events_sit_on_the_rim_of_their_host(path: Path) -> None:
    drawing = Drawing(path.read_bytes())
    for key, element in drawing.nodes.items():
        if host := element.get("attachedToRef"):
            event, body = drawing.boxes[key], drawing.boxes[host]
            middle = Box("", event.x + event.width / 2, event.y + event.height / 2, 0, 0)
            inside = Box("", body.x + 1, body.y + 1, body.width - 2, body.height - 2)
            assert body.holds(middle) and not inside.holds(middle)


@pytest.mark.parametrize("path", DIAGRAMS, ids=lambda p: p.stem)
def test_one_reads_from_left_to_right(path: Path) -> None:
    """Only loops lead back; from start to end at least four flows of five lead to the right or straight down and up."""
    drawing = Drawing(path.read_bytes())
    back = [key for key, points in drawing.lines.items() if points[-1][0] < points[0][0] - 1]
    assert len(back) <= max(2, len(drawing.lines) // 5), back


@pytest.mark.parametrize(
    ("c", "line", "said"),
    [
        (ASIDE, STRAIGHT, []),
        ("", STRAIGHT, ["c has no place"]),
        (BETWEEN, STRAIGHT, ["f runs through c"]),
        (UPON, "", ["f has no line", "a lies on c"]),
        (ASIDE, SLANTED, ["f is slanted"]),
        (ASIDE, SHORT, ["f does not touch b"]),
    ],
)
def test_the_measure_finds_what_is_wrong_and_nothing_else(c: str, line: str, said: list[str]) -> None:
    assert faults(Drawing((TWO_TASKS % {"c": c, "line": line}).encode())) == said
