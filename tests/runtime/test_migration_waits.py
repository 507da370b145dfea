"""Everything that a case can wait for survives a move: timers, messages, stuck steps, jobs, items, scopes, undoing."""

from __future__ import annotations

import random
import re
from typing import Any

import pytest

from engine.errors import Rejected
from engine.history import events as e
from engine.runtime.compiled import ProcessDefinition
from engine.runtime.migration import migrate, plan
from tests.runtime.cases import Case, define
from tests.runtime.test_migration import fact, moved
from tests.runtime.test_storms import INNER, SEED, Sky, some_act

TIMER = "start s\nuser a\nboundary t on a non-interrupting timer P3D\nend late\nend e\ns > a > e\nt > late"


def test_a_timer_keeps_its_job_and_its_time_at_another_element() -> None:
    case = Case(define(TIMER))
    before = dict(case.waits.timers)
    case.later(days=1)
    moved(case, TIMER.replace(" t ", " soon ").replace("t > late", "soon > late"), {"t": "soon"})
    assert case.waits.timers == before
    (told,) = case.told(e.WaitMoved)
    assert (told.kind, told.element, told.wait) == ("timer", "soon", next(iter(before)))
    case.fire()
    assert case.told(e.TimerFired)[0].element == "soon"


def test_a_timer_is_counted_anew_from_when_it_began_only_if_somebody_says_so() -> None:
    longer = TIMER.replace("P3D", "P10D")
    kept, counted = Case(define(TIMER)), Case(define(TIMER))
    began = counted.around.now
    (job,) = counted.waits.timers
    for case in (kept, counted):
        case.later(days=1)
    moved(kept, longer)
    moved(counted, longer, since={job: began})
    (due,) = counted.waits.timers.values()
    assert (due - began).days == 10
    assert (next(iter(kept.waits.timers.values())) - began).days == 3
    assert job not in counted.waits.timers


RACE = "start s\nevent g\ncatch m message hi\ncatch t timer P2D\nend told\nend late\ns > g > m > told\ng > t > late"


def test_an_awaited_message_stays_awaited_and_another_one_is_awaited_instead() -> None:
    same, other = Case(define(RACE)), Case(define(RACE))
    before = dict(same.waits.messages)
    moved(same, RACE.replace("end told", "task n\nend told").replace("m > told", "m > n > told"))
    assert same.waits.messages == before
    moved(other, RACE.replace("message hi", "message ho"))
    assert list(other.waits.messages.values()) == ["ho"]
    assert set(other.waits.messages).isdisjoint(before)
    same.tell("hi")
    other.tell("ho")
    assert (same.outcome(), other.outcome()) == ("told", "told")


STUCK = "start s\nscript calc do 5\nuser a\nend e\ns > calc > a > e"


def test_what_is_stuck_is_tried_again_in_a_corrected_version() -> None:
    case = Case(define(STUCK), {"flag": True})
    (incident,) = case.waits.incidents
    moved(case, STUCK.replace("do 5", "do {n: 1}").replace("calc", "count"), {"calc": "count"})
    assert case.waits.incidents == {incident: "count"}
    case.retry()
    assert case.open == ["a"]


def test_without_a_correction_it_is_stuck_again() -> None:
    case = moved(
        Case(define(STUCK), {"flag": True}), STUCK.replace("user a", "user a\nuser b").replace("a > e", "a > b > e")
    )
    case.retry()
    assert case.waits.incidents


def test_a_job_of_the_machine_finishes_at_its_new_element() -> None:
    text = 'start s\nservice print {{sm:connector="notify"}}\nuser a\nend e\ns > print > a > e'
    case = Case(define(text))
    before = set(case.waits.connectors)
    moved(case, text.replace("print", "issue"), {"print": "issue"})
    assert set(case.waits.connectors) == before
    case.finish("issue")
    assert case.open == ["a"]


def test_items_under_way_keep_their_place_in_a_renamed_step() -> None:
    text = "start s\nuser a each item in items out got==answer\nend e\ns > a > e"
    case = Case(define(text), {"items": ["x", "y", "z"]})
    case.do("a", 1, answer="Y")
    moved(case, text.replace(" a ", " b "), {"a": "b"})
    case.do("b", answer="X")
    case.do("b", answer="Z")
    assert case.variables["got"] == ["X", "Y", "Z"]


def test_items_that_are_called_otherwise_block() -> None:
    text = "start s\nuser a each item in items out got==answer\nend e\ns > a > e"
    case = Case(define(text), {"items": ["x", "y"]})
    found = plan(case.definition, define(text.replace("got==answer", "all==answer")), case.state, case.around)
    assert "item by item" in str(found.blockers[0])
    assert not plan(case.definition, define(text), case.state, case.around).blockers


BOX = "start s\nsub box [\nstart i\nuser a\nuser b\nend j\ni > a > b > j\n]\nuser c\nend e\ns > box > c > e"


def test_a_subprocess_under_way_goes_on_also_under_another_id() -> None:
    case = moved(Case(define(BOX)), BOX.replace("box", "chest"), {"box": "chest"})
    for task in ("a", "b", "c"):
        assert case.open == [task]
        case.do(task)
    assert case.ended
    assert case.told(e.ScopeLeft)[0].element == "chest"


