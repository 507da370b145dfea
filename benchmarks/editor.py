"""How fluent the editor of diagrams is with 300 elements: opening, moving a step, changing a label, saving.

Run ``python -m benchmarks.editor [elements]``. A real Chromium opens the page; beside it the same with 30 elements, so
that the ratios say how the cost grows. A frame of a screen is 16.7 ms; what a person does feels immediate below 100.
"""

from __future__ import annotations

import logging
import sys
import tempfile
import threading
import time
from pathlib import Path
from statistics import median
from typing import Any

from werkzeug.serving import make_server

from engine.commands import drafts
from engine.store import tables
from engine.store.database import open_database
from engine.store.directory import actor_for, user_by_login
from engine.store.run import Platform
from tests.web.chromium import FLAGS, browser_program
from tests.web.conftest import ERRAND, PASSWORD, START, furnish
from web.app import create_app
from web.config import Settings

ELEMENTS = 300
ROUNDS = 15
SMALL = 30
_MOVE = """n => {
  const m = shangmen.modeler, element = m.get('elementRegistry').get('t' + n), begun = performance.now();
  m.get('modeling').moveElements([element], { x: 0, y: n % 2 ? 30 : -30 });
  return performance.now() - begun;
}"""
_LABEL = """n => {
  const m = shangmen.modeler, element = m.get('elementRegistry').get('t' + n), begun = performance.now();
  m.get('modeling').updateProperties(element, { name: '改名' + n });
  return performance.now() - begun;
}"""
_FRAMES = """async n => {
  const m = shangmen.modeler, at = m.get('elementRegistry').getGraphics('t' + n).getBoundingClientRect();
  const x = at.left + at.width / 2, y = at.top + at.height / 2, canvas = m.get('canvas')._svg, gaps = [];
  const fire = (type, target, x, y) =>
    target.dispatchEvent(new MouseEvent(type, { bubbles: true, clientX: x, clientY: y, button: 0 }));
  fire('mousedown', document.elementFromPoint(x, y), x, y);
  for (let step = 1; step <= 20; step++) {
    const begun = performance.now();
    fire('mousemove', document, x + step * 3, y + step * 2);
    await new Promise(requestAnimationFrame);
    gaps.push(performance.now() - begun);
  }
  fire('mouseup', document, x + 60, y + 40);
  return gaps;
}"""


