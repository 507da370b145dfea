"""Every local parameter is read somewhere, and those that only a form or a paper reads change what it takes or says."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.forms import test_library as library
from tests.forms.test_library import PHOTO, accepted, post, wrong
from tests.processes.drawing import PROCEDURES, ROOT, toml
from tests.processes.test_papers import INPUTS, paper

PLAN = {"institution": "h1", "visit_date": date(2026, 9, 30), "doctors": "王医生", "funding_source": "federation",
        "visit_mode": "home"}  # fmt: skip
ASSESSMENT_FEE = {**PLAN, "fee_type": "assessment", "fee_payer": "person", "fee_basis": "价费字〔2020〕1号"}
APPLICATION = {
    "applicant_name": "张三", "phone": "13800000001", "address": "温县", "household_address": "温县",
    "resident_id": "410899196412120594", "categories_applied": ["limb"], "applicant_relation": "self",
}  # fmt: skip
AGAIN = {**APPLICATION, "first_time": False, "previous_number": "41089919641212059444"}
MET = {"visit_result": "person_met", "photo_match": "match"}
HAND = {"delivery_mode": "hand", "delivered_by": "李四"}


def read_in(folder: Path) -> set[str]:
    """The parameters that a diagram, table, form or rule of the floor reads."""
    forms = ROOT / "forms" / "library" / toml(folder / "bundle.toml")["forms"]
    files = [*folder.glob("*.bpmn"), *folder.glob("*.dmn"), *forms.glob("*.form.json")]
    found = {name for path in files for name in re.findall(r"\bprofile\.([a-z_0-9]+)", path.read_text())}
    floor = folder / "floor.toml"
    rules = toml(floor).get("rule", []) if floor.exists() else []
    return found | {rule["key"] for rule in rules if rule["kind"] == "parameter"}


@pytest.mark.parametrize("folder", PROCEDURES, ids=lambda p: p.name)
def test_every_parameter_is_read_somewhere(folder: Path) -> None:
    assert sorted(set(toml(folder / "profile.toml")) - read_in(folder)) == []


def test_a_parameter_that_nothing_reads_would_be_noticed() -> None:
    assert "no_such_parameter" not in read_in(PROCEDURES[0])


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Parameters of a place of one's own."""
    return lambda **values: monkeypatch.setattr(library, "PROFILE", {**library.PROFILE, **values})


def test_only_the_ways_of_delivery_of_this_place_are_taken(here: Any) -> None:
    accepted(post("dispatch", "county_clerk", HAND))
    here(delivery_modes=["mail"])
    assert "delivery_mode" in wrong(post("dispatch", "county_clerk", HAND))


@pytest.mark.parametrize("modes", [[], ["pickup"]])
def test_no_place_can_leave_collection_as_the_only_way(here: Any, modes: list[str]) -> None:
    here(delivery_modes=modes)
    accepted(post("dispatch", "county_clerk", HAND))
    assert "delivery_mode" in wrong(post("dispatch", "county_clerk", {"delivery_mode": "pickup"}))


def test_what_the_federation_pays_the_person_does_not(here: Any) -> None:
    assert "fee_payer" in wrong(post("visit_plan", "county_clerk", ASSESSMENT_FEE))
    here(assessment_fee_payer="person")
    accepted(post("visit_plan", "county_clerk", ASSESSMENT_FEE))


def test_hardship_waives_the_fee_where_it_is_waived(here: Any) -> None:
    poor = {"hardship": "low_income"}
    here(assessment_fee_payer="person")
    assert "fee_payer" in wrong(post("visit_plan", "county_clerk", ASSESSMENT_FEE, poor))
    here(fee_waiver_on=False)
    accepted(post("visit_plan", "county_clerk", ASSESSMENT_FEE, poor))


def test_only_whom_a_place_names_may_apply(here: Any) -> None:
    answers = {**APPLICATION, "applicant_relation": "employer", "authorisation": "written"}
    accepted(post("application_full", "village_clerk", answers))
    here(proxies=["self", "guardian"])
    assert "applicant_relation" in wrong(post("application_full", "village_clerk", answers))


def test_the_certificate_is_valid_for_as_long_as_the_parameter_says(here: Any) -> None:
    case = {"resident_id": "410899196412120594", "category": "4", "grade": "1"}
    answers = {"national_serial": "G1", "issued_on": date(2026, 9, 21)}
    assert accepted(post("certificate", "county_clerk", answers, case))["valid_until"] == date(2036, 9, 21)
    here(validity_years=5)
    assert accepted(post("certificate", "county_clerk", answers, case))["valid_until"] == date(2031, 9, 21)


