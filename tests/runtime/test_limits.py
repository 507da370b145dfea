"""What is too much, too deep or a mistake of the engine itself is an incident: the work stands, the element is named."""

# ruff: noqa: E501 - a drawing reads better in one line

from __future__ import annotations

from typing import Any

import pytest

from engine.errors import Rejected
from engine.history import events as e
from engine.runtime.spiff import limits
from engine.runtime.spiff.gateways import Exclusive, Inclusive
from engine.runtime.spiff.tasks import Script, Send, User
from tests.runtime.cases import Case, define

WORK = "start s\nuser a\nscript t do {n: 1}\nxor x\nuser b\nend e\nend f\ns > a > t > x\nx > b if n = 1\nx > f default\nb > e"


def broken(*_: Any) -> Any:
    raise KeyError("a mistake of the engine")


def incident(case: Case) -> e.IncidentRaised:
    found = case.told(e.IncidentRaised)
    assert len(found) == 1
    assert isinstance(found[0], e.IncidentRaised)
    return found[0]


# ------------------------------------------------------------------ mistakes of the engine's own


@pytest.mark.parametrize(
    ("cls", "method", "element"),
    [(Script, "begin", "t"), (Exclusive, "choose", "x"), (User, "begin", "b"), (Script, "leave", "t")],
)
def test_a_mistake_of_the_engine_keeps_what_the_person_did_and_names_the_element(
    monkeypatch: pytest.MonkeyPatch, cls: type, method: str, element: str
) -> None:
    case = Case(define(WORK))
    with monkeypatch.context() as patch:
        patch.setattr(cls, method, broken)
        case.do("a", said="yes")
        if cls is not User:  # its first task was made before
            case.again()

    assert incident(case).element == element
    assert "a mistake of the engine" in incident(case).params["reason"]
    assert case.variables["said"] == "yes"
    assert [event.element for event in case.told(e.UserTaskCompleted)] == ["a"]
    case.retry()
    assert case.open == ["b"]


def test_without_the_mistake_there_is_no_incident() -> None:
    case = Case(define(WORK))
    case.do("a", said="yes")
    assert case.told(e.IncidentRaised) == []
    assert case.open == ["b"]


def test_half_a_move_leaves_nothing_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    def half(node: Script, token: Any) -> bool:
        token.workflow.assign(token.scope, {"half": True})
        token.workflow.tell(e.ElementCompleted, token)
        raise AttributeError("broken in the middle")

    case = Case(define(WORK))
    with monkeypatch.context() as patch:
        patch.setattr(Script, "begin", half)
        case.do("a")

    assert "half" not in case.variables
    assert "t" not in case.path()
    assert incident(case).element == "t"


def test_two_mistakes_in_one_step_are_two_incidents_and_the_other_branch_goes_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    text = "start s\nuser a\nand f\nscript t do {n: 1}\nscript u do {m: 1}\nuser b\nend e\nend g\nend h\ns > a > f\nf > t > e\nf > u > g\nf > b > h"
    case = Case(define(text))
    with monkeypatch.context() as patch:
        patch.setattr(Script, "begin", broken)
        case.do("a")

    assert sorted(found.element for found in case.told(e.IncidentRaised)) == ["t", "u"]
    assert case.open == ["b"]
    case.retry()
    case.retry()
    case.do("b")
    assert case.ended


