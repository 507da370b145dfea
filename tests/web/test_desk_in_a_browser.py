"""The desk in a real browser: no fault by axe-core at two widths, by keyboard alone, and without scripts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.web.browser import Browser
from tests.web.chromium import WIDTHS, TabOf, chrome, faults, follow, site, tab_of
from tests.web.conftest import PASSWORD

__all__ = ["chrome", "site", "tab_of"]

pytestmark = pytest.mark.browser
EXPECTED = ("the server responded with a status of 4",)  # the refusals that these tests provoke


@pytest.fixture(autouse=True)
def waiting_case(as_person: Callable[[str], Browser]) -> None:
    as_person("clerk.a").get("/desk/start/errand").submit("/desk/start/errand", who="李四")


def judge(tab: Any, name: str) -> None:
    for width in WIDTHS:
        tab.set_viewport_size({"width": width, "height": 800})
        found = [fault for fault in faults(tab) if not any(words in fault for words in EXPECTED)]
        assert not found, (name, width, found)


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_no_page_of_the_desk_has_a_fault(tab_of: TabOf, language: str) -> None:
    tab = tab_of("reviewer.a", PASSWORD)
    tab.goto(f"/language/{language}?back=/desk")
    judge(tab, "worklist")
    for path in ("/desk?text=zzz&due=overdue", "/desk/cases", "/desk/start", "/account", "/help", "/nothing"):
        tab.goto(path)
        judge(tab, path)
    tab.goto("/desk")
    follow(tab.locator("a.go").first)
    judge(tab, "task")
    follow(tab.locator("form.asking button").first)
    judge(tab, "task with problems")
    tab.goto("/desk/cases")
    follow(tab.locator("table a.go").first)
    judge(tab, "case")


def test_no_page_of_the_accounts_has_a_fault(tab_of: TabOf) -> None:
    tab = tab_of("admin", PASSWORD)
    for path in ("/people", "/people/add", "/desk/incidents", "/desk/undelivered"):
        tab.goto(path)
        judge(tab, path)
    tab.goto("/people")
    follow(tab.locator("a.go").first)
    judge(tab, "person")


def test_the_log_in_page_has_no_fault_also_after_a_failure(chrome: Any, site: str) -> None:
    tab = chrome.new_page(base_url=site)
    tab.complaints = []
    tab.goto("/login")
    judge(tab, "log-in")
    tab.fill("#login", "clerk.a")
    tab.fill("#password", "falsch")
    tab.keyboard.press("Enter")
    tab.wait_for_selector(".errsum")
    judge(tab, "log-in failed")
    assert tab.evaluate("document.activeElement.className") == "errsum"
    tab.context.close()


def test_a_task_is_done_by_keyboard_alone(tab_of: TabOf) -> None:
    tab = tab_of("reviewer.a", PASSWORD)
    tab.keyboard.press("Tab")
    assert "跳到主要内容" in tab.evaluate("document.activeElement.textContent")
    tab.keyboard.press("Enter")
    reach(tab, "a.go")
    tab.keyboard.press("Enter")
    tab.wait_for_selector("form.asking")
    reach(tab, "#opinion")
    tab.keyboard.press("Space")
    reach(tab, "form.asking .btn.big")
    tab.keyboard.press("Enter")

    tab.wait_for_url("**/desk?done=completed*")
    assert not tab.complaints


def reach(tab: Any, selector: str) -> None:
    """Press Tab until the focus is there; everything passed shows where the focus is."""
    for _ in range(60):
        tab.keyboard.press("Tab")
        shown = tab.evaluate(
            "(() => { const e = document.activeElement, s = getComputedStyle(e), b = e.getBoundingClientRect();"
            "return s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 3 && b.width > 0 })()"
        )
        assert shown, tab.evaluate("document.activeElement.outerHTML.slice(0, 200)")
        if tab.evaluate(f"document.activeElement.matches({selector!r})"):
            return
    raise AssertionError(f"{selector} is not reached by Tab")


def test_a_task_is_done_without_scripts(tab_of: TabOf) -> None:
    tab = tab_of("reviewer.a", PASSWORD, scripts=False)
    follow(tab.locator("a.go").first)
    assert tab.locator("svg.bpmn").count() == 1
    tab.locator("input[name=opinion][value=refuse]").check()
    tab.locator("#why").fill("材料不齐")
    follow(tab.locator("form.asking .btn.big"))

    assert "done=completed" in tab.url


def test_controls_are_large_enough_for_a_finger(tab_of: TabOf) -> None:
    tab = tab_of("reviewer.a", PASSWORD)
    tab.set_viewport_size({"width": 360, "height": 740})
    for path in ("/desk", "/desk/cases", "/account"):
        tab.goto(path)
        small = tab.evaluate(
            "[...document.querySelectorAll('main button, main select, main input:not([type=hidden]):not(.vh), nav a')]"
            ".filter(e => e.getClientRects().length && e.type !== 'radio').map(e => [e.outerHTML.slice(0, 80), "
            "e.getBoundingClientRect().height]).filter(([, height]) => height < 43.5)"
        )
        assert not small, (path, small)


def test_a_draft_keeps_itself_while_one_types(tab_of: TabOf) -> None:
    tab = tab_of("reviewer.a", PASSWORD)
    tab.clock.install()
    follow(tab.locator("a.go").first)
    tab.locator("input[name=opinion][value=refuse]").check()
    tab.locator("#why").fill("还在想")
    tab.clock.fast_forward(20_000)
    tab.get_by_text("草稿已保存").wait_for()
    tab.goto("/desk")
    follow(tab.locator("a.go").first)

    assert tab.locator("#why").input_value() == "还在想"
