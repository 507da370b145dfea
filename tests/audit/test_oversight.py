"""What stands out among cases: each kind of rule finds what it is about, and nothing where that is missing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from engine.definition.oversight import KINDS, Rule, read_oversight
from engine.errors import Rejected
from engine.queries.flags import Flag, find
from engine.queries.oversight import oversight
from engine.queries.past_cases import Done, PastCase, past_cases
from engine.queries.traces import Wanted
from tests.processes.drawing import PROCESSES
from tests.world import REVIEW, World
from web.audit.oversight import SENTENCES

NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
FILE = {"digest": "d" * 64, "name": "visit.jpg"}


def rule(kind: str, **given: Any) -> Rule:
    return Rule("r", kind, "规则", "rule", "", given)


def done(element: str, who: str = "ann", minutes: int = 0, days: int = 0) -> Done:
    return Done(element, element, f"u-{who}", who, "east", NOON + timedelta(days=days, minutes=minutes))


def case(number: int, *steps: Done, days: int = 0, **variables: Any) -> PastCase:
    started = NOON + timedelta(days=days)
    return PastCase(
        f"c{number}", f"T-{number}", "", "review", "review", "east", "completed", started, {}, variables, steps
    )


def found(given: Rule, *cases: PastCase, staff: tuple[str, ...] = ()) -> list[Flag]:
    flags = list(find(given, cases, frozenset(staff)))
    assert {flag.template for flag in flags} <= set(SENTENCES)
    assert all(flag.template % flag.params for flag in flags)
    return flags


def test_a_person_whose_results_are_unusually_of_one_sort_is_flagged() -> None:
    share = rule("share-per-person", element="assess", variable="grade", values=["1", "2"], least=3, percent=80)
    severe = [case(n, done("assess"), grade="1") for n in range(4)]
    mixed = [case(n, done("assess", "bob"), grade=str(n % 4 + 1)) for n in range(10, 18)]

    (flag,) = found(share, *severe, *mixed)

    assert flag.params["who"] == "ann"
    assert (flag.params["hits"], flag.params["count"], flag.params["percent"]) == (4, 4, 100)
    assert (flag.params["like"], flag.params["others"], flag.params["usual"]) == (4, 8, 50)
    assert len(flag.cases) == 4
    assert found(share, *severe[:2]) == []
    (alone,) = found(share, *severe)
    assert "others" not in alone.params, "nobody to compare with"


def test_work_that_was_done_too_soon_is_flagged() -> None:
    fast = rule("too-fast", element="assess", after="visit", minutes=10)

    (flag,) = found(fast, case(1, done("visit"), done("assess", minutes=4)))

    assert flag.params["minutes"] == 4
    assert found(fast, case(1, done("visit"), done("assess", minutes=10))) == []
    assert found(fast, case(1, done("assess"))) == []


def test_the_same_file_in_two_cases_is_flagged_and_twice_in_one_is_not() -> None:
    again = rule("repeated-file", variables=["photo"])

    (flag,) = found(again, case(1, photo=[FILE]), case(2, photo=[FILE]))

    assert [one.id for one in flag.cases] == ["c1", "c2"]
    assert found(again, case(1, photo=[FILE, FILE])) == []
    assert found(again, case(1, photo=[FILE]), case(2, photo=[{**FILE, "digest": "e" * 64}])) == []
    assert found(again, case(1, photo=[FILE]), case(2, other=[FILE])) == []


def test_the_same_contact_in_many_cases_is_flagged_under_whichever_name() -> None:
    same = rule("same-value", variables=["phone", "guardian_phone"], least=2)

    (flag,) = found(same, case(1, phone="138"), case(2, guardian_phone="138"), case(3, phone="139"))

    assert flag.params == {"value": "138", "count": 2}
    assert found(same, case(1, phone="138", guardian_phone="138")) == []
    assert found(same, case(1, phone=""), case(2, phone="")) == []


def test_many_by_one_person_on_one_day_are_flagged() -> None:
    series = rule("series", element="assess", least=3)

    (flag,) = found(series, *(case(n, done("assess", minutes=n)) for n in range(3)))

    assert flag.params["count"] == 3
    assert found(series, *(case(n, done("assess", days=n)) for n in range(3))) == []
    assert found(series, *(case(n, done("assess", who)) for n, who in enumerate(("ann", "bob", "eve")))) == []


def test_somebody_named_like_staff_is_flagged() -> None:
    named = rule("named-like-staff", variables=["applicant", "guardian"])

    (works,) = found(named, case(1, guardian="eve"), staff=("eve",))
    (acted,) = found(named, case(1, done("assess", "eve"), applicant="eve"), staff=("eve",))

    assert works.template != acted.template
    assert found(named, case(1, applicant="zoe"), staff=("eve",)) == []


def test_a_result_that_jumped_within_a_short_time_is_flagged() -> None:
    jump = rule("jump", same="id", variable="grade", by=2, days=366)

    (flag,) = found(jump, case(1, id="a", grade="4"), case(2, id="a", grade="2", days=100))

    assert (flag.params["before"], flag.params["after"]) == ("4", "2")
    assert found(jump, case(1, id="a", grade="4"), case(2, id="a", grade="3", days=100)) == []
    assert found(jump, case(1, id="a", grade="4"), case(2, id="b", grade="1", days=100)) == []
    assert found(jump, case(1, id="a", grade="4"), case(2, id="a", grade="1", days=400)) == []


def test_the_rules_of_the_procedure_can_be_read_and_use_every_kind() -> None:
    rules = read_oversight((Path(PROCESSES) / "disability_assessment" / "oversight.toml").read_bytes())

    assert {one.kind for one in rules} == set(KINDS)
    assert all(one.title and one.title_en and one.basis for one in rules)


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("[[rule]\n", "TOML"),
        ("[[rule]]\nid = 'a'\n", "kind"),
        ("[[rule]]\nid = 'a'\nkind = 'magic'\ntitle = 't'\n", "magic"),
        ("[[rule]]\nid = 'a'\nkind = 'series'\ntitle = 't'\nelement = 'x'\n", "least"),
        ("[[rule]]\nid = 'a'\nkind = 'series'\ntitle = 't'\nelement = 'x'\nleast = 0\n", "least"),
        ("[[rule]]\nid = 'a'\nkind = 'series'\ntitle = 't'\nelement = 'x'\nleast = true\n", "least"),
        ("[[rule]]\nid = 'a'\nkind = 'series'\ntitle = 't'\nelement = 'x'\nleast = 2\nmore = 1\n", "more"),
        ("[[rule]]\nid = 'a'\nkind = 'repeated-file'\ntitle = 't'\n" * 2, "id"),
        ("other = 1\n", "rule"),
    ],
)
def test_rules_that_are_none_are_refused_by_name(text: str, part: str) -> None:
    with pytest.raises(Rejected, match=part):
        read_oversight(text.encode())


RULES = b"""[[rule]]
id = "same"
kind = "same-value"
title = "note"
variables = ["note"]
least = 2
"""


def test_published_rules_are_held_against_the_cases_one_may_see(world: World) -> None:
    world.publish(REVIEW, oversight__review=RULES)
    for who in ("ann.east", "ann.east", "ann.west"):
        world.start(who)

    def told(login: str) -> tuple[int, list[int]]:
        with world.platform.database.read() as connection:
            seen = oversight(connection, world.actor(login), Wanted(), world.now)
        return seen.searched, [len(flag.cases) for flag in seen.flags]

    assert told("north.auditor") == (3, [3])
    assert told("ann.east") == (2, [2])
    assert told("ann.west") == (1, [])


def test_no_case_pins_the_rules_and_without_rules_nothing_is_flagged(world: World) -> None:
    case = world.start()
    world.publish(REVIEW, oversight__review=RULES)
    later = world.start()

    with world.platform.database.read() as connection:
        cases = past_cases(connection, world.actor("north.auditor"), Wanted())

    assert {one.id for one in cases} == {case, later}
    assert all(not pin.startswith("oversight") for one in cases for pin in one.pins)


def test_a_procedure_without_rules_flags_nothing(world: World) -> None:
    world.start()
    world.start()

    with world.platform.database.read() as connection:
        seen = oversight(connection, world.actor("north.auditor"), Wanted(), world.now)

    assert (seen.rules, seen.flags, seen.searched) == ((), (), 2)
