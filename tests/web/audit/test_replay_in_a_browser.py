"""The replay in a real browser: slider, keys, play and the keyboard in the picture; and without scripts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from engine.store import tables as t
from engine.store.run import Platform
from tests.web.browser import Browser
from tests.web.chromium import WIDTHS, TabOf, chrome, faults, site, tab_of
from tests.web.conftest import PASSWORD

__all__ = ["chrome", "site", "tab_of"]

pytestmark = pytest.mark.browser


@pytest.fixture
def case(as_person: Callable[[str], Browser], platform: Platform) -> str:
    as_person("clerk.a").get("/desk/start/errand").submit("/desk/start/errand", who="李四")
    as_person("reviewer.a").get("/").follow(r"^/desk/tasks/").submit(r"/desk/tasks/[^/]+$", opinion="agree")
    with platform.database.read() as connection:
        return str(connection.execute(select(t.instance.c.id)).scalar_one())


@pytest.fixture
def replay(tab_of: TabOf, case: str) -> Any:
    """The auditor's tab at the first moment of the case."""
    tab = tab_of("auditor", PASSWORD)
    tab.goto(f"/audit/cases/{case}?at=1")
    tab.wait_for_selector("html[data-ready]")
    return tab


def current(tab: Any) -> str:
    return str(tab.locator("tr[aria-current=step]").get_attribute("data-seq"))


def states(tab: Any) -> dict[str, str]:
    """Element → what the picture shows of it, as it is painted."""
    return dict(
        tab.evaluate(
            "[...document.querySelectorAll('.node[class*=\" is-\"]')].map(n => [n.dataset.id, "
            "n.querySelector('.badge').textContent + getComputedStyle(n.querySelector('.body')).fill])"
        )
    )


def test_keys_and_slider_move_through_the_moments(replay: Any) -> None:
    replay.keyboard.press("ArrowRight")
    assert current(replay) == "2"
    replay.locator("#at").focus()
    replay.keyboard.press("End")
    assert current(replay) == str(replay.locator("tr[data-seq]").count())
    replay.keyboard.press("Home")
    assert current(replay) == "1"
    assert replay.complaints == []


def test_what_stands_under_the_picture_follows_the_film(replay: Any) -> None:
    replay.wait_for_selector("#moment .moment[data-number='1']")
    replay.keyboard.press("ArrowRight")
    replay.keyboard.press("ArrowRight")
    replay.wait_for_selector("#moment .moment[data-number='3'] .why li")
    last = replay.locator("tr[data-seq]").count()
    waiting = replay.locator(".timeline .bar.open").count()
    replay.goto(f"{replay.url.split('?')[0]}?at={last}")
    replay.wait_for_selector(f"#moment .moment[data-number='{last}']")
    assert waiting + replay.locator(".timeline .bar.open").count() > 0
    assert replay.complaints == []


def test_a_film_in_many_parts_says_every_moment(replay: Any, monkeypatch: Any) -> None:
    told = replay.locator("tr[data-seq]").evaluate_all("rows => rows.map(row => row.dataset.said)")
    monkeypatch.setattr("web.audit.moments.ROWS_MAX", 3)
    replay.reload()
    replay.wait_for_selector("html[data-ready]")
    assert replay.locator("tr[data-seq]").count() == 3 < len(told)

    for number, text in enumerate(told[1:], 2):
        replay.keyboard.press("ArrowRight")
        replay.wait_for_function(
            "wanted => document.querySelector('.film .said').textContent === wanted",
            arg=f"{number}/{len(told)} · {text}",
        )
        assert replay.locator("#at").get_attribute("aria-valuetext") == text
    assert replay.complaints == []


def test_playing_reaches_the_end_and_can_be_paused(replay: Any) -> None:
    replay.emulate_media(reduced_motion="reduce")
    replay.reload()
    button = replay.locator("[data-play]")
    button.click()
    replay.wait_for_selector("tr[data-seq='3'][aria-current]")
    button.click()
    paused = current(replay)
    replay.wait_for_timeout(900)
    assert current(replay) == paused
    button.click()
    last = replay.locator("tr[data-seq]").count()
    replay.wait_for_selector(f"tr[data-seq='{last}'][aria-current]")
    replay.wait_for_selector("[data-play][aria-pressed=false]")


def test_script_and_server_paint_the_same_picture(replay: Any, case: str) -> None:
    last = replay.locator("tr[data-seq]").count()
    for number in range(2, last + 1):
        replay.keyboard.press("ArrowRight")
        by_script = states(replay)
        other = replay.context.new_page()
        other.goto(f"/audit/cases/{case}?at={number}")
        other.wait_for_selector("html[data-ready]")
        assert states(other) == by_script
        other.close()
    assert states(replay)


def test_the_picture_is_one_stop_and_arrows_follow_the_flow(replay: Any) -> None:
    assert replay.locator(".node[tabindex='0']").count() == 1
    replay.locator(".node[tabindex='0']").focus()
    seen = []
    for _ in range(12):
        seen.append(replay.evaluate("document.activeElement.dataset.id"))
        replay.keyboard.press("ArrowRight")
    assert seen[0] != seen[1]
    assert replay.locator(".node:focus").get_attribute("aria-label")
    assert replay.locator(".node[tabindex='0']").count() == 1
    replay.keyboard.press("Home")
    assert replay.evaluate("document.activeElement.dataset.id") == seen[0]
    assert current(replay) == "1"  # arrows inside the picture do not move the film


def test_without_scripts_every_moment_is_a_link(tab_of: TabOf, case: str) -> None:
    tab = tab_of("auditor", PASSWORD, scripts=False)
    tab.goto(f"/audit/cases/{case}?at=1")
    tab.locator("a[data-step='1']").click()
    assert current(tab) == "2"
    tab.locator("tr[data-seq='3'] a[data-at]").click()
    assert current(tab) == "3"
    assert tab.locator("svg.bpmn").first.is_visible()


@pytest.mark.parametrize("width", WIDTHS)
def test_axe_finds_nothing_wrong_with_the_auditors_pages(replay: Any, case: str, width: int) -> None:
    replay.set_viewport_size({"width": width, "height": 900})
    own = [
        f"/audit/cases/{case}{page}"
        for page in (
            "?at=4",
            "/moments/4",
            "/whole",
            "/verify",
            "/readers",
            "/why",
            "/why/check",
            "/why/which",
            "/why/refused",
        )
    ]
    for path in (
        "/audit",
        "/audit/sample?seed=x",
        "/audit/sample?seed=x&among=half",
        "/audit/mining",
        "/audit/oversight",
        "/audit/conformance",
        "/audit/exports",
        "/audit/search?value=a",
        *own,
    ):
        replay.goto(path)
        assert faults(replay) == [], path
