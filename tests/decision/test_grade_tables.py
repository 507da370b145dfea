"""The seven grade tables against every vector of GB/T 26341-2010 the reference lists, and each trap it warns of."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from tests.decision.tables import born, decide, ears, graded, library

NONE = ("not_disabled", None)


# ------------------------------------------------------------------ vision


@pytest.mark.parametrize(
    ("acuity", "expected"),
    [("0.01", 1), ("0.02", 2), ("0.05", 3), ("0.1", 4), ("0.3", None)],
)
def test_the_better_eye_grades_vision(acuity: str, expected: int | None) -> None:
    outcome, grade = graded("grade_vision", vision_right=Decimal(acuity), vision_left="nlp", field_right=60)
    assert grade == expected
    assert outcome == ("graded" if expected else "not_disabled")


@pytest.mark.parametrize("code", ["nlp", "lp", "hm", "cf"])
def test_an_acuity_code_is_below_two_hundredths(code: str) -> None:
    assert graded("grade_vision", vision_right=code, vision_left=code) == ("graded", 1)


def test_a_narrow_field_is_blindness_whatever_the_acuity() -> None:
    eyes = {"vision_right": 0.8, "vision_left": 0.8}
    assert graded("grade_vision", **eyes, field_right=8, field_left=8) == ("graded", 2)
    assert graded("grade_vision", **eyes, field_right=4, field_left=4) == ("graded", 1)
    assert graded("grade_vision", **eyes, field_right=10, field_left=10) == NONE


def test_one_blind_eye_beside_a_good_one_is_not_in_scope() -> None:
    assert graded("grade_vision", vision_right="nlp", vision_left=0.5) == NONE
    assert graded("grade_vision", vision_right=0.8, field_right=4, vision_left=0.5) == NONE


def test_both_eyes_must_be_measured_unless_one_is_good() -> None:
    assert graded("grade_vision", vision_right=0.01) == ("not_measured", None)
    assert graded("grade_vision", vision_right=0.6) == NONE
    assert graded("grade_vision") == ("not_measured", None)


@pytest.mark.parametrize(("mark", "expected"), [("4.0", ("graded", 4)), ("4.4", ("graded", 4)), ("4.5", NONE)])
def test_five_mark_acuity_is_converted(mark: str, expected: Any) -> None:
    assert graded("grade_vision", vision_right=mark, vision_left=mark) == expected


@pytest.mark.parametrize("nonsense", ["20/200", 3, -1, "good"])
def test_an_acuity_that_cannot_be_is_not_measured(nonsense: Any) -> None:
    assert graded("grade_vision", vision_right=nonsense, vision_left=nonsense) == ("not_measured", None)


def test_the_heavier_row_never_hides_behind_a_lighter_one() -> None:
    """Acuity 0.01 also satisfies “< 0.05”: an engine that took such a row first would say grade 2."""
    result = decide("grade_vision", vision_right=Decimal("0.01"), vision_left=Decimal("0.01"))
    assert result.outputs["grade"] == 1
    assert result.rows["grade_vision"] == [1]


# ------------------------------------------------------------------ hearing


@pytest.mark.parametrize(("loss", "expected"), [(95, 1), (85, 2), (70, 3), (50, 4), (40, None)])
def test_the_better_ear_grades_hearing(loss: int, expected: int | None) -> None:
    assert graded("grade_hearing", **ears(110, loss), **born(40))[1] == expected


def test_under_three_grade_four_does_not_count() -> None:
    assert graded("grade_hearing", **ears(50), **born(2)) == NONE
    assert graded("grade_hearing", **ears(50), **born(3)) == ("graded", 4)
    assert graded("grade_hearing", **ears(70), **born(2)) == ("graded", 3)


@pytest.mark.parametrize(
    ("mean", "half_up", "half_open"),
    [("60.25", 4, 3), ("60.5", 3, 3), ("90.25", 2, 1), ("90.5", 1, 1), ("80.5", 2, 2), ("40.25", None, 4)],
)
def test_the_rounding_of_the_mean_is_a_local_parameter(mean: str, half_up: int | None, half_open: int | None) -> None:
    person = {**ears(Decimal(mean)), **born(40)}  # type: ignore[arg-type]
    assert graded("grade_hearing", **person)[1] == half_up
    assert graded("grade_hearing", **person, profile={"pta_rounding": "half_up"})[1] == half_up
    assert graded("grade_hearing", **person, profile={"pta_rounding": "half_open"})[1] == half_open


@pytest.mark.parametrize(
    ("mean", "asked"), [("60.25", True), ("59", True), ("58.9", False), ("91", True), ("70", False)]
)
def test_a_mean_within_one_decibel_of_a_border_asks_for_confirmation(mean: str, asked: bool) -> None:
    assert decide("grade_hearing", **ears(Decimal(mean)), **born(40)).outputs["confirm"] is asked  # type: ignore[arg-type]


def test_a_missing_frequency_leaves_hearing_unmeasured() -> None:
    answers = {**ears(95), **born(40)}
    answers.pop("hearing_left_4000")
    assert graded("grade_hearing", **answers) == ("not_measured", None)
    answers = {**ears(20, 95), **born(40)}
    answers.pop("hearing_left_4000")
    assert graded("grade_hearing", **answers) == NONE


# ------------------------------------------------------------------ speech


def test_speech_waits_until_three() -> None:
    answers = {"speech_clarity": 5, "speech_level": 0, "course_months": 30}
    result = decide("grade_speech", **answers, **born(2, 11)).outputs
    assert (result["outcome"], result["grade"]) == ("deferred", None)
    assert result["not_before"] == date(2026, 10, 16)
    assert graded("grade_speech", **answers, **born(3)) == ("graded", 1)


def test_a_province_may_wait_longer_with_speech() -> None:
    answers = {"speech_clarity": 5, "speech_level": 0, "course_months": 30, **born(3, 6)}
    assert graded("grade_speech", **answers)[0] == "graded"
    assert graded("grade_speech", **answers, profile={"speech_age_min": 4})[0] == "deferred"


@pytest.mark.parametrize(
    ("clarity", "level", "expected"),
    [(0, 0, 1), (10, 0, 1), (11, 1, 2), (25, 1, 2), (26, 2, 3), (45, 2, 3), (46, 3, 4), (65, 3, 4), (66, 4, None)],
)
def test_clarity_and_expression_grade_speech_together(clarity: int, level: int, expected: int | None) -> None:
    answers = {"speech_clarity": clarity, "speech_level": level, "course_months": 30}
    assert graded("grade_speech", **answers, **born(30))[1] == expected


def test_clarity_and_expression_that_disagree_need_a_reason() -> None:
    answers = {"speech_clarity": 20, "speech_level": 0, "course_months": 30}
    assert graded("grade_speech", **answers, **born(30))[0] == "needs_justification"


def test_speech_needs_a_long_course_or_treatment() -> None:
    answers = {"speech_clarity": 5, "speech_level": 0, **born(30)}
    assert graded("grade_speech", **answers, course_months=24)[0] == "deferred"
    assert graded("grade_speech", **answers, course_months=25)[0] == "graded"
    assert graded("grade_speech", **answers, course_months=14, treatment_months=13)[0] == "graded"
    assert graded("grade_speech", **answers)[0] == "not_measured"


# ------------------------------------------------------------------ limb


def test_daily_life_and_a_condition_of_the_same_grade_agree() -> None:
    assert graded("grade_limb", limb_adl="none", limb_conditions=["1i"]) == ("graded", 1)
    assert graded("grade_limb", limb_adl="mostly_none", limb_conditions=["3b", "2g"]) == ("graded", 2)
    assert graded("grade_limb", limb_adl="partial", limb_conditions=["3f"]) == ("graded", 3)
    assert graded("grade_limb", limb_adl="mostly", limb_conditions=["4j"]) == ("graded", 4)


def test_a_grade_two_condition_with_partial_independence_needs_a_reason() -> None:
    assert graded("grade_limb", limb_adl="partial", limb_conditions=["2c"]) == ("needs_justification", None)


def test_a_leg_difference_of_49_millimetres_is_not_enough() -> None:
    assert graded("grade_limb", limb_adl="mostly", limb_conditions=["0c"]) == NONE
    assert graded("grade_limb", limb_adl="mostly", limb_conditions=["4b"], limb_leg_difference_mm=49) == NONE
    assert graded("grade_limb", limb_adl="mostly", limb_conditions=["4b"], limb_leg_difference_mm=50) == ("graded", 4)


@pytest.mark.parametrize(("kyphosis", "scoliosis", "counts"), [(70, 45, False), (71, None, True), (None, 46, True)])
def test_a_bent_spine_must_pass_its_angle(kyphosis: int | None, scoliosis: int | None, counts: bool) -> None:
    answers = {"limb_adl": "mostly", "limb_conditions": ["4d"]}
    outcome, _ = graded("grade_limb", **answers, limb_kyphosis_deg=kyphosis, limb_scoliosis_deg=scoliosis)
    assert outcome == ("graded" if counts else "not_disabled")


def test_small_height_counts_for_adults_only() -> None:
    answers = {"limb_adl": "mostly", "limb_conditions": ["4i"], "limb_height_mm": 1250}
    assert graded("grade_limb", **answers, **born(30)) == ("graded", 4)
    assert graded("grade_limb", **answers, **born(12)) == NONE


def test_daily_life_that_nobody_assessed_is_not_measured() -> None:
    assert graded("grade_limb", limb_conditions=["1a"])[0] == "not_measured"
    assert graded("grade_limb", limb_adl="none")[0] == "needs_justification"


# ------------------------------------------------------------------ intellectual


def test_between_72_and_75_behaviour_decides_for_small_children() -> None:
    assert graded("grade_intellectual", **born(5), dq=73, adaptive="moderate") == ("graded", 3)
    assert graded("grade_intellectual", **born(5), dq=71, adaptive="moderate") == ("graded", 4)
    assert graded("grade_intellectual", **born(5), dq=73)[0] == "not_measured"
    assert graded("grade_intellectual", **born(5), dq=76, adaptive="moderate") == NONE


@pytest.mark.parametrize(("dq", "expected"), [(25, 1), (26, 2), (39, 2), (40, 3), (54, 3), (55, 4), (71, 4)])
def test_the_development_quotient_grades_small_children(dq: int, expected: int) -> None:
    assert graded("grade_intellectual", **born(6, 11), dq=dq) == ("graded", expected)


def test_from_seven_on_behaviour_decides_where_it_differs_from_the_quotient() -> None:
    assert graded("grade_intellectual", **born(30), iq=33, adaptive="moderate") == ("graded", 3)
    assert graded("grade_intellectual", **born(7), iq=33, adaptive="severe") == ("graded", 2)
    assert graded("grade_intellectual", **born(7), dq=33, adaptive="severe")[0] == "not_measured"


def test_whodas_is_recorded_and_decides_nothing_about_the_intellect() -> None:
    assert graded("grade_intellectual", **born(30), iq=60, adaptive="mild", whodas=120) == ("graded", 4)


def test_an_ordinary_quotient_with_impaired_behaviour_needs_a_reason() -> None:
    assert graded("grade_intellectual", **born(30), iq=85) == NONE
    assert graded("grade_intellectual", **born(30), iq=85, adaptive="mild")[0] == "needs_justification"


def test_without_a_birth_date_the_intellect_is_not_measured() -> None:
    assert graded("grade_intellectual", iq=33, adaptive="moderate")[0] == "not_measured"


# ------------------------------------------------------------------ mental


def test_a_disorder_of_eight_months_is_deferred() -> None:
    result = decide("grade_mental", **born(40), whodas=110, adaptive="severe", duration_months=8).outputs
    assert (result["outcome"], result["grade"]) == ("deferred", None)
    assert result["not_before"] == date(2027, 1, 16)
    assert graded("grade_mental", **born(40), whodas=110, adaptive="severe", duration_months=12) == ("graded", 2)


def test_below_eighteen_behaviour_alone_decides() -> None:
    assert graded("grade_mental", **born(16), adaptive="extreme", duration_months=24) == ("graded", 1)
    assert graded("grade_mental", **born(16), adaptive="extreme", whodas=60, duration_months=24) == ("graded", 1)
    assert graded("grade_mental", **born(18), adaptive="extreme", duration_months=24)[0] == "not_measured"


@pytest.mark.parametrize(
    ("whodas", "adaptive", "expected"),
    [
        (116, "extreme", 1),
        (115, "severe", 2),
        (106, "severe", 2),
        (105, "moderate", 3),
        (96, "moderate", 3),
        (95, "mild", 4),
        (52, "mild", 4),
    ],
)
def test_score_and_behaviour_grade_adults_together(whodas: int, adaptive: str, expected: int) -> None:
    assert graded("grade_mental", **born(40), whodas=whodas, adaptive=adaptive, duration_months=24)[1] == expected


def test_score_and_behaviour_that_disagree_need_a_reason() -> None:
    assert (
        graded("grade_mental", **born(40), whodas=116, adaptive="mild", duration_months=24)[0] == "needs_justification"
    )


def test_the_youngest_age_for_the_mind_is_local() -> None:
    answers = {**born(2, 6), "adaptive": "severe", "duration_months": 24}
    assert graded("grade_mental", **answers)[0] == "graded"
    result = decide("grade_mental", **answers, profile={"mental_age_min": 3}).outputs
    assert result["outcome"] == "deferred"
    assert result["not_before"] == date(2027, 3, 16)


# ------------------------------------------------------------------ multiple, and the check

HEARING_3 = {**ears(70)}
SPEECH_2 = {"speech_clarity": 20, "speech_level": 1, "course_months": 30}
INTELLECT_4 = {"iq": 60, "adaptive": "mild"}
LIMB_2 = {"limb_adl": "mostly_none", "limb_conditions": ["2c"]}
VISION_3 = {"vision_right": 0.05, "vision_left": 0.05}


def proposal(*categories: str, **answers: Any) -> tuple[str, int | None, int | None]:
    outputs = decide("grade_multiple", categories=list(categories), **answers).outputs
    return outputs["outcome"], outputs["category"], outputs["grade"]


def test_several_categories_are_multiple_with_the_heaviest_grade() -> None:
    answers = {**born(30), **HEARING_3, **SPEECH_2, **INTELLECT_4}
    assert proposal("hearing", "speech", "intellectual", **answers) == ("graded", 7, 2)
    assert proposal("vision", "limb", **VISION_3, **LIMB_2) == ("graded", 7, 2)


def test_one_qualifying_category_is_that_category() -> None:
    assert proposal("hearing", **born(30), **ears(50)) == ("graded", 2, 4)
    assert proposal("hearing", "limb", **born(30), **ears(20), **LIMB_2) == ("graded", 4, 2)


def test_a_measured_category_that_nobody_assessed_does_not_count() -> None:
    assert proposal("hearing", **born(30), **HEARING_3, **LIMB_2) == ("graded", 2, 3)


def test_no_category_at_all_is_not_measured() -> None:
    assert proposal() == ("not_measured", None, None)
    assert decide("grade_multiple").outputs["outcome"] == "not_measured"


def test_a_part_that_does_not_fit_holds_up_the_whole() -> None:
    answers = {**born(30), **HEARING_3, "limb_adl": "partial", "limb_conditions": ["2c"]}
    assert proposal("hearing", "limb", **answers)[0] == "needs_justification"


def check(**answers: Any) -> str:
    return str(decide("grade_check", **answers).outputs["verdict"])


def test_a_conclusion_that_agrees_is_consistent() -> None:
    answers = {**born(30), **LIMB_2, "categories": ["limb"], "conclusion": "qualified"}
    assert check(**answers, category="4", grade="2") == "consistent"
    assert check(**answers, category=4, grade=2) == "consistent"


@pytest.mark.parametrize(("category", "grade"), [("4", "1"), ("4", "3"), ("2", "2"), ("7", "2"), (None, None)])
def test_a_conclusion_that_differs_needs_a_reason(category: str | None, grade: str | None) -> None:
    answers = {**born(30), **LIMB_2, "categories": ["limb"], "conclusion": "qualified"}
    result = decide("grade_check", **answers, category=category, grade=grade).outputs
    assert result["verdict"] == "needs_justification"
    assert (result["proposed_category"], result["proposed_grade"]) == (4, 2)


def test_denying_what_the_standard_grants_needs_a_reason() -> None:
    answers = {**born(30), "categories": ["hearing"], "conclusion": "not_qualified"}
    assert check(**answers, **ears(70)) == "needs_justification"
    assert check(**answers, **ears(20)) == "consistent"


def test_what_is_too_early_is_deferred_with_its_day() -> None:
    answers = {"categories": ["mental"], "whodas": 110, "adaptive": "severe", "duration_months": 8, **born(40)}
    result = decide("grade_check", **answers, conclusion="qualified", category="6", grade="2").outputs
    assert result["verdict"] == "deferred"
    assert result["not_before"] == date(2027, 1, 16)


def test_a_conclusion_near_a_border_asks_for_confirmation() -> None:
    answers = {**born(30), "categories": ["hearing"], "conclusion": "qualified", "category": "2"}
    near = decide("grade_check", **answers, **ears(61), grade="3").outputs
    assert (near["verdict"], near["confirm"]) == ("consistent", True)
    assert decide("grade_check", **answers, **ears(70), grade="3").outputs["confirm"] is False


def test_instruments_postpone_the_check() -> None:
    assert check(**born(30), categories=["vision"], conclusion="needs_instruments") == "consistent"


def test_no_conclusion_is_never_consistent() -> None:
    assert check(**born(30), categories=["limb"], **LIMB_2) == "needs_justification"
    assert check() == "needs_justification"


@pytest.mark.parametrize("key", [key for key in library() if key.startswith("grade_")])
def test_a_table_without_any_answer_says_so_and_warns_of_nothing(key: str) -> None:
    result = decide(key)
    assert result.outputs.get("outcome", "not_measured") == "not_measured"
    assert result.warnings == ()
    assert result.rows[key]


def test_the_result_names_the_row_of_every_table_it_asked() -> None:
    answers = {**born(30), **LIMB_2, "categories": ["limb"], "conclusion": "qualified", "category": "4", "grade": "2"}
    rows = decide("grade_check", **answers).rows
    assert rows["grade_limb"] == [2]
    assert rows["grade_multiple"] == [3]
    assert rows["grade_check"] == [3]
