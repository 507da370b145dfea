"""What is posted against a form: taken over whole, or refused whole with a sentence for each problem."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forms.schema import Form, Option
from forms.submission import Answers, Problems, check
from forms.uploads import Upload
from tests.forms.made import Evaluator, choices, made, textfield

CLERK = frozenset({"clerk"})
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF"


def post(
    form: Form,
    raw: dict[str, Any] | None = None,
    roles: frozenset[str] = CLERK,
    files: dict[str, Sequence[Upload]] | None = None,
    variables: dict[str, Any] | None = None,
    evaluate: Any = None,
    options: dict[str, tuple[Option, ...]] | None = None,
) -> Answers | Problems:
    texts = {key: [value] if isinstance(value, str) else value for key, value in (raw or {}).items()}
    return check(form, roles, texts, files or {}, variables or {}, evaluate or Evaluator(), options)


def values(answer: Answers | Problems) -> dict[str, Any]:
    assert isinstance(answer, Answers), answer
    return dict(answer.values)


def problems(answer: Answers | Problems) -> dict[str, str]:
    assert isinstance(answer, Problems), answer
    return {problem.field: str(problem) for problem in answer.problems}


SIMPLE = made(
    textfield("name", "姓名", validate={"required": True}),
    {"type": "datetime", "subtype": "date", "key": "day", "label": "日期"},
    {"type": "number", "key": "count", "label": "数量", "decimalDigits": 0},
)


def test_answers_come_out_typed_and_an_empty_one_as_nothing() -> None:
    assert values(post(SIMPLE, {"name": " 王芳 ", "day": "2026-09-21", "count": ""})) == {
        "name": "王芳", "day": date(2026, 9, 21), "count": None}  # fmt: skip


def test_a_required_answer_that_is_missing_is_asked_for() -> None:
    assert problems(post(SIMPLE, {"count": "3"})) == {"name": "Enter 姓名."}
    assert problems(post(SIMPLE, {"name": "   "})) == {"name": "Enter 姓名."}


def test_problems_stand_in_reading_order() -> None:
    answer = post(SIMPLE, {"count": "x", "day": "never", "zzz": "1"})

    assert isinstance(answer, Problems)
    assert [problem.field for problem in answer.problems] == ["", "name", "day", "count"]


def test_a_key_the_form_does_not_have_is_refused() -> None:
    assert "no field extra" in problems(post(SIMPLE, {"name": "a", "extra": ""}))[""]
    assert "no field extra" in problems(post(SIMPLE, {"name": "a"}, files={"extra": [Upload("a.jpg", JPEG)]}))[""]


ROLES = made(
    textfield("open", "公开"),
    textfield("own", "本级", properties={"write": "clerk"}),
    textfield("secret", "秘密", properties={"see": "doctor"}),
    textfield("fixed", "固定", readonly=True),
)


def test_who_may_write_a_field_writes_it() -> None:
    assert values(post(ROLES, {"own": "a"}))["own"] == "a"
    assert values(post(ROLES, {"secret": "a"}, roles=frozenset({"doctor"}))) == {"open": None, "secret": "a"}


def test_a_field_of_another_role_may_not_be_posted() -> None:
    assert (
        "can be read here, but not changed" in problems(post(ROLES, {"own": "a"}, roles=frozenset({"doctor"})))["own"]
    )
    assert "but not changed" in problems(post(ROLES, {"fixed": ""}))["fixed"]


def test_a_field_one_may_not_see_answers_like_one_that_is_not_there() -> None:
    invisible, absent = post(ROLES, {"secret": "a"}), post(ROLES, {"absent": "a"})

    assert problems(invisible)[""].replace("secret", "absent") == problems(absent)[""]


CONDITIONAL = made(
    {"type": "radio", "key": "mode", "label": "方式", "values": choices("call", "visit", "other")},
    {"type": "group", "label": "上门", "conditional": {"hide": '=mode != "visit"'}, "components": [
        textfield("address", "地址", validate={"required": True}),
        {"type": "checkbox", "key": "stairs", "label": "有台阶"},
        textfield("floor", "楼层", conditional={"hide": "=not(stairs)"}),
    ]},
    textfield("reason", "说明", properties={"required_when": '=mode = "other"'}),
)  # fmt: skip


def test_a_hidden_field_is_not_asked_and_not_kept() -> None:
    assert values(post(CONDITIONAL, {"mode": "call", "address": "", "floor": " "})) == {"mode": "call", "reason": None}


def test_a_shown_field_is_asked() -> None:
    assert problems(post(CONDITIONAL, {"mode": "visit"})) == {"address": "Enter 地址."}
    assert (
        values(post(CONDITIONAL, {"mode": "visit", "address": "东街", "stairs": "true", "floor": "3"}))["floor"] == "3"
    )


def test_an_answer_posted_for_a_hidden_field_is_refused() -> None:
    assert "is not asked" in problems(post(CONDITIONAL, {"mode": "call", "address": "东街"}))["address"]
    assert "is not asked" in problems(post(CONDITIONAL, {"mode": "visit", "address": "x", "floor": "3"}))["floor"]
    assert "is not asked" in problems(post(CONDITIONAL, {"mode": "call", "stairs": "true"}))["stairs"]


def test_what_a_page_without_scripts_offered_and_nobody_touched_is_dropped() -> None:
    form = made(
        {"type": "radio", "key": "mode", "label": "方式", "values": choices("a", "b")},
        textfield("by", "经手人", conditional={"hide": '=mode != "b"'}, properties={"default": "本人"}),
    )

    assert values(post(form, {"mode": "a", "by": "本人"})) == {"mode": "a"}
    assert "is not asked" in problems(post(form, {"mode": "a", "by": "别人"}))["by"]
    assert values(post(form, {"mode": "b", "by": "别人"}))["by"] == "别人"


def test_hiding_reaches_through_several_fields() -> None:
    answer = post(CONDITIONAL, {"mode": "call", "stairs": "true", "floor": "3"})

    assert set(problems(answer)) == {"stairs", "floor"}


def test_a_field_may_depend_on_a_later_one() -> None:
    form = made(textfield("first", conditional={"hide": "=not(second)"}),
                {"type": "checkbox", "key": "second", "label": "b", "conditional": {"hide": "=not(third)"}},
                {"type": "checkbox", "key": "third", "label": "c"})  # fmt: skip

    assert values(post(form, {"first": "x", "second": "true", "third": "true"}))["first"] == "x"
    assert set(problems(post(form, {"first": "x", "second": "true"}))) == {"first", "second"}


def test_a_circle_of_conditions_comes_to_an_end() -> None:
    form = made({"type": "checkbox", "key": "a", "label": "a", "conditional": {"hide": "=b"}},
                {"type": "checkbox", "key": "b", "label": "b", "conditional": {"hide": "=not(a)"}})  # fmt: skip

    assert isinstance(post(form, {"a": "true", "b": "true"}), Answers | Problems)


def test_a_hidden_answer_of_an_earlier_round_is_taken_back() -> None:
    earlier = {"address": "东街", "mode": "visit"}

    assert values(post(CONDITIONAL, {"mode": "call"}, variables=earlier))["address"] is None
    assert "address" not in values(post(CONDITIONAL, {"mode": "call"}))


def test_what_the_case_hides_keeps_its_earlier_answer() -> None:
    form = made(textfield("address", conditional={"hide": '=kind = "x"'}), textfield("other"))

    assert values(post(form, {}, variables={"kind": "x", "address": "东街"})) == {"other": None}


def test_a_condition_may_read_the_case() -> None:
    form = made(textfield("address", validate={"required": True}, conditional={"hide": '=kind = "x"'}))

    assert values(post(form, {}, variables={"kind": "x"})) == {}
    assert problems(post(form, {}, variables={"kind": "y"}))


def test_a_condition_that_cannot_be_told_hides_nothing() -> None:
    form = made(textfield("address", validate={"required": True}, conditional={"hide": "=broken("}))

    assert problems(post(form, {})) == {"address": "Enter 名称."}


def test_a_reason_is_needed_only_when_its_condition_holds() -> None:
    assert problems(post(CONDITIONAL, {"mode": "other"})) == {"reason": "Enter 说明."}
    assert values(post(CONDITIONAL, {"mode": "call"}))["reason"] is None
    assert values(post(CONDITIONAL, {"mode": "other", "reason": "远"}))["reason"] == "远"


def test_every_kind_asks_in_its_own_words() -> None:
    need = {"validate": {"required": True}}
    form = made(
        {"type": "radio", "key": "a", "label": "甲", "values": choices("1"), **need},
        {"type": "checklist", "key": "b", "label": "乙", "values": choices("1"), **need},
        {"type": "checkbox", "key": "c", "label": "丙", **need},
        {"type": "filepicker", "key": "d", "label": "丁", **need},
    )

    assert problems(post(form, {"c": "false"})) == {
        "a": "Choose 甲.", "b": "Choose at least one of 乙.", "c": "Tick 丙.", "d": "Add a file for 丁."}  # fmt: skip


SUM = made(
    {"type": "number", "key": "a", "label": "甲"},
    {"type": "number", "key": "b", "label": "乙"},
    {"type": "number", "key": "sum", "label": "和", "properties": {"computed": "=a + b"}},
    textfield("why", "理由", conditional={"hide": "=not(big)"}),
    {"type": "checkbox", "key": "big", "label": "大", "properties": {"computed": "=sum > 10"}},
)
ADD = Evaluator(**{"a + b": lambda v: v["a"] + v["b"], "sum > 10": lambda v: v["sum"] > 10})


def test_a_computed_field_is_computed_and_conditions_may_read_it() -> None:
    assert values(post(SUM, {"a": "1", "b": "2"}, evaluate=ADD)) == {"a": 1, "b": 2, "sum": 3, "big": False}
    found = values(post(SUM, {"a": "1", "b": "20", "why": "x"}, evaluate=ADD))

    assert (found["sum"], found["big"], found["why"]) == (21, True, "x")
    assert "is not asked" in problems(post(SUM, {"a": "1", "b": "2", "why": "x"}, evaluate=ADD))["why"]


def test_a_computed_field_may_not_be_posted() -> None:
    assert "not changed" in problems(post(SUM, {"a": "1", "b": "2", "sum": "99"}, evaluate=ADD))["sum"]


def test_a_computed_field_that_cannot_be_told_is_empty() -> None:
    assert values(post(SUM, {"a": "1"}, evaluate=ADD))["sum"] is None


RULE = made(
    {"type": "number", "key": "low", "label": "低", "properties": {}},
    {"type": "number", "key": "high", "label": "高",
     "properties": {"rule": "=high >= low", "rule_message": "高不能小于低"}},
)  # fmt: skip
COMPARE = Evaluator(**{"high >= low": lambda v: v["high"] >= v["low"]})


def test_a_rule_holds_or_says_why_not() -> None:
    assert values(post(RULE, {"low": "1", "high": "2"}, evaluate=COMPARE)) == {"low": 1, "high": 2}
    assert problems(post(RULE, {"low": "3", "high": "2"}, evaluate=COMPARE)) == {"high": "高: 高不能小于低"}


def test_a_rule_is_not_asked_of_no_answer_nor_of_broken_ones() -> None:
    assert values(post(RULE, {"low": "3"}, evaluate=COMPARE))
    assert set(problems(post(RULE, {"low": "x", "high": "2"}, evaluate=COMPARE))) == {"low"}


def test_a_rule_that_cannot_be_told_refuses() -> None:
    assert "could not be checked" in problems(post(RULE, {"high": "2"}, evaluate=COMPARE))["high"]


def test_choices_from_the_organisations_are_those_handed_in() -> None:
    form = made({"type": "select", "key": "unit", "label": "单位", "properties": {"options_from": "unit"}})
    offered = {"unit": (Option("u1", "一院"),)}

    assert values(post(form, {"unit": "u1"}, options=offered)) == {"unit": "u1"}
    assert problems(post(form, {"unit": "u2"}, options=offered))
    assert problems(post(form, {"unit": "u1"}))


PHOTO = made({"type": "filepicker", "key": "photo", "label": "照片", "accept": ".jpg,.png", "multiple": True,
              "validate": {"required": True}, "properties": {"files_max": "2", "bytes_max": "1000"}})  # fmt: skip


def photo(name: str = "a.jpg", content: bytes = JPEG) -> Upload:
    return Upload(name, content)


def test_a_file_is_handed_on_beside_the_values() -> None:
    answer = post(PHOTO, files={"photo": [photo()]})

    assert values(answer) == {}
    assert isinstance(answer, Answers)
    assert answer.files == {"photo": (photo(),)}
    assert photo().media_type == "image/jpeg"
    assert Upload("a.jpg", b"MZ").media_type == "application/octet-stream"


def test_files_kept_before_count() -> None:
    assert values(post(PHOTO, variables={"photo": ["old.jpg"]})) == {}
    assert values(post(PHOTO, files={"photo": [photo()]}, variables={"photo": [{"name": "old.jpg"}]})) == {}
    many = post(PHOTO, files={"photo": [photo(), photo()]}, variables={"photo": ["o.jpg"]})
    assert "at most 2" in problems(many)["photo"]


def test_a_fresh_file_is_asked_for_again() -> None:
    fresh = made({"type": "filepicker", "key": "photo", "label": "照片", "validate": {"required": True},
                  "properties": {"fresh": "true"}})  # fmt: skip

    assert set(problems(post(fresh, variables={"photo": ["old.jpg"]}))) == {"photo"}
    assert values(post(fresh, files={"photo": [photo()]}, variables={"photo": ["old.jpg"]})) == {}


@pytest.mark.parametrize(
    "bad",
    [
        photo(content=b"MZ\x90"),
        photo(content=b""),
        photo(content=JPEG + bytes(1000)),
        photo(name="a.pdf", content=b"%PDF-1.7"),
        photo(name="a.exe"),
        photo(name="../a.jpg"),
        photo(name="a\n.jpg"),
        photo(name=""),
        photo(name="a" * 200 + ".jpg"),
        photo(name="a.png"),
    ],
)
def test_a_wrong_file_is_refused_by_what_is_in_it(bad: Upload) -> None:
    assert set(problems(post(PHOTO, files={"photo": [bad]}))) == {"photo"}


def test_text_for_a_file_and_a_file_for_text_are_refused() -> None:
    assert "photo" in problems(post(PHOTO, {"photo": "a.jpg"}))
    assert "name" in problems(post(SIMPLE, {"name": "a"}, files={"name": [photo()]}))


def test_too_much_of_anything_is_refused_before_it_is_read() -> None:
    assert "" in problems(post(SIMPLE, {f"k{n}": "x" for n in range(1001)}))
    assert "" in problems(post(SIMPLE, {"name": "x" * 500_001}))
    assert "" in problems(post(SIMPLE, {"name": ["x"] * 2001}))


def test_warnings_travel_with_answers_and_with_problems() -> None:
    form = made(
        textfield("number", properties={"check": "resident_id"}), textfield("need", validate={"required": True})
    )
    warned = post(form, {"number": "41082518950101008x", "need": "x"})
    refused = post(form, {"number": "41082518950101008x"})

    assert values(warned)["number"] == "41082518950101008X"
    assert "120" in str(warned.warnings[0])
    assert [str(w) for w in refused.warnings] == [str(w) for w in warned.warnings]
    assert post(form, {"number": "11010519491231002X", "need": "x"}).warnings == ()


KEYS = st.sampled_from(["name", "day", "count", "mode", "address", "stairs", "photo", "x", "", "\x00", "own"])


@given(
    st.sampled_from([SIMPLE, CONDITIONAL, ROLES, PHOTO, SUM, RULE]),
    st.dictionaries(KEYS, st.lists(st.text(max_size=9))),
)
def test_whatever_is_posted_nothing_is_raised(form: Form, raw: dict[str, list[str]]) -> None:
    answer = check(form, CLERK, raw, {}, {}, Evaluator())

    if isinstance(answer, Problems):
        assert all(str(problem) for problem in answer.problems)
