"""New files of a draft: valid from the start, under a key that is free, and said to be unused until a step uses one."""

from __future__ import annotations

import pytest

from engine.definition.blank import BEGINNINGS, blank
from engine.definition.lint import lint
from engine.errors import Rejected
from forms.formjs import read_form
from tests.web.studio.test_editing import AsPerson, Editor, new_draft

HOSTILE_NAME = "复核\"<&'>{{ 7 * 7 }}"


@pytest.fixture
def admin(as_person: AsPerson) -> Editor:
    browser = as_person("admin")
    return Editor(browser, new_draft(browser))


@pytest.mark.parametrize("kind", ["process", "decision"])
@pytest.mark.parametrize("name", ["市级复核", HOSTILE_NAME])
def test_what_is_begun_passes_the_check(kind: str, name: str) -> None:
    assert lint({(kind, "city_review"): blank(kind, "city_review", name)}) == []


def test_a_form_that_is_begun_asks_one_question_under_its_name() -> None:
    form = read_form(blank("form", "city_review", HOSTILE_NAME))

    assert form.title == HOSTILE_NAME
    assert [field.key for field in form.fields] == ["city_review_note"]


def test_a_paper_that_is_begun_runs_nothing_of_its_name() -> None:
    text = blank("document", "notice", HOSTILE_NAME).decode()

    assert "{{ 7" not in text
    assert "{{ case.number }}" in text


@pytest.mark.parametrize("name", ["", "  ", "字" * 61, "a\x00b", "\u202eabc"])
@pytest.mark.parametrize("kind", BEGINNINGS)
def test_a_name_that_is_none_begins_nothing(kind: str, name: str) -> None:
    with pytest.raises(Rejected, match="name of 1 to 60"):
        blank(kind, "x1", name)


@pytest.mark.parametrize("kind", ["form", "process", "decision"])
def test_a_file_is_begun_from_the_editor_and_said_to_be_unused(admin: Editor, kind: str) -> None:
    status, answer = admin.ask("new/here", {"kind": kind, "key": "city_review", "name": " 市级  复核 "})

    assert (status, answer["name"]) == (200, "市级 复核")
    assert answer["address"] == f"{admin.address}/edit/{kind}/city_review"
    assert admin.browser.get(answer["address"]).status == 200
    _, verdict = admin.ask("check", {"kind": "process", "key": "errand"})
    said = [(one["rule"], one["kind"], one["severity"]) for one in verdict["findings"] if one["key"] == "city_review"]
    assert ("unused-file", kind, "warning") in said
    assert [one for one in said if one[2] == "error"] == []


def test_a_form_that_a_task_asks_is_not_said_to_be_unused(admin: Editor) -> None:
    admin.ask("new/here", {"kind": "form", "key": "city_review", "name": "市级复核"})
    status, answer = admin.save(admin.source().replace('sm:form="decision"', 'sm:form="city_review"'), 1)

    assert status == 200
    unused = [one["key"] for one in answer["findings"] if one["rule"] == "unused-file"]
    assert "city_review" not in unused
    assert unused == ["decision"], "but the one that it stood for is"


@pytest.mark.parametrize(
    "key", ["", "x", "City", "../x", "a b", "a.b", "审核", "1a", "a" * 61, "a\n", "check"], ids=repr
)
def test_a_key_that_cannot_be_or_is_taken_begins_nothing(admin: Editor, key: str) -> None:
    status, answer = admin.ask("new/here", {"kind": "form", "key": key, "name": "甲"})

    assert status == 422
    assert answer["said"]
    assert admin.ask("check", {})[0] == 200
    assert not admin.browser.get(admin.address).tree.xpath("//form[contains(@action, '/restore')]")


@pytest.mark.parametrize("kind", ["floor", "bundle", "profile", "scenario", "nothing", ""])
def test_what_nobody_begins_here_is_refused(admin: Editor, kind: str) -> None:
    key = "errand" if kind in ("floor", "bundle", "profile") else "xx"
    assert admin.ask("new/here", {"kind": kind, "key": key, "name": "甲"})[0] == 422


def test_a_taken_key_stays_taken_though_the_file_was_dropped(admin: Editor) -> None:
    assert admin.ask("new/here", {"kind": "form", "key": "city_review", "name": "甲"})[0] == 200
    assert admin.ask("new/here", {"kind": "form", "key": "city_review", "name": "乙"})[0] == 422
    assert admin.ask("new/here", {"kind": "decision", "key": "city_review", "name": "乙"})[0] == 200, "another kind"


def test_a_file_is_begun_on_the_page_of_the_draft(admin: Editor) -> None:
    page = admin.browser.get(admin.address).submit("/new$", kind="document", key="notice", name="复核通知")
    assert page.status == 200
    assert "复核通知" in page.text

    again = admin.browser.get(admin.address).submit("/new$", kind="document", key="notice", name="复核通知")
    assert again.status == 422
    assert "notice 已被使用" in again.main
    assert again.tree.xpath("//input[@id='new-name']/@value") == ["复核通知"], "what was typed is still there"


def test_nobody_begins_a_file_in_another_organisation_s_draft(admin: Editor, as_person: AsPerson) -> None:
    stranger = Editor(as_person("admin.a"), admin.address.rpartition("/")[2])
    assert stranger.ask("new/here", {"kind": "form", "key": "city_review", "name": "甲"})[0] == 404
    assert stranger.ask("new/here", {"kind": "form", "key": "city_review", "name": "甲"}, token="x")[0] in (400, 403)
