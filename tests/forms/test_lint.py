"""Every lint rule: a form that breaks it, and its twin that does not."""

from __future__ import annotations

from typing import Any

import pytest

from forms.lint import lint
from forms.schema import Form
from tests.forms.made import choices, made, textfield

RADIO = {"type": "radio", "key": "mode", "label": "方式", "values": choices("a", "b")}


def rules(form: Form, **more: Any) -> dict[str, str]:
    return {finding.field: finding.rule for finding in lint(form, **more)}


@pytest.mark.parametrize(("broken", "whole", "rule"), [
    ([{"properties": {"write": "a", "see": "b"}}], [{"properties": {"write": "a", "see": "a,b"}}], "unreachable-field"),
    ([{"conditional": {"hide": "=true"}}], [{"conditional": {"hide": "=false"}}], "unreachable-field"),
    ([{"readonly": True, "validate": {"required": True}}], [{"readonly": True}], "needed-but-fixed"),
    ([{"properties": {"computed": "=1", "required_when": "=true"}}], [{"properties": {"computed": "=1"}}],
     "needed-but-fixed"),
    ([{"validate": {"minLength": 5, "maxLength": 4}}], [{"validate": {"minLength": 4, "maxLength": 4}}],
     "impossible-limits"),
    ([{"defaultValue": "xx", "validate": {"pattern": "^[0-9]+$"}}],
     [{"defaultValue": "12", "validate": {"pattern": "^[0-9]+$"}}], "default"),
    ([{"properties": {"rule": "=k = 1"}}], [{"properties": {"rule": "=k = 1", "rule_message": "一"}}],
     "rule-without-message"),
    ([{"conditional": {"hide": "=k = \"x\""}}], [{"conditional": {"hide": "=mode = \"a\""}}], "circle"),
    ([{"conditional": {"hide": "=mode = \"c\""}}], [{"conditional": {"hide": "=mode = \"b\""}}], "unknown-choice"),
    ([{"conditional": {"hide": "=mode in (\"a\", \"c\")"}}], [{"conditional": {"hide": "=mode in (\"a\", \"b\")"}}],
     "unknown-choice"),
])  # fmt: skip
def test_a_rule_finds_what_breaks_it_and_nothing_else(
    broken: list[dict[str, Any]], whole: list[dict[str, Any]], rule: str
) -> None:
    assert rules(made(RADIO, *[textfield("k", **more) for more in broken])) == {"k": rule}
    assert rules(made(RADIO, *[textfield("k", **more) for more in whole])) == {}


def test_an_unknown_name_is_found_when_the_known_ones_are() -> None:
    form = made(textfield("k", conditional={"hide": "=other"}, properties={"required_when": "=case_variable"}))

    assert rules(form, known=frozenset({"case_variable"})) == {"k": "unknown-name"}
    assert rules(form, known=frozenset({"case_variable", "other"})) == {}
    assert rules(form) == {}


def test_an_expression_that_its_language_cannot_read_is_found() -> None:
    def names_of(text: str) -> frozenset[str]:
        if "(" in text:
            raise ValueError("a bracket")
        return frozenset()

    assert rules(made(textfield("k", conditional={"hide": "=f("})), names_of=names_of) == {"k": "expression"}
    assert rules(made(textfield("k", conditional={"hide": "=f"})), names_of=names_of) == {}


def test_a_circle_through_two_fields_is_found_at_both() -> None:
    one, two = (
        textfield("a", "甲", conditional={"hide": "=b = 1"}),
        textfield("b", "乙", conditional={"hide": "=a = 1"}),
    )

    assert rules(made(one, two)) == {"a": "circle", "b": "circle"}
    assert rules(made(one, textfield("b", "乙"))) == {}


def test_a_circle_through_a_computed_field_is_found() -> None:
    hidden = textfield("a", "甲", conditional={"hide": "=sum > 1"})
    summed = {"type": "number", "key": "sum", "label": "和", "properties": {"computed": "=a + 1"}}

    assert set(rules(made(hidden, summed)).values()) == {"circle"}


def test_two_questions_with_one_label_are_found_unless_one_is_conditional() -> None:
    assert rules(made(textfield("a"), textfield("b"))) == {"b": "same-label"}
    assert rules(made(RADIO, textfield("a", conditional={"hide": '=mode = "a"'}), textfield("b"))) == {}


def test_an_empty_form_and_one_that_still_extends_are_found() -> None:
    assert rules(made()) == {"": "empty-form"}
    assert rules(made(textfield("a"), properties={"extends": "other"})) == {"": "not-merged"}
    assert rules(made(textfield("a"))) == {}


def test_findings_are_sentences() -> None:
    assert [str(finding) for finding in lint(made(textfield("k", properties={"rule": "=k = 1"})))] == [
        "The rule of 名称 has no message: people are told only that something does not fit."
    ]
