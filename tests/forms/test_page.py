"""A form as a page: what is asked, what is only shown, what is not there; tied together for those who listen."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

import pytest
from flask import Flask, g, render_template_string
from lxml import html

from forms.schema import Form, Option, Problem
from forms.submission import Problems, check
from tests.forms.made import Evaluator, choices, made, textfield
from tests.forms.test_library import OPTIONS, evaluate, form_of
from web import language
from web.render.forms import form_view

CLERK = frozenset({"clerk"})
PAGE = "{% from 'render/form.html' import form_fields with context %}<form>{{ form_fields(view) }}</form>"


@pytest.fixture(scope="module")
def app() -> Iterator[Flask]:
    app = Flask("web")
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    language.init_app(app)
    with app.app_context():
        yield app


def drawn(app: Flask, form: Form, roles: frozenset[str] = CLERK, **more: Any) -> Any:
    """The page of a form as a tree; English, without a procedure's own words."""
    with app.test_request_context("/"):
        g.language = "en"
        more.setdefault("variables", {})
        more.setdefault("evaluate", Evaluator())
        return html.fromstring(render_template_string(PAGE, view=form_view(form, roles, **more)))


def names(page: Any) -> list[str]:
    return list(dict.fromkeys(page.xpath("//*[@name]/@name")))


def one(page: Any, path: str) -> Any:
    found = page.xpath(path)
    assert len(found) == 1, (path, len(found))
    return found[0]


ROLES = made(
    textfield("open", "公开"),
    textfield("own", "本级", properties={"write": "doctor"}),
    textfield("secret", "秘密", properties={"see": "doctor"}),
    textfield("fixed", "固定", readonly=True),
)
CASE = {"own": "甲", "secret": "不可见", "fixed": "乙", "open": "丙"}


def test_one_may_write_see_or_not_even_that(app: Flask) -> None:
    page = drawn(app, ROLES, variables=CASE)

    assert names(page) == ["open"]
    assert page.xpath("//dl/dt/text()") == ["本级", "固定"]
    assert page.xpath("//dl/dd/text()") == ["甲", "乙"]
    assert "不可见" not in html.tostring(page, encoding="unicode")
    assert names(drawn(app, ROLES, frozenset({"doctor"}), variables=CASE)) == ["open", "own", "secret"]


def test_facts_are_said_in_words(app: Flask) -> None:
    form = made(
        {"type": "radio", "key": "a", "label": "甲", "values": choices("x"), "readonly": True},
        {"type": "checklist", "key": "b", "label": "乙", "values": choices("x", "y"), "readonly": True},
        {"type": "checkbox", "key": "c", "label": "丙", "readonly": True},
        {"type": "datetime", "subtype": "date", "key": "d", "label": "丁", "readonly": True},
        {"type": "number", "key": "e", "label": "戊", "readonly": True, "properties": {"unit": "mm"}},
        {"type": "select", "key": "f", "label": "己", "readonly": True, "properties": {"options_from": "unit"}},
        {"type": "filepicker", "key": "h", "label": "庚", "readonly": True},
        textfield("i", "辛", readonly=True),
    )
    case = {"a": "x", "b": ["x", "y"], "c": True, "d": date(2026, 9, 21), "e": 50, "f": "u1", "h": [{"name": "p.jpg"}]}
    page = drawn(app, form, variables=case, options={"f": (Option("u1", "一院"),)})

    assert page.xpath("//dd/text()") == ["选项x", "选项x, 选项y", "Yes", "21 September 2026", "50 mm", "一院", "p.jpg"]


def test_every_control_has_its_label_and_every_group_its_legend(app: Flask) -> None:
    page = drawn(app, form_of("assessment"), frozenset({"assessor"}), evaluate=evaluate)
    controls = page.xpath("//input[not(@type='hidden')] | //select | //textarea")

    assert len(controls) > 100
    for control in controls:
        assert one(page, f"//label[@for='{control.get('id')}']").text_content().strip()
    assert all(fieldset.xpath("./legend") for fieldset in page.xpath("//fieldset"))
    ids = page.xpath("//@id")
    assert len(ids) == len(set(ids))
    for described in page.xpath("//@aria-describedby"):
        assert set(described.split()) <= set(ids)


def test_what_must_be_answered_is_not_marked_and_the_rest_is(app: Flask) -> None:
    form = made(
        textfield("need", "甲", validate={"required": True}),
        textfield("may", "乙"),
        {"type": "checkbox", "key": "mode", "label": "丙"},
        textfield("perhaps", "丁", properties={"required_when": "=mode"}),
        textfield("always", "戊", properties={"required_when": "=known"}),
    )
    page = drawn(app, form, variables={"known": True})
    marks = {
        label.get("for"): "".join(label.xpath("./span/text()"))
        for label in page.xpath("//label[not(parent::div[@class='choice'])]")
    }

    assert marks == {"need": "", "may": "(optional)", "perhaps": "(if it applies)", "always": ""}
    assert json.loads(one(page, "//*[@data-field='perhaps']").get("data-need")) == ["true", "mode"]


CONDITIONAL = made(
    {"type": "radio", "key": "mode", "label": "方式", "values": choices("a", "b")},
    textfield("detail", "详情", conditional={"hide": '=mode != "b"'}),
    textfield("case", "案情", conditional={"hide": '=kind = "x"'}),
    textfield("odd", "其他", conditional={"hide": "=count(mode) > 1"}),
)


