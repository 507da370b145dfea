"""Kinds of rule about single deciders, peers, what began lately and cases opened again; each with its twin."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from engine.definition.bpmn import read_diagrams
from engine.definition.oversight import read_oversight
from engine.errors import Rejected
from engine.queries.flags.places import distance
from engine.queries.past_cases import PastCase
from tests.audit.test_oversight import NOON, case, done, found, rule
from tests.processes.drawing import PROCESSES, ROOT

FOLDER = Path(PROCESSES) / "disability_assessment"
ALONE = rule(
    "too-few-people",
    element="assess",
    others=["second"],
    then="seal",
    variable="grade",
    values=["1", "2"],
    least=2,
)


def test_a_severe_result_of_one_person_is_flagged_once_the_case_went_on_with_it() -> None:
    (flag,) = found(ALONE, case(1, done("assess"), done("seal", "eve"), grade="1"))

    assert (flag.params["who"], flag.params["count"], flag.params["least"]) == ("ann", 1, 2)
    assert (flag.params["variable"], flag.params["value"]) == ("grade", "1")
    assert found(ALONE, case(1, done("assess"), done("seal", "eve"), grade="3")) == []


def test_where_a_second_person_agreed_or_may_still_be_asked_nothing_is_flagged() -> None:
    assert found(ALONE, case(1, done("assess"), done("second", "bob"), done("seal", "eve"), grade="1")) == []
    assert found(ALONE, case(1, done("assess"), grade="1")) == []
    assert found(ALONE, case(1, grade="1")) == []


def test_who_agreed_to_an_earlier_result_does_not_count_for_a_later_one() -> None:
    before = (done("assess"), done("second", "bob"), done("seal", "eve"))

    (flag,) = found(ALONE, case(1, *before, done("assess", "zoe"), done("seal", "eve"), grade="2"))

    assert flag.params["who"] == "zoe"
    again = (done("assess", "zoe"), done("second", "bob"), done("seal", "eve"))
    assert found(ALONE, case(1, *before, *again, grade="2")) == []


def test_the_same_person_twice_is_still_one() -> None:
    assert found(ALONE, case(1, done("assess"), done("second"), done("seal", "eve"), grade="1"))


PEERS = rule(
    "share-above-percentile", element="assess", variable="grade", values=["1"], least=4, people=20, percentile=95
)


def doctors(count: int, severe: dict[int, int]) -> list[PastCase]:
    """Five cases of each of ``count`` persons, of which some of some persons are severe and one of everybody else."""
    return [
        case(10 * who + n, done("assess", f"p{who}"), grade="1" if n < severe.get(who, 1) else "4")
        for who in range(count)
        for n in range(5)
    ]


def test_a_share_above_that_of_nearly_all_others_is_flagged_with_the_numbers_it_rests_on() -> None:
    (flag,) = found(PEERS, *doctors(20, {7: 2, 9: 1}))

    assert flag.params["who"] == "p7"
    assert (flag.params["hits"], flag.params["count"], flag.params["percent"]) == (2, 5, "40")
    assert (flag.params["rank"], flag.params["people"], flag.params["bar"]) == (19, 20, "20")
    assert [one.id for one in flag.cases] == ["c70", "c71"]


def test_among_too_few_people_or_where_all_are_alike_nobody_is_flagged() -> None:
    assert found(PEERS, *doctors(19, {7: 5})) == [], "19 are too few"
    assert found(PEERS, *doctors(20, {})) == [], "all alike"
    assert found(PEERS, *doctors(20, {7: 2, 8: 2})) == [], "two of 20 are more than five percent"
    few = [case(1000 + n, done("assess", "new"), grade="1") for n in range(3)]
    assert found(PEERS, *doctors(20, {}), *few) == [], "three cases are no share"


def test_a_share_that_is_not_whole_keeps_one_decimal() -> None:
    severe = [case(500 + n, done("assess", "p0"), grade="1") for n in range(2)]

    (flag,) = found(PEERS, *doctors(20, {0: 1}), *severe)

    assert flag.params["percent"] == "42.9"


RECENT = rule("too-recent", element="assess", variables=["since"], months=12)


@pytest.mark.parametrize(
    "since",
    [date(2025, 3, 3), date(2026, 3, 2), "2025-03-03", "2025年3月3日", "2025年4月起", "2026", 11, Decimal("11.5"), 0],
)
def test_what_began_less_than_a_year_before_the_step_is_flagged(since: Any) -> None:
    (flag,) = found(RECENT, case(1, done("assess"), since=since))

    assert (flag.params["variable"], flag.params["value"]) == ("since", since)
    assert flag.params["day"] == date(2026, 3, 2)


@pytest.mark.parametrize(
    "since",
    [date(2025, 3, 2), "2025-03-02", "2025年3月", "2025", "从小", "", "2025-13-40", "123456", 12, Decimal(12), True],
)
def test_what_may_be_a_year_old_or_says_no_day_is_not_flagged(since: Any) -> None:
    assert found(RECENT, case(1, done("assess"), since=since)) == []


def test_without_the_step_or_the_answer_nothing_is_too_recent() -> None:
    assert found(RECENT, case(1, since=3)) == []
    assert found(RECENT, case(1, done("assess"))) == []
    assert found(RECENT, case(1, done("assess"), since=date(2026, 3, 3))) == [], "a day to come is another mistake"


def test_a_month_has_no_day_that_it_has_not() -> None:
    leap = rule("too-recent", element="assess", variables=["since"], months=1)

    assert found(leap, case(1, done("assess", days=-2), since=date(2026, 1, 31))) == [], "28 February, to the day"
    assert found(leap, case(1, done("assess", days=-3), since=date(2026, 1, 31)))


AGAIN = rule("opened-again", same="id", ends=["withdrawn", "refused"], cancelled=True, days=30)


def over(one: PastCase, outcome: str, days: int, name: str = "放弃") -> PastCase:
    status = "completed" if outcome else "cancelled"
    at = NOON + timedelta(days=days)
    return replace(one, status=status, outcome=outcome, outcome_name=name if outcome else "", ended_at=at)


def test_a_case_opened_soon_after_one_ended_so_is_flagged() -> None:
    first, second = over(case(1, id="a"), "withdrawn", 5), case(2, id="a", days=20)

    (flag,) = found(AGAIN, first, second)

    assert (flag.params["days"], flag.params["number"], flag.params["end"]) == (15, "T-1", "放弃")
    assert [one.id for one in flag.cases] == ["c1", "c2"]


def test_a_cancelled_case_counts_where_the_rule_says_so() -> None:
    first, second = over(case(1, id="a"), "", 5), case(2, id="a", days=20)

    (flag,) = found(AGAIN, first, second)

    assert "cancelled" in flag.template
    silent = replace(AGAIN, given={key: value for key, value in AGAIN.given.items() if key != "cancelled"})
    assert found(silent, first, second) == []


def test_late_others_running_and_well_ended_cases_are_not_flagged() -> None:
    second = case(2, id="a", days=40)

    assert found(AGAIN, over(case(1, id="a"), "withdrawn", 5), second) == [], "35 days later"
    assert found(AGAIN, over(case(1, id="b"), "withdrawn", 35), second) == [], "somebody else"
    assert found(AGAIN, over(case(1, id=" "), "withdrawn", 35), case(2, id=" ", days=40)) == [], "nobody"
    assert found(AGAIN, over(case(1, id="a"), "issued", 35), second) == [], "ended well"
    assert found(AGAIN, over(case(1, id="a"), "withdrawn", 41), second) == [], "ended after it was opened"
    assert found(AGAIN, replace(case(1, id="a"), status="running"), second) == [], "not ended"


def test_the_nearest_of_several_ends_is_told() -> None:
    (flag,) = found(
        AGAIN,
        over(case(1, id="a"), "withdrawn", 5),
        over(case(2, id="a"), "refused", 12, "不予批准"),
        case(3, id="a", days=20),
    )

    assert (flag.params["days"], flag.params["end"]) == (8, "不予批准")


def test_each_of_several_declared_names_is_held_against_the_staff() -> None:
    named = rule("named-like-staff", variables=["kin"])

    flags = found(named, case(1, kin="王芳、eve， 李娜 ann"), staff=("eve", "ann", "bob"))

    assert [flag.params["name"] for flag in flags] == ["eve", "ann"]
    assert found(named, case(1, kin="王芳、李娜"), staff=("eve", "ann")) == []
    assert found(named, case(1, kin="eve"), staff=("eve",)) and found(named, case(1, kin=["eve"]), staff=("eve",)) == []
    (once,) = found(named, case(1, kin="Ann Lee"), staff=("Ann Lee",))
    assert once.params["name"] == "Ann Lee"


PLACES = rule("far-apart", place="home", other="visit", metres=2000, variable="mode", values=["home"])
HOME = "35.1000,113.0000"


def test_places_too_far_apart_are_flagged() -> None:
    (flag,) = found(PLACES, case(1, home=HOME, visit="35.1000,113.1000", mode="home"))

    assert (flag.params["variable"], flag.params["other"], flag.params["metres"]) == ("visit", "home", 9100)


@pytest.mark.parametrize(
    "given",
    [
        {"visit": "35.1100,113.0000", "mode": "home"},
        {"visit": "35.1000,113.1000", "mode": "central"},
        {"visit": "35.1000,113.1000"},
        {"visit": None, "mode": "home"},
        {"mode": "home"},
        {"visit": "在村口", "mode": "home"},
        {"visit": "99,999", "mode": "home"},
        {"visit": "nan,nan", "mode": "home"},
        {"visit": ["35.1000,113.1000"], "mode": "home"},
    ],
)
def test_near_elsewhere_meant_and_unknown_places_are_not_flagged(given: dict[str, Any]) -> None:
    assert found(PLACES, case(1, home=HOME, **given)) == []


@pytest.mark.parametrize(
    ("first", "second", "metres"),
    [
        ((0.0, 0.0), (0.0, 1.0), 111_195),
        ((0.0, 179.5), (0.0, -179.5), 111_195),
        ((39.9042, 116.4074), (31.2304, 121.4737), 1_067_300),
        ((90.0, 0.0), (-90.0, 0.0), 20_015_087),
        ((35.1, 113.0), (35.1, 113.0), 0),
    ],
)
def test_the_distance_is_that_on_a_ball(first: Any, second: Any, metres: int) -> None:
    assert distance(first, second) == pytest.approx(metres, rel=0.001)
    assert distance(second, first) == distance(first, second)


GOOD = {
    "share-above-percentile": {
        "element": "'a'", "variable": "'g'", "values": "['1']", "least": "5", "people": "20", "percentile": "95",
    },
    "too-few-people": {
        "element": "'a'", "others": "['b']", "then": "'c'", "variable": "'g'", "values": "['1']", "least": "2",
    },
    "too-recent": {"element": "'a'", "variables": "['x']", "months": "12"},
    "far-apart": {
        "place": "'h'", "other": "'v'", "metres": "2000", "variable": "'m'", "values": "['home']",
    },
    "opened-again": {"same": "'id'", "ends": "['x']", "cancelled": "true", "days": "30"},
}  # fmt: skip


def text_of(kind: str, **changed: str) -> bytes:
    entries = {**GOOD[kind], **changed}
    lines = "".join(f"{key} = {value}\n" for key, value in entries.items() if value)
    return f"[[rule]]\nid = 'r'\nkind = '{kind}'\ntitle = 't'\n{lines}".encode()


@pytest.mark.parametrize("kind", GOOD)
def test_each_kind_can_be_read_and_misses_nothing_silently(kind: str) -> None:
    assert read_oversight(text_of(kind))[0].kind == kind
    for key in GOOD[kind].keys() - {"cancelled"}:
        with pytest.raises(Rejected, match=key):
            read_oversight(text_of(kind, **{key: ""}))


@pytest.mark.parametrize(
    ("kind", "changed", "part"),
    [
        ("share-above-percentile", {"percentile": "100"}, "from 1 to 99"),
        ("share-above-percentile", {"percentile": "0"}, "from 1 to 99"),
        ("share-above-percentile", {"people": "1"}, "from 2"),
        ("share-above-percentile", {"people": "2.5"}, "whole number"),
        ("share-above-percentile", {"values": "[]"}, "list of texts"),
        ("share-above-percentile", {"values": "[1]"}, "list of texts"),
        ("too-few-people", {"least": "1"}, "from 2"),
        ("too-few-people", {"others": "[['b']]"}, "list of texts"),
        ("too-few-people", {"then": "3"}, "a text"),
        ("too-few-people", {"then": "''"}, "a text"),
        ("too-recent", {"months": "-1"}, "from 1"),
        ("too-recent", {"months": "99999999999"}, "to 100000"),
        ("too-recent", {"variables": "'x'"}, "list of texts"),
        ("far-apart", {"metres": "0"}, "from 1"),
        ("far-apart", {"place": "['h']"}, "a text"),
        ("opened-again", {"cancelled": "1"}, "true or false"),
        ("opened-again", {"ends": "['']"}, "list of texts"),
        ("opened-again", {"weeks": "2"}, "weeks"),
    ],
)
def test_a_wrong_value_is_refused_by_name(kind: str, changed: dict[str, str], part: str) -> None:
    with pytest.raises(Rejected, match=part):
        read_oversight(text_of(kind, **changed))


def test_the_procedures_rules_name_answers_that_its_forms_ask() -> None:
    forms = "".join(file.read_text("utf-8") for file in (ROOT / "forms/library/disability_assessment").glob("*.json"))
    known = set(re.findall(r'"key": "([a-z_0-9]+)"', forms))

    for one in read_oversight((FOLDER / "oversight.toml").read_bytes()):
        named = {one.given[key] for key in ("variable", "same", "place", "other") if key in one.given}
        assert named | set(one.given.get("variables", ())) <= known, one.id


def test_the_procedures_rules_name_steps_and_ends_that_its_diagrams_have() -> None:
    known = {
        element
        for file in FOLDER.glob("*.bpmn")
        for one in read_diagrams(file.read_bytes())
        for element in one.elements
    }

    for one in read_oversight((FOLDER / "oversight.toml").read_bytes()):
        steps = [one.given[key] for key in ("element", "after", "then") if key in one.given]
        assert {*steps, *one.given.get("others", ()), *one.given.get("ends", ())} <= known, one.id
