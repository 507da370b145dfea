"""V5, Guangdong: nobody is assessed again within a year without evidence; and what papers a place wants to see."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from engine.scenarios.ground import ScenarioFailed
from engine.store.run import Platform
from tests.variations.hand import MOVES_MAX, Hand
from tests.variations.test_v14 import publish
from tests.variations.test_v16 import GOLDEN, Tell, told
from tests.variations.test_variations import begun, pins_of

pytestmark = pytest.mark.browser

PROFILE = "profile:disability_assessment#0"
AGAIN = {"first_time": False, "previous_number": "41089919520418002944"}
LATELY = {**AGAIN, "last_assessed_on": date(2025, 10, 10), "change_evidence": "2026 年 8 月住院记录"}


def review(application: dict[str, Any], **answers: Any) -> Any:
    """The story up to the review, with more answers in the application and there."""
    return told("township_review", complete_application=application, township_review=answers)


def test_v5_nobody_is_assessed_again_within_a_year_without_evidence(hand: Hand, platform: Platform, tell: Tell) -> None:
    before = tell(begun(GOLDEN, 3))
    tell(review(AGAIN))

    publish(hand, "一年内不再次评定", reassess_months_min="12")

    assert hand.moves <= MOVES_MAX, hand.moves
    with pytest.raises(ScenarioFailed, match="last_assessed_on"):
        tell(review(AGAIN))
    with pytest.raises(ScenarioFailed, match="change_evidence_seen"):
        tell(review(LATELY))
    after = tell(review(LATELY, change_evidence_seen=True))
    tell(review(LATELY, review_mode="not_eligible", not_eligible_reason="too_soon"))
    tell(review({**AGAIN, "last_assessed_on": date(2025, 9, 1)}))
    tell(review({}))
    assert pins_of(platform, after)[PROFILE].startswith("410825:")
    assert pins_of(platform, before)[PROFILE].startswith("cn:")


def test_an_application_waits_for_the_papers_that_the_place_wants(hand: Hand, tell: Tell) -> None:
    few, six = {"materials": ["id_card"]}, {"materials": ["id_card", "photos"], "photos_received": 6}
    tell(review(few))

    hand.log_in("yao.yuan")
    hand.adjust("profile", "disability_assessment")
    hand.set_parameter("photos_min", "6")
    hand.tick_parameter("materials_required", "居民身份证", "白底彩色照片")
    hand.save_parameters()
    hand.approve("mu.qing", hand.propose("申请材料和六张照片"))

    assert hand.moves <= MOVES_MAX, hand.moves
    with pytest.raises(ScenarioFailed, match="materials"):
        tell(review(few))
    with pytest.raises(ScenarioFailed, match="photos_received"):
        tell(review({**six, "photos_received": 5}))
    tell(review(six))