def diagram(elements: int) -> str:
    """A long process: steps in rows of twenty, one after another, and as many flows."""
    nodes, flows, shapes, edges = [], [], [], []

    def place(n: int) -> tuple[int, int]:
        return 160 + (n % 20) * 160, 100 + (n // 20) * 160

    def flow(source: str, target: str, a: tuple[int, int], b: tuple[int, int]) -> None:
        key = f"f_{source}_{target}"
        flows.append(f'<bpmn:sequenceFlow id="{key}" sourceRef="{source}" targetRef="{target}"/>')
        edges.append(
            f'<bpmndi:BPMNEdge id="e_{key}" bpmnElement="{key}"><di:waypoint x="{a[0]}" y="{a[1]}"/>'
            f'<di:waypoint x="{b[0]}" y="{b[1]}"/></bpmndi:BPMNEdge>'
        )

    for n in range(elements):
        x, y = place(n)
        nodes.append(f'<bpmn:userTask id="t{n}" name="步骤{n}" sm:role="reviewer" sm:level="office" sm:form="check"/>')
        shapes.append(
            f'<bpmndi:BPMNShape id="s{n}" bpmnElement="t{n}"><dc:Bounds x="{x}" y="{y}" width="100" height="80"/>'
            "</bpmndi:BPMNShape>"
        )
        if n:
            (px, py), (cx, cy) = place(n - 1), (x, y)
            flow(f"t{n - 1}", f"t{n}", (px + 100, py + 40), (cx, cy + 40))
    return (
        '<?xml version="1.0" encoding="UTF-8"?><bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"'
        ' xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" xmlns:dc="http://www.omg.org/spec/DD/20100524/DC"'
        ' xmlns:di="http://www.omg.org/spec/DD/20100524/DI" xmlns:sm="urn:shangmen:bpmn:1" id="d" targetNamespace="x">'
        f'<bpmn:process id="errand" name="大图" isExecutable="true">{"".join(nodes)}{"".join(flows)}</bpmn:process>'
        f'<bpmndi:BPMNDiagram id="di"><bpmndi:BPMNPlane id="p" bpmnElement="errand">{"".join(shapes)}{"".join(edges)}'
        "</bpmndi:BPMNPlane></bpmndi:BPMNDiagram></bpmn:definitions>"
    )


def measure(elements: int) -> dict[str, float]:
    """Milliseconds of every thing a person does, the median of ``ROUNDS``; ``frame`` is the slowest tenth of a drag."""
    with tempfile.TemporaryDirectory() as folder:
        database = open_database(f"sqlite:///{Path(folder) / 'office.sqlite'}")
        tables.metadata.create_all(database.engine)
        platform = Platform(database)
        furnish(platform)
        with database.read() as connection:
            found = user_by_login(connection, "admin")
            assert found is not None
            actor = actor_for(connection, found[0], found[1][0])
        draft = platform.run(lambda uow: drafts.open_draft(uow, "errand", "300"), actor, START)
        content = diagram(elements).encode()
        platform.run(lambda uow: drafts.save_file(uow, draft, "process", "errand", content, 0), actor, START)
        app = create_app(Settings(database_url=database.url, plain_http=True), platform, lambda: START)
        server = make_server("127.0.0.1", 0, app, threaded=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            return _in_browser(f"http://127.0.0.1:{server.server_port}", draft)
        finally:
            server.shutdown()
            database.close()


def _in_browser(site: str, draft: str) -> dict[str, float]:
    from playwright.sync_api import sync_playwright

    program = browser_program()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        tab = browser.new_page(viewport={"width": 1366, "height": 900})
        tab.goto(f"{site}/login")
        tab.fill("#login", "admin")
        tab.fill("#password", PASSWORD)
        tab.click("form:has(#password) button")
        tab.wait_for_load_state()
        opened = [_opened(tab, f"{site}/studio/drafts/{draft}/edit/process/errand") for _ in range(3)]
        frames = sorted(gap for n in (1, 2, 3) for gap in tab.evaluate(_FRAMES, n))
        taken = {
            "open the page": min(opened),
            "move a step": median(tab.evaluate(_MOVE, n) for n in range(ROUNDS)),
            "change a label": median(tab.evaluate(_LABEL, n) for n in range(ROUNDS)),
            "a frame while dragging": median(frames),
            "a slow frame (1 of 10)": frames[len(frames) * 9 // 10],
        }
        begun = time.perf_counter()
        tab.evaluate("shangmen.saving.soon.now()")
        tab.wait_for_selector("#saved:text-matches('^已保存|^Saved')", timeout=60_000)
        taken["save and be judged"] = (time.perf_counter() - begun) * 1000
        browser.close()
    return taken


def _opened(tab: Any, address: str) -> float:
    begun = time.perf_counter()
    tab.goto(address)
    tab.wait_for_selector('html[data-ready="1"]', timeout=60_000)
    return (time.perf_counter() - begun) * 1000


def main(arguments: list[str]) -> None:
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    elements = int(arguments[0]) if arguments else ELEMENTS
    small, large = measure(SMALL), measure(elements)
    print(f"| what | {SMALL} elements ms | {elements} elements ms | × |\n|---|---:|---:|---:|")
    for what, took in large.items():
        print(f"| {what} | {small[what]:.1f} | {took:.1f} | {took / small[what]:.1f} |")


if __name__ == "__main__":
    assert ERRAND.exists()
    main(sys.argv[1:])
