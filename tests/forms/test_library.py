"""The forms of the library: each can be read and is clean; the requirements they carry hold, each with its twin."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from engine.decision import read_library
from engine.definition.profile import resolve_profile
from engine.feel import Environment, compile_expression
from forms.fields import ZONE
from forms.filling import filled_in
from forms.formjs import read_form
from forms.lint import lint
from forms.schema import Form, Option
from forms.submission import Answers, Problems, check
from forms.uploads import Upload

LIBRARY = Path(__file__).parents[2] / "forms/library"
PROCESSES = Path(__file__).parents[2] / "processes"
FILES = sorted(LIBRARY.glob("*/*.form.json"))
ENVIRONMENT = Environment(now=datetime(2026, 9, 21, 9, 0, tzinfo=ZONE))
HOME = "disability_assessment"
PHOTO = Upload("a.jpg", b"\xff\xd8\xff\xe0" + bytes(20))
PROFILE = dict(resolve_profile([(PROCESSES / HOME / "profile.toml").read_bytes()]))
OPTIONS = {"institution": (Option("h1", "医院"),)}


def evaluate(text: str, values: Mapping[str, Any]) -> Any:
    return compile_expression(text).evaluate({**values, "profile": PROFILE}, ENVIRONMENT)


def form_of(key: str, procedure: str = HOME) -> Form:
    return read_form((LIBRARY / procedure / f"{key}.form.json").read_bytes())


def post(
    key: str, role: str, answers: Mapping[str, Any], case: Mapping[str, Any] | None = None, **files: list[Upload]
) -> Answers | Problems:
    """The answers as a page would post them, checked."""
    form, variables = form_of(key), case or {}
    raw = filled_in(form, frozenset({role}), variables, answers, evaluate)
    return check(form, frozenset({role}), raw, files, variables, evaluate, OPTIONS)


def accepted(outcome: Answers | Problems) -> dict[str, Any]:
    assert isinstance(outcome, Answers), [str(problem) for problem in outcome.problems]
    return dict(outcome.values)


def wrong(outcome: Answers | Problems) -> set[str]:
    assert isinstance(outcome, Problems), outcome
    return {problem.field for problem in outcome.problems}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name.removesuffix(".form.json"))
def test_a_form_of_the_library_can_be_read_and_is_clean(path: Path) -> None:
    form = read_form(path.read_bytes())

    assert form.key == path.name.removesuffix(".form.json")
    assert form.title
    assert [str(found) for found in lint(form, lambda text: compile_expression(text).names)] == []


def test_every_form_that_a_diagram_names_exists() -> None:
    for procedure in ("disability_assessment", "leave_request"):
        there = {path.name.removesuffix(".form.json") for path in FILES if path.parent.name == procedure}
        named = {
            part.split('"')[0]
            for path in (PROCESSES / procedure).glob("*.bpmn")
            for part in path.read_text().split('sm:form="')[1:]
        }
        assert named <= there
        assert len(named) > 1


def test_a_key_means_the_same_in_every_form() -> None:
    kinds: dict[tuple[str, str], tuple[Any, ...]] = {}
    for path in FILES:
        for field in read_form(path.read_bytes()).fields:
            found = (field.kind, tuple((option.value, option.answer) for option in field.options))
            assert kinds.setdefault((path.parent.name, field.key), found) == found, (path.name, field.key)


def test_the_choices_of_limb_conditions_begin_with_the_functional_items() -> None:
    field = form_of("assessment").field("limb_conditions")

    assert field is not None
    assert [option.value for option in field.options][:5] == ["1i", "2g", "3f", "4j", "4k"]
    assert len(field.options) == 9 + 7 + 6 + 11 + 4


PHONE_CASE = {"applicant_name": "王秀英", "phone": "13800138000", "address": "温县"}


def test_a_telephone_call_needs_a_name_and_a_number_only() -> None:
    assert accepted(post("application", "village_clerk", {"applicant_name": "王秀英", "phone": "13800138000"}))
    assert wrong(post("application", "village_clerk", {"applicant_name": "王秀英"})) == {"phone"}
    assert wrong(post("application", "village_clerk", {"applicant_name": "王秀英", "phone": "12345"})) == {"phone"}


FULL = {
    "resident_id": "110105194912310０2x".replace("０", "0"),
    "categories_applied": ["limb"],
    "applicant_relation": "self",
}


def test_birth_date_and_sex_come_from_the_number() -> None:
    values = accepted(post("application_full", "village_clerk", FULL, PHONE_CASE))

    assert values["resident_id"] == "11010519491231002X"
    assert (values["birth_date"], values["sex"]) == (date(1949, 12, 31), "female")
    assert values["household_address"] == "温县"
    assert "resident_id" in wrong(post("application_full", "village_clerk", {**FULL, "resident_id": "1"}, PHONE_CASE))


def test_a_birth_date_of_ones_own_may_not_be_posted() -> None:
    assert wrong(post("application_full", "village_clerk", {**FULL, "birth_date": date(1950, 1, 1)}, PHONE_CASE))


GUARDIAN = {"guardian_name": "李", "guardian_relation": "spouse", "guardian_phone": "13800138000",
            "guardian_evidence": "household_book"}  # fmt: skip


def test_mental_and_intellectual_need_a_guardian_and_limb_does_not() -> None:
    mental = {**FULL, "categories_applied": ["mental"]}

    assert wrong(post("application_full", "village_clerk", mental, PHONE_CASE)) == set(GUARDIAN)
    assert accepted(post("application_full", "village_clerk", {**mental, **GUARDIAN}, PHONE_CASE))
    assert accepted(post("application_full", "village_clerk", FULL, PHONE_CASE))
    assert wrong(post("application_full", "village_clerk", {**FULL, **GUARDIAN}, PHONE_CASE)) == set(GUARDIAN)


def test_for_a_minor_the_guardian_applies() -> None:
    minor = {**FULL, "resident_id": "410899202402290053"}

    assert "applicant_relation" in wrong(post("application_full", "village_clerk", minor, PHONE_CASE))
    by_itself = {**minor, **GUARDIAN}
    assert wrong(post("application_full", "village_clerk", by_itself, PHONE_CASE)) == {"applicant_relation"}
    guarded = {**by_itself, "applicant_relation": "guardian"}
    assert accepted(post("application_full", "village_clerk", guarded, PHONE_CASE))


def test_where_the_age_is_lower_one_applies_oneself_and_still_shows_who_the_guardian_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seventeen = {**FULL, "resident_id": "410899200902280012"}
    assert "applicant_relation" in wrong(post("application_full", "village_clerk", seventeen, PHONE_CASE))

    monkeypatch.setitem(PROFILE, "guardian_age_max", 16)

    alone = wrong(post("application_full", "village_clerk", seventeen, PHONE_CASE))
    assert "guardian_evidence" in alone
    assert "applicant_relation" not in alone
    assert accepted(post("application_full", "village_clerk", {**seventeen, **GUARDIAN}, PHONE_CASE))


def test_a_previous_number_keeps_the_grammar_of_certificate_numbers() -> None:
    again = {**FULL, "first_time": False}

    assert wrong(post("application_full", "village_clerk", again, PHONE_CASE)) == {"previous_number"}
    fine, bad = {"previous_number": "11010519491231002X42B1"}, {"previous_number": "11010519491231002X42B0"}
    assert accepted(post("application_full", "village_clerk", {**again, **fine}, PHONE_CASE))
    assert wrong(post("application_full", "village_clerk", {**again, **bad}, PHONE_CASE)) == {"previous_number"}


VISIT = {"mobility": "bedridden", "severity": "severe", "willingness": True, "village_opinion": "agree"}


def test_another_special_reason_needs_its_words() -> None:
    other = {**VISIT, "mobility": "other"}

    assert accepted(post("home_visit_request", "village_clerk", VISIT, PHONE_CASE))
    assert wrong(post("home_visit_request", "village_clerk", other, PHONE_CASE)) == {"mobility_other"}
    assert accepted(post("home_visit_request", "village_clerk", {**other, "mobility_other": "透析"}, PHONE_CASE))


def test_without_the_wish_nothing_is_submitted() -> None:
    assert "willingness" in wrong(
        post("home_visit_request", "village_clerk", {**VISIT, "willingness": False}, PHONE_CASE)
    )


def test_the_village_says_what_it_thinks_and_why_not() -> None:
    silent = {key: value for key, value in VISIT.items() if key != "village_opinion"}

    assert wrong(post("home_visit_request", "village_clerk", silent, PHONE_CASE)) == {"village_opinion"}
    against = {**VISIT, "village_opinion": "disagree"}
    assert wrong(post("home_visit_request", "village_clerk", against, PHONE_CASE)) == {"village_reason"}


@pytest.mark.parametrize(("answers", "case", "missing"), [
    ({"review_mode": "home"}, {"severity": "severe"}, set()),
    ({"review_mode": "home"}, {"severity": "not_severe"}, {"override_reason"}),
    ({"review_mode": "home", "override_reason": "特困"}, {"severity": "not_severe"}, set()),
    ({"review_mode": "central"}, {"severity": "severe"}, {"central_reason"}),
    ({"review_mode": "not_eligible"}, {}, {"not_eligible_reason"}),
    ({"review_mode": "supplement"}, {}, {"supplement_items"}),
    ({}, {}, {"review_mode"}),
])  # fmt: skip
def test_every_outcome_of_the_review_has_its_reason(
    answers: dict[str, Any], case: dict[str, Any], missing: set[str]
) -> None:
    outcome = post("township_review", "township_reviewer", answers, case)

    assert (wrong(outcome) if missing else set(accepted(outcome)) & missing) == missing


PLAN = {"institution": "h1", "visit_date": date(2026, 9, 23), "visit_mode": "home", "doctors": "张医生",
        "funding_source": "finance"}  # fmt: skip


@pytest.mark.parametrize(("more", "missing"), [
    ({}, set()),
    ({"doctors": None}, {"doctors"}),
    ({"funding_source": None}, {"funding_source"}),
    ({"institution": "h2"}, {"institution"}),
    ({"visit_date": date(2026, 9, 20)}, {"visit_date"}),
    ({"visit_mode": "central"}, {"venue", "central_reason"}),
    ({"fee_type": "visit", "fee_payer": "person", "fee_basis": "x"}, {"fee_payer"}),
    ({"fee_type": "visit", "fee_payer": "finance"}, set()),
    ({"fee_type": "assessment"}, {"fee_payer"}),
    ({"fee_type": "assessment", "fee_payer": "person"}, {"fee_basis", "fee_payer"}),
])  # fmt: skip
def test_a_plan_has_team_and_funds_and_no_visit_fee_for_the_person(more: dict[str, Any], missing: set[str]) -> None:
    outcome = post("visit_plan", "county_clerk", {**PLAN, **more})

    assert (wrong(outcome) if missing else set(accepted(outcome)) & missing) == missing


def test_a_photo_that_does_not_match_is_another_person() -> None:
    met = {"visit_result": "person_met"}

    assert accepted(post("visit_check", "assessor", {**met, "photo_match": "match"}))
    assert wrong(post("visit_check", "assessor", {**met, "photo_match": "mismatch"})) == {"photo_match"}
    assert wrong(post("visit_check", "assessor", met)) == {"photo_match"}
    assert wrong(post("visit_check", "assessor", {"visit_result": "not_met"})) == {"not_met_reason"}


LIMB = {"findings": "肌力1级", "categories": ["limb"], "limb_conditions": ["1i"], "limb_adl": "none",
        "limb_finding": "x", "limb_unaided": True, "conclusion": "qualified", "category": "4", "grade": "1",
        "no_conflict": True}  # fmt: skip


@pytest.mark.parametrize(("more", "missing"), [
    ({}, set()),
    ({"conclusion": None, "category": None, "grade": None}, {"conclusion"}),
    ({"category": None, "grade": None}, {"category", "grade"}),
    ({"category": "7"}, {"category"}),
    ({"category": "8"}, {"category"}),
    ({"grade": "5"}, {"grade"}),
    ({"limb_conditions": ["9z"]}, {"limb_conditions"}),
    ({"limb_finding": None}, {"limb_finding"}),
    ({"limb_unaided": False}, {"limb_unaided"}),
    ({"no_conflict": False}, {"no_conflict"}),
    ({"vision_right": "0.05"}, {"vision_right"}),
    ({"categories": ["limb", "vision"], "vision_right": "0.05", "vision_left": "nlp", "category": "7"}, set()),
    ({"categories": ["limb", "vision"], "vision_right": "0,05", "vision_left": "nlp"}, {"vision_right"}),
    ({"assessed_on": date(2026, 9, 22)}, {"assessed_on"}),
])  # fmt: skip
def test_an_assessment_is_whole_or_refused(more: dict[str, Any], missing: set[str]) -> None:
    outcome = post("assessment", "assessor", {**LIMB, **more}, {"visit_mode": "home"})

    assert (wrong(outcome) if missing else set(accepted(outcome)) & missing) == missing


def test_without_a_qualification_no_grade_is_asked_and_an_old_one_is_taken_back() -> None:
    answers = {"findings": "无", "categories": ["limb"], "conclusion": "not_qualified", "doctor_opinion": "未见障碍",
               "no_conflict": True}  # fmt: skip
    values = accepted(post("assessment", "assessor", answers, {"category": "4", "grade": "1"}))

    assert (values["category"], values["grade"]) == (None, None)
    needs = {**answers, "conclusion": "needs_instruments"}
    assert wrong(post("assessment", "assessor", needs)) == {"instrument_items"}


MEDICAL = {"findings", "medical_history", "limb_conditions", "mental_diagnosis", "iq", "doctor_opinion", "categories"}


def test_the_village_does_not_see_the_diagnosis_and_the_physician_does() -> None:
    fields = {field.key: field for field in form_of("assessment").fields}

    for key in MEDICAL:
        assert not fields[key].may_see(frozenset({"village_clerk"}))
        assert not fields[key].may_see(frozenset({"health_officer"}))
        assert fields[key].may_write(frozenset({"assessor"}))


def test_a_posting_is_proven_by_a_photo_and_shows_a_masked_name() -> None:
    case = {"applicant_name": "王秀英", "category": "4", "grade": "1"}
    posted = post("posting", "village_clerk", {}, case, posting_photo=[PHOTO])

    assert accepted(posted)["masked_name"] == "王*英"
    assert accepted(post("posting", "village_clerk", {}, {"applicant_name": "王英"}, posting_photo=[PHOTO]))[
        "masked_name"] == "王*"  # fmt: skip
    assert wrong(post("posting", "village_clerk", {}, case)) == {"posting_photo"}


CHECKS = {"check_materials": True, "check_procedure": True, "check_conclusion": True, "check_posting": True}


def test_only_four_passed_checks_go_forward() -> None:
    assert accepted(post("county_review", "county_clerk", {**CHECKS, "county_opinion": "forward"}))
    one_missing = {**CHECKS, "check_posting": False, "county_opinion": "forward"}
    assert wrong(post("county_review", "county_clerk", one_missing)) == {"county_opinion"}
    assert wrong(post("county_review", "county_clerk", {"county_opinion": "return"})) == {"return_reason"}


DECISIONS = {
    "first_contact": ["contact_result"], "township_review": ["review_mode"], "visit_check": ["visit_result"],
    "assessment": ["conclusion", "category", "grade", "assessed_on", "no_conflict"], "seal": ["sealed_on"],
    "second_signature": ["second_opinion"], "posting": ["posted_on", "posting_photo"],
    "county_review": ["county_opinion", "check_posting"], "county_decision": ["county_decision"],
    "receipt": ["delivery_result", "receipt_photo"],
}  # fmt: skip


@pytest.mark.parametrize("key", DECISIONS)
def test_a_decision_is_taken_anew_each_time_and_facts_stay(key: str) -> None:
    fields = {field.key: field for field in form_of(key).fields}

    assert all(fields[decision].fresh for decision in DECISIONS[key])
    assert not any(field.fresh for field in form_of("application_full").fields)


def test_a_refusal_has_its_reason() -> None:
    assert accepted(post("county_decision", "county_leader", {"county_decision": "approve"}))
    assert wrong(post("county_decision", "county_leader", {"county_decision": "reject"})) == {"decision_reason"}


CERTIFIED = {"resident_id": "11010519491231002X", "category": "4", "grade": "2"}


def test_a_certificate_number_is_identity_category_and_grade() -> None:
    values = accepted(post("certificate", "county_clerk", {"national_serial": "1"}, CERTIFIED))

    assert values["certificate_number"] == "11010519491231002X42"
    assert values["valid_until"] == date(2036, 9, 21)
    assert values["cover"] == "green"
    for number in ("11010519491231002X41", "11010519491231002X32", "11010519491231002X82", "11010519491231002X42B0"):
        answers = {"national_serial": "1", "certificate_number": number}
        assert wrong(post("certificate", "county_clerk", answers, CERTIFIED)) == {"certificate_number"}
    again = {"national_serial": "1", "certificate_number": "11010519491231002X42B1"}
    assert accepted(post("certificate", "county_clerk", again, CERTIFIED))


def test_nobody_is_asked_to_collect_a_certificate_except_in_writing() -> None:
    pickup = {"delivery_mode": "pickup"}

    assert wrong(post("dispatch", "county_clerk", pickup)) == {"delivery_mode"}
    assert accepted(post("dispatch", "county_clerk", {**pickup, "pickup_written_request": True}))
    assert wrong(post("dispatch", "county_clerk", {"delivery_mode": "mail"})) == {"tracking_number"}
    assert wrong(post("dispatch", "county_clerk", {"delivery_mode": "hand"})) == {"delivered_by"}


def test_a_receipt_has_its_proof() -> None:
    received = {"delivery_result": "received"}

    assert wrong(post("receipt", "village_clerk", received, PHONE_CASE)) == {"receipt_photo"}
    assert accepted(post("receipt", "village_clerk", received, PHONE_CASE, receipt_photo=[PHOTO]))
    assert wrong(post("receipt", "village_clerk", {"delivery_result": "returned"}, PHONE_CASE)) == {"returned_reason"}


def test_a_file_without_its_papers_is_not_closed() -> None:
    items = ["application", "request", "assessment", "approval", "delivery"]

    assert accepted(post("archive", "county_clerk", {"archive_items": items}, {"publicity_required": False}))
    posted = {"publicity_required": True}
    assert wrong(post("archive", "county_clerk", {"archive_items": items}, posted)) == {"archive_items"}
    assert accepted(post("archive", "county_clerk", {"archive_items": [*items, "posting"]}, posted))
    assert wrong(post("archive", "county_clerk", {"archive_items": items[1:]}, posted)) == {"archive_items"}


def test_a_negative_end_tells_reason_way_and_alternative() -> None:
    told = {"feedback_reason": "not_eligible", "feedback_text": "x", "feedback_alternative": "hospital",
            "rights_told": True, "feedback_channel": "phone"}  # fmt: skip

    assert accepted(post("feedback", "township_reviewer", told, PHONE_CASE))["feedback_receiver"] == "王秀英"
    for key in told:
        assert wrong(post("feedback", "township_reviewer", {**told, key: None}, PHONE_CASE)) == {key}


def test_the_tables_understand_every_choice_of_the_forms() -> None:
    sources = {path.stem: path.read_bytes() for path in (PROCESSES / HOME).glob("*.dmn")}
    eligibility = read_library(sources)["eligibility_home"]
    form = form_of("home_visit_request")
    mobility, severity = form.field("mobility"), form.field("severity")
    assert mobility is not None
    assert severity is not None
    for reason in mobility.options:
        for degree in severity.options:
            inputs = {"willingness": True, "mobility": reason.kept, "severity": degree.kept, "dispersed": False}
            outputs = eligibility.evaluate("eligibility_home", inputs, ENVIRONMENT).outputs
            assert outputs["mode"] in ("home", "normal"), (reason, degree)


def test_every_word_of_the_forms_has_its_english() -> None:
    for procedure in ("disability_assessment", "leave_request"):
        words = tomllib.loads((PROCESSES / procedure / "words.en.toml").read_text())
        labels = set()
        for file in FILES:
            if file.parent.name == procedure:
                labels |= _words(json.loads(file.read_bytes()))
        assert {label for label in labels if not label.isascii()} - words.keys() == set()


def _words(data: Any) -> set[str]:
    if isinstance(data, list):
        return set().union(*map(_words, data)) if data else set()
    if not isinstance(data, dict):
        return set()
    own = {
        text
        for name, text in data.items()
        if name in ("label", "description", "title", "unit", "rule_message", "patternErrorMessage", "submit")
        and isinstance(text, str)
    }
    return own.union(*map(_words, data.values()))  # fmt: skip
