"""The door and the assessment in one task with one form: the national floor is kept, and by what it is still broken."""

from __future__ import annotations

from typing import Any

import pytest

from forms.combine import combine
from tests.floor.drafts import Drawn, Edit, Files, draft, drawn, form, judge, numbers, text

NOT_MET = 'not(visit_result = "person_met")'


def one_visit(files: Files) -> None:
    """What the step's menu draws: the later task asks what both asked, and the choice is made of its answers."""

    def merge(drawing: Drawn) -> None:
        drawing.node("visit_overdue").set("attachedToRef", "assess")
        after = drawing.out("assess")[0].get("targetRef")
        drawing.out("assess")[0].set("targetRef", "person_met")
        drawing.retarget("flow_person_met__assess", after)
        drawing.retarget("flow_count_visit__visit_check", "assess")
        drawing.out("visit_check")[0].getparent().remove(drawing.out("visit_check")[0])
        drawing.erase("visit_check")
        drawing.node("assess").set("{urn:shangmen:bpmn:1}form", "both")

    above, below = files[("form", "visit_check")], files[("form", "assessment")]
    files[("form", "both")] = combine(above, below, "both", "入户评定", NOT_MET)
    drawn("visit_assessment", merge)(files)


def hiding(field: str, condition: str) -> Edit:
    def change(component: dict[str, Any]) -> None:
        component["conditional"] = {"hide": f"={condition}"}

    return form("both", change, field)


def elsewhere() -> Edit:
    """The door is checked by a task of another name."""

    def change(drawing: Drawn) -> None:
        drawing.before("assess", "userTask", "at_the_door", role="assessor", tenant="=institution", form="visit_check")

    return drawn("visit_assessment", change)


def test_one_task_for_the_whole_visit_keeps_the_floor() -> None:
    assert judge(draft(one_visit)) == ()


@pytest.mark.parametrize("condition", ["true", 'visit_result = "person_met"', 'conclusion != "qualified"', "urgent"])
def test_the_declaration_is_hidden_by_nothing_else(condition: str) -> None:
    assert numbers(draft(one_visit, hiding("no_conflict", condition))) == {"N11"}


def test_where_nobody_is_asked_whom_they_met_the_declaration_hides_behind_nothing() -> None:
    def change(component: dict[str, Any]) -> None:
        component["conditional"] = {"hide": f"={NOT_MET}"}

    assert "N11" in numbers(draft(form("assessment", change, "no_conflict")))


def test_a_conclusion_asked_whomever_they_met_is_not_enough_for_the_review() -> None:
    assert "N8" in numbers(draft(one_visit, hiding("conclusion", 'visit_result = "person_met"')))


LISTED = '"township_review", "visit_check", "assess", "second'


def test_who_checks_at_the_door_keeps_away_from_relatives_by_whatever_name() -> None:
    assert numbers(draft(text("duties", "disability_assessment", LISTED, LISTED.replace('"visit_check", ', "")))) == {
        "N11"
    }
    assert numbers(draft(one_visit, elsewhere())) == {"N11"}
    named = text("duties", "disability_assessment", LISTED, LISTED.replace("visit_check", "at_the_door"))
    assert judge(draft(one_visit, elsewhere(), named)) == ()


@pytest.mark.parametrize("task", ["village_opinion", "assess", "second_signature", "seal", "handle_objection"])
def test_no_other_task_may_be_drawn_away(task: str) -> None:
    def rename(files: Files) -> None:
        for (kind, key), content in files.items():
            if kind == "process" and f'id="{task}"'.encode() in content:
                files[(kind, key)] = content.replace(f'"{task}"'.encode(), b'"other"').replace(
                    f">{task}<".encode(), b">other<"
                )

    assert "N11" in numbers(draft(rename))
