"""Reading a form-js document: what it says comes out; every mistake is named with its JSON path."""

from __future__ import annotations

import json
from typing import Any

import pytest

from forms.formjs import FormError, read_form
from forms.schema import Option, Section, Text
from tests.forms.made import choices, document, made, textfield


def mistakes(*components: dict[str, Any], **root: Any) -> dict[str, str]:
    with pytest.raises(FormError) as caught:
        made(*components, **root)
    return {mistake.path: str(mistake) for mistake in caught.value.mistakes}


def test_a_field_comes_out_with_all_that_was_said_about_it() -> None:
    form = made({
        "type": "textfield", "key": "phone", "label": "电话", "description": "写区号",
        "validate": {"required": True, "maxLength": 20, "pattern": "^[0-9]+$", "patternErrorMessage": "只写数字"},
        "conditional": {"hide": '=mode = "none"'},
        "properties": {"check": "phone", "write": "clerk, lead", "see": "clerk,lead,auditor", "unit": "号",
                       "required_when": "=mode = \"call\"", "rule": "= true", "rule_message": "不对"},
    })  # fmt: skip
    field = form.field("phone")

    assert field is not None
    assert (field.label, field.kind, field.description, field.unit) == ("电话", "text", "写区号", "号")
    assert (field.limits.required, field.limits.length_max, field.limits.pattern) == (True, 20, "^[0-9]+$")
    assert field.write == {"clerk", "lead"}
    assert field.see == {"clerk", "lead", "auditor"}
    assert (field.hide, field.required_when, field.rule) == ('mode = "none"', 'mode = "call"', "true")
    assert (field.check, field.rule_message) == ("phone", "不对")


@pytest.mark.parametrize(("component", "kind"), [
    ({"type": "textfield"}, "text"), ({"type": "textarea"}, "textarea"), ({"type": "number"}, "number"),
    ({"type": "datetime", "subtype": "date"}, "date"), ({"type": "datetime", "subtype": "datetime"}, "datetime"),
    ({"type": "select", "values": choices("a")}, "select"), ({"type": "radio", "values": choices("a")}, "radio"),
    ({"type": "checklist", "values": choices("a")}, "checklist"), ({"type": "checkbox"}, "checkbox"),
    ({"type": "filepicker"}, "file"),
])  # fmt: skip
def test_every_allowed_component_is_a_kind_of_field(component: dict[str, Any], kind: str) -> None:
    form = made({**component, "key": "k", "label": "标签"})

    assert [field.kind for field in form.fields] == [kind]


@pytest.mark.parametrize("kind", ["html", "iframe", "button", "image", "table", "dynamiclist", "taglist", "expression",
                                  "documentPreview", "", None, 3, ["textfield"]])  # fmt: skip
def test_any_other_component_is_refused(kind: Any) -> None:
    assert "not supported" in mistakes({"type": kind, "key": "k", "label": "x"})["/components/0/type"]


def test_groups_hold_fields_and_hand_their_roles_down() -> None:
    form = made({
        "type": "group", "label": "检查", "conditional": {"hide": "=a"}, "properties": {"see": "doctor"},
        "components": [
            textfield("finding"),
            textfield("note", properties={"see": "clerk"}, conditional={"hide": "=b"}),
        ],
    }, {"type": "text", "text": "## 结论"}, {"type": "text", "text": "请如实填写。"},
       {"type": "separator"}, {"type": "spacer", "height": 20})  # fmt: skip
    section, heading, words = form.items

    assert isinstance(section, Section)
    assert [field.see for field in form.fields] == [{"doctor"}, {"clerk"}]
    assert form.hides == {"finding": ("a",), "note": ("a", "b")}
    assert (heading, words) == (Text("结论", 2), Text("请如实填写。", 0))


def test_a_choice_may_be_true_or_a_whole_number() -> None:
    form = made({"type": "radio", "key": "k", "label": "x", "values": [
        {"label": "是", "value": True}, {"label": "否", "value": False}, {"label": "七", "value": 7}]})  # fmt: skip
    field = form.field("k")

    assert field is not None
    assert field.options == (Option("true", "是", True), Option("false", "否", False), Option("7", "七", 7))
    assert [option.kept for option in field.options] == [True, False, 7]


