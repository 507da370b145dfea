"""“Make one task of this and …” in a real browser: by keyboard alone, taken back, refused, and fit for everybody."""

from __future__ import annotations

import json
from typing import Any

import pytest
from lxml import etree

from tests.web.chromium import WIDTHS, TabOf, chrome, faults, site, tab_of
from tests.web.conftest import PASSWORD
from tests.web.studio.test_editor_in_a_browser import SHOW, draft_of, open_editor, saved, source

__all__ = ["chrome", "site", "tab_of"]

pytestmark = pytest.mark.browser

FOCUSED = "document.activeElement.dataset.elementId || document.activeElement.textContent"
ENTRY = "与“决定”合并为一个任务"
AT = "id => document.activeElement.dataset.elementId === id"
PRESENT = "id => Boolean(shangmen.modeler.get('elementRegistry').get(id))"
GONE = "id => !shangmen.modeler.get('elementRegistry').get(id)"


@pytest.fixture
def tab(tab_of: TabOf) -> Any:
    return tab_of("admin", PASSWORD)


def drawing(text: str) -> list[str]:
    """What is drawn and where, in whatever order it is written; where words stand, bpmn.io says anew."""
    root = etree.fromstring(text.encode())
    for label in list(root.iter("{*}BPMNLabel")):
        label.getparent().remove(label)
    return sorted(repr((one.tag, dict(one.attrib), (one.text or "").strip())) for one in root.iter("{*}*"))


def merge_by_keyboard(tab: Any) -> None:
    """From the step to the menu, down to its entry, and Enter."""
    tab.evaluate(SHOW, "check")
    tab.keyboard.press("m")
    for _ in range(20):
        if tab.evaluate(FOCUSED) == ENTRY:
            break
        tab.keyboard.press("ArrowDown")
    assert tab.evaluate(FOCUSED) == ENTRY
    tab.keyboard.press("Enter")


def test_two_steps_become_one_by_keyboard_alone_and_two_again(tab: Any) -> None:
    draft = draft_of(tab)
    before = source(tab, draft)
    open_editor(tab, draft)

    merge_by_keyboard(tab)
    tab.wait_for_function(AT, arg="decide")
    assert tab.inner_text("#told") == "“决定”现在一并询问“审核”的内容。"
    assert tab.input_value("#p-form") == "check_decision"
    saved(tab)
    merged = source(tab, draft)
    assert 'id="check"' not in merged
    assert 'sm:form="check_decision"' in merged
    assert 'attachedToRef="decide"' in merged, "who withdraws may do so as before"
    assert 'sourceRef="decide" targetRef="which"' in merged
    assert 'sourceRef="which" targetRef="settled"' in merged

    tab.keyboard.press("Control+z")
    tab.wait_for_function(PRESENT, arg="check")
    tab.wait_for_function(AT, arg="decide")
    saved(tab)
    assert drawing(source(tab, draft)) == drawing(before)
    tab.keyboard.press("Control+y")
    tab.wait_for_function(GONE, arg="check")
    saved(tab)
    assert drawing(source(tab, draft)) == drawing(merged)
    assert drawing(merged) != drawing(before)
    assert tab.complaints == []


def test_what_was_taken_back_and_done_again_needs_no_second_form(tab: Any) -> None:
    draft = draft_of(tab)
    open_editor(tab, draft)
    for _ in range(2):
        merge_by_keyboard(tab)
        tab.wait_for_function(AT, arg="decide")
        assert tab.input_value("#p-form") == "check_decision"
        tab.keyboard.press("Control+z")
        tab.wait_for_function(PRESENT, arg="check")
    options = tab.evaluate("JSON.stringify([...document.querySelectorAll('#p-form option')].map(one => one.value))")
    assert json.loads(options).count("check_decision") <= 1


def test_what_the_server_refuses_is_told_and_nothing_is_drawn(tab: Any) -> None:
    draft = draft_of(tab)
    document = json.loads(source(tab, draft, "decision", "form"))
    opinion = {"type": "textfield", "id": "f_o", "key": "opinion", "label": "意见"}
    open_editor(tab, draft, "decision", "form")
    saving = """async ([address, content]) => (await fetch(address, {method: 'POST', body: JSON.stringify(
        {base_revision: 0, content}), headers: {'Content-Type': 'application/json',
        'X-CSRF-Token': JSON.parse(document.getElementById('editor').textContent).csrf}})).status"""
    content = json.dumps({**document, "components": [*document["components"], opinion]})
    assert tab.evaluate(saving, [f"{draft}/save/form/decision", content]) == 200
    open_editor(tab, draft)

    merge_by_keyboard(tab)
    tab.wait_for_selector("#told:text-matches('opinion')")
    tab.complaints.clear()  # the browser reports the refusal's status

    assert tab.evaluate(PRESENT, "check")
    assert tab.inner_text("#saved") == "尚无修改。"
    assert 'sm:form="check"' in source(tab, draft)


@pytest.mark.parametrize("width", WIDTHS)
def test_axe_finds_nothing_wrong_with_the_menu_that_offers_it_and_with_what_follows(tab: Any, width: int) -> None:
    tab.set_viewport_size({"width": width, "height": 900})
    open_editor(tab, draft_of(tab))
    tab.evaluate(SHOW, "check")
    tab.keyboard.press("m")
    entry = tab.get_by_role("menuitem", name=ENTRY)
    entry.scroll_into_view_if_needed()
    box = entry.bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= width
    assert faults(tab) == []

    entry.click()
    tab.wait_for_function(GONE, arg="check")
    tab.wait_for_function(AT, arg="decide")
    assert faults(tab) == []


def test_a_step_with_no_step_of_people_behind_it_does_not_offer_it(tab: Any) -> None:
    open_editor(tab, draft_of(tab))
    tab.evaluate(SHOW, "decide")
    tab.keyboard.press("m")
    assert tab.locator("[role=menuitem]").count() > 2
    assert tab.get_by_role("menuitem", name="合并为一个任务").count() == 0
