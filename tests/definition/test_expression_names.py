"""A name that nobody gives a value to, and a condition that is no yes or no, are seen while drawing."""

from __future__ import annotations

import pytest

from engine.definition.lint import lint
from tests.world import FORM, REVIEW, bundle, flow, process, user_task


def found(condition: str, extra: str = "") -> dict[str, str]:
    main = process(
        "review",
        '<startEvent id="begin"/>' + user_task("check") + extra + '<exclusiveGateway id="well" default="f4"/>'
        '<endEvent id="yes"/><endEvent id="no"/>'
        + flow(1, "begin", "check")
        + (flow(2, "check", "well") if not extra else flow(2, "check", "more") + flow(5, "more", "well"))
        + flow(3, "well", "yes", condition)
        + flow(4, "well", "no"),
    )
    findings = lint(dict(bundle(main).resources), "review")
    return {one.rule: one.severity for one in findings if one.rule.startswith("feel-")}


def test_a_condition_over_answers_is_fine() -> None:
    assert found('outcome = "forward" and note != null') == {}


def test_a_mistyped_name_is_a_warning() -> None:
    assert found('outcom = "forward"') == {"feel-unknown-name": "warning"}


def test_a_condition_that_is_a_number_is_an_error() -> None:
    assert found("1 + 2") == {"feel-result-kind": "error"}


def test_a_function_that_does_not_exist_is_an_error() -> None:
    assert "error" in found('beginswith(note, "a")').values()


@pytest.mark.parametrize(
    ("element", "name"),
    [
        ('<scriptTask id="more" scriptFormat="feel"><script>{days: 3}</script></scriptTask>', "days"),
        ('<businessRuleTask id="more" sm:decision="t" sm:result="days"/>', "days"),
    ],
)
def test_what_a_script_or_a_table_gives_is_known(element: str, name: str) -> None:
    assert found(f"{name} &gt; 2", element) == {}
    assert found(f"{name}s &gt; 2", element) == {"feel-unknown-name": "warning"}


def test_the_plain_review_has_no_remark() -> None:
    assert [one for one in lint(dict(bundle(REVIEW).resources), "review") if one.rule.startswith("feel-")] == []


def in_form(hide: str, profile: str = "") -> dict[str, str]:
    form = FORM % "note"
    form = form.replace('"label": "说明"', f'"label": "说明", "conditional": {{"hide": "={hide}"}}')
    resources = {**bundle(REVIEW).resources, ("form", "note"): form.encode()}
    if profile:
        resources["profile", "profile"] = profile.encode()
    rules = [one for one in lint(resources, "review") if one.rule.startswith("form-")]
    assert sum(one.rule.startswith("form-portable") for one in rules) <= 1
    return {one.rule: one.severity for one in rules}


def test_a_form_that_hides_by_an_answer_is_fine() -> None:
    assert in_form('outcome = \\"back\\"') == {}


def test_a_form_that_hides_by_an_unknown_name_or_no_yes_or_no_is_not() -> None:
    assert in_form('outcom = \\"back\\"')["form-unknown-name"] == "warning"
    assert in_form("1 + 2")["form-result-kind"] == "error"


def test_what_the_browser_computes_otherwise_is_said() -> None:
    assert any(rule.startswith("form-portable") for rule in in_form("0.1 + 0.2 = 0.3"))


def test_a_parameter_is_of_the_type_that_it_says() -> None:
    limit = 'limit = {{ type = "{}", value = {} }}'
    assert in_form("profile.limit = 3", limit.format("integer", 3)) == {}
    assert "form-portable-comparison" in in_form("profile.limit = 3", limit.format("string", "'3'"))
    assert in_form("profile.limit = 3") == {"form-unknown-name": "warning"}


def test_an_expression_that_a_browser_computes_otherwise_in_three_places_is_one_thing_to_look_at() -> None:
    assert in_form("0.1 + 0.2 = 0.3 and 0.1 * 3 = 0.3 and today() = today()").keys() <= {"form-portable-fraction"}
