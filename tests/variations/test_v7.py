"""V7, Changzhou: home visits for few severe limb cases, seen by the township, by the city's centre, in a month."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import select

from engine.scenarios.cast import add_organisations, add_people
from engine.scenarios.ground import ScenarioFailed
from engine.scenarios.player import Played
from engine.scenarios.script import ZONE
from engine.store import tables as t
from engine.store.run import Platform
from tests.processes.test_scenarios import SCENARIOS
from tests.variations.conftest import told_otherwise
from tests.variations.hand import MOVES_MAX, Hand
from tests.variations.test_variations import begun, pins_of, tasks_of

pytestmark = pytest.mark.browser

GOLDEN = SCENARIOS["golden_path_september"]
Tell = Callable[..., Played]
LONG_AGO = datetime(2026, 2, 1, 9, tzinfo=ZONE)

CENTRE = """
[[tenant]]
id = "4108-centre"
parent = "4108"
name = "焦作市残疾评定中心"
level = "institution"
"""

ITS_PEOPLE = "".join(
    f'[[user]]\nlogin = "{login}"\nname = "{name}"\n[[user.role]]\ntenant = "4108-centre"\nrole = "{role}"\n'
    for login, name, role in (
        ("c.one", "褚一", "assessor"),
        ("c.two", "褚二", "assessor"),
        ("c.seal", "褚印", "institution_admin"),
    )
)
ROW = {
    2: '"paralysed","vegetative","critical"',
    5: '? >= 12 or mobility = "critical"',
    6: '? = "low_income" or mobility != "paralysed"',
    7: 'list contains(?, "limb")',
}
"""Whom the city visits, by column of the table: paralysed and poor, or vegetative, for a year; or critical."""


@pytest.fixture
def centre(platform: Platform) -> None:
    add_organisations(platform, CENTRE.encode(), LONG_AGO)
    add_people(platform, ITS_PEOPLE.encode(), LONG_AGO)


def publish(hand: Hand) -> None:
    """What two administrators of the city do."""
    hand.log_in("fang.yuan")
    hand.adjust("decision", "eligibility_home")
    hand.hit_policy("首个命中")
    for column, test in ROW.items():
        hand.cell(5, column, test)
    hand.cell(6, 4, "-")
    hand.cell(6, 9, '"不符合本市上门条件,安排集中评定"')
    hand.saved()

    hand.adjust("form", "township_review")
    hand.part("审核意见")
    hand.property("rule", '=review_mode != "home" or eligibility.mode = "home"')
    hand.property("rule_message", "不符合本市上门条件")
    hand.add_part("是否", "已入户目测，见到本人")
    hand.property("key", "seen_by_township")
    hand.tick("必填")
    hand.saved()

    hand.adjust("form", "visit_plan")
    hand.part("评定机构")
    hand.property("options_within", "city")
    hand.saved()

    hand.adjust("process", "visit_assessment")
    hand.select("visit_overdue")
    hand.property("timer-kind", "timeDuration")
    hand.property("timer", "P1M")
    hand.saved()
    hand.to_draft()
    proposal = hand.propose("上门条件、乡镇目测、市中心一个月内上门")
    hand.approve("tang.lin", proposal)


def story(**changes: dict[str, Any]) -> Any:
    """The golden story with other answers of some tasks."""
    plain = told_otherwise(GOLDEN, "township_review")
    steps = [replace(one, answers={**one.answers, **changes.get(one.task, {})}) for one in plain.steps]
    return replace(plain, steps=tuple(steps))


POOR = {"mobility": "paralysed", "mobility_months": 18, "hardship": "low_income"}
SEEN = {"seen_by_township": True}
AT_CENTRE = {"institution": "4108-centre"}


WHO = (
    ({"mobility": "paralysed", "mobility_months": 12, "hardship": "low_income"}, ["limb"], True),
    ({"mobility": "paralysed", "mobility_months": 11, "hardship": "low_income"}, ["limb"], False),
    ({"mobility": "paralysed", "mobility_months": 30, "hardship": "none"}, ["limb"], False),
    ({"mobility": "vegetative", "mobility_months": 12, "hardship": "none"}, ["limb"], True),
    ({"mobility": "vegetative", "mobility_months": 3, "hardship": "none"}, ["limb"], False),
    ({"mobility": "critical", "mobility_months": 1, "hardship": "none"}, ["limb"], True),
    ({"mobility": "critical", "mobility_months": 30, "hardship": "low_income"}, ["vision"], False),
    ({"mobility": "bedridden", "mobility_months": 30, "hardship": "low_income"}, ["limb"], False),
)
"""What the village found, the category applied for, and whether that gets a visit."""


def may_be_visited(tell: Tell, state: dict[str, Any], categories: list[str], **seen: bool) -> bool:
    """Whether the township's “home” is accepted."""
    told = story(village_opinion=state, complete_application={"categories_applied": categories}, township_review=seen)
    try:
        tell(replace(begun(told, 4), open=("plan_visit",)))
    except ScenarioFailed as failed:
        if "review_mode" not in str(failed):
            raise
        return False
    return True


def due_of(platform: Platform, played: Played, element: str) -> datetime:
    with platform.database.read() as connection:
        query = select(t.job.c.due_at).where(t.job.c.instance_id == played.instance, t.job.c.element == element)
        return connection.execute(query).scalar_one().astimezone(ZONE)


def test_v7_only_some_get_a_visit_and_the_city_s_centre_makes_it_within_a_month(
    hand: Hand, platform: Platform, tell: Tell, centre: None
) -> None:
    before = tell(replace(begun(GOLDEN, 7), open=("visit_check",)))
    working_days = due_of(platform, before, "visit_overdue")
    with pytest.raises(ScenarioFailed, match="institution"):
        tell(story(plan_visit=AT_CENTRE))
    assert all(may_be_visited(tell, state, categories) for state, categories, _ in WHO)

    publish(hand)

    assert hand.moves <= MOVES_MAX, hand.moves
    right = story(village_opinion=POOR, township_review=SEEN, plan_visit=AT_CENTRE)
    after = tell(right)
    done = tasks_of(platform, after)
    assert done["visit_check"] == done["assess"] == ("assessor", "4108-centre")
    assert done["seal"] == ("institution_admin", "4108-centre")
    assert pins_of(platform, after)["process:visit_assessment"].startswith("4108:")
    assert pins_of(platform, before)["process:visit_assessment"].startswith("cn:")
    agreed = datetime(2026, 9, 14, 9, tzinfo=ZONE)
    assert due_of(platform, after, "visit_overdue") == agreed.replace(month=10)
    assert due_of(platform, before, "visit_overdue") == working_days > agreed.replace(month=10, day=15)

    with pytest.raises(ScenarioFailed, match="institution"):
        tell(story(village_opinion=POOR, township_review=SEEN))
    with pytest.raises(ScenarioFailed, match="seen_by_township"):
        tell(story(village_opinion=POOR, plan_visit=AT_CENTRE))

    assert [may_be_visited(tell, state, categories, **SEEN) for state, categories, _ in WHO] == [
        right for *_, right in WHO
    ]
