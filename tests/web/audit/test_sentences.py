"""What people read of facts: every kind has a sentence in both languages, with names and never with ids."""

from __future__ import annotations

from dataclasses import fields
from datetime import date, datetime
from typing import Any, get_type_hints
from zoneinfo import ZoneInfo

import pytest

from engine.history import events as e
from engine.history.facts import ERASED, Fact
from web.language import catalogue, translate
from web.render.sentences import QUIET, Names, sentence, tell, tell_one, tell_staff

AT = datetime(2026, 3, 5, 9, 12, tzinfo=ZoneInfo("Asia/Shanghai"))
NAMES = Names(
    users={"u1": "王芳"}, tenants={"t1": "温县残联"}, role=lambda role: {"r1": "经办人"}.get(role, role),
    elements={"gw": "exclusiveGateway"}, decisions={"d1": "是否公示"},
)  # fmt: skip


def example(kind: type[e.Event]) -> e.Event:
    """A fact of this kind with a plausible value in every field."""
    hints = get_type_hints(kind)
    values: dict[str, Any] = {"user": "u1", "tenant": "t1", "role": "r1", "decision": "d1", "name": "县级审核"}
    made: dict[str, Any] = {}
    for field in fields(kind):
        hint = str(hints[field.name])
        if field.name in values and "str" in hint:
            made[field.name] = values[field.name]
        elif "datetime" in hint:
            made[field.name] = AT
        elif "date" in hint:
            made[field.name] = date(2026, 3, 5)
        elif "bool" in hint:
            made[field.name] = True
        elif "int" in hint and "list" not in hint:
            made[field.name] = 3
        elif "dict" in hint and "list" not in hint:
            made[field.name] = {}
        elif "list" in hint:
            made[field.name] = []
        else:
            made[field.name] = "x"
    return kind(**made)


def fact(event: e.Event, actor: str = "u1") -> Fact:
    return Fact("case:c", 1, AT, actor, "t1", event)


@pytest.mark.parametrize("name", sorted(e.TYPES))
def test_every_kind_of_fact_is_told_without_holes(name: str) -> None:
    said = sentence(example(e.TYPES[name]), NAMES)

    assert said
    assert "%(" not in said
    for identifier in ("u1", "t1", "r1", "d1"):
        assert identifier not in said


@pytest.mark.parametrize("name", sorted(e.TYPES))
def test_every_kind_of_fact_has_a_chinese_sentence_with_the_same_places(name: str) -> None:
    english = e.TYPES[name].sentence
    chinese = catalogue("zh-CN").get(english, "")

    assert chinese
    assert {part.split(")")[0] for part in chinese.split("%(")[1:]} == {
        part.split(")")[0] for part in english.split("%(")[1:]
    }


def test_a_line_says_when_who_of_which_organisation_and_what() -> None:
    line = tell_one(fact(e.UserTaskCompleted(element="x", process="p", task="k", name="县级审核")), NAMES)

    assert (line.at, line.who, line.unit, line.machine) == (AT, "王芳", "温县残联", False)
    assert "县级审核" in line.text


def test_what_follows_by_itself_is_told_of_the_machine_not_of_the_person_before() -> None:
    created = tell_one(fact(e.UserTaskCreated(element="x", process="p", name="县级审核")), NAMES)
    reported = tell_one(fact(e.MessageReceived(element="x", process="p", name="撤回")), NAMES)

    assert (created.machine, created.unit) == (True, "")
    assert "王芳" not in created.who
    assert (reported.machine, reported.who) == (False, "王芳")


def test_an_element_without_a_name_is_called_by_its_kind() -> None:
    said = sentence(e.ElementCompleted(element="gw", process="p"), NAMES)

    assert "gw" not in said
    assert translate("either-or") in said


def test_staff_are_spared_what_the_machine_did_in_passing() -> None:
    passed = fact(e.ElementCompleted(element="gw", process="p"))
    done = fact(e.UserTaskCompleted(element="x", process="p", name="县级审核"))

    assert [line.event for line in tell_staff([passed, done], NAMES)] == [done.event]
    assert len(tell([passed, done], NAMES)) == 2
    assert e.UserTaskCompleted not in QUIET


def test_an_erased_value_is_said_to_be_erased() -> None:
    said = sentence(e.InstanceDescribed(title=ERASED), NAMES)  # type: ignore[arg-type]

    assert "$erased" not in said
    assert translate("(erased)") in said
