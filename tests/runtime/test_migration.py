"""A running case moves to another version: what waits survives, what cannot move says why."""

from __future__ import annotations

import random
from typing import Any

import pytest

from engine.errors import Rejected
from engine.history import events as e
from engine.runtime.migration import migrate, plan
from tests.runtime.cases import Case, define
from tests.runtime.test_storms import INNER, Sky, some_act

OLD = "start s\nuser a\nboundary t on a non-interrupting timer P3D\nend late\nuser b\nend e\ns > a > b > e\nt > late"


def fact(mapping: dict[str, str] | None = None, **more: Any) -> e.InstanceMigrated:
    return e.InstanceMigrated({}, {}, "p", "new rules", mapping or {}, **more)


def moved(case: Case, text: str, mapping: dict[str, str] | None = None, **more: Any) -> Case:
    """The case on another drawing."""
    new = define(text)
    old, case.definition, told = case.definition, new, fact(mapping, **more)
    case.act(lambda state, around: migrate(old, new, state, around, told))
    return case


def test_a_case_goes_on_in_the_new_version_from_where_it_waits() -> None:
    case = Case(define(OLD))
    task, due = case.task("a"), dict(case.waits.timers)
    moved(case, OLD.replace("user b", "user b\nuser c").replace("a > b", "a > c > b"))
    assert case.task("a") == task
    assert case.waits.timers == due
    case.do("a")
    assert case.open == ["c"]


def test_a_renamed_element_takes_over_what_waits() -> None:
    case = moved(Case(define(OLD)), OLD.replace(" a", " aa"), {"a": "aa"})
    assert case.open == ["aa"]
    case.do("aa")
    assert case.open == ["b"]


def test_a_boundary_event_that_is_new_listens_and_one_that_is_gone_does_not() -> None:
    case = moved(
        Case(define(OLD)),
        OLD.replace("boundary t on a non-interrupting timer P3D", "boundary m on a message hi").replace(
            "t > late", "m > late"
        ),
    )
    assert not case.waits.timers
    assert case.told(e.TimerCancelled)
    case.tell("hi")
    assert case.outcome() == "late"


def test_items_keep_their_place() -> None:
    text = "start s\nuser a each item in items out got==answer\nend e\ns > a > e"
    case = Case(define(text), {"items": ["x", "y", "z"]})
    case.do("a", 1, answer="Y")
    moved(case, text.replace("end e", "task t\nend e").replace("a > e", "a > t > e"))
    case.do("a", answer="X")
    case.do("a", answer="Z")
    assert case.variables["got"] == ["X", "Y", "Z"]
    assert case.ended


@pytest.mark.parametrize(
    ("new", "why"),
    [
        (OLD.replace("user a", "user other").replace(" a ", " other "), "gone"),
        (OLD.replace("user a", "receive a m"), "something else"),
        (OLD.replace("user a", "user a each i in items"), "something else"),
        ("start s\nsub x [\nstart i\nuser a\nend j\ni > a > j\n]\nuser b\nend e\ns > x > b > e", "subprocess"),
    ],
)
def test_what_cannot_move_says_why_and_stays(new: str, why: str) -> None:
    case = Case(define(OLD))
    before = case.state
    found = plan(case.definition, define(new), case.state, case.around)
    assert any(why in str(blocker) for blocker in found.blockers)
    with pytest.raises(Rejected):
        migrate(case.definition, define(new), case.state, case.around, fact())
    assert case.state == before


SPLIT = "start s\nuser z\nand f\nuser a\nuser b\nand j\nend e\ns > z > f\nf > a > j\nf > b > j\nj > e"
WIDER = SPLIT.replace("user b", "user b\nuser c").replace("f > b > j", "f > b > j\nf > c > j")


def test_a_join_that_waits_for_more_blocks_while_branches_are_under_way_and_only_then() -> None:
    case = Case(define(SPLIT))
    assert not plan(case.definition, define(WIDER), case.state, case.around).blockers
    case.do("z")
    assert "join" in str(plan(case.definition, define(WIDER), case.state, case.around).blockers[0])
    case.do("a")
    assert plan(case.definition, define(WIDER), case.state, case.around).blockers
    early = moved(Case(define(SPLIT)), WIDER)
    early.do("z")
    assert early.open == ["a", "b", "c"]


def test_migrating_twice_the_same_way_gives_the_same_bytes() -> None:
    one, two = (
        moved(Case(define(OLD)), OLD.replace("user b", "user b\nuser c").replace("a > b", "a > c > b")) for _ in "12"
    )
    assert one.state == two.state


def test_an_event_subprocess_that_is_new_listens() -> None:
    handler = "\nhandler h [\nstart hs message stop\nuser c\nend hz\nhs > c > hz\n]"
    case = moved(Case(define(OLD)), OLD + handler)
    case.tell("stop")
    assert case.open == ["c"]


def test_a_timer_that_had_its_chance_is_not_wound_again() -> None:
    case = Case(define(OLD))
    case.fire()
    assert not case.waits.timers
    assert not moved(case, OLD).waits.timers


def test_moving_to_the_same_version_changes_nothing_in_any_story() -> None:
    for number in range(20):
        dice = random.Random(f"same/{number}")
        text = "\n".join(Sky(dice).lines)
        old, new = define(text, {"inner": INNER}), define(text, {"inner": INNER})
        case = Case(old, {"n": 0, "items": [1, 2, 3]}, patient=True)
        for _ in range(10):
            if case.ended or not some_act(case, dice):
                break
            if not case.ended:
                step = migrate(old, new, case.state, case.around, fact())
                assert (step.state, step.events) == (case.state, (fact(),))
