"""Events: timers, messages, signals, errors, escalations, links, conditions; at boundaries, in the flow, in handlers."""

# ruff: noqa: E501 - a drawing reads better in one line

import pytest

from engine.errors import NotFound, Rejected
from engine.history import events as e
from engine.runtime import interpreter as runtime
from tests.runtime.cases import Case, define


def test_an_interrupting_timer_takes_the_task_away_and_only_when_its_time_has_come() -> None:
    text = "start s\nuser a\nboundary t on a timer P3D\nend late\nend e\ns > a > e\nt > late"
    case = Case(define(text))
    job = next(iter(case.waits.timers))
    with pytest.raises(Rejected):
        runtime.fire_timer(case.definition, case.state, job, case.around)
    case.fire()
    assert case.outcome() == "late"
    assert case.told(e.UserTaskCancelled)
    with pytest.raises(NotFound):
        runtime.fire_timer(case.definition, case.state, job, case.around)
    case.again()


def test_a_task_done_in_time_cancels_its_timer() -> None:
    case = Case(define("start s\nuser a\nboundary t on a timer P3D\nend late\nend e\ns > a > e\nt > late"))
    case.do("a")
    assert case.outcome() == "e"
    assert case.told(e.TimerCancelled)


def test_a_reminder_comes_as_often_as_drawn_and_the_task_stays() -> None:
    case = Case(
        define(
            "start s\nuser a\nboundary t on a non-interrupting timer R3/P1D\nscript r do {n: n + 1}\nend f\n"
            "end e\ns > a > e\nt > r > f"
        ),
        {"n": 0},
    )
    for n in (1, 2, 3):
        assert case.open == ["a"]
        case.fire()
        assert case.variables["n"] == n
    assert not case.waits.timers
    case.do("a")
    assert case.outcome() == "e"
    case.again()


def test_a_message_at_a_boundary_can_come_twice_if_it_does_not_interrupt() -> None:
    case = Case(
        define(
            "start s\nuser a\nboundary m on a non-interrupting message hello\nuser r\nend f\nend e\n"
            "s > a > e\nm > r > f"
        )
    )
    case.tell("hello", word="one")
    case.tell("hello", word="two")
    assert case.open == ["a", "r", "r"]
    assert case.variables["word"] == "two"
    case.do("a")
    assert not case.waits.messages
    case.do("r")
    case.do("r")
    assert case.ended
    case.again()


def test_an_interrupting_message_on_a_subprocess_takes_all_of_it_away() -> None:
    case = Case(
        define(
            "start s\nsub box [\nstart i\nand f\nuser a\nuser b\nboundary t on b timer P1D\nend x\nend y\n"
            "i > f\nf > a > x\nf > b > y\nt > y\n]\nboundary m on box message stop\nend stopped\nend e\n"
            "s > box > e\nm > stopped"
        )
    )
    case.do("a")
    case.tell("stop")
    assert case.outcome() == "stopped"
    assert [event.cancelled for event in case.told(e.ScopeLeft)] == [True]
    assert case.told(e.TimerCancelled)
    case.again()


def test_the_first_event_after_an_event_gateway_wins() -> None:
    text = (
        "start s\nevent g\ncatch m message answer\ncatch short timer PT1H\ncatch long timer P2D\nend a\nend b\nend c\n"
        "s > g\ng > m > a\ng > long > c\ng > short > b"
    )
    case = Case(define(text))
    assert len(case.waits.timers) == 2
    assert len(set(case.waits.timers.values())) == 2
    case.fire()
    assert case.outcome() == "b"
    assert not case.waits.messages
    case = Case(define(text))
    case.tell("answer")
    assert case.outcome() == "a"
    case.again()


