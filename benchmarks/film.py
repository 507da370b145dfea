"""How long the film of a very long case takes: to make on the server, to open in Chromium, and to go on by a moment.

Run ``python -m benchmarks.film [facts]``. The case goes round and round through a task, a subprocess with two tasks
side by side, and a decision. Beside it, in the same run, the film of a case of a hundred facts.
"""

from __future__ import annotations

import gc
import logging
import os
import shutil
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from flask import Flask
from werkzeug.serving import make_server

from engine.store.database import open_database
from engine.store.run import Platform
from engine.store.schema import upgrade
from tests.web.chromium import FLAGS, PROGRAMS, say_why
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


def browse(address: str, case: str, login: str) -> tuple[int, list[float], list[list[float]]]:
    """The page's size, milliseconds until it is loaded with its script, and those of single steps."""
    from playwright.sync_api import sync_playwright

    program = os.environ.get("SHANGMEN_CHROMIUM") or next(filter(None, map(shutil.which, PROGRAMS)))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        tab = browser.new_context(base_url=address, viewport={"width": 1366, "height": 900}).new_page()
        tab.goto("/login")
        with tab.expect_navigation():
            tab.click(f'button[name=person][value="{login}"]')
        say_why(tab)
        opened, size = [], 0
        for _ in range(4):
            size = len(tab.goto(f"/audit/cases/{case}").body())
            tab.wait_for_function("() => !document.querySelector('[data-play]').hidden")
            opened.append(tab.evaluate(OPENED))
        steps = [tab.evaluate(STEP) for _ in range(STEPS)]
        browser.close()
    return size, opened[1:], steps


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
        print("| facts | server, CPU ms | page, kB | opened, best ms | median | a step, median ms | worst |")
        print("|---:|---:|---:|---:|---:|---:|---:|")
        gc.freeze()  # as ``web.wsgi`` does
        with served(app) as address:
            for wanted in (100, facts):
                case = long_case(world, wanted)
                count = world.state(case).seq
                server = min(_server_ms(app, case) for _ in range(3))
                size, opened, steps = browse(address, case, "north.auditor")
                worked = [both[1] for both in steps]
                print(
                    f"| {count} | {server:.0f} | {size / 1000:.0f} | {min(opened):.0f} | {median(opened):.0f} "
                    f"| {median(worked):.1f} | {max(worked):.1f} |"
                )


def _server_ms(app: Flask, case: str) -> float:
    client: Any = app.test_client()
    page = client.get("/login").get_data(as_text=True)
    token = page.split('name="_csrf" value="')[1].split('"')[0]
    client.post("/login", data={"_csrf": token, "person": "north.auditor"})
    token = client.get("/purpose").get_data(as_text=True).split('name="_csrf" value="')[1].split('"')[0]
    client.post("/purpose", data={"_csrf": token, "purpose": "inspection", "words": "benchmark"})
    began = time.process_time()
    assert client.get(f"/audit/cases/{case}").status_code == 200
    return (time.process_time() - began) * 1000


if __name__ == "__main__":
    main()
