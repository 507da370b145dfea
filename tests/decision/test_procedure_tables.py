"""The other tables of the procedures: who is visited, what is posted, when two sign, how it is delivered."""

from __future__ import annotations

from typing import Any

import pytest

from tests.decision.tables import born, decide, library


@pytest.mark.parametrize(
    ("answers", "mode"),
    [
        ({"willingness": True, "mobility": "bedridden", "severity": "severe", "dispersed": False}, "home"),
        ({"willingness": True, "mobility": "bedridden", "severity": "severe"}, "home"),
        ({"willingness": True, "mobility": "other", "severity": "severe", "dispersed": True}, "central"),
        ({"willingness": True, "mobility": "normal", "severity": "severe"}, "normal"),
        ({"willingness": True, "mobility": "confined", "severity": "not_severe"}, "normal"),
        ({"willingness": True, "mobility": "confined"}, "normal"),
        ({"willingness": True, "severity": "severe"}, "normal"),
        ({"willingness": False, "mobility": "bedridden", "severity": "severe"}, "reject"),
        ({"mobility": "bedridden", "severity": "severe"}, "reject"),
        ({}, "reject"),
    ],
)
def test_the_way_of_assessment_is_suggested_with_a_reason(answers: dict[str, Any], mode: str) -> None:
    outputs = decide("eligibility_home", **answers).outputs
    assert outputs["mode"] == mode
    assert outputs["reason"]


def test_an_unknown_reason_of_immobility_is_no_suggestion() -> None:
    result = decide("eligibility_home", willingness=True, mobility="lazy", severity="severe")
    assert result.outputs is None
    assert "mobility" in str(result.warnings[0]) or "行动能力" in str(result.warnings[0])


def test_a_qualified_adult_is_posted_and_a_minor_is_not() -> None:
    assert decide("publicity_required", conclusion="qualified", **born(18)).outputs is True
    assert decide("publicity_required", conclusion="qualified", **born(17, 11)).outputs is False
    assert decide("publicity_required", conclusion="not_qualified", **born(40)).outputs is False


def test_the_age_of_posting_is_local_and_an_unknown_age_decides_nothing() -> None:
    profile = {"publicity_age_min": 16}
    assert decide("publicity_required", conclusion="qualified", **born(16), profile=profile).outputs is True
    assert decide("publicity_required", conclusion="qualified").outputs is None


@pytest.mark.parametrize(("grade", "second"), [("1", True), (2, True), ("3", False), (4, False), (None, False)])
def test_the_severe_grades_need_a_second_signature(grade: Any, second: bool) -> None:
    assert decide("severe_gate", grade=grade).outputs is second


def test_the_severe_gate_can_be_off() -> None:
    assert decide("severe_gate", grade=1, profile={"severe_gate_on": False}).outputs is False
    assert decide("severe_gate", grade=1, profile={"severe_gate_on": True}).outputs is True


def test_picking_up_is_offered_only_on_written_request() -> None:
    assert decide("delivery_options").outputs == ["mail", "hand"]
    assert decide("delivery_options", pickup_written_request=False).outputs == ["mail", "hand"]
    assert decide("delivery_options", pickup_written_request=True).outputs == ["mail", "hand", "pickup"]


@pytest.mark.parametrize(("days", "asked"), [(1, False), (2, True), (None, True)])
def test_a_short_leave_needs_no_lead(days: int | None, asked: bool) -> None:
    assert decide("needs_lead_approval", procedure="leave_request", days=days).outputs is asked


@pytest.mark.parametrize("procedure", ["disability_assessment", "leave_request"])
def test_the_main_decision_of_every_file_is_called_like_the_file(procedure: str) -> None:
    for key, model in library(procedure).items():
        assert model.main == key
