"""Two windows of one person on one file: the second is asked, sees both and chooses; nothing is overwritten unseen."""

from __future__ import annotations

from typing import Any

import pytest

from tests.web.chromium import WIDTHS, TabOf, chrome, faults, site, tab_of
from tests.web.conftest import PASSWORD
from tests.web.studio.test_editor_in_a_browser import draft_of, open_editor, rename, saved, source

__all__ = ["chrome", "site", "tab_of"]

pytestmark = pytest.mark.browser


@pytest.fixture
def tab(tab_of: TabOf) -> Any:
    return tab_of("admin", PASSWORD)


@pytest.fixture
def clash(tab: Any) -> tuple[Any, str]:
    """The second window, whose change was refused since the first window saved; and the draft's address."""
    draft = draft_of(tab)
    open_editor(tab, draft)
    second = tab.context.new_page()
    second.complaints = []
    open_editor(second, draft)
    rename(tab, "check", "第一窗口")
    saved(tab)
    rename(second, "decide", "第二窗口")
    second.wait_for_selector("#clash:not([hidden])")
    return second, draft


def test_the_second_window_is_refused_and_shows_both(clash: tuple[Any, str]) -> None:
    second, draft = clash
    assert "您已于" in second.inner_text("#clash")
    assert "另一个窗口" in second.inner_text("#clash")
    assert "第二窗口" not in source(second, draft)

    second.locator("#clash button:has-text('对照两个版本')").click()
    second.wait_for_selector("#both ul.changes")
    said = second.inner_text("#both ul.changes")
    assert "第一窗口" in said
    assert "第二窗口" in said
    assert second.locator("#both svg .is-changed").count() == 2
    for width in WIDTHS:
        second.set_viewport_size({"width": width, "height": 900})
        assert faults(second) == []


def test_mine_is_taken_when_chosen(clash: tuple[Any, str]) -> None:
    second, draft = clash
    second.locator("#clash button:has-text('用我的')").click()
    saved(second)
    assert second.locator("#clash").is_hidden()
    assert "第二窗口" in source(second, draft)
    assert "第一窗口" not in source(second, draft)
    second.goto(draft)
    assert second.locator("form[action$='/restore']").count() >= 1  # the first window's version can be brought back


def test_the_other_is_taken_when_chosen(clash: tuple[Any, str]) -> None:
    second, draft = clash
    with second.expect_navigation():
        second.locator("#clash button:has-text('用另一个')").click()
    second.wait_for_selector('html[data-ready="1"]')
    assert "第一窗口" in source(second, draft)
    assert "第二窗口" not in source(second, draft)
    assert second.locator("#leftover").is_hidden()


def test_one_window_after_the_other_is_asked_nothing(tab: Any) -> None:
    draft = draft_of(tab)
    open_editor(tab, draft)
    rename(tab, "check", "第一窗口")
    saved(tab)
    second = tab.context.new_page()
    open_editor(second, draft)
    rename(second, "decide", "第二窗口")
    saved(second)
    assert second.locator("#clash").is_hidden()
    text = source(second, draft)
    assert "第一窗口" in text
    assert "第二窗口" in text
