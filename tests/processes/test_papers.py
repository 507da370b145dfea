"""The papers of the home assessment say what they must and show nothing that they must not."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from engine.connectors.documents import issue_document
from engine.model import JobRequest, Tenant
from tests.processes.drawing import PROCESSES

HOME = PROCESSES / "disability_assessment"
TEMPLATES = {path.name.removesuffix(".html.j2"): path.read_bytes() for path in HOME.glob("documents/*.html.j2")}
VILLAGE = Tenant("410825100201", "cn/41/4108/410825/410825100/410825100201", "祥云镇大玉兰村", "village")
SECRET = {
    "resident_id": "410899195204180029",
    "phone": "13800000001",
    "address": "祥云镇大玉兰村三组",
    "medical_history": "脑出血后遗症",
    "findings": "四肢肌张力增高",
    "cause": "stroke",
    "guardian_name": "钱多多",
    "guardian_phone": "13800000002",
}
OPEN: dict[str, Any] = {
    "applicant_name": "赵秀兰",
    "category": "4",
    "grade": "1",
    "conclusion": "qualified",
    "visit_mode": "home",
    "assessed_on": date(2026, 9, 16),
    "sealed_on": date(2026, 9, 18),
    "certificate_number": "41089919520418002941",
    "delivery_mode": "mail",
    "tracking_number": "EMS0000000001CN",
}
INPUTS = {"days": 5, "phone": "0391-0000000", "standard": "GB/T 26341-2010"}


def paper(document: str, **changes: Any) -> str:
    """The HTML of a paper for one made-up person."""
    now = datetime(2026, 9, 21, 1, tzinfo=UTC)
    request = JobRequest(
        "j1", "document", "e1", "i1", "PC2026-000001", now, now, VILLAGE,
        {"document": document, "name": "纸", **INPUTS}, {**SECRET, **OPEN, **changes}, TEMPLATES,
    )  # fmt: skip
    (made,) = issue_document(request).papers
    return made.content.decode()


@pytest.mark.parametrize("document", sorted(TEMPLATES))
def test_no_paper_shows_number_telephone_address_or_diagnosis(document: str) -> None:
    html = paper(document)
    assert [key for key, value in SECRET.items() if value in html] == []
    assert OPEN["certificate_number"] not in html


@pytest.mark.parametrize("document", ["posting_notice", "delivery_slip", "assessment_summary"])
def test_what_others_may_read_masks_the_name(document: str) -> None:
    html = paper(document)
    assert "赵*兰" in html
    assert "赵秀兰" not in html


def test_the_notice_names_village_category_grade_period_and_telephone() -> None:
    html = paper("posting_notice")
    for word in ("祥云镇大玉兰村", "肢体", "一级", "5个工作日", "0391-0000000", "noindex"):
        assert word in html


def test_the_letter_is_addressed_to_the_person_by_name() -> None:
    assert "赵秀兰：" in paper("feedback_letter", review_mode="not_eligible")


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"review_mode": "not_eligible"}, "不属于上门评定的范围"),
        ({"found": False}, "未能找到您本人"),
        ({"visit_result": "wrong_person"}, "身份不符"),
        ({"visit_result": "not_met"}, "均未见到您本人"),
        ({"visit_result": "person_met", "conclusion": "not_qualified"}, "不符合残疾标准"),
        ({"county_decision": "reject", "decision_reason": "户籍已迁出"}, "户籍已迁出"),
        ({"withdrawn_on": date(2026, 9, 11)}, "自愿放弃"),
        ({"died_on": date(2026, 9, 11)}, "家属"),
    ],
)
def test_the_letter_says_why_and_nothing_else(facts: dict[str, Any], said: str) -> None:
    letter = paper("feedback_letter", **facts)
    assert said in letter
    assert letter.count("<p>") <= 6


def test_who_is_not_disabled_by_the_standard_learns_where_and_how_long_to_object() -> None:
    letter = paper("feedback_letter", visit_result="person_met", conclusion="not_qualified")
    assert "5个工作日" in letter
    assert "市残疾人联合会" in letter
    assert "省残疾评定专家委员会" in letter


def test_who_withdrew_is_not_told_to_object() -> None:
    assert "异议" not in paper("feedback_letter", withdrawn_on=date(2026, 9, 11))


def test_a_name_with_markup_stays_text() -> None:
    assert "<script>" not in paper("feedback_letter", applicant_name="<script>alert(1)</script>")


def test_nobody_is_asked_to_collect_the_certificate() -> None:
    assert "快递邮寄" in paper("delivery_slip")
    assert "送证上门" in paper("delivery_slip", delivery_mode="hand")
    assert "自取" not in paper("delivery_slip")