def test_a_condition_on_the_page_travels_with_the_field(app: Flask) -> None:
    page = drawn(app, CONDITIONAL)
    detail = one(page, "//*[@data-field='detail']")

    assert json.loads(detail.get("data-hide")) == ["!=", "mode", "b"]
    assert detail.get("data-hidden-now") is not None
    assert "Answer this only if “方式” is “选项b”." in detail.text_content()
    shown = one(drawn(app, CONDITIONAL, raw={"mode": ["b"]}), "//*[@data-field='detail']")
    assert shown.get("data-hidden-now") is None


def test_a_condition_on_the_case_is_decided_here(app: Flask) -> None:
    assert "case" not in names(drawn(app, CONDITIONAL, variables={"kind": "x"}))
    asked = one(drawn(app, CONDITIONAL, variables={"kind": "y"}), "//*[@data-field='case']")
    assert asked.get("data-hide") is None


def test_a_condition_the_browser_cannot_tell_leaves_the_field_with_a_hint(app: Flask) -> None:
    odd = one(drawn(app, CONDITIONAL), "//*[@data-field='odd']")

    assert odd.get("data-hide") is None
    assert "only if it applies" in odd.text_content()


def test_problems_stand_at_their_field_and_what_was_typed_stays(app: Flask) -> None:
    form = made(textfield("name", "姓名"), {"type": "datetime", "subtype": "date", "key": "day", "label": "日期"})
    raw = {"name": ["王"], "day": ["2026-02-30"]}
    outcome = check(form, CLERK, raw, {}, {}, Evaluator())
    assert isinstance(outcome, Problems)
    page = drawn(app, form, raw=raw, problems=outcome.problems)
    day = one(page, "//*[@id='day']")

    assert (day.get("value"), day.get("type"), day.get("aria-invalid")) == ("2026-02-30", "text", "true")
    assert day.get("aria-describedby") == "day-err"
    assert "such as 2026-09-21, but found 2026-02-30" in one(page, "//*[@id='day-err']").text_content()
    assert one(page, "//*[@id='name']").get("aria-invalid") is None
    assert one(page, "//*[@id='name']").get("value") == "王"


def test_a_warning_stands_at_its_field_and_is_no_error(app: Flask) -> None:
    form = made(textfield("number", "号码", properties={"check": "resident_id"}))
    field = one(drawn(app, form, raw={"number": ["410825189501010012"]}), "//*[@id='number']")

    assert field.get("aria-describedby") == "number-warn"
    assert field.get("aria-invalid") is None
    usual = drawn(app, form, raw={"number": ["11010519491231002X"]})
    assert usual.xpath("//*[@id='number-warn']") == []


def test_an_answer_that_is_not_asked_is_shown_empty_with_its_problem(app: Flask) -> None:
    raw = {"mode": ["a"], "detail": ["多余"]}
    outcome = check(CONDITIONAL, CLERK, raw, {}, {}, Evaluator())
    assert isinstance(outcome, Problems)
    detail = one(drawn(app, CONDITIONAL, raw=raw, problems=outcome.problems), "//*[@data-field='detail']")

    assert detail.get("data-hide") is None
    assert one(detail, ".//input").get("value") == ""
    assert "not asked" in detail.text_content()


def test_hostile_words_stay_words(app: Flask) -> None:
    bad = '"><script>alert(1)</script>'
    form = made(textfield("a", bad, description=bad), textfield("b", "乙", conditional={"hide": '=a = "\'<x>"'}))
    text = html.tostring(drawn(app, form, raw={"a": [bad]}, problems=[Problem("a", "Found %(x)s.", {"x": bad})]))

    assert b"<script>" not in text
    assert b"<x>" not in text


@pytest.mark.parametrize(("kind", "attributes"), [
    ({"type": "number", "decimalDigits": 0}, {"inputmode": "numeric", "class": "short"}),
    ({"type": "number"}, {"inputmode": "decimal"}),
    ({"type": "number", "validate": {"min": -10}}, {"inputmode": None}),
    ({"type": "datetime", "subtype": "date"}, {"type": "date"}),
    ({"type": "datetime", "subtype": "datetime"}, {"type": "datetime-local"}),
    ({"type": "textfield", "properties": {"check": "phone"}}, {"type": "tel"}),
    ({"type": "textfield", "validate": {"maxLength": 5}}, {"maxlength": "5", "autocomplete": "off"}),
    ({"type": "filepicker", "accept": ".jpg", "multiple": True}, {"accept": ".jpg", "multiple": "multiple"}),
    ({"type": "filepicker"}, {"accept": ".jpg,.jpeg,.png,.pdf", "multiple": None}),
])  # fmt: skip
def test_controls_are_native(app: Flask, kind: dict[str, Any], attributes: Mapping[str, str | None]) -> None:
    control = one(drawn(app, made({**kind, "key": "k", "label": "字"})), "//input")

    assert {name: control.get(name) for name in attributes} == attributes


def test_files_that_are_there_are_listed(app: Flask) -> None:
    form = made({"type": "filepicker", "key": "k", "label": "照片"})

    assert "p.jpg" in drawn(app, form, variables={"k": [{"name": "p.jpg"}]}).text_content()
    assert "Already here" not in drawn(app, form).text_content()


@pytest.mark.parametrize("key", ["assessment", "application_full", "visit_plan"])
def test_the_longest_forms_are_small_and_carry_no_script_or_style(app: Flask, key: str) -> None:
    roles = frozenset({"assessor", "village_clerk", "county_clerk"})
    text = html.tostring(drawn(app, form_of(key), roles, evaluate=evaluate, options=OPTIONS), encoding="utf-8")

    assert len(gzip.compress(text)) < 15_000
    assert not re.search(rb"<script|<style|\sstyle=|\son[a-z]+=", text)
