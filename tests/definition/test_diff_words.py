"""Comparisons speak to people: no sentence shows the id of a role, level, form, table or process, or a BPMN tag."""

from __future__ import annotations

import re

import pytest
from lxml import etree

from engine.definition.bpmn import read_diagram
from engine.definition.diff import compare
from engine.definition.diff_words import KINDS
from tests.floor.drafts import B, Edit, draft, drawn, national, text
from web.language import translate

MAIN = "disability_assessment"
FILES, MANIFEST = national().resources, national().manifest
STEPS = {
    element.id
    for (kind, key), content in FILES.items()
    if kind == "process"
    for element in read_diagram(content, key).elements.values()
}
RAW = {
    *MANIFEST["roles"],
    *MANIFEST["levels"],
    *STEPS,
    *(set(KINDS) - {"task", "transaction"}),
    *(key for kind, key in FILES if kind in ("form", "decision", "process")),
    *("conditional", "connector", "calledElements", "True", "False", "Loop"),
    *(name for name in MANIFEST if "_" in name),
}
WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def said(key: str, element: str, **values: str) -> Edit:
    """Another value of our attributes on a step."""
    ours = {f"{{urn:shangmen:bpmn:1}}{name}": value for name, value in values.items()}
    return drawn(key, lambda d: d.node(element).attrib.update(ours))


def plain(key: str, element: str, **values: str) -> Edit:
    """Another value of the standard's attributes on a step."""
    return drawn(key, lambda d: d.node(element).attrib.update(values))


def another_kind(key: str, element: str, kind: str) -> Edit:
    def change(d):  # type: ignore[no-untyped-def]
        d.node(element).tag = B + kind

    return drawn(key, change)


def repeated(key: str, element: str, sequential: str) -> Edit:
    def change(d):  # type: ignore[no-untyped-def]
        loop = etree.SubElement(d.node(element), B + "multiInstanceLoopCharacteristics", isSequential=sequential)
        etree.SubElement(loop, B + "loopCardinality").text = "=3"
        etree.SubElement(loop, B + "completionCondition").text = "=1 > 2"

    return drawn(key, change)


CHANGES: dict[str, tuple[Edit, str]] = {
    "level": (said("approval", "county_review", level="city"), "在县级办理，现在在市级办理"),
    "role": (said("approval", "county_review", role="city_supervisor"), "市残联督导"),
    "form": (said("approval", "county_review", form="seal"), "表单"),
    "table": (said("delivery", "choose_delivery", decision="grade_check"), "送达方式"),
    "connector": (said("delivery", "write_slip", connector="notify"), "发送通知"),
    "call": (plain("approval", "extra_review_step", calledElement="archiving"), "立卷归档"),
    "attached": (plain("approval", "decision_overdue", attachedToRef="county_review"), "县级审核"),
    "interrupts": (plain("approval", "decision_overdue", cancelActivity="true"), "不再只是|中断"),
    "kind": (another_kind("approval", "county_review", "manualTask"), "人工任务|办理|人"),
    "all at once": (repeated("approval", "county_review", "false"), "同时办理.*提前结束"),
    "one by one": (repeated("approval", "county_review", "true"), "依次办理"),
    "who begins": (text("bundle", MAIN, '["village_clerk"]', '["county_clerk"]'), "县残联经办人"),
    "in person": (text("bundle", MAIN, 'personal_roles = ["assessor"]', "personal_roles = []"), "评定医生"),
    "first form": (text("bundle", MAIN, 'start_form = "application"', 'start_form = "seal"'), "发起时填写的表单"),
    "names": (text("bundle", MAIN, 'nation = "全国"', 'nation = "国家"'), "层级名称"),
}  # fmt: skip


@pytest.mark.parametrize("name", CHANGES)
def test_a_comparison_shows_names_and_no_ids(name: str) -> None:
    edit, expected = CHANGES[name]

    changes = compare(FILES, draft(edit))

    told = [translate(change.template, change.params, language="zh-CN") for change in changes]
    assert re.search(expected, "\n".join(told)), told
    for sentence in (*told, *map(str, changes)):
        assert not RAW & set(WORD.findall(sentence)), sentence


def test_this_would_catch_one() -> None:
    """The same comparison without the names shows ids: what is missing in the manifest is told by its id."""
    nameless = text("bundle", MAIN, 'city = "市级"\n', "")
    before = draft(nameless)
    after = draft(nameless, said("approval", "county_review", level="city"))

    told = [str(change) for change in compare(before, after)]

    assert any(RAW & set(WORD.findall(sentence)) for sentence in told)