def test_a_message_thrown_in_a_case_reaches_one_waiting_part_and_is_not_kept_for_later() -> None:
    text = (
        "start s\nand f\nuser a\nthrow t message ping\nend x\ncatch c message ping\nend y\ncatch d message ping\nend z\n"
        "s > f\nf > a > t > x\nf > c > y\nf > d > z"
    )
    case = Case(define(text))
    case.do("a")
    assert case.path().count("c") == 1
    assert case.path().count("d") == 0
    assert list(case.waits.messages.values()) == ["ping"]


def test_a_signal_reaches_everybody_who_waits() -> None:
    text = (
        "start s\nand f\nuser a\nend x signal alarm\ncatch c signal alarm\nend y\nuser b\nboundary d on b signal alarm\n"
        "end z\nend w\ns > f\nf > a > x\nf > c > y\nf > b > w\nd > z"
    )
    case = Case(define(text))
    assert case.open == ["a", "b"]
    case.do("a")
    assert case.ended
    assert {"x", "y", "z"} <= set(case.path())
    assert "w" not in case.path()
    case.again()


def test_another_signal_wakes_nobody() -> None:
    text = (
        "start s\nand f\nuser a\nend x signal other\nuser b\nboundary d on b signal alarm\nend z\nend w\n"
        "s > f\nf > a > x\nf > b > w\nd > z"
    )
    case = Case(define(text))
    case.do("a")
    assert case.open == ["b"]


def test_a_link_leads_to_its_catch() -> None:
    case = Case(define("start s\nuser a\nthrow t link there\ncatch c link there\nuser b\nend e\ns > a > t\nc > b > e"))
    case.do("a")
    assert case.open == ["b"]
    case.do("b")
    assert case.outcome() == "e"


def test_a_condition_is_watched_and_fires_when_it_becomes_true() -> None:
    case = Case(
        define(
            "start s\nand f\nuser a\nuser b\nend x\ncatch c conditional n > 5\nend e\ns > f\nf > a > b > x\nf > c > e"
        ),
        {"n": 1},
    )
    case.do("a", n=3)
    assert "c" not in case.path()
    case.do("b", n=7)
    assert "c" in case.path()
    assert case.ended
    case.again()


ERRORS = """
start s
sub outer [
start o
sub left [
start l
user a
xor x
end bad error E1
end fine
l > a > x
x > bad if fail
x > fine default
]
boundary wrong on left error E2
end never
end ok
o > left > ok
wrong > never
]
sub sibling [
start i
user b
end j
i > b > j
]
boundary sib on sibling error E1
boundary right on outer error E1
end caught
end sibcaught
and f
and j2
end e
s > f
f > outer > j2
f > sibling > j2
sib > sibcaught
right > caught
j2 > e
"""


def test_an_error_goes_outward_to_the_boundary_that_names_it_and_to_nobody_else() -> None:
    case = Case(define(ERRORS))
    case.do("a", fail=True)
    assert "caught" in case.path()
    assert "never" not in case.path()
    assert "sibcaught" not in case.path()
    assert case.open == ["b"]
    assert [event.element for event in case.told(e.ScopeLeft) if event.cancelled] == ["left", "outer"]


def test_without_an_error_nobody_catches() -> None:
    case = Case(define(ERRORS))
    case.do("a", fail=False)
    case.do("b")
    assert case.outcome() == "e"
    assert "right" not in case.path()
    case.again()


def test_an_error_that_nobody_handles_is_an_incident_and_the_work_stands() -> None:
    case = Case(define("start s\nsub box [\nstart i\nuser a\nend bad error E1\ni > a > bad\n]\nend e\ns > box > e"))
    case.do("a", x=1)
    assert list(case.waits.incidents.values()) == ["bad"]
    assert "a" in case.path()
    case.skip()
    assert case.outcome() == "e"


