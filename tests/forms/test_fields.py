"""Field kinds: raw text becomes a typed answer or a problem that says what was expected; and back again."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forms.checks import CHECKS
from forms.fields import ZONE, parse, to_raw
from forms.schema import Field, FieldKind, Limits, Option


def field(kind: FieldKind, **more: Any) -> Field:
    return Field("k", "日期", kind, **more)


CHOICE = (Option("a", "甲"), Option("true", "是", True), Option("7", "七", 7))


@pytest.mark.parametrize(
    "text", ["2026-09-21", "2026/9/21", "2026.9.21", "2026年9月21日", "20260921", " ２０２６－０９－２１ "]
)
def test_a_date_may_be_written_in_the_usual_ways(text: str) -> None:
    assert parse(field("date"), [text]).value == date(2026, 9, 21)


@pytest.mark.parametrize(
    "text",
    [
        "2026-02-29",
        "2026-13-01",
        "26-9-21",
        "2026-9",
        "21.9.2026",
        "1799-12-31",
        "2200-01-01",
        "明天",
        "2026-09-21T10:00",
        "0000-00-00",
    ],
)
def test_a_date_that_does_not_exist_is_a_problem_that_shows_one(text: str) -> None:
    problem = parse(field("date"), [text]).problem

    assert problem is not None
    assert str(problem) == f"Expected 日期 to be a date such as 2026-09-21, but found {text}."


def test_a_leap_day_exists_in_a_leap_year() -> None:
    assert parse(field("date"), ["2024-02-29"]).value == date(2024, 2, 29)


@pytest.mark.parametrize(
    "text",
    [
        "2026-09-21T09:30",
        "2026-09-21 09:30",
        "2026-09-21T09:30:00+08:00",
        "2026-09-21T01:30:00Z",
        "2026-09-21T09:30:00.000",
    ],
)
def test_a_moment_is_local_time(text: str) -> None:
    value = parse(field("datetime"), [text]).value

    assert value == datetime(2026, 9, 21, 9, 30, tzinfo=ZONE)
    assert value.tzinfo is ZONE


@pytest.mark.parametrize(
    "text", ["2026-09-21", "2026-09-21T24:00", "2026-09-21 9", "2026-02-30T09:00", "T", "2026-09-21T09:30+99:99"]
)
def test_a_moment_that_does_not_exist_is_a_problem(text: str) -> None:
    assert "2026-09-21 09:30" in str(parse(field("datetime"), [text]).problem)


@pytest.mark.parametrize(
    ("text", "value"), [("5", 5), ("-3", -3), ("0.05", Decimal("0.05")), ("５", 5), ("2.0", 2), ("+4", 4), ("−4", -4)]
)
def test_a_number_is_exact(text: str, value: Any) -> None:
    found = parse(field("number"), [text]).value

    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    "text", ["abc", "1e5", "NaN", "Infinity", "1,000", "0x10", "--1", "1.", ".5", "1 2", "9" * 16, "½x"]
)
def test_what_is_no_number_is_a_problem(text: str) -> None:
    assert parse(field("number"), [text]).problem


@pytest.mark.parametrize(
    ("text", "fine"), [("0", True), ("120", True), ("-1", False), ("121", False), ("120.5", False)]
)
def test_bounds_of_a_number_belong_to_it(text: str, fine: bool) -> None:
    bounded = field("number", limits=Limits(number_min="0", number_max="120", decimals_max=1))

    assert (parse(bounded, [text]).problem is None) == fine


def test_bounds_say_what_they_are() -> None:
    both = field("number", limits=Limits(number_min="0", number_max="120"))
    low, high = field("number", limits=Limits(number_min="0")), field("number", limits=Limits(number_max="9"))

    assert str(parse(both, ["121"]).problem) == "Expected 日期 to be between 0 and 120, but found 121."
    assert "0 or more" in str(parse(low, ["-1"]).problem)
    assert "9 or less" in str(parse(high, ["10"]).problem)


@pytest.mark.parametrize(
    ("decimals", "text", "fine"),
    [(0, "1.5", False), (0, "1", True), (0, "1.0", True), (2, "0.05", True), (2, "0.055", False)],
)
def test_decimals_are_limited(decimals: int, text: str, fine: bool) -> None:
    assert (parse(field("number", limits=Limits(decimals_max=decimals)), [text]).problem is None) == fine


def test_a_choice_gives_its_typed_answer() -> None:
    radio = field("radio", options=CHOICE)

    assert parse(radio, ["a"]).value == "a"
    assert parse(radio, ["true"]).value is True
    assert parse(radio, ["7"]).value == 7


@pytest.mark.parametrize("text", ["b", "True", "甲", "a "])
def test_what_is_not_offered_cannot_be_chosen(text: str) -> None:
    assert parse(field("select", options=CHOICE), [text]).problem


def test_choices_from_elsewhere_replace_the_fixed_ones() -> None:
    select = field("select", options_from="unit")

    assert parse(select, ["u1"], [Option("u1", "一")]).value == "u1"
    assert parse(select, ["u2"], [Option("u1", "一")]).problem
    assert parse(select, ["u1"], []).problem


def test_a_checklist_keeps_the_order_of_the_form_and_each_choice_once() -> None:
    checklist = field("checklist", options=CHOICE)

    assert parse(checklist, ["7", "a", "a", ""]).value == ["a", 7]
    assert parse(checklist, []).value == []
    assert parse(checklist, ["a", "zzz"]).problem


@pytest.mark.parametrize(
    ("raw", "value"), [([], False), (["true"], True), (["on"], True), (["1"], True), (["false"], False)]
)
def test_a_checkbox_is_ticked_or_not(raw: list[str], value: bool) -> None:
    assert parse(field("checkbox"), raw).value is value


def test_a_checkbox_is_nothing_else() -> None:
    assert parse(field("checkbox"), ["maybe"]).problem


def test_one_answer_is_one_answer() -> None:
    assert parse(field("text"), ["a", "b"]).problem
    assert parse(field("radio", options=CHOICE), ["a", "a"]).problem


@pytest.mark.parametrize("kind", ["text", "textarea", "number", "date", "datetime", "select", "radio"])
def test_blank_is_no_answer(kind: FieldKind) -> None:
    assert parse(field(kind, options=CHOICE), ["  \u3000 "]) == parse(field(kind), [])
    assert parse(field(kind), []).value is None


@pytest.mark.parametrize("text", ["a\x00b", "a\x1bb", "\ud800", "a\x7f"])
def test_characters_no_record_can_hold_are_a_problem(text: str) -> None:
    assert parse(field("text"), [text]).problem
    assert parse(field("textarea"), ["两行\r\n文字"]).value == "两行\n文字"


def test_lengths_are_kept() -> None:
    limited = field("text", limits=Limits(length_min=2, length_max=4))

    assert parse(limited, ["一二三四"]).value == "一二三四"
    assert "at most 4" in str(parse(limited, ["一二三四五"]).problem)
    assert "at least 2" in str(parse(limited, ["一"]).problem)
    assert parse(field("text"), ["x" * 501]).problem
    assert parse(field("textarea"), ["x" * 5000]).value


def test_a_pattern_holds_and_says_its_own_sentence() -> None:
    postcode = field("text", limits=Limits(pattern="^[0-9]{6}$", pattern_message="应为六位数字"))

    assert parse(postcode, ["454850"]).value == "454850"
    assert str(parse(postcode, ["45485"]).problem) == "日期: 应为六位数字"


def test_a_checked_text_comes_out_normal_and_with_its_warnings() -> None:
    number = field("text", check="resident_id")
    found = parse(number, ["41082518950101008x"], today=date(2026, 9, 21))

    assert found.value == "41082518950101008X"
    assert found.problem is None
    assert [warning.field for warning in found.warnings] == ["k"]
    assert parse(number, ["410825189501010081"]).problem


def test_a_suffix_is_data() -> None:
    number = field("text", check="resident_id", check_suffix=r"[1-7][1-4](B[1-9][0-9]*)?")

    assert parse(number, ["11010519491231002X42B1"]).value == "11010519491231002X42B1"
    assert parse(number, ["11010519491231002X82"]).problem
    assert parse(number, ["11010519491231002X"]).problem


@pytest.mark.parametrize(("kind", "value"), [
    ("date", date(2026, 9, 21)), ("datetime", datetime(2026, 9, 21, 9, 30, tzinfo=ZONE)), ("number", Decimal("0.05")),
    ("number", 7), ("checkbox", True), ("checkbox", False), ("checklist", ["a", True, 7]),
    ("radio", True), ("radio", 7),
    ("text", "字"), ("text", None), ("checklist", []),
])  # fmt: skip
def test_a_value_goes_out_as_text_and_comes_back_the_same(kind: FieldKind, value: Any) -> None:
    assert parse(field(kind, options=CHOICE), to_raw(value)).value == value


def test_a_moment_elsewhere_goes_out_as_local_time() -> None:
    assert to_raw(datetime(2026, 9, 21, 1, 30, tzinfo=UTC)) == ("2026-09-21T09:30",)


KINDS = ["text", "textarea", "number", "date", "datetime", "select", "radio", "checklist", "checkbox", "file"]


@given(st.sampled_from(KINDS), st.lists(st.text(max_size=60), max_size=3), st.sampled_from(["", *CHECKS]))
def test_whatever_is_posted_nothing_is_raised(kind: FieldKind, raw: list[str], check: str) -> None:
    found = parse(field(kind, options=CHOICE, check=check if kind == "text" else ""), raw)

    assert found.problem is None or str(found.problem)
