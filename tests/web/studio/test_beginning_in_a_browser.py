"""While one draws, a new form is begun from the step that asks it, and nobody has to leave the editor for it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.web.chromium import WIDTHS, TabOf, chrome, faults, follow, site, tab_of
from tests.web.conftest import PASSWORD
from tests.web.studio.test_editor_in_a_browser import SHOW, draft_of, open_editor, saved, source

__all__ = ["chrome", "site", "tab_of"]

pytestmark = pytest.mark.browser

UNUSED = "#findings-list [data-rule=unused-file]"


@pytest.fixture
def tab(tab_of: TabOf) -> Any:
    return tab_of("admin", PASSWORD)


def test_a_new_form_is_begun_and_chosen_by_keyboard_from_the_task_that_asks_it(tab: Any) -> None:
    draft = draft_of(tab)
    open_editor(tab, draft)
    tab.evaluate(SHOW, "decide")
    tab.select_option("#p-form", "+")
    tab.wait_for_selector("#question[open] #new-name")
    tab.wait_for_function("document.activeElement.id === 'new-name'")
    assert faults(tab) == []
    tab.keyboard.type("市级复核意见")
    tab.keyboard.press("Tab")
    tab.keyboard.press("Control+A")
    tab.keyboard.type("check")
    tab.keyboard.press("Enter")
    tab.wait_for_selector("#new-problem:has-text('check 已被使用')")
    tab.complaints.clear()  # the browser reports the refusal's status
    tab.fill("#new-key", "city_review")
    tab.keyboard.press("Enter")
    tab.wait_for_selector("#question", state="hidden")
    saved(tab)

    assert tab.input_value("#p-form") == "city_review"
    assert 'sm:form="city_review"' in source(tab, draft)
    assert tab.locator(f"{UNUSED}:has-text('city_review')").count() == 0
    link = tab.locator(".field:has(#p-form) a")
    assert "市级复核意见" in link.inner_text()
    with tab.context.expect_page() as opened:
        link.click()
    opened.value.wait_for_selector('html[data-ready="1"]')
    assert "市级复核意见" in opened.value.inner_text("h1")


def test_leaving_the_dialog_changes_nothing(tab: Any) -> None:
    draft = draft_of(tab)
    open_editor(tab, draft)
    tab.evaluate(SHOW, "decide")
    tab.select_option("#p-form", "+")
    tab.wait_for_selector("#question[open] #new-name")
    tab.keyboard.press("Escape")
    tab.wait_for_selector("#question", state="hidden")
    tab.wait_for_function("document.getElementById('p-form').value === 'decision'")
    assert 'sm:form="decision"' in source(tab, draft)


def test_a_new_process_is_called_and_opens_in_its_own_editor(tab: Any) -> None:
    draft = draft_of(tab)
    open_editor(tab, draft)
    tab.evaluate(SHOW, "decide")
    tab.keyboard.press("m")
    tab.locator("#step-menu [role=menuitem]:has-text('子流程')").first.click()
    tab.wait_for_function("() => /^Activity/.test(document.activeElement.dataset.elementId || '')")
    tab.select_option("#p-called", "+")
    tab.fill("#new-name", "市级复核")
    tab.fill("#new-key", "city_process")
    tab.keyboard.press("Enter")
    tab.wait_for_selector("#question", state="hidden")
    saved(tab)
    assert 'calledElement="city_process"' in source(tab, draft)
    assert tab.locator("#findings-list .error").count() == 0, tab.inner_text("#findings-list")

    open_editor(tab, draft, "city_process")
    assert tab.locator(".djs-element[data-element-id=city_process_begun]").count() == 1
    assert tab.locator("#findings-list .error").count() == 0


def test_the_page_of_the_draft_begins_files_and_leads_to_the_comparison(tab: Any) -> None:
    draft = draft_of(tab)
    tab.goto(draft)
    tab.locator("summary:has-text('新建文件')").click()
    for width in WIDTHS:
        tab.set_viewport_size({"width": width, "height": 900})
        assert faults(tab) == []
    tab.select_option("#new-kind", "decision")
    tab.fill("#new-name", "是否复核")
    tab.fill("#key", "needs_review")
    follow(tab.get_by_role("button", name="新建"))
    tab.wait_for_selector('html[data-ready="1"]')
    tab.goto(draft)
    assert "是否复核" in tab.inner_text("table")
    assert tab.locator("a[href*='/compare/']").count() == 0, "there is nothing to compare a new file with"


def test_a_paper_is_begun_from_the_machine_s_step_and_what_else_it_says_stays(tab: Any) -> None:
    draft = draft_of(tab)
    open_editor(tab, draft)
    tab.evaluate(SHOW, "check")
    tab.keyboard.press("m")
    tab.locator(
        "#step-menu [role=menuitem]:has-text('系统任务'), #step-menu [role=menuitem]:has-text('自动')"
    ).first.click()
    tab.wait_for_function("() => /^Activity/.test(document.activeElement.dataset.elementId || '')")
    assert tab.locator("#p-paper").count() == 0, "only a step that makes a paper has one"
    tab.select_option("#p-connector", "document")
    tab.select_option("#p-paper", "+")
    tab.fill("#new-name", '办结"通知"')
    tab.fill("#new-key", "closing_notice")
    tab.keyboard.press("Enter")
    tab.wait_for_selector("#question", state="hidden")
    tab.wait_for_function("document.getElementById('p-paper').value === 'closing_notice'")
    assert tab.input_value("#p-input") == '={document: "closing_notice", name: "办结\\"通知\\""}'
    tab.fill("#p-input", '={name: "通知", document: "nothing", days: 5}')
    tab.locator("#p-input").blur()
    tab.evaluate("shangmen.modeler.get('panel').draw()")
    tab.select_option("#p-paper", "closing_notice")
    saved(tab)

    assert tab.input_value("#p-input") == '={name: "通知", document: "closing_notice", days: 5}'
    assert faults(tab) == []
    tab.goto(tab.locator(".field:has(#p-paper) a").get_attribute("href"))
    assert "办结" in tab.input_value("#content")
