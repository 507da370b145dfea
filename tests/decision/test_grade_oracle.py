"""The grade tables against the standard written down a second time, in Python, over random people."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.decision.tables import born, ears, graded

Outcome = tuple[str, int | None]
NOT_DISABLED: Outcome = ("not_disabled", None)
UNMEASURED: Outcome = ("not_measured", None)
BEHAVIOUR = {"extreme": 1, "severe": 2, "moderate": 3, "mild": 4}

_ACUITIES = st.one_of(
    st.sampled_from(["nlp", "lp", "hm", "cf", None, "0.02", "0.05", "0.1", "0.3"]),
    st.decimals("0.001", "2", places=3),
)
_RADII = st.one_of(st.none(), st.integers(0, 90), st.sampled_from([Decimal("4.9"), Decimal("9.9"), 5, 10]))
_BEHAVIOURS = st.sampled_from([*BEHAVIOUR, None])
_AGES = st.tuples(st.integers(0, 90), st.integers(0, 11))
_HUNDREDTHS = st.one_of(st.none(), st.integers(0, 140), st.decimals(0, 130, places=2))


def eye_grade(acuity: Decimal, radius: Decimal | None) -> Outcome:
    if acuity < Decimal("0.02") or (radius is not None and radius < 5):
        return "graded", 1
    if acuity < Decimal("0.05") or (radius is not None and radius < 10):
        return "graded", 2
    if acuity < Decimal("0.1"):
        return "graded", 3
    return ("graded", 4) if acuity < Decimal("0.3") else NOT_DISABLED


def vision(eyes: list[tuple[Any, Any]]) -> Outcome:
    """The better eye decides; an eye in no way affected ends the matter; two unknown eyes begin none."""
    numbers = [
        (None if acuity is None else Decimal(0) if acuity in ("nlp", "lp", "hm", "cf") else Decimal(acuity), radius)
        for acuity, radius in eyes
    ]
    known = [(acuity, radius) for acuity, radius in numbers if acuity is not None]
    if any(eye_grade(acuity, radius) == NOT_DISABLED for acuity, radius in known):
        return NOT_DISABLED
    if len(known) < 2:
        return UNMEASURED
    widest = Decimal(1000)
    return eye_grade(*max(known, key=lambda eye: (eye[0], widest if eye[1] is None else eye[1])))


@settings(max_examples=200, deadline=None)
@given(_ACUITIES, _ACUITIES, _RADII, _RADII)
def test_vision_is_graded_as_the_standard_says(right: Any, left: Any, field_right: Any, field_left: Any) -> None:
    found = graded("grade_vision", vision_right=right, vision_left=left, field_right=field_right, field_left=field_left)
    assert found == vision([(right, field_right), (left, field_left)])


def hearing(mean: Decimal, years: int) -> Outcome:
    rounded = (mean + Decimal("0.5")) // 1
    for limit, grade in ((90, 1), (80, 2), (60, 3)):
        if rounded > limit:
            return "graded", grade
    return ("graded", 4) if rounded > 40 and years >= 3 else NOT_DISABLED


@settings(max_examples=200, deadline=None)
@given(st.decimals(0, 120, places=2), st.decimals(0, 120, places=2), _AGES)
def test_hearing_is_graded_as_the_standard_says(right: Decimal, left: Decimal, age: tuple[int, int]) -> None:
    answers = ears(right, left)  # type: ignore[arg-type]
    assert graded("grade_hearing", **answers, **born(*age)) == hearing(min(right, left), age[0])


def speech(clarity: Decimal | int | None, level: int | None, years: int, course: int | None) -> Outcome:
    if years < 3:
        return "deferred", None
    if course is None:
        return UNMEASURED
    if course <= 24:
        return "deferred", None
    if clarity is None or level is None:
        return UNMEASURED
    by_clarity = next((grade for limit, grade in ((10, 1), (25, 2), (45, 3), (65, 4)) if clarity <= limit), 5)
    if by_clarity != level + 1:
        return "needs_justification", None
    return NOT_DISABLED if by_clarity == 5 else ("graded", by_clarity)


@settings(max_examples=200, deadline=None)
@given(
    st.one_of(st.none(), st.integers(0, 100)),
    st.one_of(st.none(), st.integers(0, 4)),
    _AGES,
    st.one_of(st.none(), st.integers(0, 60)),
)
def test_speech_is_graded_as_the_standard_says(
    clarity: int | None, level: int | None, age: tuple[int, int], course: int | None
) -> None:
    found = graded("grade_speech", speech_clarity=clarity, speech_level=level, course_months=course, **born(*age))
    assert found == speech(clarity, level, age[0], course)


def intellect(years: int, dq: Any, iq: Any, adaptive: str | None) -> Outcome:
    behaviour: Outcome = ("graded", BEHAVIOUR[adaptive]) if adaptive else UNMEASURED
    if years < 7:
        if dq is None:
            return UNMEASURED
        if dq >= 72:
            return behaviour if dq < 76 else NOT_DISABLED
        return "graded", next((grade for limit, grade in ((26, 1), (40, 2), (55, 3)) if dq < limit), 4)
    if iq is None:
        return UNMEASURED
    if iq < 70:
        return behaviour
    return ("needs_justification", None) if adaptive else NOT_DISABLED


@settings(max_examples=200, deadline=None)
@given(_AGES, _HUNDREDTHS, _HUNDREDTHS, _BEHAVIOURS)
def test_the_intellect_is_graded_as_the_standard_says(age: tuple[int, int], dq: Any, iq: Any, adaptive: Any) -> None:
    found = graded("grade_intellectual", **born(*age), dq=dq, iq=iq, adaptive=adaptive)
    assert found == intellect(age[0], dq, iq, adaptive)


def mind(years: int, months: int | None, score: Any, adaptive: str | None) -> Outcome:
    if years < 2 or (months is not None and months < 12):
        return "deferred", None
    if months is None:
        return UNMEASURED
    behaviour = BEHAVIOUR[adaptive] if adaptive else None
    if years < 18:
        return ("graded", behaviour) if behaviour else UNMEASURED
    if score is None:
        return UNMEASURED
    by_score = next((grade for limit, grade in ((116, 1), (106, 2), (96, 3), (52, 4)) if score >= limit), None)
    if by_score == behaviour:
        return ("graded", by_score) if by_score else NOT_DISABLED
    return UNMEASURED if behaviour is None else ("needs_justification", None)


@settings(max_examples=200, deadline=None)
@given(_AGES, st.one_of(st.none(), st.integers(0, 40)), _HUNDREDTHS, _BEHAVIOURS)
def test_the_mind_is_graded_as_the_standard_says(
    age: tuple[int, int], months: int | None, score: Any, adaptive: str | None
) -> None:
    found = graded("grade_mental", **born(*age), duration_months=months, whodas=score, adaptive=adaptive)
    assert found == mind(age[0], months, score, adaptive)


_CONDITIONS = st.lists(st.sampled_from(["1a", "1i", "2c", "2g", "3b", "3f", "4a", "4j", "0c"]), max_size=4, unique=True)


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(["none", "mostly_none", "partial", "mostly", None]), _CONDITIONS)
def test_a_limb_is_never_graded_without_daily_life_and_condition_agreeing(
    adl: str | None, conditions: list[str]
) -> None:
    outcome, grade = graded("grade_limb", limb_adl=adl, limb_conditions=conditions)
    valid = {condition[0] for condition in conditions} - {"0"}
    if adl is None:
        assert (outcome, grade) == UNMEASURED
        return
    expected = {"none": 1, "mostly_none": 2, "partial": 3, "mostly": 4}[adl]
    if str(expected) in valid:
        assert (outcome, grade) == ("graded", expected)
    elif adl == "mostly" and not valid:
        assert (outcome, grade) == NOT_DISABLED
    else:
        assert (outcome, grade) == ("needs_justification", None)