@pytest.mark.parametrize(("component", "path"), [
    ({"key": "1a"}, "/components/0/key"),
    ({"key": None}, "/components/0/key"),
    ({"key": "profile"}, "/components/0/key"),
    ({"key": "csrf_token"}, "/components/0/key"),
    ({"key": "null"}, "/components/0/key"),
    ({"key": "_token"}, "/components/0/key"),
    ({"key": "a.b"}, "/components/0/key"),
    ({"label": ""}, "/components/0/label"),
    ({"label": "=if a then b"}, "/components/0/label"),
    ({"label": 5}, "/components/0/label"),
    ({"validate": []}, "/components/0/validate"),
    ({"validate": {"required": "yes"}}, "/components/0/validate/required"),
    ({"validate": {"maxLength": -1}}, "/components/0/validate/maxLength"),
    ({"validate": {"pattern": "(?=a)b"}}, "/components/0/validate/pattern"),
    ({"validate": {"pattern": "("}}, "/components/0/validate/pattern"),
    ({"validate": {"pattern": 7}}, "/components/0/validate/pattern"),
    ({"validate": {"validationType": "email"}}, "/components/0/validate/validationType"),
    ({"validate": {"custom": 1}}, "/components/0/validate/custom"),
    ({"conditional": {"hide": True}}, "/components/0/conditional/hide"),
    ({"conditional": {"show": "=a"}}, "/components/0/conditional/show"),
    ({"conditional": "=a"}, "/components/0/conditional"),
    ({"properties": {"write": ["clerk"]}}, "/components/0/properties"),
    ({"properties": {"wirte": "clerk"}}, "/components/0/properties/wirte"),
    ({"properties": {"check": "email"}}, "/components/0/properties/check"),
    ({"properties": {"check_suffix": "[1-7]"}}, "/components/0/properties/check_suffix"),
    ({"properties": {"fresh": "yes"}}, "/components/0/properties/fresh"),
    ({"properties": {"options_from": "unit"}}, "/components/0/properties/options_from"),
    ({"properties": {"options_within": "city"}}, "/components/0/properties/options_within"),
    ({"type": "number", "properties": {"check": "phone"}}, "/components/0/properties/check"),
    ({"type": "number", "validate": {"min": "abc"}}, "/components/0/validate/min"),
    ({"type": "number", "validate": {"min": True}}, "/components/0/validate/min"),
    ({"type": "datetime", "subtype": "time"}, "/components/0/subtype"),
    ({"type": "select"}, "/components/0/values"),
    ({"type": "select", "values": [{"label": "x"}]}, "/components/0/values/0/value"),
    ({"type": "select", "values": [{"label": "x", "value": "1"}, {"label": "y", "value": 1}]},
     "/components/0/values/1/value"),
    ({"type": "select", "values": [{"value": "x"}]}, "/components/0/values/0"),
    ({"type": "select", "values": [{"label": "x", "value": 1.5}]}, "/components/0/values/0/value"),
    ({"type": "select", "values": choices("a"), "properties": {"options_from": "unit"}}, "/components/0/values"),
    ({"type": "select", "values": choices("a"), "valuesExpression": "=a"}, "/components/0/valuesExpression"),
    ({"type": "filepicker", "accept": ".exe"}, "/components/0/accept"),
    ({"type": "filepicker", "multiple": "true"}, "/components/0/multiple"),
    ({"type": "filepicker", "properties": {"files_max": "many"}}, "/components/0/properties/files_max"),
    ({"defaultValue": {"a": 1}}, "/components/0/defaultValue"),
    ({"onclick": "alert(1)"}, "/components/0/onclick"),
    ({"type": "group", "path": "nested", "components": []}, "/components/0/path"),
    ({"type": "group", "components": {}}, "/components/0/components"),
    ({"type": "text", "text": " "}, "/components/0/text"),
])  # fmt: skip
def test_a_mistake_is_named_with_its_path(component: dict[str, Any], path: str) -> None:
    good = textfield("k")
    made(good)
    bad = {**good, **component}
    if bad["type"] in ("group", "text"):
        del bad["key"]

    assert path in mistakes(bad)


@pytest.mark.parametrize(("root", "path"), [
    ({"schemaVersion": 18}, "/schemaVersion"), ({"schemaVersion": "19"}, "/schemaVersion"), ({"type": "x"}, "/type"),
    ({"id": "a b"}, "/id"), ({"properties": {"title": ""}}, "/properties/title"), ({"components": None}, "/components"),
    ({"components": ["x"]}, "/components/0"), ({"properties": {"titel": "x"}}, "/properties/titel"),
])  # fmt: skip
def test_a_mistake_of_the_form_itself_is_named_too(root: dict[str, Any], path: str) -> None:
    content = {**document(), **root}

    with pytest.raises(FormError) as caught:
        read_form(json.dumps(content).encode())

    assert path in [mistake.path for mistake in caught.value.mistakes]


def test_all_mistakes_are_named_at_once() -> None:
    found = mistakes(textfield("a", label=""), {"type": "html"}, textfield("b", onclick="x"))

    assert set(found) == {"/components/0/label", "/components/1/type", "/components/2/onclick"}


def test_one_key_belongs_to_one_field() -> None:
    inner = {"type": "group", "label": "组", "components": [textfield("a")]}

    assert "/components/0" in mistakes(textfield("a"), inner)["/components/1/components/0/key"]
    made(textfield("b"), inner)


@pytest.mark.parametrize("content", [b"", b"[]", b"nul", b'{"a":1,"a":2}', b'{"a":NaN}', b"\xff\xfe", b"[" * 100_000,
                                     b" " * 1_000_001, b'{"components": 1e999999}'])  # fmt: skip
def test_what_is_no_document_is_refused_and_not_raised_otherwise(content: bytes) -> None:
    with pytest.raises(FormError):
        read_form(content)


def test_too_many_or_too_deep_components_are_refused() -> None:
    many = [textfield(f"k{n}") for n in range(501)]
    deep: dict[str, Any] = {"type": "group", "label": "x", "components": []}
    for _ in range(8):
        deep = {"type": "group", "label": "x", "components": [deep]}

    assert "/components/500" in mistakes(*many)
    assert any("deep" in text for text in mistakes(deep).values())
    made(*many[:500])
