"""What changed between two versions of a form, in words; the same form gives none."""

from __future__ import annotations

from typing import Any

import pytest

from forms.diff import diff
from tests.forms.made import choices, made, textfield

RADIO = {"type": "radio", "key": "mode", "label": "方式", "values": choices("a", "b")}


def sentences(before: Any, after: Any) -> list[str]:
    return [str(change) for change in diff(before, after)]


def test_the_same_form_has_no_changes() -> None:
    form = made(textfield("a"), RADIO, {"type": "group", "label": "组", "components": [textfield("b", "乙")]})

    assert sentences(form, form) == []


def test_fields_come_and_go() -> None:
    before, after = made(textfield("a", "甲"), textfield("b", "乙")), made(textfield("a", "甲"), textfield("c", "丙"))

    assert sentences(before, after) == ["“丙” is asked now.", "“乙” is no longer asked."]


@pytest.mark.parametrize(("more", "sentence"), [
    ({"label": "新名"}, "“甲” is now called “新名”."),
    ({"validate": {"required": True}}, "“甲” must be answered now."),
    ({"validate": {"maxLength": 5}}, "The longest text of “甲” was – and is 5."),
    ({"description": "提示"}, "The hint of “甲” was “–” and is “提示”."),
    ({"conditional": {"hide": "=x"}}, "When “甲” is hidden was – and is x."),
    ({"properties": {"write": "clerk"}}, "Who may answer “甲”: before *, now clerk."),
    ({"properties": {"see": "clerk, lead"}}, "Who may see “甲”: before *, now clerk, lead."),
    ({"properties": {"check": "phone"}}, "The format check of “甲” has changed."),
    ({"properties": {"rule": "=x", "rule_message": "m"}}, "The rule of “甲” was – and is x."),
    ({"type": "textarea"}, "“甲” was of kind text and is of kind textarea."),
    ({"readonly": True}, "Whether “甲” can be changed has changed."),
])  # fmt: skip
def test_each_change_of_a_field_is_one_sentence(more: dict[str, Any], sentence: str) -> None:
    plain = made(textfield("a", "甲"))

    assert sentence in sentences(plain, made({**textfield("a", "甲"), **more}))
    assert sentences(plain, plain) == []


def test_what_becomes_optional_is_said() -> None:
    assert sentences(made(textfield("a", "甲", validate={"required": True})), made(textfield("a", "甲"))) == [
        "“甲” is optional now."]  # fmt: skip


def test_a_condition_of_the_group_shows_at_its_fields() -> None:
    group = {"type": "group", "label": "组", "components": [textfield("a", "甲")]}

    assert sentences(made(group), made({**group, "conditional": {"hide": "=x"}})) == [
        "When “甲” is hidden was – and is x."]  # fmt: skip


def test_choices_come_go_and_are_renamed() -> None:
    after = {**RADIO, "values": [{"label": "改名", "value": "a"}, {"label": "新", "value": "c"}]}

    assert sentences(made(RADIO), made(after)) == [
        "In “方式”, “选项a” is now called “改名”.",
        "“方式” offers “新” now.",
        "“方式” no longer offers “选项b”.",
    ]


def test_another_order_is_said_once() -> None:
    a, b, c = textfield("a", "甲"), textfield("b", "乙"), textfield("c", "丙")

    assert sentences(made(a, b, c), made(a, c, b)) == ["The order of the questions has changed, from “丙” on."]


def test_the_form_itself_changes() -> None:
    before = made(textfield("a"))
    after = made(textfield("a"), {"type": "text", "text": "说明"}, properties={"title": "新表", "submit": "好"})

    assert sentences(before, after) == [
        "The title was “表单” and is “新表”.",
        "The words on the button have changed.",
        "The texts or groups between the questions have changed.",
    ]
