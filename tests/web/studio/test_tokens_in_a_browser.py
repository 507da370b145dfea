"""A draft is played through on its own diagrams: what waits is marked and done by a click or by Enter."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from engine.commands.drafts import save_file
from engine.store.directory import actor_for, user_by_login
from engine.store.run import Platform
from tests.web.chromium import WIDTHS, TabOf, chrome, faults, follow, site, tab_of
from tests.web.conftest import PASSWORD, START
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
    tab.wait_for_selector("#standing:text-is('事项现在停在：审核、撤回')")

    answered(tab, "agree")
    assert tab.locator(NOW).evaluate_all("all => all.map(one => one.dataset.id)") == ["decide"]
    assert tab.locator(".stages .is-taken[data-flow]").count() >= 3


def test_another_answer_takes_another_way_and_the_story_begins_anew(tab: Any) -> None:
    begun(tab)
    answered(tab, "refuse")
    assert tab.locator(NOW).count() == 0
    tab.wait_for_selector("#standing:text-is('事项没有停在任何环节。')")  # said a moment after the page stands

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


def open_everything(tab: Any, platform: Platform) -> None:
    """A case of a diagram with a timer and a message on its first step, then two votes at once, then an error."""
    draft = draft_of(tab)
    with platform.database.read() as connection:
        user, roles = user_by_login(connection, "admin") or ("", [])
        actor = actor_for(connection, user, roles[0])
    content = Path(__file__).with_name("timers_votes_errors.bpmn").read_bytes()
    platform.run(lambda uow: save_file(uow, draft.rsplit("/", 1)[1], "process", "errand", content, 0), actor, START)
    tab.goto(f"{draft}/record")
    tab.fill("[name=_title]", "试走")
    tab.fill("[name=who]", "李四")
    follow(tab.locator("main form button.btn").last)


def waiting(tab: Any) -> set[str]:
    return set(tab.locator(NOW).evaluate_all("all => all.map(one => one.dataset.id)"))


def test_timers_messages_votes_and_errors_go_their_ways_by_a_click(tab: Any, platform: Platform) -> None:
    open_everything(tab, platform)
    assert waiting(tab) == {"check"}
    before = tab.inner_text("h1 + p")

    follow(tab.locator(".stages .node.acts[data-id=late]"))
    assert waiting(tab) == {"check", "remind"}, "the timer has come and the step goes on waiting"
    assert tab.inner_text("h1 + p") != before
    assert faults(tab) == []

    answered(tab, "agree")
    assert waiting(tab) == {"votes", "remind"}
    follow(tab.locator(f"{NOW}[data-id=votes]"))
    follow(tab.get_by_role("button", name="办理"))
    assert "votes" in waiting(tab), "one of two has voted"
    follow(tab.locator(f"{NOW}[data-id=votes]"))
    follow(tab.get_by_role("button", name="办理"))
    assert waiting(tab) == {"remind"}
    assert tab.locator(".stages .node.is-done[data-id=settled_otherwise]").count() == 1, "the error was caught"
    assert tab.locator(".stages .node.is-done[data-id=settled]").count() == 0
    follow(tab.locator(f"{NOW}[data-id=remind]"))
    follow(tab.get_by_role("button", name="办理"))
    assert waiting(tab) == set()

    follow(tab.get_by_role("button", name="从头开始"))
    follow(tab.locator(".stages .node.acts[data-id=withdrawn_at_check]"))
    follow(tab.get_by_role("button", name="办理"))
    assert waiting(tab) == {"check"}, "a message without its reason is none"
    tab.complaints.clear()  # the browser reports the refusal's status
    tab.fill("[name=withdrawn_because]", "不办了")
    follow(tab.get_by_role("button", name="办理"))
    assert waiting(tab) == set()
    assert tab.locator(".stages .node.is-done[data-id=withdrawn]").count() == 1
