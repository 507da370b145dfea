"""The pages of units and tables in Chromium: no faults at both widths, in both languages; and by keyboard alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from engine.commands.people import add_tenant, add_user, disable_user
from engine.queries.people import everybody
from engine.store.directory import system_actor
from engine.store.run import Platform
from tests.web.chromium import WIDTHS, TabOf, chrome, faults, follow, site, tab_of
from tests.web.conftest import PASSWORD, START

__all__ = ["chrome", "site", "tab_of"]

pytestmark = pytest.mark.browser

TABLE = "编号,上级单位编号,名称,层级,区划代码,生效日期\r\nc,hq,南办,office,410825,\r\na,hq,东城办,office,,\r\n"


@pytest.fixture
def vacant(platform: Platform) -> None:
    """A unit without anybody, and one whose only person is disabled."""
    platform.run(lambda uow: add_tenant(uow, "n", "hq", "北办", "office", "410823"), system_actor(), START)
    platform.run(lambda uow: add_user(uow, "gone", "离职", "n", ["clerk"]), system_actor(), START)
    with platform.database.read() as connection:
        gone = next(person.id for person in everybody(connection) if person.login == "gone")
    platform.run(lambda uow: disable_user(uow, gone), system_actor(), START)


@pytest.mark.parametrize("language", ["zh-CN", "en"])
@pytest.mark.parametrize("width", WIDTHS)
def test_the_pages_of_units_have_no_faults(
    tab_of: TabOf, vacant: None, tmp_path: Path, width: int, language: str
) -> None:
    tab = tab_of("admin", PASSWORD)
    tab.set_viewport_size({"width": width, "height": 900})
    tab.goto(f"/language/{language}")
    kinds = ("add", "rename", "move", "close", "merge")
    for path in ("/units", "/units/a", *(f"/units/a/{kind}" for kind in kinds), "/rosters/units", "/rosters/people"):
        tab.goto(path)
        assert faults(tab) == [], path
    tab.goto("/units/n/merge")
    tab.select_option("#other", "a")
    tab.fill("#since", "2026-12-01")
    follow(tab.locator("main button").first)
    assert faults(tab) == []
    follow(tab.locator("button.big"))
    assert faults(tab) == []
    (tmp_path / "table.csv").write_text(TABLE, "utf-8")
    tab.goto("/rosters/units")
    tab.set_input_files("#file", str(tmp_path / "table.csv"))
    follow(tab.locator("main form button").first)
    assert faults(tab) == []
    assert tab.complaints == []


def test_a_unit_is_added_and_merged_by_keyboard_alone(tab_of: TabOf, vacant: None) -> None:
    tab = tab_of("admin", PASSWORD)
    tab.goto("/units/hq/add")
    _to(tab, "tenant")
    for word in ("c", "南办"):
        tab.keyboard.type(word)
        tab.keyboard.press("Tab")
    tab.keyboard.type("office")
    tab.keyboard.press("Tab")
    tab.keyboard.type("410825")
    _press(tab, "查看影响", "Show what would follow")
    _press(tab, "确认自", "Do this from")
    assert tab.locator("h1").inner_text() == "总部"
    assert "南办" in tab.inner_text("main")

    tab.goto("/units/c/merge")
    _to(tab, "other")
    tab.keyboard.type("东办")
    _press(tab, "查看影响", "Show what would follow")
    _press(tab, "确认自", "Do this from")
    assert "并入" in tab.inner_text("dl.facts") and "东办" in tab.inner_text("dl.facts")


def _to(tab: Any, field: str) -> None:
    """Go on with the Tab key until this field has the focus."""
    for _ in range(60):
        if tab.evaluate("document.activeElement.id") == field:
            return
        tab.keyboard.press("Tab")
    raise AssertionError(f"no way to {field} by keyboard")


def _press(tab: Any, *words: str) -> None:
    """Go on with the Tab key to the button with one of these words, and press it."""
    for _ in range(80):
        text = tab.evaluate("document.activeElement.tagName == 'BUTTON' ? document.activeElement.innerText : ''")
        if any(word in text for word in words):
            with tab.expect_navigation():
                tab.keyboard.press("Enter")
            return
        tab.keyboard.press("Tab")
    raise AssertionError(f"no way to {words[0]} by keyboard")