CALLER, CALLED = "start s\ncall k inner\nend e\ns > k > e", "start i\nuser a\nuser b\nend j\ni > a > b > j"


def test_a_called_process_under_way_changes_while_its_caller_stays() -> None:
    case = Case(define(CALLER, {"inner": CALLED}))
    old = case.definition
    longer = CALLED.replace("user b", "user b\nuser c").replace("a > b > j", "a > c > b > j")
    case.definition = new = define(CALLER, {"inner": longer})
    case.act(lambda state, around: migrate(old, new, state, around, fact()))
    for task in ("a", "c", "b"):
        assert case.open == [task]
        case.do(task)
    assert case.ended
    case.again()


def test_a_caller_that_calls_another_process_now_blocks_in_words() -> None:
    case = Case(define(CALLER, {"inner": CALLED}))
    other = define(CALLER.replace("inner", "other"), {"inner": CALLED, "other": INNER})
    found = plan(case.definition, other, case.state, case.around).blockers
    assert "calls another process" in str(found[0])
    gone = define(CALLER.replace("inner", "other"), {"other": INNER})
    assert any("is gone" in str(blocker) for blocker in plan(case.definition, gone, case.state, case.around).blockers)


UNDO = (
    "start s\nuser a\nboundary u on a compensate by x\nuser x for-compensation\nuser b\nthrow undo compensate\n"
    "end e\ns > a > b > undo > e"
)


@pytest.mark.parametrize("when", [1, 2])
def test_what_was_done_is_undone_by_the_new_version_s_handler(when: int) -> None:
    case = Case(define(UNDO))
    renamed = re.sub(r"\bx\b", "y", UNDO)
    for number, task in enumerate(("a", "b")):
        case.do(task)
        if number + 1 == when:
            moved(case, renamed, {"x": "y"})
    assert case.open == ["y"]
    case.do("y")
    assert case.ended


def test_a_record_of_what_was_done_blocks_when_nothing_can_undo_it() -> None:
    case = Case(define(UNDO))
    gone = UNDO.replace("boundary u on a compensate by x\nuser x for-compensation\n", "")
    assert not plan(case.definition, define(gone), case.state, case.around).blockers
    case.do("a")
    assert "undoes a" in str(plan(case.definition, define(gone), case.state, case.around).blockers[0])


def test_a_join_without_a_name_is_told_by_what_leads_to_it() -> None:
    split = "start s\nuser z\nand f\nuser a\nuser b\nand j\nend e\ns > z > f\nf > a > j\nf > b > j\nj > e"
    case = Case(define(split))
    case.do("z")
    wider = split.replace("user b", "user b\nuser c").replace("f > b > j", "f > b > j\nf > c > j")
    (blocker,) = plan(case.definition, define(wider), case.state, case.around).blockers
    assert "j" in str(blocker)


# ------------------------------------------------------------------ random stories, moved at random moments

NAMES = re.compile(
    r"\b(start|end|user|task|sub|transaction|handler|xor|and|or|event|catch|throw|script|call|b|x)(\d+)\b"
)


def renamed(text: str) -> tuple[str, dict[str, str]]:
    """The same drawing with all its elements called otherwise."""
    mapping = {f"{found[1]}{found[2]}": f"{found[1]}_{found[2]}" for found in NAMES.finditer(text)}
    return NAMES.sub(r"\1_\2", text), mapping


def standing(case: Case) -> Any:
    """Where a case stands, without ids and in plain names."""
    waits = case.waits

    def plain(names: Any) -> list[str]:
        return sorted(name.replace("_", "") for name in names)

    return (
        plain(waits.tasks.values()),
        sorted(waits.timers.values()),
        plain(waits.messages.values()),
        plain(waits.incidents.values()),
        case.variables,
        case.ended,
        (case.outcome() or "").replace("_", ""),
    )


def test_a_story_that_is_moved_at_random_moments_ends_as_the_one_that_is_not() -> None:
    moves = 0
    for number in range(150):
        seed = f"moved/{SEED}/{number}"
        dice = random.Random(seed)
        text = "\n".join(Sky(dice).lines)
        other, there = renamed(text)
        ways = [(text, {new: old for old, new in there.items()}), (other, there)]
        plain, case = (Case(define(text, {"inner": INNER}), {"n": 0, "items": [1, 2, 3]}, patient=True) for _ in "12")
        versions = [define(drawing, {"inner": INNER}) for drawing, _ in ways]
        at = 0
        for step in range(25):
            if case.ended:
                break
            if dice.random() < 0.7:
                try:
                    _move(case, versions[1 - at], ways[1 - at][1])
                except Rejected:
                    pass  # a branch waits at a join whose flows are called otherwise
                else:
                    at, moves = 1 - at, moves + 1
            acts = [some_act(one, random.Random(f"{seed}/{step}")) for one in (plain, case)]
            assert standing(plain) == standing(case), f"seed {seed}, step {step}\n{text}"
            if not all(acts):
                break
        case.again()
    assert moves > 150


def _move(case: Case, new: ProcessDefinition, mapping: dict[str, str]) -> None:
    old, case.definition, told = case.definition, new, fact(mapping)
    try:
        case.act(lambda state, around: migrate(old, new, state, around, told))
    except Rejected:
        case.definition = old
        raise