def test_a_mistake_while_joins_are_asked_is_an_incident_at_the_join(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "start s\nor f\nuser a\nuser b\nor j\nend e\ns > f\nf > a if true\nf > b if true\na > j\nb > j\nj > e"
    case = Case(define(text))
    case.do("a")
    with monkeypatch.context() as patch:
        patch.setattr(Inclusive, "waiting", broken)
        case.do("b")

    assert {found.element for found in case.told(e.IncidentRaised)} == {"j"}
    assert [event.element for event in case.told(e.UserTaskCompleted)] == ["a", "b"]


def test_a_mistake_after_a_message_keeps_what_was_told(monkeypatch: pytest.MonkeyPatch) -> None:
    case = Case(define("start s\ncatch c message m\nsend t m\nuser a\nend e\ns > c > t > a > e"))
    with monkeypatch.context() as patch:
        patch.setattr(Send, "begin", broken)
        case.tell("m", said="yes")

    assert incident(case).element == "t"
    assert case.variables["said"] == "yes"


# ------------------------------------------------------------------ limits


PILE = "start s\nuser a\nscript t do {0}\nxor x\nuser b\nend e\ns > a > t > x\nx > t if n < 300\nx > b default\nb > e"


def test_a_loop_that_piles_up_data_is_an_incident_at_the_element_that_does_it() -> None:
    case = Case(define(PILE.format("{n: n + 1, pile: append(pile, big)}")), {"n": 0, "pile": [], "big": "x" * 40_000})
    case.do("a", said="yes")

    assert incident(case).element == "t"
    assert incident(case).params["limit"] == str(limits.DATA_BYTES_MAX)
    assert case.variables["said"] == "yes"
    assert 70 < len(case.variables["pile"]) < 90


def test_a_loop_that_replaces_its_data_may_go_on() -> None:
    case = Case(define(PILE.replace("{0}", "{n: n + 1, pile: [big, big]}")), {"n": 0, "pile": [], "big": "x" * 40_000})
    case.do("a")

    assert case.told(e.IncidentRaised) == []
    assert case.open == ["b"]


def test_a_person_who_gives_too_much_is_refused_and_nothing_changes() -> None:
    case = Case(define(WORK))
    with pytest.raises(Rejected, match="bytes of data"):
        case.do("a", x="x" * 4_000_000)
    assert case.open == ["a"]
    case.do("a", x="x" * 1_000)
    assert case.open == ["b"]


def test_what_a_machine_brings_back_may_be_too_much_and_is_then_an_incident() -> None:
    case = Case(define('start s\nservice m {{sm:connector="x" sm:result="r"}}\nuser a\nend e\ns > m > a > e'))
    case.finish("m", r="x" * 4_000_000)

    assert incident(case).element == "m"
    case.retry()
    case.finish("m", r="x")
    assert case.open == ["a"]


def test_tokens_without_end_are_an_incident(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "TOKENS_MAX", 50)
    text = "start s\nuser a\nand f\nuser b\nxor x\nend e\ns > a > x > f\nf > b\nf > x\nb > e"
    case = Case(define(text))
    case.do("a", said="yes")

    assert "tokens" in incident(case).template
    assert case.variables["said"] == "yes"
    assert 0 < len(case.open) <= 50


def test_steps_without_end_are_an_incident_and_some_are_not() -> None:
    text = "start s\nuser a\nscript t do {n: n + 1}\nxor x\nend e\ns > a > t > x\nx > t if n < 0 + limit\nx > e default"
    endless, short = Case(define(text), {"n": 0, "limit": 10_000}), Case(define(text), {"n": 0, "limit": 100})
    endless.do("a", said="yes")
    short.do("a")

    assert "automatic steps" in incident(endless).template
    assert endless.variables["said"] == "yes"
    assert not endless.ended
    assert short.ended
    while not endless.ended:
        endless.retry()
    assert endless.variables["n"] == 10_000


def nested(depth: int) -> str:
    lines = ["start s", "end e"]
    inner = ["user a"]
    for level in range(depth):
        inner = [f"sub p{level} [", *inner, "]"]
    return "\n".join([*lines, *inner, f"s > p{depth - 1} > e"])


def test_fifty_subprocesses_inside_each_other_end_one_after_the_other() -> None:
    case = Case(define(nested(50)))
    assert case.open == ["a"]
    case.do("a")

    assert case.ended
    assert len(case.told(e.ScopeEntered)) == len(case.told(e.ScopeLeft)) == 50
    case.again()


def test_a_process_that_calls_itself_without_end_is_an_incident() -> None:
    case = Case(define("start s\nuser a\ncall c p\nend e\ns > a > c > e", {}))
    for _ in range(3):
        case.do("a", said="yes")
    assert case.told(e.IncidentRaised) == []

    deep = Case(define("start s\ncall c p\nend e\ns > c > e", {}))
    assert "nested" in incident(deep).template
    assert not deep.ended
