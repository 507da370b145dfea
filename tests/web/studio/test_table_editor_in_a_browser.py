"""The editor of decision tables in a real browser: a cell is changed and judged by the server; all else stays."""

from __future__ import annotations

from typing import Any

import pytest

from tests.web.chromium import WIDTHS, TabOf, chrome, faults, site, tab_of
from tests.web.conftest import PASSWORD
from tests.web.studio.test_editor_in_a_browser import NATIONAL, draft_of, national, open_editor, saved, source

__all__ = ["chrome", "national", "site", "tab_of"]

pytestmark = pytest.mark.browser


@pytest.fixture
def tab(tab_of: TabOf, national: None) -> Any:
    return tab_of("admin", PASSWORD)


@pytest.fixture
def draft(tab: Any) -> str:
    return draft_of(tab, "disability_assessment")


def put(tab: Any, cell: int, text: str) -> None:
    """Writes into the n-th cell of the table."""
    tab.locator("#canvas tbody td [contenteditable]").nth(cell).click()
    tab.keyboard.press("Control+A")
    tab.keyboard.type(text)
    tab.keyboard.press("Enter")


def test_one_cell_changed_leaves_all_else_as_it_was(tab: Any, draft: str) -> None:
    before = source(tab, draft, "grade_vision", "decision")
    assert before == (NATIONAL / "grade_vision.dmn").read_text("utf-8")
    open_editor(tab, draft, "grade_vision", "decision")

    put(tab, 0, "< 0.03")
    saved(tab)

    after = source(tab, draft, "grade_vision", "decision")
    assert before != after
    changed = [(a, b) for a, b in zip(before.splitlines(), after.splitlines(), strict=True) if a != b]
    assert len(changed) == 1
    assert "0.02" in changed[0][0]
    assert changed[0][1] == changed[0][0].replace("0.02", "0.03")


def test_a_cell_shows_what_was_written_also_when_one_goes_on(tab: Any, draft: str) -> None:
    open_editor(tab, draft, "grade_vision", "decision")

    put(tab, 0, "< 0.03")
    saved(tab)
    tab.locator("#canvas tbody td [contenteditable]").nth(7).click()

    assert tab.locator("#canvas tbody td [contenteditable]").first.inner_text().strip() == "< 0.03"


def test_the_hit_policy_is_chosen_with_the_mouse(tab: Any, draft: str) -> None:
    before = source(tab, draft, "eligibility_home", "decision")
    open_editor(tab, draft, "eligibility_home", "decision")

    tab.locator(".hit-policy .dms-input-select").click()
    tab.locator(".dms-select-options .option", has_text="首个").click()
    saved(tab)

    assert source(tab, draft, "eligibility_home", "decision") == before.replace("UNIQUE", "FIRST")


def test_a_wrong_cell_is_told_with_its_place_and_marked(tab: Any, draft: str) -> None:
    open_editor(tab, draft, "grade_vision", "decision")
    assert tab.locator("#canvas [data-finding]").count() == 0

    put(tab, 4, "1 +")
    saved(tab)

    link = tab.locator("#findings-list .finding.error button").first
    assert tab.locator("#canvas td[data-finding=error]").count() == 1, tab.inner_text("#findings-list")
    link.click()
    assert tab.evaluate("!!document.activeElement.closest('td[data-finding=error]')")
    put(tab, 4, "1")
    saved(tab)
    assert tab.locator("#canvas [data-finding]").count() == 0


@pytest.mark.parametrize("width", WIDTHS)
def test_axe_finds_nothing_wrong_with_the_editor_of_tables(tab: Any, draft: str, width: int) -> None:
    tab.set_viewport_size({"width": width, "height": 900})
    open_editor(tab, draft, "grade_vision", "decision")

    assert faults(tab) == []
    for view in range(tab.locator("#views option").count()):
        tab.select_option("#views", str(view))
        tab.wait_for_timeout(200)
        assert faults(tab) == [], view


def test_every_word_of_the_tables_is_chinese(tab: Any, draft: str) -> None:
    open_editor(tab, draft, "grade_vision", "decision")
    tab.locator("#canvas tbody td").nth(1).click(button="right")
    tab.wait_for_selector(".context-menu")
    tab.keyboard.press("Escape")
    for column in ("input-cell", "output-cell"):
        tab.locator(f"#canvas thead th.{column}").first.dblclick()
        tab.keyboard.press("Escape")

    assert tab.evaluate("[...shangmen.missing]") == []


def test_the_mark_of_bpmn_io_is_in_sight(tab: Any, draft: str) -> None:
    open_editor(tab, draft, "grade_vision", "decision")
    mark = tab.locator(".bjs-powered-by:visible, .powered-by a:visible").first
    mark.scroll_into_view_if_needed()
    box = mark.bounding_box()
    middle = [box["x"] + box["width"] / 2, box["y"] + box["height"] / 2]
    assert tab.evaluate("([x, y]) => !!document.elementFromPoint(x, y).closest('.powered-by, .bjs-powered-by')", middle)