def test_the_notice_shows_what_the_place_posts(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "残疾类别" in paper("posting_notice")
    monkeypatch.setitem(INPUTS, "fields", ["masked_name", "village"])
    assert "残疾类别" not in paper("posting_notice")


def test_whoever_was_assessed_lately_is_asked_when_and_for_evidence(here: Any) -> None:
    """The pages are of 21 September 2026."""
    accepted(post("application_full", "village_clerk", AGAIN))
    here(reassess_months_min=12)
    assert "last_assessed_on" in wrong(post("application_full", "village_clerk", AGAIN))
    lately = {**AGAIN, "last_assessed_on": date(2025, 9, 22), "change_evidence": "2026 年 8 月住院记录"}
    assert accepted(post("application_full", "village_clerk", lately))["change_evidence"]
    assert "last_assessed_on" in wrong(
        post("application_full", "village_clerk", {**lately, "last_assessed_on": date(2026, 9, 22)})
    )
    accepted(post("application_full", "village_clerk", APPLICATION))


@pytest.mark.parametrize(
    ("last", "months", "asked"),
    [(date(2025, 9, 22), 12, True), (date(2025, 9, 21), 12, False), (date(2025, 9, 22), 0, False), (None, 12, False)],
)
def test_only_evidence_leads_to_another_assessment_before_its_time(
    here: Any, last: date | None, months: int, asked: bool
) -> None:
    here(reassess_months_min=months)
    case = {"last_assessed_on": last, "severity": "severe", "eligibility": {"mode": "home", "reason": ""}}
    refused = {"review_mode": "not_eligible", "not_eligible_reason": "too_soon"}
    outcome = post("township_review", "township_reviewer", {"review_mode": "home"}, case)
    if asked:
        assert wrong(outcome) == {"change_evidence_seen"}
        accepted(
            post("township_review", "township_reviewer", {"review_mode": "home", "change_evidence_seen": True}, case)
        )
    else:
        accepted(outcome)
    accepted(post("township_review", "township_reviewer", refused, case))


def test_an_application_is_complete_with_the_papers_that_the_place_requires(here: Any) -> None:
    some = {**APPLICATION, "materials": ["id_card"]}
    accepted(post("application_full", "village_clerk", APPLICATION))
    here(materials_required=["id_card", "medical_records", "guardian_proof"])
    assert "materials" in wrong(post("application_full", "village_clerk", APPLICATION))
    assert "materials" in wrong(post("application_full", "village_clerk", some))
    kept = accepted(post("application_full", "village_clerk", {**some, "materials": ["id_card", "medical_records"]}))
    assert kept["materials_needed"] == ["id_card", "medical_records", "guardian_proof"]
    ward = {
        **APPLICATION, "applicant_relation": "guardian", "guardian_name": "李四", "guardian_relation": "child",
        "guardian_phone": "13800000002", "guardian_evidence": "certificate",
    }  # fmt: skip
    assert "materials" in wrong(
        post("application_full", "village_clerk", {**ward, "materials": ["id_card", "medical_records"]})
    )


def test_as_many_photographs_are_received_as_the_place_requires(here: Any) -> None:
    accepted(post("application_full", "village_clerk", APPLICATION))
    here(photos_min=5)
    assert "photos_received" in wrong(post("application_full", "village_clerk", APPLICATION))
    assert "photos_received" in wrong(post("application_full", "village_clerk", {**APPLICATION, "photos_received": 4}))
    accepted(post("application_full", "village_clerk", {**APPLICATION, "photos_received": 5}))


def test_whoever_is_met_is_photographed_where_the_place_wants_it(here: Any) -> None:
    accepted(post("visit_check", "assessor", MET))
    here(visit_photo_on=True)
    assert "visit_photo" in wrong(post("visit_check", "assessor", MET))
    accepted(post("visit_check", "assessor", MET, visit_photo=[PHOTO]))
    accepted(post("visit_check", "assessor", {"visit_result": "not_met", "not_met_reason": "away"}))


def test_files_are_kept_for_as_long_as_the_place_says(here: Any) -> None:
    case = {"publicity_required": False}
    kept = {"archive_items": ["application", "request", "assessment", "approval", "delivery"]}
    assert accepted(post("archive", "county_clerk", kept, case))["retention"] == "permanent"
    assert "retention" in wrong(post("archive", "county_clerk", {**kept, "retention": "30y"}, case))
    here(retention="30y")
    assert accepted(post("archive", "county_clerk", kept, case))["retention"] == "30y"
    accepted(post("archive", "county_clerk", {**kept, "retention": "permanent"}, case))