def test_an_escalation_is_heard_outside_and_the_work_goes_on() -> None:
    text = (
        "start s\nsub box [\nstart i\nuser a\nthrow up escalation E\nuser b\nend j\ni > a > up > b > j\n]\n"
        "boundary h on box non-interrupting escalation E\nuser c\nend k\nend e\ns > box > e\nh > c > k"
    )
    case = Case(define(text))
    case.do("a")
    assert case.open == ["b", "c"]
    case = Case(define(text.replace("non-interrupting ", "")))
    case.do("a")
    assert case.open == ["c"]
    case.do("c")
    assert case.outcome() == "k"
    case.again()


def test_an_escalation_that_nobody_hears_changes_nothing() -> None:
    case = Case(define("start s\nthrow up escalation E\nuser b\nend j\ns > up > b > j"))
    assert case.open == ["b"]


@pytest.mark.parametrize(
    ("kind", "act"),
    [("message stop", "tell"), ("timer P1D", "fire"), ("signal stop", "do"), ("conditional stop", "do")],
)
@pytest.mark.parametrize("interrupting", [True, False])
def test_an_event_subprocess_begins_when_told_and_interrupts_as_drawn(kind: str, act: str, interrupting: bool) -> None:
    how = "" if interrupting else "non-interrupting "
    text = (
        f"start s\nand f\nuser a\nuser b\nuser t\nend x\nend y\nend z signal stop\ns > f\nf > a > x\nf > b > y\n"
        f"f > t > z\nhandler h [\nstart hs {how}{kind}\nuser c\nend hz\nhs > c > hz\n]"
    )
    case = Case(define(text), {"stop": False})
    assert case.open == ["a", "b", "t"]
    if act == "tell":
        case.tell("stop")
    elif act == "fire":
        case.fire()
    else:
        case.do("t", stop=True)
    left = [] if interrupting else ["a", "b"] if act == "do" else ["a", "b", "t"]
    assert case.open == sorted([*left, "c"])
    case.do("c")
    assert case.ended is interrupting
    for element in left:
        case.do(element)
    assert case.ended
    case.again()


def test_an_event_subprocess_does_not_begin_by_itself_nor_keep_the_case_open() -> None:
    for kind in ("error E", "escalation E", "message m", "timer P1D", "signal g", "conditional n > 1"):
        case = Case(
            define(f"start s\nuser a\nend e\ns > a > e\nhandler h [\nstart hs {kind}\nuser c\nend hz\nhs > c > hz\n]"),
            {"n": 0},
        )
        assert case.open == ["a"]
        case.do("a")
        assert case.outcome() == "e"


def test_an_error_inside_a_subprocess_begins_its_own_error_handler_first() -> None:
    text = (
        "start s\nsub box [\nstart i\nuser a\nend bad error E\ni > a > bad\nhandler h [\nstart hs error E\nuser c\n"
        "end hz\nhs > c > hz\n]\n]\nboundary o on box error E\nend outer\nend e\ns > box > e\no > outer"
    )
    case = Case(define(text))
    case.do("a")
    assert case.open == ["c"]
    case.do("c")
    assert case.outcome() == "e"


def test_an_error_thrown_by_a_handler_goes_to_the_boundary_outside() -> None:
    text = (
        "start s\nsub box [\nstart i\nuser a\nend bad error E\ni > a > bad\nhandler h [\nstart hs error E\n"
        "end hz error E\nhs > hz\n]\n]\nboundary o on box error E\nend outer\nend e\ns > box > e\no > outer"
    )
    case = Case(define(text))
    case.do("a")
    assert case.outcome() == "outer"


def test_terminate_ends_its_own_scope_only() -> None:
    text = (
        "start s\nsub box [\nstart i\nand f\nuser a\nuser b\nend t terminate\nend y\ni > f\nf > a > t\nf > b > y\n]\n"
        "user c\nend e\ns > box > c > e"
    )
    case = Case(define(text))
    case.do("a")
    assert case.open == ["c"]
    case.do("c")
    assert case.outcome() == "e"


