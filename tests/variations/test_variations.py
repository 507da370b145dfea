"""What differs in real places, made by clicking: administrators change the national procedure, and new cases follow.

The numbers are those of the collection of local variations (V1 …). Each takes two people at most forty moves,
log-ins included; a case that was running keeps its version; what breaks the national floor is refused.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import select

from engine.scenarios.ground import ScenarioFailed
from engine.scenarios.player import Played
from engine.scenarios.script import ZONE, StepScript
from engine.store import tables as t
from engine.store.run import Platform
from tests.processes.test_scenarios import SCENARIOS
from tests.variations.conftest import told_otherwise
from tests.variations.hand import MOVES_MAX, Hand

pytestmark = pytest.mark.browser

GOLDEN = SCENARIOS["golden_path_september"]
Tell = Callable[..., Played]


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


def pins_of(platform: Platform, played: Played) -> dict[str, str]:
    with platform.database.read() as connection:
        return dict(
            connection.execute(select(t.instance.c.pins).where(t.instance.c.id == played.instance)).scalar_one()
        )


def tasks_of(platform: Platform, played: Played) -> dict[str, tuple[str, str]]:
    """Element → (role, unit) of every task that the case had."""
    with platform.database.read() as connection:
        rows = connection.execute(
            select(t.user_task.c.element, t.user_task.c.role, t.user_task.c.tenant_id).where(
                t.user_task.c.instance_id == played.instance
            )
        )
        return {row.element: (row.role, row.tenant_id) for row in rows}


def begun(story: Any, steps: int) -> Any:
    """Only the beginning of a story: a case that runs."""
    return replace(story, steps=story.steps[:steps], outcome="", open=None)


def test_v2_the_city_reviews_after_the_county(hand: Hand, platform: Platform, tell: Tell) -> None:
    before = tell(begun(GOLDEN, 3))

    hand.log_in("fang.yuan")
    hand.adjust("process", "extra_review")
    new = hand.add_after("extra_begun", "其后添加：人工任务")
    for name, value in (
        ("name", "市级复审"),
        ("role", "city_supervisor"),
        ("level", "city"),
        ("form", "county_review"),
    ):
        hand.property(name, value)
    hand.property("due", "20")
    hand.saved()
    hand.to_draft()
    proposal = hand.propose("县级审核后加市级复审")
    hand.approve("tang.lin", proposal)

    assert hand.moves <= MOVES_MAX, hand.moves
    answers = next(step.answers for step in GOLDEN.steps if step.task == "county_review")
    review = StepScript(at("2026-10-09T10:00"), task=new, answers=answers)
    with pytest.raises(ScenarioFailed, match="county_decision is not waiting"):
        tell(told_otherwise(GOLDEN, "county_review"))
    after = tell(told_otherwise(GOLDEN, "county_review", review))
    assert tasks_of(platform, after)[new] == ("city_supervisor", "4108")
    assert pins_of(platform, after)["process:extra_review"].startswith("4108:")
    assert pins_of(platform, before)["process:extra_review"].startswith("cn:")


def test_v9_without_the_hospital_s_assessment_nothing_is_published(hand: Hand) -> None:
    hand.log_in("jiang.shan")
    hand.adjust("process", "visit_assessment")
    hand.remove("assess")
    hand.saved()
    hand.tab.wait_for_selector("#findings-list .finding.error")
    hand.to_draft()

    refusal, ways = hand.check()

    assert re.search(r"\bN1\b", refusal), refusal
    assert ways >= 1, "the way that breaks the rule is drawn"
    assert hand.moves <= MOVES_MAX


def test_v9_a_draft_that_leaves_the_assessment_alone_is_not_refused(hand: Hand) -> None:
    hand.log_in("jiang.shan")
    hand.adjust("process", "visit_assessment")
    hand.select("assess")
    hand.property("name", "入户评定")
    hand.saved()
    hand.to_draft()

    assert hand.check() == ("", 0)


def test_v1_posting_and_printing_move_to_the_township(hand: Hand, platform: Platform, tell: Tell) -> None:
    before = tasks_of(platform, tell(GOLDEN))
    assert before["post_notice"][0] == "village_clerk"
    assert before["register_national"][0] == "county_clerk"

    hand.log_in("yao.yuan")
    hand.adjust("process", "publicity")
    for lane in lanes(hand, "village_clerk"):
        hand.select(lane)
        hand.property("role", "township_reviewer")
        hand.property("level", "township")
    hand.saved()
    hand.to_draft()
    hand.adjust("process", "issuing")
    for lane in lanes(hand, "county_clerk"):
        hand.select(lane)
        hand.property("role", "township_reviewer")
        hand.property("level", "township")
    hand.saved()
    hand.to_draft()
    proposal = hand.propose("公示和制证由乡镇办理")
    hand.approve("mu.qing", proposal)

    assert hand.moves <= MOVES_MAX, hand.moves
    after = tell(told_otherwise(GOLDEN, "county_review"))
    done = tasks_of(platform, after)
    assert done["post_notice"] == done["register_national"] == ("township_reviewer", "410825100")
    assert done["county_decision"][0] == "county_leader"


def lanes(hand: Hand, role: str) -> list[str]:
    """The lanes of the picture in which a role works, as the panel would say."""
    return list(
        hand.tab.evaluate(
            "role => shangmen.modeler.get('elementRegistry').filter(e => e.type === 'bpmn:Lane'"
            " && e.businessObject.get('sm:role') === role).map(e => e.id)",
            role,
        )
    )


def test_v13_from_sixteen_one_applies_oneself(hand: Hand, tell: Tell) -> None:
    young = {"resident_id": "410899200902280012"}
    guardian = {"guardian_name": "赵大力", "guardian_relation": "parent", "guardian_phone": "13800000001",
                "guardian_evidence": "household_book"}  # fmt: skip
    story = told_otherwise(GOLDEN, "complete_application")
    steps = [
        replace(step, answers={**step.answers, **young, **guardian}) if step.task == "complete_application" else step
        for step in story.steps
    ]
    self_applied = replace(story, steps=tuple(steps[:3]), outcome="", open=("township_review",))
    with pytest.raises(ScenarioFailed, match="applicant_relation"):
        tell(self_applied)

    hand.log_in("yao.yuan")
    hand.adjust("profile", "disability_assessment")
    hand.set_parameter("guardian_age_max", "16")
    hand.save_parameters()
    proposal = hand.propose("十六周岁以上自己申请")
    hand.approve("mu.qing", proposal)

    assert hand.moves <= MOVES_MAX, hand.moves
    tell(self_applied)
    unproven = [replace(step, answers={**step.answers, **young}) if step.task == "complete_application" else step
                for step in told_otherwise(GOLDEN, "complete_application").steps]  # fmt: skip
    with pytest.raises(ScenarioFailed, match="guardian_evidence"):
        tell(replace(self_applied, steps=tuple(unproven[:3])))
