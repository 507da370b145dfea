"""V8, a district: two doctors in every case, a second assessment by others for grades 1 and 2, posting by the district.

What the place also does, picking the card up at the office, is refused by the national floor.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from engine.scenarios.cast import add_people
from engine.scenarios.ground import ScenarioFailed
from engine.scenarios.player import Played
from engine.scenarios.script import StepScript
from engine.store.run import Platform
from tests.processes.test_scenarios import SCENARIOS
from tests.variations.conftest import told_otherwise
from tests.variations.hand import MOVES_MAX, Hand
from tests.variations.test_variations import at, begun, lanes, pins_of, tasks_of

pytestmark = pytest.mark.browser

GOLDEN = SCENARIOS["golden_path_september"]
Tell = Callable[..., Played]

THIRD_DOCTOR = """
[[user]]
login = "z.third"
name = "钟三"
[[user.role]]
tenant = "410825-h1"
role = "assessor"
"""


@pytest.fixture
def published(hand: Hand, platform: Platform) -> str:
    """What two administrators of the county do; returns the id of the second assessment."""
    add_people(platform, THIRD_DOCTOR.encode(), datetime.fromisoformat("2026-02-01T09:00:00+08:00"))
    hand.log_in("yao.yuan")
    hand.adjust("profile", "disability_assessment")
    hand.set_parameter("assessors_min", "2")
    hand.keep_parameters()

    hand.adjust("process", "visit_assessment")
    severe = hand.add_after("second_signature", "择一")
    second = hand.add_after(severe, "人工任务", "另开一个出口")
    hand.property("name", "第二次评定")
    hand.property("form", "second_signature")
    hand.tick("现场评定")
    hand.tick("第二医生签")
    hand.connect(second, "意见一致？")
    hand.select(severe)
    hand.click(hand.tab.locator("#p-way0-default"))
    hand.property("way1-condition", 'grade in ("1", "2") and second_opinion = "agree"')
    hand.saved()

    hand.adjust("process", "publicity")
    [village] = lanes(hand, "village_clerk")
    hand.select(village)
    hand.property("role", "county_clerk")
    hand.property("level", "county")
    hand.saved()
    hand.to_draft()
    proposal = hand.propose("每案两名医生，重度再次评定，区级公示")
    hand.approve("mu.qing", proposal)
    return second


LIGHT = {"grade": "3", "limb_conditions": ["3f"], "limb_adl": "partial", "limb_finding": "左下肢重度功能障碍"}


def light(steps: int) -> Any:
    """The beginning of the story, with a conclusion of grade 3: the seal is next."""
    story = told_otherwise(GOLDEN, "assess")
    found = [replace(one, answers={**one.answers, **LIGHT}) if one.task == "assess" else one for one in story.steps]
    return replace(story, steps=tuple(found[:steps]), outcome="", open=("seal",))


def again(task: str, who: str, **more: str) -> StepScript:
    return StepScript(
        at("2026-09-17T09:00"),
        task=task,
        who=who,
        answers={"second_opinion": "agree", "no_conflict_second": True, **more},
    )


def test_v8_two_doctors_and_for_severe_cases_a_second_assessment_by_others(
    hand: Hand, platform: Platform, tell: Tell, request: pytest.FixtureRequest
) -> None:
    before = tell(begun(GOLDEN, 3))
    second = request.getfixturevalue("published")

    assert hand.moves <= MOVES_MAX, hand.moves
    after = tell(told_otherwise(GOLDEN, "second_signature", again(second, "assessor:3")))
    done = tasks_of(platform, after)
    assert done[second] == ("assessor", "410825-h1")
    assert done["post_notice"] == ("county_clerk", "410825")
    assert pins_of(platform, after)["process:visit_assessment"].startswith("410825:")
    assert pins_of(platform, before)["process:visit_assessment"].startswith("cn:")
    with pytest.raises(ScenarioFailed, match="seal is not waiting"):
        tell(told_otherwise(GOLDEN, "second_signature"))
    for same in ("assessor", "assessor:2"):
        with pytest.raises(ScenarioFailed, match="Expected another person"):
            tell(told_otherwise(GOLDEN, "second_signature", again(second, same)))
    played = tasks_of(platform, tell(light(10)))
    assert "second_signature" in played
    assert second not in played


def test_v8_without_the_change_a_light_case_has_one_doctor(platform: Platform, tell: Tell) -> None:
    assert "second_signature" not in tasks_of(platform, tell(light(9)))


def test_v8_picking_the_card_up_alone_is_refused_and_beside_mail_and_hand_it_is_not(hand: Hand) -> None:
    hand.log_in("yao.yuan")
    hand.adjust("form", "dispatch")
    hand.part("送达方式")
    hand.property("values", "pickup: 公示满一个月后自取")
    hand.saved()
    hand.to_draft()
    refusal, _ = hand.check()
    assert re.search(r"\bN7\b", refusal), refusal

    hand.adjust("form", "dispatch")
    hand.part("送达方式")
    hand.property("values", "mail: 快递\nhand: 送证上门\npickup: 公示满一个月后本人书面要求自取")
    hand.saved()
    hand.to_draft()
    assert hand.check() == ("", 0)
    proposal = hand.propose("自取须书面要求")
    hand.approve("mu.qing", proposal)
    assert hand.moves <= MOVES_MAX, hand.moves
