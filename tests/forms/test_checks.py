"""Identity numbers, numbers built on them, and telephone numbers: every vector of the standard, with its twin."""

from __future__ import annotations

from datetime import date

import pytest

from forms.checks import birth_date, check_character, normalise, phone, place, resident_id

TODAY = date(2026, 9, 21)
SUFFIX = r"[1-7][1-4](B[1-9][0-9]*)?"


def test_the_standards_own_sample_is_right() -> None:
    checked = resident_id("11010519491231002X", TODAY)

    assert (checked.value, checked.template, checked.warnings) == ("11010519491231002X", "", ())


def test_another_check_character_is_refused() -> None:
    assert "last character" in resident_id("110105194912310021", TODAY).template


@pytest.mark.parametrize("number", ["410825189501010012", "410802189506150028", "410882189912310033"])
def test_an_owner_older_than_120_is_a_warning_and_no_refusal(number: str) -> None:
    checked = resident_id(number, TODAY)

    assert checked.value == number
    assert [w for w in checked.warnings if "older than 120" in w]


def test_an_elderly_owner_from_a_young_county_is_simply_right() -> None:
    number = "41082519400101001"
    checked = resident_id(number + check_character(number), TODAY)

    assert checked.value
    assert checked.warnings == ()


@pytest.mark.parametrize(
    "text",
    ["41082518950101008X", "41082518950101008x", "４１０８２５１８９５０１０１００８ｘ", " 410825 18950101 008X "],
)
def test_full_width_lower_case_and_spaces_are_the_same_number(text: str) -> None:
    assert resident_id(text, TODAY).value == "41082518950101008X"


def test_a_birth_date_that_does_not_exist_is_refused_though_the_check_character_fits() -> None:
    assert check_character("410825189702290049") == "9"
    checked = resident_id("410825189702290049", TODAY)

    assert "date of birth that exists" in checked.template
    assert checked.params == {"digits": "18970229"}


def test_a_leap_day_in_an_unknown_area_is_a_warning_only() -> None:
    checked = resident_id("410899189602290070", TODAY)

    assert checked.value == "410899189602290070"
    assert [w for w in checked.warnings if "not a usual area code" in w]


def test_a_child_is_right() -> None:
    checked = resident_id("410899202402290053", TODAY)

    assert checked.value
    assert birth_date(checked.value) == date(2024, 2, 29)


@pytest.mark.parametrize(("number", "warning"), [
    ("999999189001010017", "no known region"),
    ("410871189501010010", "not a usual area code"),
])  # fmt: skip
def test_impossible_areas_warn_and_do_not_block(number: str, warning: str) -> None:
    checked = resident_id(number, TODAY)

    assert checked.value == number
    assert [w for w in checked.warnings if warning in w]


@pytest.mark.parametrize("area", ["410825", "410802", "419001", "110105", "810000", "410881"])
def test_usual_areas_do_not_warn(area: str) -> None:
    number = area + "19600101001"
    warned = resident_id(number + check_character(number), TODAY).warnings

    assert bool(warned) == (area == "810000")


def test_a_birth_date_in_the_future_warns_and_today_does_not() -> None:
    tomorrow, today = "41082520260922001", "41082520260921001"

    assert "not born yet" in resident_id(tomorrow + check_character(tomorrow), TODAY).warnings[0]
    assert resident_id(today + check_character(today), TODAY).warnings == ()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1",
        "11010519491231002",
        "11010519491231002XX",
        "011010519491231002",
        "A10105194912310021",
        "11010519491231O02X",
        "①10105194912310021",
        "１１０１０５",
        "1" * 5000,
    ],
)
def test_what_is_no_number_is_refused(text: str) -> None:
    checked = resident_id(text, TODAY)

    assert checked.template
    assert not checked.value


@pytest.mark.parametrize("number", ["11010519491231002X42", "11010519491231002X42B1", "11010519491231002x71b12"])
def test_a_number_built_on_an_identity_number_may_carry_its_suffix(number: str) -> None:
    assert resident_id(number, TODAY, SUFFIX).value == number.upper()


@pytest.mark.parametrize("suffix", ["82", "45", "42B0", "42B", "4", "", "42B1 2C", "40", "04"])
def test_another_suffix_is_refused(suffix: str) -> None:
    assert resident_id("11010519491231002X" + suffix, TODAY, SUFFIX).template


def test_the_printed_example_of_the_rules_does_not_pass_its_own_check() -> None:
    assert "last character" in resident_id("12345619701111001343", TODAY, SUFFIX).template
    assert check_character("123456197011110013") == "7"


def test_a_suffix_on_a_plain_number_is_refused() -> None:
    assert resident_id("11010519491231002X42", TODAY).params == {"count": 20}


@pytest.mark.parametrize(("text", "value"), [
    ("13800138000", "13800138000"),
    ("138 0013 8000", "13800138000"),
    ("+86 138-0013-8000", "13800138000"),
    ("１３８００１３８０００", "13800138000"),
    ("0391-6123456", "0391-6123456"),
    ("03916123456", "0391-6123456"),
    ("(0391)6123456", "0391-6123456"),
    ("010-66580000", "010-66580000"),
    ("0391-6123456-12", "0391-6123456-12"),
    ("0391-6123456转12", "0391-6123456-12"),
])  # fmt: skip
def test_a_telephone_number_comes_out_in_its_normal_form(text: str, value: str) -> None:
    assert phone(text).value == value


@pytest.mark.parametrize(
    "text",
    [
        "12345",
        "1380013800",
        "138001380000",
        "12800138000",
        "6123456",
        "0391-1123456",
        "电话",
        "+1 555 0100",
        "",
        "0" * 900,
    ],
)
def test_what_is_no_telephone_number_is_refused(text: str) -> None:
    checked = phone(text)

    assert not checked.value
    assert "0391-6123456" in checked.template


def test_normalising_removes_what_the_eye_does_not_see() -> None:
    assert normalise("\u200b１１\u3000x\ufeff") == "11X"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("35.1234,113.0567", "35.1234,113.0567"),
        (" 35.123449，113.05675 ", "35.1234,113.0568"),
        ("３５.1, 113", "35.1000,113.0000"),
        ("-0.00001,-180", "0.0000,-180.0000"),
        ("+90,180.0", "90.0000,180.0000"),
    ],
)
def test_a_place_comes_out_in_its_normal_form(text: str, value: str) -> None:
    assert place(text).value == value
    assert place(value).value == value


@pytest.mark.parametrize(
    "text",
    [
        "113.0567,35.1234", "35.1234", "35.1234,", "35.1234,113.0567,9", "35.1234;113.0567", "90.1,0", "0,180.1",
        "35°7′N,113°3′E", "三十五,一百一十三", "1e1,1", "nan,inf", "", "35.1234567890123,113",
    ],
)  # fmt: skip
def test_what_is_no_place_is_refused(text: str) -> None:
    checked = place(text)
    assert checked.template
    assert checked.value == ""
