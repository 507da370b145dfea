"""Every local parameter is read somewhere, and those that only a form or a paper reads change what it takes or says."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.forms import test_library as library
from tests.forms.test_library import accepted, post, wrong
from tests.processes.drawing import PROCEDURES, ROOT, toml
from tests.processes.test_papers import INPUTS, paper

PLAN = {"institution": "h1", "visit_date": date(2026, 9, 30), "doctors": "王医生", "funding_source": "federation",
        "visit_mode": "home"}  # fmt: skip
ASSESSMENT_FEE = {**PLAN, "fee_type": "assessment", "fee_payer": "person", "fee_basis": "价费字〔2020〕1号"}
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
    answers = {
        "applicant_name": "张三", "phone": "13800000001", "address": "温县", "household_address": "温县",
        "resident_id": "410899196412120594",
        "categories_applied": ["limb"], "applicant_relation": "employer", "authorisation": "written",
    }  # fmt: skip
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
