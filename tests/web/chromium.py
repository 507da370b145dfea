"""A real browser for tests: the site served on loopback, a tab per person, and axe-core to judge pages."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from werkzeug.serving import make_server

from web.assets_build import FRONTEND

PROGRAMS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
"""The first that is there. The one without a window of its own draws the same pages for half the effort."""
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
MISSING = "no Chromium: install Debian's package chromium-headless-shell, or set SHANGMEN_CHROMIUM to the program"
AXE = FRONTEND / "node_modules" / "axe-core" / "axe.min.js"
JUDGE = (
    "axe.run({runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],"
    " resultTypes: ['violations']}).then(told => told.violations)"
)
"""What is right is not told: telling it of every element took most of the time."""
AXE_MISSING = "no axe-core: install the project from its source tree (pip install -e .)"
WIDTHS = (1366, 360)
TabOf = Callable[..., Any]


def browser_program() -> str | None:
    """The program that SHANGMEN_CHROMIUM names, else the first of ``PROGRAMS`` on this machine."""
    return os.environ.get("SHANGMEN_CHROMIUM") or next(filter(None, map(shutil.which, PROGRAMS)), None)


@pytest.fixture(scope="module")
def chrome() -> Iterator[Any]:
    """One browser for the tests of a module. Playwright keeps an event loop running in its thread as long as it is
    open; two at once, or a job engine beside it, would refuse to start."""
    program = browser_program()
    if program is None:
        pytest.skip(MISSING)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def site(app: Flask) -> Iterator[str]:
    """The address of the application, served on a free port of this machine."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()


@pytest.fixture
def tab_of(chrome: Any, site: str) -> Iterator[TabOf]:
    """``tab_of(login, password, scripts=True)``: a tab in which that person is logged in, and has said what they look
    for where that is asked first (not with ``why=""``).

    ``tab.complaints`` collects what the browser complains about and requests that leave the host.
    """
    opened = []

    def open_tab(login: str, password: str, scripts: bool = True, why: str = "检查方案2026-3") -> Any:
        context = chrome.new_context(
            base_url=site, java_script_enabled=scripts, viewport={"width": 1366, "height": 900}
        )
        opened.append(context)
        tab = context.new_page()
        tab.complaints = []
        tab.on("pageerror", lambda error: tab.complaints.append(str(error)))
        tab.on("console", lambda said: said.type == "error" and tab.complaints.append(said.text))
        tab.on("request", lambda asked: _is_foreign(asked.url, site) and tab.complaints.append(asked.url))
        tab.goto("/login")
        tab.fill("#login", login)
        tab.fill("#password", password)
        follow(tab.locator("form:has(#password) button"))
        if why and "/purpose" in tab.url:
            say_why(tab, why)
        return tab

    yield open_tab
    for context in opened:
        context.close()


def follow(control: Any) -> None:
    """Click what leads to another page and wait for that page; a click alone returns while it is still empty."""
    with control.page.expect_navigation():
        control.click()


def say_why(tab: Any, why: str = "检查方案2026-3") -> None:
    """Answer the page that asks an auditor what for."""
    tab.check("#purpose-inspection")
    tab.fill("#words", why)
    follow(tab.locator("form:has(#words) button"))


def _is_foreign(address: str, site: str) -> bool:
    return urlsplit(address).scheme not in {"data", "blob", "about"} and not address.startswith(site)


def faults(tab: Any) -> list[str]:
    """What axe-core finds wrong with the page in ``tab`` (WCAG 2.2 A and AA, best practice), and sideways scrolling."""
    if not AXE.exists():
        pytest.skip(AXE_MISSING)
    if not tab.evaluate("'axe' in window"):
        tab.evaluate(Path(AXE).read_text("utf-8"))
    found = tab.evaluate(JUDGE)
    said = [f"{fault['id']}: {node['html'][:160]}" for fault in found for node in fault["nodes"]]
    width = tab.viewport_size["width"]
    over = tab.evaluate("document.documentElement.scrollWidth")
    return [*said, *([f"scrolls sideways: {over} > {width}"] if over > width else []), *tab.complaints]