def test_a_message_payload_becomes_variables_and_nothing_else_gets_in() -> None:
    case = Case(define("start s\nuser a\nboundary m on a message hello\nend f\nend e\ns > a > e\nm > f"))
    with pytest.raises(NotFound):
        runtime.receive_message(case.definition, case.state, "k.999", {}, case.around)
    with pytest.raises(Rejected):
        runtime.receive_message(
            case.definition, case.state, next(iter(case.waits.messages)), {"x": object()}, case.around
        )
    case.tell("hello", why="rain")
    assert case.variables["why"] == "rain"


def test_an_event_with_several_definitions_takes_the_first_that_comes() -> None:
    text = "start s\ncatch c message m + timer PT1H + signal g\nend e\ns > c > e"
    case = Case(define(text))
    assert len(case.waits.messages) == len(case.waits.timers) == 1
    case.tell("m")
    assert case.outcome() == "e"
    assert len(case.told(e.TimerCancelled)) == 1
    case = Case(define(text))
    case.fire()
    assert case.outcome() == "e"
    case.again()


def test_a_parallel_multiple_event_needs_all_of_them() -> None:
    text = "start s\ncatch c message m ++ timer PT1H\nend e\ns > c > e"
    case = Case(define(text))
    case.fire()
    assert not case.ended
    case.tell("m")
    assert case.outcome() == "e"
    case.again()


def test_a_boundary_event_with_several_definitions_interrupts_or_comes_again() -> None:
    text = "start s\nuser a\nboundary b on a {}message m + message n\nuser r\nend x\nend e\ns > a > e\nb > r > x"
    case = Case(define(text.format("")))
    case.tell("n")
    assert case.open == ["r"]
    assert not case.waits.messages
    case = Case(define(text.format("non-interrupting ")))
    for name in ("n", "m", "n"):
        case.tell(name)
    assert case.open == ["a", "r", "r", "r"]
    case.do("a")
    assert not case.waits.messages
    case.again()


def test_a_handler_with_several_definitions_begins_by_any_of_them() -> None:
    text = (
        "start s\nuser a\nend e\ns > a > e\nhandler h [\nstart hs message m + error E\nuser c\nend hz\nhs > c > hz\n]"
    )
    case = Case(define(text))
    assert case.open == ["a"]
    case.tell("m")
    assert case.open == ["c"]
    case.do("c")
    assert case.ended
    case.again()


def test_a_throw_with_several_definitions_throws_them_all() -> None:
    text = (
        "start s\nand f\nuser a\nend x signal g + message m\ncatch c signal g\nend y\ncatch d message m\nend z\n"
        "s > f\nf > a > x\nf > c > y\nf > d > z"
    )
    case = Case(define(text))
    case.do("a")
    assert case.ended


def test_a_signal_from_outside_wakes_who_waits_for_it_and_nobody_else() -> None:
    text = "start s\nuser a\nboundary g on a signal alarm\nend x\nend e\ns > a > e\ng > x"
    case = Case(define(text))
    with pytest.raises(NotFound):
        runtime.receive_signal(case.definition, case.state, "other", {"n": 1}, case.around)
    assert case.open == ["a"]
    assert case.variables == {}
    case.act(lambda state, around: runtime.receive_signal(case.definition, state, "alarm", {"n": 1}, around))
    assert case.outcome() == "x"
    assert case.variables == {"n": 1}


def test_what_the_machine_reports_as_an_error_is_caught_by_the_event_for_it() -> None:
    text = 'start s\nservice m {{{{sm:connector="x"}}}}\nboundary b on m error {}\nuser r\nend x\nend e\ns > m > e\nb > r > x'
    for code, caught in (("E1", True), ("E2", False)):
        case = Case(define(text.format("E1").replace("{{{{", "{{").replace("}}}}", "}}")))
        job = next(iter(case.waits.connectors))
        case.act(
            lambda state, around, job=job, code=code, case=case: runtime.fail_connector(
                case.definition, state, job, "no", {}, around, code
            )
        )
        assert (case.open == ["r"]) is caught
        assert bool(case.waits.incidents) is not caught
