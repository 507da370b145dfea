"""Steps that the diagram itself keeps apart: nobody does both in one case."""

from __future__ import annotations

import pytest

from engine.definition.apart import drawn_duties
from engine.definition.bpmn import read_diagram
from engine.definition.floor.subject import subject_of
from engine.definition.lint import unused
from engine.definition.lint.references import apart
from tests.processes.drawing import PROCESSES

FILE = PROCESSES / "disability_assessment" / "visit_assessment.bpmn"


def drawn(text: str) -> bytes:
    """The visit with the seal kept apart from what ``text`` names."""
    content = FILE.read_text("utf-8")
    return content.replace('<bpmn:userTask id="seal"', f'<bpmn:userTask id="seal" sm:apart="{text}"').encode()


def test_what_a_step_is_kept_apart_from_is_a_duty_with_both_names() -> None:
    diagram = read_diagram(drawn("visit_check, assess"))
    assert list(drawn_duties([diagram])) == [
        ("入户核验 ≠ 加盖公章", ("visit_check", "seal")),
        ("现场评定 ≠ 加盖公章", ("assess", "seal")),
    ]
    assert apart({"visit_assessment": diagram}) == []


def test_a_diagram_that_says_nothing_has_no_duty() -> None:
    assert list(drawn_duties([read_diagram(FILE.read_bytes())])) == []


@pytest.mark.parametrize("other", ["nobody", "seal", "severity"])
def test_a_step_is_kept_apart_from_other_people_s_tasks_only(other: str) -> None:
    [finding] = apart({"visit_assessment": read_diagram(drawn(other))})
    assert (finding.element, finding.severity, finding.params["other"]) == ("seal", "error", other)


def test_the_floor_counts_what_is_drawn_as_a_duty() -> None:
    resources = {("process", "visit_assessment"): drawn("visit_check"), ("bundle", "x"): b""}
    assert subject_of("visit_assessment", resources, ()).duties == [
        {"name": "入户核验 ≠ 加盖公章", "elements": ["visit_check", "seal"]}
    ]


def test_a_process_that_the_manifest_offers_as_a_part_is_not_said_to_be_unused() -> None:
    called = {"visit_plan": read_diagram((FILE.parent / "visit_plan.bpmn").read_bytes())}
    files = {
        ("process", "visit_plan"): b"",
        ("process", "appointment"): b"",
        ("bundle", "x"): b'parts = ["appointment"]',
    }
    part = {**called, "appointment": read_diagram((FILE.parent / "appointment.bpmn").read_bytes())}
    said = [f.process for f in unused.findings(files, part, "visit_plan")]
    assert "appointment" not in said
    said = [f.process for f in unused.findings({**files, ("bundle", "x"): b""}, part, "visit_plan")]
    assert "appointment" in said
