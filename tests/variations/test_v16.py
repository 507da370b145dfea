"""Towards V16, Fengfeng's one visit: door and assessment become one task by one entry of a menu."""

from __future__ import annotations

import pytest

from tests.variations.hand import Hand

pytestmark = pytest.mark.browser

DRAWN = """() => {
  const get = id => shangmen.modeler.get('elementRegistry').get(id);
  const ids = ways => ways.map(way => way.source.id).sort();
  return {
    gone: !get('visit_check'),
    form: get('assess').businessObject.get('sm:form') || '',
    host: get('visit_overdue').host.id,
    asks: ids(get('person_met').incoming),
    next: get('person_met').outgoing.map(way => way.target.id).sort(),
    before: ids(get('assess').incoming),
  };
}"""


def test_two_tasks_become_one_that_asks_both_and_chooses_afterwards(hand: Hand) -> None:
    hand.log_in("yao.yuan")
    hand.adjust("process", "visit_assessment")
    before = hand.tab.evaluate("document.querySelectorAll('.djs-connection').length")
    hand.from_menu("visit_check", "与“现场评定”合并为一个任务")
    hand.tab.wait_for_function("() => !shangmen.modeler.get('elementRegistry').get('visit_check')")
    hand.saved()

    assert hand.tab.evaluate(DRAWN) == {
        "gone": True,
        "form": "visit_check_assessment",
        "host": "assess",
        "asks": ["assess"],
        "next": ["instruments_needed", "visit_failed"],
        "before": ["count_visit", "instrument_exam", "signatures_agree"],
    }
    hand.tab.click("#undo")
    hand.tab.wait_for_function("() => shangmen.modeler.get('elementRegistry').get('visit_check')")
    assert hand.tab.evaluate("document.querySelectorAll('.djs-connection').length") == before
    assert hand.tab.evaluate("shangmen.modeler.get('elementRegistry').get('assess').businessObject.get('sm:form')") == (
        "assessment"
    )


def test_a_task_with_no_task_behind_it_offers_no_merging(hand: Hand) -> None:
    hand.log_in("yao.yuan")
    hand.adjust("process", "visit_assessment")
    hand.select("assess")
    hand.click(hand.tab.locator("#open-menu"))
    assert hand.tab.get_by_role("menuitem", name="合并为一个任务").count() == 0
