"""The page that asks what for: by keyboard, at two widths, without a fault, and with scripts switched off."""

from __future__ import annotations

from typing import Any

import pytest

from tests.web.chromium import WIDTHS, TabOf, chrome, faults, follow, site, tab_of
from tests.web.conftest import PASSWORD

__all__ = ["chrome", "site", "tab_of"]

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("width", WIDTHS)
def test_a_purpose_is_stated_by_keyboard_alone(tab_of: TabOf, width: int) -> None:
    tab = tab_of("auditor", PASSWORD, why="")
    tab.set_viewport_size({"width": width, "height": 800})
    assert "/purpose" in tab.url
    assert faults(tab) == []

    tab.locator("#purpose-inspection").focus()
    tab.keyboard.press("ArrowDown")
    tab.keyboard.press("Tab")
    assert _focused(tab) == "words"
    with tab.expect_navigation():
        tab.keyboard.press("Enter")  # nothing typed yet: refused
    assert faults(tab) == ["Failed to load resource: the server responded with a status of 422 (UNPROCESSABLE ENTITY)"]
    assert tab.locator(".errsum a").get_attribute("href") == "#words"
    assert tab.locator("#purpose-complaint").is_checked()

    tab.locator("#words").focus()
    tab.keyboard.type("信访件7号")
    with tab.expect_navigation():
        tab.keyboard.press("Enter")
    assert tab.url.endswith("/audit")
    tab.complaints.clear()
    assert faults(tab) == []
    assert "信访件7号" in tab.locator("main").inner_text()


def test_a_purpose_is_stated_without_scripts(tab_of: TabOf) -> None:
    tab = tab_of("auditor", PASSWORD, scripts=False, why="")
    tab.check("#purpose-other")
    tab.fill("#words", "x")
    follow(tab.locator("form:has(#words) button"))
    assert tab.url.endswith("/audit")


def _focused(tab: Any) -> str:
    return str(tab.evaluate("document.activeElement.id"))
