"""A draft is played through on its own diagrams: what waits is marked and done by a click or by Enter."""

from __future__ import annotations

from typing import Any

import pytest

from tests.web.chromium import WIDTHS, TabOf, chrome, faults, follow, site, tab_of
from tests.web.conftest import PASSWORD
from tests.web.studio.test_editor_in_a_browser import draft_of, open_editor

__all__ = ["chrome", "site", "tab_of"]

pytestmark = pytest.mark.browser

NOW = ".stages .node.is-now:not(.frame):not([data-on])"


@pytest.fixture
def tab(tab_of: TabOf) -> Any:
    return tab_of("admin", PASSWORD)


def begun(tab: Any) -> None:
    """From the editor to a case that has just been opened."""
    open_editor(tab, draft_of(tab))
    follow(tab.get_by_role("link", name="走一遍"))
    tab.fill("[name=_title]", "试走")
    tab.fill("[name=who]", "李四")
    follow(tab.locator("main form button.btn").last)


def answered(tab: Any, opinion: str) -> None:
    """The opinion given at the check, by the form that a click on the waiting step opens."""
    follow(tab.locator(f"{NOW}[data-id=check]"))
    tab.check(f"[name=opinion][value={opinion}]")
    if opinion == "refuse":
        tab.fill("[name=why]", "材料不全")
    follow(tab.get_by_role("button", name="办理"))


def test_the_tokens_go_where_the_conditions_lead(tab: Any) -> None:
    begun(tab)
    assert tab.locator(NOW).evaluate_all("all => all.map(one => one.dataset.id)") == ["check"]
    assert tab.inner_text("#standing") == "事项现在停在：审核、撤回"

    answered(tab, "agree")
    assert tab.locator(NOW).evaluate_all("all => all.map(one => one.dataset.id)") == ["decide"]
    assert tab.locator(".stages .is-taken[data-flow]").count() >= 3


def test_another_answer_takes_another_way_and_the_story_begins_anew(tab: Any) -> None:
    begun(tab)
    answered(tab, "refuse")
    assert tab.locator(NOW).count() == 0
    assert tab.inner_text("#standing") == "事项没有停在任何环节。"

    follow(tab.get_by_role("button", name="从头开始"))
    assert tab.locator(NOW).evaluate_all("all => all.map(one => one.dataset.id)") == ["check"]
    assert tab.get_by_role("button", name="从头开始").count() == 0


def test_the_keyboard_does_it_too_and_axe_finds_nothing(tab: Any) -> None:
    begun(tab)
    for width in WIDTHS:
        tab.set_viewport_size({"width": width, "height": 900})
        assert faults(tab) == []
    tab.locator(".stages .node[tabindex='0']").first.focus()
    for _ in range(6):
        if tab.evaluate("document.activeElement.dataset.id") == "check":
            break
        tab.keyboard.press("ArrowRight")
    with tab.expect_navigation():
        tab.keyboard.press("Enter")
    assert "_task=" in tab.url


def test_what_does_not_wait_is_not_done_by_a_click(tab: Any) -> None:
    begun(tab)
    here = tab.url
    tab.locator(".stages .node[data-id=decide]").click()
    tab.wait_for_timeout(300)
    assert tab.url == here
    assert tab.locator(".stages .node.acts").evaluate_all("all => all.map(one => one.dataset.id)").count("decide") == 0
