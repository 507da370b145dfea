"""The editor of forms in a real browser: only what the server can show is offered, and the server shows it at once."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.web.chromium import WIDTHS, TabOf, chrome, faults, site, tab_of
from tests.web.conftest import PASSWORD
from tests.web.studio.test_editor_in_a_browser import draft_of, national, open_editor, saved, source

__all__ = ["chrome", "national", "site", "tab_of"]

pytestmark = pytest.mark.browser


@pytest.fixture
def tab(tab_of: TabOf, national: None) -> Any:
    return tab_of("admin", PASSWORD)


@pytest.fixture
def draft(tab: Any) -> str:
    found = draft_of(tab, "disability_assessment")
    open_editor(tab, found, "county_review", "form")
    return found


def choose(tab: Any, label: str) -> None:
    """Picks a part of the form from the list."""
    options = tab.locator("#parts option")
    texts = [text.strip() for text in options.all_text_contents()]
    tab.select_option("#parts", index=texts.index(label))
    tab.wait_for_selector(f"#panel .what:has-text('{label}')")


def form_of(tab: Any, draft: str) -> Any:
    return json.loads(source(tab, draft, "county_review", "form"))


def test_one_question_changed_leaves_all_else_as_it_was(tab: Any, draft: str) -> None:
    before = source(tab, draft, "county_review", "form")
    choose(tab, "审核意见")
    tab.fill("#p-label", "县级审核意见")
    tab.keyboard.press("Tab")
    saved(tab)

    after = source(tab, draft, "county_review", "form")
    changed = [(a, b) for a, b in zip(before.splitlines(), after.splitlines(), strict=True) if a != b]
    assert [(a.strip(), b.strip()) for a, b in changed] == [('"label": "审核意见",', '"label": "县级审核意见",')]
    assert "县级审核意见" in tab.inner_text("#preview")


def test_a_question_is_added_with_our_own_properties_by_keyboard_alone(tab: Any, draft: str) -> None:
    choose(tab, "审核意见")
    tab.focus("#add-part")
    tab.keyboard.press("Enter")
    tab.wait_for_selector("#p-key")
    tab.focus("#p-label")
    tab.keyboard.press("Control+A")
    tab.keyboard.type("复核编号")
    tab.focus("#p-key")
    tab.keyboard.press("Control+A")
    tab.keyboard.type("recheck_number")
    tab.focus("#p-required_when")
    tab.keyboard.type('=county_opinion = "forward"')
    tab.keyboard.press("Tab")
    tab.focus("#p-check")
    tab.keyboard.press("End")
    assert tab.evaluate("document.activeElement.selectedOptions[0].textContent") == "地点：纬度、经度"
    tab.keyboard.press("Tab")
    tab.focus("#p-write-2")
    tab.keyboard.press("Space")
    saved(tab)

    (added,) = [part for part in form_of(tab, draft)["components"] if part.get("key") == "recheck_number"]
    properties = {"required_when": '=county_opinion = "forward"', "check": "place"}
    assert added == {
        "type": "textfield",
        "key": "recheck_number",
        "label": "复核编号",
        "properties": {**properties, "write": added["properties"]["write"]},
    }
    assert added["properties"]["write"]
    assert faults(tab) == []


def test_what_the_server_cannot_show_is_not_offered(tab: Any, draft: str) -> None:
    offered = tab.evaluate("[...document.querySelectorAll('.fjs-palette-field')].map(e => e.dataset.fieldType)")

    assert {"textfield", "radio", "group"} <= set(offered)
    assert not {"html", "iframe", "table", "image", "button", "dynamiclist", "expression", "taglist"} & set(offered)


def test_a_form_that_cannot_be_shown_says_why_at_once(tab: Any, draft: str) -> None:
    choose(tab, "审核意见")
    tab.fill("#p-key", "1 falsch")
    tab.keyboard.press("Tab")

    tab.wait_for_selector("#preview .warnbox")
    saved(tab)
    assert tab.locator("#findings-list .finding.error").count() > 0
    tab.fill("#p-key", "county_opinion")
    tab.keyboard.press("Tab")
    tab.wait_for_selector("#preview fieldset.preview")


def test_a_condition_is_read_by_the_server_while_one_types(tab: Any, draft: str) -> None:
    choose(tab, "审核意见")
    tab.fill("#p-hide", "=county_opinion =")
    tab.wait_for_selector("#p-hide-problem:not([hidden])")


@pytest.mark.parametrize("width", WIDTHS)
def test_axe_finds_nothing_wrong_with_the_editor_of_forms(tab: Any, draft: str, width: int) -> None:
    tab.set_viewport_size({"width": width, "height": 900})
    tab.wait_for_timeout(300)
    assert faults(tab) == []
    choose(tab, "审核意见")
    assert faults(tab) == []


def test_the_words_are_chinese_and_the_mark_of_bpmn_io_is_in_sight(tab: Any, draft: str) -> None:
    words = tab.evaluate(
        "[...document.querySelectorAll('#canvas .fjs-palette-container *')].filter(e => !e.children.length).map("
        "e => e.textContent.trim()).concat([...document.querySelectorAll('#canvas [title]')].map(e => e.title))"
    )
    assert [word for word in words if any(sign.isascii() and sign.isalpha() for sign in word)] == ["Powered by bpmn.io"]
    mark = tab.locator("a[href*='bpmn.io']:visible").first
    mark.scroll_into_view_if_needed()
    box = mark.bounding_box()
    middle = [box["x"] + box["width"] / 2, box["y"] + box["height"] / 2]
    assert tab.evaluate("([x, y]) => !!document.elementFromPoint(x, y).closest('a[href*=\"bpmn.io\"]')", middle)
