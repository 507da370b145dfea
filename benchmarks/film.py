"""How long the film of a very long case takes: to make on the server, to open in Chromium, and to go on by a moment.

Run ``python -m benchmarks.film [facts]``. The case goes round and round through a task, a subprocess with two tasks
side by side, and a decision. Beside it, in the same run, the film of a case of a hundred facts. *Opened* is a film
that this process has not shown before; what Chromium computes is the processor time of the page's main thread.
"""

from __future__ import annotations

import gc
import logging
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from flask import Flask
from werkzeug.serving import make_server

from engine.store.database import open_database
from engine.store.long_cases import LongCases
from engine.store.run import Platform
from engine.store.schema import upgrade
from tests.web.chromium import FLAGS, browser_program, say_why
from tests.world import World, flow, process, user_task
from web.app import create_app
from web.config import Settings

FACTS, STEPS = 5_000, 60
LOOP = process(
    "review",
    '<startEvent id="begin"/>' + user_task("check") + '<subProcess id="inner" name="inner"><startEvent id="in"/>'
    '<parallelGateway id="split"/>' + user_task("left") + user_task("right") + '<parallelGateway id="join"/>'
    '<endEvent id="out"/>' + flow(10, "in", "split") + flow(11, "split", "left") + flow(12, "split", "right")
    + flow(13, "left", "join") + flow(14, "right", "join") + flow(15, "join", "out")
    + '</subProcess><exclusiveGateway id="well" default="f4"/><endEvent id="done"/>'
    + flow(1, "begin", "check") + flow(2, "check", "inner") + flow(3, "inner", "well")
    + flow(4, "well", "check") + flow(5, "well", "done", 'outcome = "forward"'),
)  # fmt: skip
OPENED = """() => { const t = performance.getEntriesByType('navigation')[0]; return t.loadEventEnd - t.startTime; }"""
STEP = """() => new Promise(done => {
  const began = performance.now();
  document.dispatchEvent(new KeyboardEvent('keydown', {key: 'ArrowLeft', bubbles: true}));
  document.body.getBoundingClientRect();
  const worked = performance.now() - began;
  requestAnimationFrame(() => setTimeout(() => done([worked, performance.now() - began])));
})"""


def long_case(world: World, facts: int) -> str:
    """A case with at least so many facts; returns its id."""
    case = world.start()
    while world.state(case).seq < facts:
        world.wait(minutes=7)
        for element in ("check", "left", "right"):
            world.complete(case, element, outcome="back", note="again")
    return case


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """The address of the application."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()


@dataclass
class Browsed:
    """The page's size; milliseconds until it is loaded with its script, those it computed for, and those of steps."""

    size: int
    opened: list[float]
    computed: list[float]
    steps: list[float]


def browse(address: str, case: str, login: str, forget: Callable[[], None]) -> Browsed:
    """Open a film that the server has forgotten, again and again, and then go through it."""
    from playwright.sync_api import sync_playwright

    program = browser_program()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        tab = browser.new_context(base_url=address, viewport={"width": 1366, "height": 900}).new_page()
        tab.goto("/login")
        with tab.expect_navigation():
            tab.click(f'button[name=person][value="{login}"]')
        say_why(tab)
        tab.goto("/purpose")
        tab.check("#purpose-inspection")
        tab.fill("#words", "benchmark")
        with tab.expect_navigation():
            tab.click("main button")
        inside = tab.context.new_cdp_session(tab)
        inside.send("Performance.enable", {"timeDomain": "threadTicks"})
        found = Browsed(0, [], [], [])
        for _ in range(5):
            forget()
            found.size = len(tab.goto(f"/audit/cases/{case}").body())
            tab.wait_for_function("() => !document.querySelector('[data-play]').hidden")
            found.opened.append(tab.evaluate(OPENED))
            found.computed.append(_computed(inside))
        found.steps = [tab.evaluate(STEP)[1] for _ in range(STEPS)]
        browser.close()
    del found.opened[0], found.computed[0]  # the browser was starting
    return found


def _computed(inside: Any) -> float:
    """Milliseconds of a processor that the main thread has taken for the page that it shows."""
    metrics = {one["name"]: one["value"] for one in inside.send("Performance.getMetrics")["metrics"]}
    return float(metrics["TaskDuration"]) * 1000


def main() -> None:
    """Print a line for a short case and one for a long one."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    facts = int(sys.argv[1]) if len(sys.argv) > 1 else FACTS
    with TemporaryDirectory() as folder:
        database = open_database(f"sqlite:///{Path(folder) / 'film.sqlite'}")
        upgrade(database)
        world = World(Platform(database)).furnish(LOOP)
        app = create_app(
            Settings(database_url=database.url, demo=True, plain_http=True), world.platform, clock=lambda: world.now
        )
        print("| facts | load | server, CPU ms | again | a moment | Chromium, CPU ms | page, kB ", end="")
        print("| opened, best ms | median | a step, median ms | worst |")
        print("|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|")
        gc.freeze()  # as ``web.wsgi`` does

        def forget() -> None:
            world.platform.known.long_cases = LongCases()

        with served(app) as address:
            for wanted in (100, facts):
                case = long_case(world, wanted)
                count, load = world.state(case).seq, os.getloadavg()[0]
                first, again, moment = _server_ms(app, case, count // 2, forget)
                seen = browse(address, case, "north.auditor", forget)
                print(
                    f"| {count} | {load:.0f} | {first:.0f} | {again:.0f} | {moment:.0f} | {median(seen.computed):.0f} "
                    f"| {seen.size / 1000:.0f} | {min(seen.opened):.0f} | {median(seen.opened):.0f} "
                    f"| {median(seen.steps):.1f} | {max(seen.steps):.1f} |"
                )


def _server_ms(app: Flask, case: str, number: int, forget: Callable[[], None]) -> list[float]:
    """The film opened for the first time, opened again, and a moment in full: the best of some."""
    client: Any = app.test_client()
    page = client.get("/login").get_data(as_text=True)
    token = page.split('name="_csrf" value="')[1].split('"')[0]
    client.post("/login", data={"_csrf": token, "person": "north.auditor"})
    token = client.get("/purpose").get_data(as_text=True).split('name="_csrf" value="')[1].split('"')[0]
    client.post("/purpose", data={"_csrf": token, "purpose": "inspection", "words": "benchmark"})

    def asked(address: str) -> float:
        began = time.process_time()
        assert client.get(address).status_code == 200
        return (time.process_time() - began) * 1000

    rounds = []
    for _ in range(5):
        forget()
        film = f"/audit/cases/{case}"
        rounds.append([asked(film), asked(film), asked(f"{film}/moments/{number}")])
    return [min(times) for times in zip(*rounds, strict=True)]


if __name__ == "__main__":
    main()
