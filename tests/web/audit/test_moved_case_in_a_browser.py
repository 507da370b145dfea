"""The film of a moved case in a real browser: the keys change the picture where the case changed its version."""

from __future__ import annotations

from typing import Any

import pytest

from tests.web.audit.test_moved_case import case
from tests.web.chromium import TabOf, chrome, faults, site, tab_of
from tests.web.conftest import PASSWORD

__all__ = ["case", "chrome", "site", "tab_of"]

pytestmark = pytest.mark.browser

SHOWN = "[...document.querySelectorAll('.picture:not([hidden]) .node')].map(n => n.dataset.id)"
MARKED = "[...document.querySelectorAll('.picture:not([hidden]) .node[class*=\" is-\"]')].map(n => n.dataset.id)"


def test_the_picture_changes_with_the_version_forth_and_back(tab_of: TabOf, case: str) -> None:
    tab: Any = tab_of("auditor", PASSWORD)
    tab.goto(f"/audit/cases/{case}?at=1")
    tab.wait_for_selector("html[data-ready]")
    assert "check" in tab.evaluate(SHOWN)
    assert "look" not in tab.evaluate(SHOWN)

    tab.locator("#at").focus()
    tab.keyboard.press("End")
    assert "look" in tab.evaluate(SHOWN)
    assert "check" not in tab.evaluate(SHOWN)
    assert "look" in tab.evaluate(MARKED)
    tab.wait_for_selector("#moment:not(.stale)")
    assert faults(tab) == []

    tab.keyboard.press("Home")
    assert "check" in tab.evaluate(SHOWN)
    assert "look" not in tab.evaluate(SHOWN)
    assert tab.complaints == []
