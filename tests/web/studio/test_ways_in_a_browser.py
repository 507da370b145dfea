"""The way that breaks a rule of the floor stands on the canvas of the editor, is told beside it, and goes with it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from engine.commands import deployments
from engine.definition.bundle import read_folder
from engine.store.directory import system_actor
from engine.store.run import Platform
from tests.web.chromium import WIDTHS, TabOf, chrome, faults, site, tab_of
from tests.web.conftest import PASSWORD, START
from tests.web.studio.test_editor_in_a_browser import SHOW, draft_of, open_editor, saved

__all__ = ["chrome", "site", "tab_of"]

pytestmark = pytest.mark.browser

ROOT = Path(__file__).parents[3]
BROKEN = "#findings-list .finding.error:has-text('N5“')"
SHOW_WAY = "button:has-text('在图上显示路径')"
ON_WAY = "#canvas .djs-shape.on-way, #canvas .djs-shape.way-end"


@pytest.fixture
def tab(tab_of: TabOf, platform: Platform) -> Any:
    bundle = read_folder(ROOT / "processes" / "disability_assessment", ROOT / "forms" / "library")
    platform.run(lambda uow: deployments.publish(uow, bundle, "hq", "全国"), system_actor(), START)
    return tab_of("admin", PASSWORD)


def granted_when(tab: Any, condition: str) -> None:
    """The way to granting it is taken when ``condition`` is true."""
    tab.evaluate(SHOW, "decision_made")
    tab.fill("#p-way0-condition", condition)
    tab.locator("#p-way0-condition").blur()
    saved(tab)


@pytest.fixture
def loose(tab: Any) -> str:
    """A draft that grants whatever is not rejected; its editor is open. Returns the draft's address."""
    draft = draft_of(tab, "disability_assessment")
    open_editor(tab, draft, "approval")
    granted_when(tab, 'county_decision != "reject"')
    return draft


def test_the_way_that_breaks_a_rule_stands_on_the_canvas_in_order_until_its_finding_goes(tab: Any, loose: str) -> None:
    assert tab.locator("#way").is_hidden()
    assert tab.locator(ON_WAY).count() == 0

    tab.locator(f"{BROKEN} > button").first.click()

    assert tab.evaluate("document.activeElement.dataset.elementId") == "approval_granted"
    here = tab.locator("#way ol > li[value]").evaluate_all("rows => rows.map(row => [row.value, row.innerText.trim()])")
    assert [number for number, _ in here] == list(range(1, len(here) + 1))
    assert [name.split(" ")[0] for _, name in here] == [
        "公示结束",
        "县级审核",
        "材料合格？",
        "附加审核",
        "县级审批",
        "审批决定？",
        "准予发证",
    ]
    assert tab.locator("#canvas .djs-shape.way-end").get_attribute("data-element-id") == "approval_granted"
    assert tab.locator("#canvas .djs-connection.way-flow").count() == len(here) - 1
    elsewhere = tab.locator("#way .elsewhere a[href$='/edit/process/visit_assessment']")
    assert "评定" in elsewhere.first.inner_text()
    assert "在此违反规则" in tab.inner_text("#way .broken")
    assert "路径已在图上标出" in tab.inner_text("#told")

    granted_when(tab, 'county_decision = "approve"')
    tab.wait_for_selector("#way", state="hidden")
    assert tab.locator(f"{ON_WAY}, .way-flow, .way-number").count() == 0


def test_the_way_is_hidden_by_its_button_and_stays_while_its_finding_stays(tab: Any, loose: str) -> None:
    tab.locator(BROKEN).locator(SHOW_WAY).focus()
    tab.keyboard.press("Enter")
    tab.evaluate(SHOW, "county_review")
    tab.keyboard.press("F2")
    tab.keyboard.type("县级初核")
    tab.keyboard.press("Tab")
    saved(tab)
    assert "县级初核" in tab.inner_text("#way")
    for width in WIDTHS:
        tab.set_viewport_size({"width": width, "height": 900})
        assert faults(tab) == []

    tab.locator("#way > button").click()
    assert tab.locator("#way").is_hidden()
    assert tab.locator(ON_WAY).count() == 0


def test_another_diagram_on_the_way_shows_its_own_part(tab: Any, loose: str) -> None:
    open_editor(tab, loose, "visit_assessment")
    finding = tab.locator(BROKEN)
    assert finding.locator("> a").last.get_attribute("href") == "/help/rules/floor_holds_at"
    assert finding.locator("> a").first.get_attribute("href").endswith("/edit/process/approval")
    finding.locator(SHOW_WAY).click()
    assert tab.locator("#canvas .djs-shape.on-way").count() > 5
    assert tab.locator("#canvas .djs-shape.way-end").count() == 0

    open_editor(tab, loose, "extra_review")
    tab.evaluate("scroll(0, 0)")
    assert tab.locator(ON_WAY).count() == 0


def test_a_finding_without_a_way_offers_none(tab: Any) -> None:
    open_editor(tab, draft_of(tab, "disability_assessment"), "approval")
    tab.evaluate(SHOW, "county_review")
    tab.select_option("#p-form", "")
    saved(tab)
    finding = tab.locator('#findings-list .error[data-element="county_review"]').first
    assert finding.locator(SHOW_WAY).count() == 0
    finding.locator("> button").click()
    assert tab.locator("#way").is_hidden()
    for said in tab.locator("#findings-list > .finding").all():
        assert said.locator("a[href^='/help/']").count() == 1, said.inner_text()
