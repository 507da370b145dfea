"""Palette and menus of the editor offer what the server's list says, no more, and nothing that is on it is lost."""

from __future__ import annotations

from typing import Any

import pytest

from engine.definition.lint.offered import offered
from tests.web.chromium import TabOf, chrome, site, tab_of
from tests.web.conftest import PASSWORD
from tests.web.studio.test_editor_in_a_browser import SHOW, draft_of, open_editor

__all__ = ["chrome", "site", "tab_of"]

pytestmark = pytest.mark.browser

CREATED = {
    "create.start-event": "startEvent",
    "create.intermediate-event": "intermediateThrowEvent",
    "create.end-event": "endEvent",
    "create.exclusive-gateway": "exclusiveGateway",
    "create.task": "task",
    "create.subprocess-expanded": "subProcess",
    "create.group": "group",
}
REPLACE = """() => {
  const m = shangmen.modeler, registry = m.get('elementRegistry'), made = m.get('modeling');
  const parent = registry.get('check').parent, found = new Set(), headers = new Set();
  const put = (type, more) => made.createShape({ type: 'bpmn:' + type, ...more }, { x: 500, y: 900 }, parent);
  const event = kind => ({ eventDefinitionType: `bpmn:${kind}EventDefinition` });
  ['Task', 'SendTask', 'ManualTask', 'ScriptTask', 'CallActivity', 'ExclusiveGateway', 'ComplexGateway', 'StartEvent',
   'EndEvent', 'IntermediateThrowEvent', 'DataObjectReference', 'Transaction', 'AdHocSubProcess']
    .forEach(type => put(type));
  put('IntermediateCatchEvent', event('Timer'));
  const sub = put('SubProcess', { isExpanded: true });
  made.createShape({ type: 'bpmn:StartEvent' }, { x: sub.x + 60, y: sub.y + 60 }, sub);
  const handler = put('SubProcess', { isExpanded: true, triggeredByEvent: true });
  made.createShape({ type: 'bpmn:StartEvent', ...event('Timer') }, { x: handler.x + 60, y: handler.y + 60 }, handler);
  const menu = m.get('replaceMenuProvider'), create = menu._createEntry;
  let now;
  menu._createEntry = function (option, target, ...more) {
    if (option.target) found.add([option.target, now]);
    return create.call(this, option, target, ...more);
  };
  for (const element of registry.getAll()) {
    if (!element.parent) continue;
    now = element;
    menu.getPopupMenuEntries(element);
    Object.keys(menu.getPopupMenuHeaderEntries(element)).forEach(id => headers.add(id));
  }
  const keys = [...found].map(([target, at]) => shangmen.keyOf(target, at.parent));
  return { keys: [...new Set(keys)].sort(), headers: [...headers].sort() };
}"""


@pytest.fixture
def tab(tab_of: TabOf) -> Any:
    tab = tab_of("admin", PASSWORD)
    open_editor(tab, draft_of(tab))
    return tab


def test_the_palette_offers_what_the_list_says(tab: Any) -> None:
    entries = tab.locator(".djs-palette .entry").evaluate_all("all => all.map(one => one.dataset.action)")
    created = {CREATED[entry] for entry in entries if entry.startswith("create.")}

    assert created <= offered()
    assert created == set(CREATED.values()) & offered(), "and all of it"
    assert "hand-tool" in entries


def test_the_replace_menus_offer_only_what_the_list_says(tab: Any) -> None:
    found = tab.evaluate(REPLACE)

    assert set(found["keys"]) <= offered()
    assert {"userTask", "eventBasedGateway", "endEvent:terminate", "startEvent:timer/handler"} <= set(found["keys"])
    assert found["headers"] == ["toggle-non-interrupting", "toggle-parallel-mi", "toggle-sequential-mi"]


def test_what_follows_a_step_is_offered_from_the_same_list(tab: Any) -> None:
    for element in ("check", "which"):
        entries = tab.evaluate(
            "id => Object.keys(shangmen.modeler.get('contextPad').getEntries("
            "shangmen.modeler.get('elementRegistry').get(id)))",
            element,
        )
        assert "append.end-event" in entries
        assert "append.compensation-activity" not in entries
        assert "append.condition-intermediate-event" not in entries
    tab.evaluate(SHOW, "check")
    tab.keyboard.press("m")
    words = tab.locator("#step-menu [role=menuitem]").all_inner_texts()
    assert any("人工任务" in word for word in words)


def test_a_condition_is_offered_on_ways_out_of_choices_alone(tab: Any) -> None:
    menu = """id => Object.keys(shangmen.modeler.get('replaceMenuProvider').getPopupMenuEntries(
        shangmen.modeler.get('elementRegistry').get(id)))"""
    assert tab.evaluate(menu, "f1") == []
    assert any("flow" in entry for entry in tab.evaluate(menu, "f3"))


def test_the_overview_moves_the_picture_and_the_canvas_is_called_after_its_process(tab: Any) -> None:
    assert tab.inner_text("#panel .what") == "事项办理 · 流程"
    tab.locator(".djs-minimap .toggle").click()
    where = "shangmen.modeler.get('canvas').viewbox().x"
    before = tab.evaluate(where)
    box = tab.locator(".djs-minimap .map").bounding_box()
    tab.mouse.click(box["x"] + box["width"] * 0.9, box["y"] + box["height"] * 0.5)
    tab.wait_for_timeout(300)
    assert tab.evaluate(where) != before
