"""What a page would post: what it opened with, the answers laid over it, nothing that they hide."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from forms.filling import filled_in
from forms.submission import Answers, check
from tests.forms.made import TODAY, Evaluator, choices, made, textfield

FORM = made(
    textfield("name", "姓名", validate={"required": True}),
    {"type": "radio", "key": "mode", "label": "方式", "values": choices("a", "b"), "defaultValue": "a"},
    textfield("detail", "详情", conditional={"hide": '=mode = "b"'}),
    {"type": "datetime", "subtype": "date", "key": "day", "label": "日期", "properties": {"default": "=today()"}},
    {"type": "number", "key": "size", "label": "大小"},
    {"type": "checkbox", "key": "sure", "label": "确认"},
    textfield("fixed", "固定", readonly=True),
)
CASE = {"name": "王芳", "detail": "旧", "fixed": "x"}
ROLES = frozenset({"clerk"})


def test_prefilled_fields_and_defaults_are_posted() -> None:
    assert filled_in(FORM, ROLES, CASE, {}, Evaluator()) == {
        "name": ["王芳"], "mode": ["a"], "detail": ["旧"], "day": [TODAY.isoformat()]}  # fmt: skip


def test_answers_are_laid_over_and_typed_values_become_texts() -> None:
    raw = filled_in(FORM, ROLES, CASE, {"size": Decimal("1.5"), "day": date(2026, 1, 2), "sure": True}, Evaluator())

    assert (raw["size"], raw["day"], raw["sure"]) == (["1.5"], ["2026-01-02"], ["true"])


def test_what_the_answers_hide_is_left_out_but_an_answer_for_it_is_posted() -> None:
    assert "detail" not in filled_in(FORM, ROLES, CASE, {"mode": "b"}, Evaluator())
    assert filled_in(FORM, ROLES, CASE, {"mode": "b", "detail": "新"}, Evaluator())["detail"] == ["新"]


def test_a_wrong_key_is_posted_so_that_it_is_refused() -> None:
    raw = filled_in(FORM, ROLES, CASE, {"wrong": "x", "fixed": "y"}, Evaluator())

    assert raw["wrong"] == ["x"]
    assert not isinstance(check(FORM, ROLES, raw, {}, CASE, Evaluator()), Answers)


def test_what_is_filled_in_is_accepted() -> None:
    raw = filled_in(FORM, ROLES, CASE, {}, Evaluator())

    assert isinstance(check(FORM, ROLES, raw, {}, CASE, Evaluator()), Answers)
