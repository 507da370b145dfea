"""The administrators' pages and the handbook in a real browser: what axe-core says, on a desk and on a phone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.web.chromium import WIDTHS, TabOf, chrome, faults, follow, site, tab_of
from tests.web.conftest import PASSWORD
from tests.web.studio.test_studio import packed, with_longer_name

__all__ = ["chrome", "site", "tab_of"]

pytestmark = pytest.mark.browser

PATHS = (
    "/studio",
    "/studio/upload",
    "/studio/drafts",
    "/studio/proposals",
    "/studio/calendar?year=2026",
    "/studio/files/hq:errand:process:errand@1",
    "/studio/files/hq:errand:form:check@1",
    "/studio/files/hq:errand:bundle:errand@1",
    "/help",
    "/help/desk",
    "/help/decision/cells",
    "/help/constructs/event_compensation",
    "/help/constructs/lanes",
)


@pytest.fixture
def tab(tab_of: TabOf) -> Any:
    return tab_of("admin", PASSWORD)


@pytest.mark.parametrize("width", WIDTHS)
def test_axe_finds_nothing_wrong_with_the_administrators_pages(tab: Any, width: int) -> None:
    tab.set_viewport_size({"width": width, "height": 900})
    for path in PATHS:
        tab.goto(path)
        assert faults(tab) == [], path


@pytest.mark.parametrize("width", WIDTHS)
def test_axe_finds_nothing_wrong_with_a_review_good_or_bad(tab: Any, width: int, tmp_path: Path) -> None:
    tab.set_viewport_size({"width": width, "height": 900})
    for name, bundle in (("good.zip", with_longer_name()), ("bad.zip", packed(errand__bpmn=b"<broken"))):
        (tmp_path / name).write_bytes(bundle)
        tab.goto("/studio/upload")
        tab.set_input_files("#bundle", tmp_path / name)
        follow(tab.locator("form[enctype] button"))
        tab.wait_for_selector("#changed, .errsum")
        tab.complaints = [said for said in tab.complaints if "422" not in said]
        assert faults(tab) == [], name


@pytest.mark.parametrize("width", WIDTHS)
def test_axe_finds_nothing_wrong_from_adjusting_to_publishing(tab: Any, tab_of: TabOf, width: int) -> None:
    tab.set_viewport_size({"width": width, "height": 900})
    tab.goto("/studio/drafts")
    tab.fill("#title", "改词")
    follow(tab.locator("main form button").first)
    draft = tab.url.partition("?")[0]
    tab.goto(f"{draft}/text/form/check")
    assert faults(tab) == []
    tab.fill("#content", tab.input_value("#content").replace("意见", "看法"))
    follow(tab.locator("main form button"))
    tab.goto(f"{draft}/profile/errand")
    assert faults(tab) == []
    for page in (f"{draft}/check", draft):
        tab.goto(page)
        assert faults(tab) == [], page
    follow(tab.locator("form[action$='/propose'] button"))
    assert faults(tab) == []
    proposal = tab.url.partition("?")[0]
    colleague = tab_of("admin2", PASSWORD)
    colleague.set_viewport_size({"width": width, "height": 900})
    colleague.goto(proposal)
    assert faults(colleague) == []
    follow(colleague.locator("form[action$='/approve'] button"))
    assert faults(colleague) == []
    colleague.goto("/studio")
    assert faults(colleague) == []


def test_a_picture_can_be_made_larger_and_whole_again(tab: Any) -> None:
    tab.goto("/studio/files/hq:errand:process:errand@1")
    tab.wait_for_selector("html[data-ready]")

    def width() -> float:
        return float(tab.locator("svg.bpmn").bounding_box()["width"])

    before = width()
    tab.locator("[data-zoom='1.25']").click()
    assert width() > before * 1.2
    tab.locator("[data-zoom='fit']").click()
    assert width() <= tab.locator(".canvas").bounding_box()["width"]
