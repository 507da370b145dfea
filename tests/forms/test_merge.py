"""A form that extends another becomes one flat form; a mistake is named with its path."""

from __future__ import annotations

import json
from typing import Any

import pytest

from forms.formjs import FormError, read_form
from forms.merge import base_of, merge
from tests.forms.made import choices, document, textfield

BASE = document(
    textfield("name", "姓名", validate={"required": True}, properties={"see": "clerk"}),
    {"type": "group", "label": "联系", "components": [textfield("phone", "电话"), textfield("address", "地址")]},
    {"type": "radio", "key": "mode", "label": "方式", "values": choices("a", "b")},
)


def merged(*components: dict[str, Any], **properties: str) -> Any:
    above = document(*components, properties={"extends": "made", **properties})
    return read_form(merge(json.dumps(BASE).encode(), json.dumps(above).encode()))


def mistakes(*components: dict[str, Any], **properties: str) -> list[str]:
    with pytest.raises(FormError) as caught:
        merged(*components, **properties)
    return [mistake.path for mistake in caught.value.mistakes]


def keys(form: Any) -> list[str]:
    return [field.key for field in form.fields]


def test_nothing_more_gives_the_same_fields() -> None:
    form = merged()

    assert keys(form) == ["name", "phone", "address", "mode"]
    assert form.extends == ""


def test_a_field_is_replaced_member_by_member_in_its_place() -> None:
    form = merged({"type": "textfield", "key": "name", "label": "名字", "properties": {"write": "clerk"}})
    name = form.field("name")

    assert keys(form) == ["name", "phone", "address", "mode"]
    assert (name.label, name.limits.required, name.see, name.write) == ("名字", True, {"clerk"}, {"clerk"})


def test_a_field_is_added_after_another_or_at_the_end() -> None:
    form = merged(textfield("late", "晚"), textfield("nick", "小名", properties={"after": "name"}))

    assert keys(form) == ["name", "nick", "phone", "address", "mode", "late"]


def test_a_field_is_added_to_a_group_of_the_same_label() -> None:
    form = merged(
        {"type": "group", "label": "联系", "conditional": {"hide": "=x"}, "components": [textfield("mail", "邮箱")]}
    )

    assert keys(form) == ["name", "phone", "address", "mail", "mode"]
    assert form.hides["phone"] == ("x",)


def test_a_new_group_joins_at_the_end() -> None:
    assert keys(merged({"type": "group", "label": "其他", "components": [textfield("mail", "邮箱")]}))[-1] == "mail"


def test_fields_are_left_out() -> None:
    assert keys(merged(remove="phone, mode")) == ["name", "address"]


def test_what_does_not_exist_cannot_be_left_out_nor_followed() -> None:
    assert mistakes(remove="fax") == ["/properties/remove"]
    assert mistakes(textfield("a", properties={"after": "fax"})) == ["/components/0/properties/after"]


def test_the_base_is_named() -> None:
    assert base_of(json.dumps(document(properties={"extends": "made"})).encode()) == "made"
    assert base_of(json.dumps(BASE).encode()) == ""


def test_what_is_no_document_is_refused() -> None:
    for content in (b"", b"[]", b'{"components": "x"}'):
        with pytest.raises(FormError):
            merge(json.dumps(BASE).encode(), content)


def test_limits_with_fractions_survive() -> None:
    form = merged({"type": "number", "key": "n", "label": "数", "validate": {"min": 0.5}})

    assert form.field("n").limits.number_min == "0.5"
