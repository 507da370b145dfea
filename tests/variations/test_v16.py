"""V16, Fengfeng's one visit: who can hardly leave the bed and is severely disabled is seen and assessed in one task.

Door and assessment become one task by one entry of a menu; second signature, seal, posting and approval stay.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from engine.scenarios.ground import ScenarioFailed
from engine.scenarios.player import Played
from engine.scenarios.script import Expectation, Scenario
from engine.store.run import Platform
from tests.processes.test_scenarios import SCENARIOS
from tests.variations.hand import MOVES_MAX, Hand
from tests.variations.test_variations import begun, pins_of, tasks_of

pytestmark = pytest.mark.browser

GOLDEN = SCENARIOS["golden_path_september"]
Tell = Callable[..., Played]

DRAWN = """() => {
  const get = id => shangmen.modeler.get('elementRegistry').get(id);
  const ids = ways => ways.map(way => way.source.id).sort();
  return {
    gone: !get('visit_check'),
    at: get('assess').x,
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
        "at": 546,
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


def one_task(hand: Hand) -> None:
    """What an administrator of the county draws: the door and the assessment are one task."""
    hand.log_in("yao.yuan")
    hand.adjust("process", "visit_assessment")
    hand.from_menu("visit_check", "与“现场评定”合并为一个任务")
    hand.tab.wait_for_function("() => !shangmen.modeler.get('elementRegistry').get('visit_check')")
    hand.saved()


def publish(hand: Hand) -> None:
    """What two administrators of the county do."""
    one_task(hand)
    hand.adjust("decision", "eligibility_home")
    hand.hit_policy("首个命中")
    hand.cell(5, 2, '"bedridden","paralysed","vegetative","critical"')
    hand.cell(6, 4, "-")
    hand.cell(6, 9, '"不在一站式上门范围,安排集中评定"')
    hand.saved()

    hand.adjust("form", "township_review")
    hand.part("审核意见")
    hand.property("rule", '=review_mode != "home" or eligibility.mode = "home"')
    hand.property("rule_message", "一站式上门只面向特别不便的一、二级")
    hand.saved()
    hand.to_draft()
    hand.approve("mu.qing", hand.propose("一站式上门评定"))


def told(until: str = "", **changes: dict[str, Any]) -> Scenario:
    """The story with other answers at some tasks and no expectations but its end, or only up to a task."""
    steps = [
        replace(step, expect=Expectation(), answers={**step.answers, **changes.get(step.task or "", {})})
        for step in GOLDEN.steps
    ]
    if not until:
        return replace(GOLDEN, steps=tuple(steps))
    last = next(n for n, step in enumerate(steps) if step.task == until)
    return replace(GOLDEN, steps=tuple(steps[: last + 1]), outcome="", open=None)


def in_one(story: Scenario) -> Scenario:
    """The same with the doctor's two tasks done in one."""
    door = next(step for step in story.steps if step.task == "visit_check")
    others = (step for step in story.steps if step is not door)
    steps = (replace(s, answers={**door.answers, **s.answers}) if s.task == "assess" else s for s in others)
    return replace(story, steps=tuple(steps))


def test_v16_one_visit_yields_the_assessment_and_the_rest_runs_as_ever(
    hand: Hand, platform: Platform, tell: Tell
) -> None:
    before = tell(begun(GOLDEN, 3))
    with pytest.raises(ScenarioFailed, match="assess is not waiting"):
        tell(in_one(told()))

    publish(hand)

    assert hand.moves <= MOVES_MAX, hand.moves
    after = tell(in_one(told()))
    done = tasks_of(platform, after)
    assert done["assess"] == ("assessor", "410825-h1")
    assert {"second_signature", "seal", "post_notice", "close_posting", "county_decision"} <= done.keys()
    assert "visit_check" not in done
    assert pins_of(platform, after)["process:visit_assessment"].startswith("410825:")
    assert pins_of(platform, before)["process:visit_assessment"].startswith("cn:")
    with pytest.raises(ScenarioFailed, match="visit_check is not waiting"):
        tell(told())
    again = {"visit_result": "not_met", "not_met_reason": "away"}
    door = in_one(told("assess"))
    last = replace(door.steps[-1], answers=again)
    tell(replace(door, steps=(*door.steps[:-1], last), open=("plan_visit",)))


LIGHT = {
    "village_opinion": {"severity": "not_severe"},
    "township_review": {"override_reason": "独居，无人陪护"},
}
LESS_HARD = {"village_opinion": {"mobility": "hard_to_leave"}}


def test_v16_only_who_is_severe_and_can_hardly_move_is_visited(hand: Hand, tell: Tell) -> None:
    for whom in (LIGHT, LESS_HARD):
        tell(told("township_review", **whom))

    publish(hand)

    for whom in (LIGHT, LESS_HARD):
        with pytest.raises(ScenarioFailed, match="review_mode"):
            tell(told("township_review", **whom))
    central = {"review_mode": "central", "central_reason": "出门难，到卫生院集中评定"}
    review = {**LESS_HARD, "township_review": central}
    tell(replace(told("township_review", **review), open=("plan_visit",)))


def test_v16_one_visit_without_the_institution_s_seal_is_refused(hand: Hand) -> None:
    one_task(hand)
    hand.to_draft()
    assert hand.check() == ("", 0)

    hand.adjust("process", "visit_assessment")
    hand.remove("seal")
    hand.saved()
    hand.to_draft()
    refusal, _ = hand.check()
    assert re.search(r"\bN2\b", refusal), refusal
