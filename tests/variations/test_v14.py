"""V14, Zhangping and Wulumuqi: minimum ages by category; who is too young is told the day and contacted on it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from engine.scenarios.ground import ScenarioFailed
from engine.scenarios.player import Played
from engine.scenarios.script import Expectation, Scenario
from engine.store.run import Platform
from tests.processes.test_scenarios import SCENARIOS
from tests.variations.hand import MOVES_MAX, Hand
from tests.variations.test_variations import at, begun, pins_of

pytestmark = pytest.mark.browser

AGES = {"speech_age_min": "4", "mental_age_min": "3", "intellectual_age_min": "4", "vision_age_min": "3"}
OLD_ENOUGH = SCENARIOS["just_old_enough"]
NEAREST_PROFILE = "profile:disability_assessment#0"
TO_THE_VISIT = 9
"""The steps of a story up to the assessment, all of which are as everywhere."""
Tell = Callable[..., Played]


def publish(hand: Hand, title: str, **values: str) -> None:
    """What two administrators of the county do."""
    hand.log_in("yao.yuan")
    hand.adjust("profile", "disability_assessment")
    for key, value in values.items():
        hand.set_parameter(key, value)
    hand.save_parameters()
    hand.approve("mu.qing", hand.propose(title))


def too_young() -> Scenario:
    """The same child of two and a half, put off: told, silent until the third birthday, then contacted."""
    told = SCENARIOS["deferred_until_old_enough"].steps
    feedback = next(step for step in told if step.task == "give_feedback")
    wait = next(step for step in told if step.is_waiting)
    put_off = Expectation(open=("give_feedback",), vars={"visit_result": "deferred", "recontact_on": date(2027, 3, 1)})
    steps = (
        *OLD_ENOUGH.steps[: TO_THE_VISIT - 1],
        replace(OLD_ENOUGH.steps[TO_THE_VISIT - 1], expect=put_off),
        replace(feedback, expect=Expectation(open=())),
        replace(wait, at=at("2027-02-28T12:00"), expect=Expectation(open=())),
        replace(wait, at=at("2027-03-01T00:10"), expect=Expectation(open=("first_contact",))),
    )
    return replace(OLD_ENOUGH, steps=steps, open=("first_contact",))


def test_v14_a_child_too_young_here_is_put_off_to_the_third_birthday(
    hand: Hand, platform: Platform, tell: Tell
) -> None:
    before = tell(begun(OLD_ENOUGH, 3))
    tell(OLD_ENOUGH)
    with pytest.raises(ScenarioFailed, match="give_feedback"):
        tell(too_young())

    publish(hand, "按类别的最低评定年龄", **AGES)

    assert hand.moves <= MOVES_MAX, hand.moves
    with pytest.raises(ScenarioFailed, match="second_signature"):
        tell(OLD_ENOUGH)
    after = tell(too_young())
    assert pins_of(platform, after)[NEAREST_PROFILE].startswith("410825:")
    assert pins_of(platform, before)[NEAREST_PROFILE].startswith("cn:")


def test_v14_what_was_not_changed_puts_nobody_off(hand: Hand, tell: Tell) -> None:
    publish(hand, "言语最低评定年龄", speech_age_min="4")

    tell(OLD_ENOUGH)


def seen_blind(**answers: Any) -> Scenario:
    """The golden story of a blind person up to the assessment, with more answers there."""
    golden = SCENARIOS["golden_path_february"]
    number = next(n for n, step in enumerate(golden.steps) if step.task == "assess")
    step = golden.steps[number]
    told = replace(step, answers={**step.answers, **answers}, expect=Expectation())
    return replace(golden, steps=(*golden.steps[:number], told), outcome="", open=("second_signature",))


def test_v14_a_report_older_than_a_year_is_not_taken_for_the_eyes(hand: Hand, tell: Tell) -> None:
    tell(seen_blind())

    publish(hand, "视力、听力报告一年以内", report_months_max="12")

    with pytest.raises(ScenarioFailed, match="report_on"):
        tell(seen_blind())
    with pytest.raises(ScenarioFailed, match="report_on"):
        tell(seen_blind(report_on=date(2025, 2, 4)))
    tell(seen_blind(report_on=date(2025, 2, 5)))
