"""The editor of diagrams in a real browser: by mouse and by keyboard, saved as one works, nothing lost."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from engine.commands import deployments, people
from engine.definition.bundle import read_folder
from engine.store.directory import system_actor
from engine.store.run import Platform
from engine.store.unit_of_work import UnitOfWork
from tests.web.chromium import WIDTHS, TabOf, chrome, faults, follow, site, tab_of
from tests.web.conftest import PASSWORD, START

__all__ = ["chrome", "site", "tab_of"]

pytestmark = pytest.mark.browser

ROOT = Path(__file__).parents[3]
NATIONAL = ROOT / "processes" / "disability_assessment"
READY = 'html[data-ready="1"]'
SAVED = "document.getElementById('saved').textContent.startsWith('已保存') && !shangmen.saving.dirty"
SHOW = "id => shangmen.modeler.get('canvasKeyboard').show(id)"


@pytest.fixture
def national(platform: Platform) -> None:
    """The national procedure is published, too, and a city is there with somebody who can re-check."""
    bundle = read_folder(NATIONAL, ROOT / "forms" / "library")

    def furnish(uow: UnitOfWork) -> None:
        deployments.publish(uow, bundle, "hq", "全国")
        people.add_tenant(uow, "city", "hq", "某市残联", "city", None)
        people.add_user(uow, "city_supervisor", "何勇", "city", ["city_supervisor"], PASSWORD)

    platform.run(furnish, system_actor(), START)


@pytest.fixture
def tab(tab_of: TabOf) -> Any:
    return tab_of("admin", PASSWORD)


def draft_of(tab: Any, procedure: str = "errand") -> str:
    """A new draft; returns its address."""
    tab.goto("/studio/drafts")
    tab.select_option("[name=procedure]", procedure)
    tab.fill("[name=title]", "市级复核")
    follow(tab.locator("form:has([name=title]) button"))
    return str(tab.url.split("?")[0])


def open_editor(tab: Any, draft: str, key: str = "errand", kind: str = "process") -> None:
    tab.goto(f"{draft}/edit/{kind}/{key}")
    tab.wait_for_selector(READY)
    tab.wait_for_selector("#findings-count:not(:text('尚未检查'))")


def saved(tab: Any) -> None:
    """Waits until the server has everything."""
    tab.wait_for_selector("#saved:text-matches('^已保存')")
    while tab.evaluate("shangmen.saving.dirty"):
        tab.wait_for_timeout(50)


def source(tab: Any, draft: str, key: str = "errand", kind: str = "process") -> str:
    return str(tab.request.get(f"{draft}/source/{kind}/{key}").text())


def rename(tab: Any, element: str, name: str) -> None:
    tab.evaluate(SHOW, element)
    tab.keyboard.press("F2")
    tab.keyboard.type(name)
    tab.keyboard.press("Tab")


@pytest.mark.parametrize("width", WIDTHS)
def test_axe_finds_nothing_wrong_with_the_editor_of_diagrams(tab: Any, width: int) -> None:
    tab.set_viewport_size({"width": width, "height": 900})
    open_editor(tab, draft_of(tab))

    assert faults(tab) == []
    for element in ("check", "which", "withdrawn_at_check"):
        tab.evaluate(SHOW, element)
        assert faults(tab) == [], element
    tab.keyboard.press("m")
    assert tab.locator("[role=menuitem]").count() > 2
    assert faults(tab) == [], "menu"


def test_one_label_of_the_national_diagram_changed_leaves_all_else_as_it_was(tab: Any, national: None) -> None:
    draft = draft_of(tab, "disability_assessment")
    before = source(tab, draft, "disability_assessment")
    open_editor(tab, draft, "disability_assessment")

    rename(tab, "approve", "县级审批办理")
    saved(tab)

    after = source(tab, draft, "disability_assessment")
    changed = [(a, b) for a, b in zip(before.splitlines(), after.splitlines(), strict=True) if a != b]
    assert len(changed) == 1
    old, new = changed[0]
    assert 'id="approve"' in old
    assert new == old.replace(f'name="{old.split("name=")[1].split(chr(34))[1]}"', 'name="县级审批办理"')


def test_a_diagram_that_is_only_looked_at_is_not_saved(tab: Any) -> None:
    draft = draft_of(tab)
    open_editor(tab, draft)
    tab.evaluate(SHOW, "check")
    tab.wait_for_timeout(1500)

    assert tab.inner_text("#saved") == "尚无修改。"
    tab.goto(draft)
    assert tab.locator("form[action$='/restore']").count() == 0


def test_a_task_is_added_after_the_approval_by_keyboard_alone(tab: Any, national: None) -> None:
    draft = draft_of(tab, "disability_assessment")
    open_editor(tab, draft, "approval")
    press = tab.keyboard.press

    def focused() -> str:
        return str(tab.evaluate("document.activeElement.dataset.elementId || document.activeElement.id"))

    def choose(value: str) -> None:
        while tab.evaluate("document.activeElement.value") != value:
            press("ArrowDown")

    for _ in range(40):  # from the top of the page into the picture
        press("Tab")
        if focused() == "review_begun":
            break
    assert focused() == "review_begun"
    for _ in range(4):
        press("ArrowRight")
    assert focused() == "county_decision"
    press("m")
    press("Enter")  # the first entry: a person's task after this
    tab.wait_for_function("() => /^Activity/.test(document.activeElement.dataset.elementId || '')")
    new = focused()
    press("F2")
    tab.keyboard.type("市级复核")
    press("Tab")
    assert focused() == "p-role"
    choose("city_supervisor")
    press("Tab")
    assert focused() == "p-level"
    tab.wait_for_function("() => document.activeElement.value === 'city'")  # the only level where somebody has the role
    press("Tab")
    press("Tab")
    assert focused() == "p-form"
    choose("county_review")
    press("Escape")
    assert focused() == new
    saved(tab)

    assert tab.locator("#findings-list .finding.error").count() == 0, tab.inner_text("#findings-list")
    text = source(tab, draft, "approval")
    said = f'id="{new}" name="市级复核" sm:role="city_supervisor" sm:level="city" sm:form="county_review"'
    assert f"<bpmn:userTask {said}>" in text
    assert f'targetRef="{new}"' in text
    assert f'sourceRef="{new}" targetRef="decision_made"' in text
    _send_for_approval(tab)


def _send_for_approval(tab: Any) -> None:
    """From the editor to the proposal, with Tab and Enter."""
    _to(tab, "document.activeElement.matches('.bar a[href*=\"/studio/drafts/\"]:last-of-type')", "Shift+Tab")
    with tab.expect_navigation():
        tab.keyboard.press("Enter")
    _to(tab, "document.activeElement.id === 'what'", "Tab")
    tab.keyboard.press("Control+A")
    tab.keyboard.type("批准后增加市级复核")
    with tab.expect_navigation():
        tab.keyboard.press("Enter")
    assert "/studio/proposals/" in tab.url
    assert "批准后增加市级复核" in tab.inner_text("main")


def _to(tab: Any, there: str, key: str) -> None:
    for _ in range(120):
        if tab.evaluate(there):
            return
        tab.keyboard.press(key)
    raise AssertionError(f"the keyboard does not reach {there}")


def test_who_else_has_the_file_open_is_shown(tab: Any, tab_of: TabOf) -> None:
    draft = draft_of(tab)
    open_editor(tab, draft)
    assert tab.inner_text("#others") == ""
    other = tab_of("admin2", PASSWORD)
    open_editor(other, draft)
    other.wait_for_selector("#others:has-text('孙丽')")


def test_two_versions_stand_on_one_canvas_by_sign_and_line(tab: Any) -> None:
    draft = draft_of(tab)
    open_editor(tab, draft)
    tab.evaluate(SHOW, "check")
    tab.keyboard.press("m")
    tab.keyboard.press("Enter")
    tab.wait_for_function("() => /^Activity/.test(document.activeElement.dataset.elementId || '')")
    rename(tab, "which", "看意见")
    tab.evaluate(SHOW, "decide")
    tab.keyboard.press("Delete")
    saved(tab)

    tab.goto(f"{draft}/compare/process/errand")
    assert tab.locator("svg .node.is-added").count() == 1
    assert tab.locator("svg .node.is-changed").get_attribute("data-id") == "which"
    assert tab.locator("svg .gone .node.is-removed").get_attribute("data-id") == "decide"
    words = tab.inner_text("ul.changes")
    for said in ("新步骤", "看意见", "决定"):
        assert said in words
    assert tab.locator("svg .badge").all_text_contents().count("−") == 1
    for width in WIDTHS:
        tab.set_viewport_size({"width": width, "height": 900})
        assert faults(tab) == []


def test_a_moved_shape_is_no_difference(tab: Any) -> None:
    draft = draft_of(tab)
    open_editor(tab, draft)
    tab.evaluate(SHOW, "check")
    tab.keyboard.press("Shift+ArrowDown")
    saved(tab)

    tab.goto(f"{draft}/compare/process/errand")
    assert tab.locator("svg .is-added, svg .is-changed, svg .is-removed").count() == 0
    assert tab.locator("ul.changes").count() == 0


def test_a_finding_stands_on_its_element_and_in_the_list(tab: Any) -> None:
    open_editor(tab, draft_of(tab))
    assert tab.locator(".djs-overlay .sign").count() == 0

    tab.evaluate(SHOW, "check")
    tab.select_option("#p-form", "")
    saved(tab)

    assert tab.locator('.djs-overlays[data-container-id="check"] .sign.error').count() == 1
    link = tab.locator('#findings-list [data-element="check"] button')
    tab.evaluate(SHOW, "noted")
    link.click()
    assert tab.evaluate("document.activeElement.dataset.elementId") == "check"
    assert "检查意见" in tab.evaluate("document.activeElement.getAttribute('aria-label')")
    tab.select_option("#p-form", "check")
    saved(tab)
    assert tab.locator(".djs-overlay .sign").count() == 0


def test_a_role_that_only_one_level_has_brings_its_level_along(tab: Any) -> None:
    draft = draft_of(tab)
    open_editor(tab, draft)
    tab.evaluate(SHOW, "check")
    assert tab.input_value("#p-level") == "office"

    tab.select_option("#p-role", "chief")
    tab.wait_for_selector("#told:has-text('只有这一级单位有人担任此岗位')")
    assert tab.input_value("#p-level") == "hq"
    tab.select_option("#p-role", "")  # nobody asked for: the level stays
    tab.wait_for_function("document.getElementById('p-role').value === ''")
    assert tab.input_value("#p-level") == "hq"
    tab.select_option("#p-role", "clerk")
    tab.wait_for_function("document.getElementById('p-level').value === 'office'")
    tab.select_option("#p-role", "reviewer")  # as much at home there: nothing changes
    saved(tab)
    assert 'id="check" name="审核" sm:role="reviewer" sm:level="office"' in source(tab, draft)


def test_a_check_that_arrives_late_does_not_hide_what_was_found_since(tab: Any) -> None:
    draft = draft_of(tab)
    held: list[Any] = []
    tab.route("**/check", lambda route: held.append((route, route.fetch())))
    tab.goto(f"{draft}/edit/process/errand")
    tab.wait_for_selector(READY)
    while not held:
        tab.wait_for_timeout(50)

    tab.evaluate(SHOW, "check")
    tab.select_option("#p-form", "")
    saved(tab)
    assert tab.locator("#findings-list .finding.error").count() == 1
    route, early = held.pop()
    with tab.expect_response("**/check"):
        route.fulfill(response=early)
    tab.wait_for_timeout(200)
    assert tab.locator("#findings-list .finding.error").count() == 1

    tab.unroute("**/check")
    with tab.expect_response("**/check"):  # asked for anew, it is told
        tab.click("#check")
    assert tab.locator("#findings-list .finding.error").count() == 1
    tab.select_option("#p-form", "check")
    saved(tab)
    assert tab.locator("#findings-list .finding.error").count() == 0


def test_a_wrong_expression_is_told_beneath_its_field(tab: Any) -> None:
    open_editor(tab, draft_of(tab))
    tab.evaluate(SHOW, "which")

    tab.fill("#p-way0-condition", '=opinion = "agree')
    tab.wait_for_selector("#p-way0-condition-problem:not([hidden])")
    assert tab.get_attribute("#p-way0-condition", "aria-invalid") == "true"
    assert faults(tab) == []
    tab.fill("#p-way0-condition", '=opinion = "agree"')
    tab.wait_for_selector("#p-way0-condition-problem", state="hidden")


def test_two_people_at_one_file_are_asked_and_nothing_is_lost(tab: Any, tab_of: TabOf) -> None:
    draft = draft_of(tab)
    open_editor(tab, draft)
    other = tab_of("admin2", PASSWORD)
    open_editor(other, draft)
    rename(other, "check", "他的")
    saved(other)

    rename(tab, "check", "我的")
    tab.wait_for_selector("#clash:not([hidden])")
    assert "他的" in source(tab, draft)
    tab.complaints = [said for said in tab.complaints if "409" not in said]
    assert faults(tab) == []
    tab.locator("#clash .btn").first.click()
    saved(tab)

    assert "我的" in source(tab, draft)
    rename(other, "decide", "他的决定")  # another step; his page does not know of ours yet
    other.wait_for_selector("#clash:not([hidden])")
    assert "孙丽" in other.inner_text("#clash")


def test_what_could_not_be_saved_is_offered_when_the_page_is_opened_again(tab: Any) -> None:
    draft = draft_of(tab)
    open_editor(tab, draft)
    tab.context.set_offline(True)
    rename(tab, "check", "断网时")
    tab.wait_for_selector("#saved.bad")
    tab.wait_for_timeout(400)
    tab.close()
    tab.context.set_offline(False)

    again = tab.context.new_page()
    open_editor(again, draft)
    assert "断网时" not in source(again, draft)
    again.locator("#leftover .btn").first.click()
    saved(again)

    assert "断网时" in source(again, draft)


def test_undo_takes_a_new_step_away_whole(tab: Any) -> None:
    open_editor(tab, draft_of(tab))
    count = "shangmen.modeler.get('elementRegistry').getAll().length"
    before = tab.evaluate(count)
    tab.evaluate(SHOW, "check")
    tab.keyboard.press("m")
    tab.keyboard.press("Enter")
    assert tab.evaluate(count) > before
    tab.locator("#undo").click()
    tab.locator("#undo").click()  # its name, then itself

    assert tab.evaluate(count) == before
    assert tab.locator("#undo").is_disabled()


def test_every_word_of_the_canvas_is_chinese(tab: Any) -> None:
    open_editor(tab, draft_of(tab))

    untold = tab.evaluate(
        """() => {
          const m = shangmen.modeler, registry = m.get('elementRegistry'), parent = registry.get('check').parent;
          const kinds = ['SubProcess', 'DataObjectReference', 'DataStoreReference', 'Group', 'TextAnnotation', 'Task',
            'SendTask', 'ReceiveTask', 'ManualTask', 'ScriptTask', 'CallActivity', 'BusinessRuleTask', 'ServiceTask',
            'InclusiveGateway', 'ComplexGateway', 'EventBasedGateway', 'ParallelGateway', 'StartEvent',
            'IntermediateThrowEvent', 'Transaction', 'AdHocSubProcess'];
          kinds.forEach((kind, n) =>
            m.get('modeling').createShape({ type: 'bpmn:' + kind }, { x: 300 + n * 20, y: 900 }, parent));
          for (const element of registry.getAll()) {
            m.get('contextPad').getEntries(element);
            if (!element.parent) continue;
            m.get('popupMenu').open(element, 'bpmn-replace', { x: 1, y: 1 });
            m.get('popupMenu').close();
          }
          m.get('contextPad').getEntries([registry.get('check'), registry.get('decide')]);
          return [...shangmen.missing];
        }"""
    )

    assert untold == []
    for element in ("check", "which", "withdrawn_at_check", "f3", "noted"):
        tab.evaluate(SHOW, element)
        words = tab.evaluate(
            "[...document.querySelectorAll('#panel :is(label, legend, .hint, option)')].map(e => e.textContent)"
        )
        assert [word for word in words if word and not any("一" <= sign <= "鿿" for sign in word)] == []


def test_the_mark_of_bpmn_io_is_in_sight(tab: Any) -> None:
    for width in WIDTHS:
        tab.set_viewport_size({"width": width, "height": 900})
        open_editor(tab, draft_of(tab))
        mark = tab.locator(".bjs-powered-by")
        mark.scroll_into_view_if_needed()
        box = mark.bounding_box()
        middle = [box["x"] + box["width"] / 2, box["y"] + box["height"] / 2]
        assert tab.evaluate("([x, y]) => !!document.elementFromPoint(x, y).closest('.bjs-powered-by')", middle)


def test_without_scripts_or_in_an_old_browser_the_page_says_so(tab_of: TabOf, tab: Any) -> None:
    draft = draft_of(tab)
    open_editor(tab, draft)
    assert tab.locator("#too-old").count() == 0

    plain = tab_of("admin", PASSWORD, scripts=False)
    plain.goto(f"{draft}/edit/process/errand")
    assert plain.locator("#too-old").is_visible()
