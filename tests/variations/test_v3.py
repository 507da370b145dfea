"""V3, Shanghai: hospital and time by appointment, the city approves after the district, the guardian's promise."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from itertools import pairwise
from typing import Any

import pytest
from sqlalchemy import select

from engine.commands import instances
from engine.queries.verify import verify
from engine.scenarios.ground import ScenarioFailed
from engine.scenarios.player import Played
from engine.scenarios.script import ZONE, StepScript
from engine.store import tables as t
from engine.store.directory import system_actor
from engine.store.run import Platform
from tests.processes.test_scenarios import SCENARIOS
from tests.variations.conftest import told_otherwise
from tests.variations.hand import MOVES_MAX, Hand
from tests.variations.test_variations import at, begun, pins_of, tasks_of

pytestmark = pytest.mark.browser

GOLDEN = SCENARIOS["golden_path_september"]
Tell = Callable[..., Played]
CITY = ("city_supervisor", "4108")


def publish(hand: Hand) -> tuple[str, str]:
    """What two administrators of the city do; returns the ids of the city's approval and of the new question."""
    hand.log_in("fang.yuan")
    hand.adjust("process", "extra_review")
    approval = hand.add_after("extra_begun", "人工任务")
    for name, value in (("name", "市级审批"), ("role", CITY[0]), ("level", "city"), ("form", "county_review")):
        hand.property(name, value)
    hand.saved()

    hand.adjust("process", "visit_plan")
    hand.add_after("plan_needed", "子流程")
    hand.property("name", "预约评定")
    hand.property("called", "appointment")
    hand.saved()

    hand.adjust("form", "application_full")
    hand.part("监护证明材料")
    hand.add_part("文件", "监护人承诺书")
    hand.tick("必填")
    hand.saved()
    promise = str(hand.tab.locator("#p-key").input_value())

    hand.adjust("profile", "disability_assessment")
    hand.set_parameter("appointment_capacity", "1")
    hand.save_parameters()
    proposal = hand.propose("预约评定、市级审批、监护人承诺书")
    hand.approve("tang.lin", proposal)
    return approval, promise


def picked(day: int, half: str, hospital: str = "410825-h1") -> StepScript:
    """The applicant's choice, as the village notes it."""
    answers = {"institution": hospital, "appointment_date": date(2026, 9, day), "appointment_time": half}
    return StepScript(at("2026-09-10T11:00"), task="pick_slot", answers=answers)


def until_picked(*choices: StepScript, then: str) -> Any:
    """The story until somebody has picked; ``then`` is what is open."""
    told = told_otherwise(GOLDEN, "township_review", *choices)
    return replace(begun(told, 4 + len(choices)), open=(then,))


def places(platform: Platform) -> dict[str, tuple[str, str]]:
    """Case → pool and slot of the place that it holds."""
    with platform.database.read() as connection:
        return {row.instance_id: (row.pool, row.slot) for row in connection.execute(select(t.reservation))}


def test_v3_appointments_with_room_two_approvals_in_order_and_the_guardian_s_promise(
    hand: Hand, platform: Platform, tell: Tell
) -> None:
    before = tell(begun(GOLDEN, 4))
    approval, promise = publish(hand)

    assert hand.moves <= MOVES_MAX, hand.moves
    answers = next(step.answers for step in GOLDEN.steps if step.task == "county_review")
    city = StepScript(at("2026-10-09T10:00"), task=approval, answers=answers)
    with pytest.raises(ScenarioFailed, match="county_decision is not waiting"):
        tell(told_otherwise(GOLDEN, "township_review", picked(15, "am")))
    story = told_otherwise(GOLDEN, "township_review", picked(16, "am"))
    after = tell(told_otherwise(story, "county_review", city))
    assert tasks_of(platform, after)[approval] == CITY
    assert order_of(platform, after, "county_review", approval, "register_national")
    assert pins_of(platform, after)["process:visit_plan"].startswith("4108:")
    assert pins_of(platform, before)["process:visit_plan"].startswith("cn:")
    assert "pick_slot" not in tasks_of(platform, before)

    the_last_place_is_taken_once(platform, tell)
    the_guardian_promises(tell, promise)
    with platform.database.read() as connection:
        assert verify(connection).findings == ()


def order_of(platform: Platform, played: Played, *elements: str) -> bool:
    """Whether the case had these tasks in this order, each begun after the one before was done."""
    with platform.database.read() as connection:
        query = select(t.user_task.c.element, t.user_task.c.created_at, t.user_task.c.ended_at)
        rows = {
            row.element: row for row in connection.execute(query.where(t.user_task.c.instance_id == played.instance))
        }
    return all(rows[a].ended_at <= rows[b].created_at for a, b in pairwise(elements))


def the_last_place_is_taken_once(platform: Platform, tell: Tell) -> None:
    """One place in each half-day: the next one is sent back to choose; another half-day or hospital is free."""
    first = tell(until_picked(picked(17, "am"), then="plan_visit"))
    second = tell(until_picked(picked(17, "am"), then="pick_slot"))
    afternoon = tell(until_picked(picked(17, "am"), picked(17, "pm"), then="plan_visit"))
    elsewhere = tell(until_picked(picked(17, "am", "410825-h2"), then="plan_visit"))
    assert {case: one for case, one in places(platform).items() if "17" in one[1]} == {
        first.instance: ("410825-h1", "2026-09-17 上午"),
        afternoon.instance: ("410825-h1", "2026-09-17 下午"),
        elsewhere.instance: ("410825-h2", "2026-09-17 上午"),
    }
    assert second.instance not in places(platform)

    now = datetime(2026, 9, 11, 9, tzinfo=ZONE)
    platform.run(lambda uow: instances.cancel_instance(uow, first.instance, "不办了"), system_actor(), now)
    third = tell(until_picked(picked(17, "am"), then="plan_visit"))
    assert places(platform)[third.instance] == ("410825-h1", "2026-09-17 上午")


def the_guardian_promises(tell: Tell, promise: str) -> None:
    """Where a guardian is needed, the promise is a paper that must be handed in; elsewhere nobody asks for it."""
    young = {
        "resident_id": "410899200902280012",
        "applicant_relation": "guardian",
        "guardian_name": "赵大力",
        "guardian_relation": "parent",
        "guardian_phone": "13800000001",
        "guardian_evidence": "household_book",
    }
    story = begun(told_otherwise(GOLDEN, "complete_application"), 2)

    def told(**files: list[str]) -> Any:
        steps = [
            replace(one, answers={**one.answers, **young}, files=files) if one.task == "complete_application" else one
            for one in story.steps
        ]
        return replace(story, steps=tuple(steps), open=("village_opinion",))

    with pytest.raises(ScenarioFailed, match=promise):
        tell(told())
    tell(told(**{promise: ["promise.pdf"]}))
    tell(replace(story, open=("village_opinion",)))
