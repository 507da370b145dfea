"""The pages for moving cases in a real browser: by keyboard, on a desk and on a phone, and with the progress moving."""

from __future__ import annotations

from typing import Any

import pytest

from engine.store.run import Platform
from engine.worker import run_order
from tests.web.chromium import WIDTHS, TabOf, chrome, faults, follow, site, tab_of
from tests.web.conftest import PASSWORD, Clock
from tests.web.studio.moving import newer_version, open_case
from tests.web.studio.test_migrate import STEP, AsPerson

__all__ = ["chrome", "site", "tab_of"]

pytestmark = pytest.mark.browser


@pytest.fixture
def tab(tab_of: TabOf) -> Any:
    return tab_of("admin", PASSWORD)


@pytest.mark.parametrize("width", WIDTHS)
def test_axe_finds_nothing_wrong_on_the_way_from_the_plan_to_the_result(
    tab: Any, width: int, as_person: AsPerson, platform: Platform, clock: Clock
) -> None:
    for who in ("李四", "王五"):
        open_case(as_person, who)
    newer_version(platform, **STEP)
    tab.set_viewport_size({"width": width, "height": 900})
    tab.goto("/studio")
    assert faults(tab) == []
    follow(tab.locator("a[href*='/studio/migrate/']"))
    assert faults(tab) == []
    assert tab.locator("input[name=case]:enabled").count() == 0
    tab.select_option("select[name='to.check']", "look")
    follow(tab.locator("form.filter button"))
    assert tab.locator("input[name=case]:enabled").count() == 2
    follow(tab.locator("form[method=post][action*='/studio/migrate/'] button"))
    assert "Error" in tab.title() or "错误" in tab.title()
    tab.complaints = [said for said in tab.complaints if "422" not in said]
    assert faults(tab) == []
    tab.fill("#_reason", "新办法施行")
    follow(tab.locator("form[method=post][action*='/studio/migrate/'] button"))
    assert faults(tab) == []
    run_order(platform, tab.url.rsplit("/", 1)[1], clock)
    tab.wait_for_selector("#undo", timeout=15_000)
    assert tab.locator("td .tag.ok").count() == 2
    assert faults(tab) == []


def test_cases_are_moved_by_keyboard_alone(tab: Any, as_person: AsPerson, platform: Platform, clock: Clock) -> None:
    open_case(as_person, "李四")
    newer_version(platform)
    tab.goto("/studio/migrate/errand")
    tab.focus("input[name=case]")
    while tab.evaluate("document.activeElement.id") != "_reason":
        tab.keyboard.press("Tab")
    tab.keyboard.type("新办法施行")
    with tab.expect_navigation():
        tab.keyboard.press("Enter")
    assert "/studio/orders/" in tab.url


def test_an_order_is_followed_without_scripts(
    tab_of: TabOf, as_person: AsPerson, platform: Platform, clock: Clock
) -> None:
    open_case(as_person, "李四")
    newer_version(platform)
    tab = tab_of("admin", PASSWORD, scripts=False)
    tab.goto("/studio/migrate/errand")
    tab.fill("#_reason", "新办法施行")
    follow(tab.locator("form[method=post][action*='/studio/migrate/'] button"))
    run_order(platform, tab.url.rsplit("/", 1)[1], clock)
    follow(tab.locator("#progress a.btn"))
    assert tab.locator("td .tag.ok").count() == 1
