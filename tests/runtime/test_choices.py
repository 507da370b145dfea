"""Calls that choose among a list, and undoing that nobody waits for."""

# ruff: noqa: E501 - a drawing reads better in one line

from __future__ import annotations

import pytest

from engine.errors import Rejected
from engine.history import events as e
from tests.runtime.cases import Case, define

CALLS = {"short": "start i\nuser quick\nend j\ni > quick > j", "long": "start k\nuser slow\nend l\nk > slow > l"}
CHOICE = 'start s\nuser a\ncall c =way {{sm:calledElements="short long"}}\nend e\ns > a > c > e'


@pytest.mark.parametrize(("way", "task"), [("short", "quick"), ("long", "slow")])
def test_the_data_choose_the_process_that_is_called(way: str, task: str) -> None:
    case = Case(define(CHOICE, CALLS))
    case.do("a", way=way)

    assert case.open == [task]
    assert case.told(e.ScopeEntered)[0].called == way
    case.do(task)
    assert case.ended
    case.again()


@pytest.mark.parametrize("way", ["p", "nothing", None, 7])
def test_what_is_not_on_the_list_is_an_incident_that_names_the_list(way: object) -> None:
    case = Case(define(CHOICE, CALLS))
    case.do("a", way=way)

    found = case.told(e.IncidentRaised)[0]
    assert found.element == "c"
    assert found.params["expected"] == "short, long"
    assert case.variables["way"] == way


@pytest.mark.parametrize(
    ("drawing", "missing"),
    [
        ("start s\ncall c =way\nend e\ns > c > e", "list the processes"),
        ('start s\ncall c =way {{sm:calledElements="short nowhere"}}\nend e\ns > c > e', "nowhere"),
    ],
)
def test_a_call_that_chooses_without_a_list_or_from_what_is_not_there_is_refused(drawing: str, missing: str) -> None:
    with pytest.raises(Rejected, match=missing):
        define(drawing, CALLS)


UNDO = (
    "start s\nuser a\nboundary b on a compensate by undo\nuser undo for-compensation\nthrow t compensate {}\nuser c\nend e\n"
    "s > a > t > c > e"
)


def undoing(waits: bool) -> Case:
    definition = define(UNDO.replace("compensate {}", "compensate"))
    if not waits:
        from engine.definition.bpmn import read_diagram
        from engine.runtime.compiled import assemble
        from tests.runtime.drawing import Drawing

        xml = Drawing(UNDO.replace("compensate {}", "compensate"), "p").xml()
        at = xml.index(b'id="t"')
        xml = xml[:at] + xml[at:].replace(
            b"<bpmn:compensateEventDefinition/>", b'<bpmn:compensateEventDefinition waitForCompletion="false"/>', 1
        )
        definition = assemble("p", {"p": read_diagram(xml)}, {}, {}, manifest={})
    case = Case(definition)
    case.do("a")
    return case


def test_an_event_that_waits_goes_on_when_the_work_is_undone() -> None:
    case = undoing(waits=True)
    assert case.open == ["undo"]
    case.do("undo")
    assert case.open == ["c"]
    case.do("c")
    assert case.ended
    case.again()


@pytest.mark.parametrize("order", [("c", "undo"), ("undo", "c")])
def test_an_event_that_does_not_wait_goes_on_at_once_and_the_case_ends_when_all_is_done(order: tuple[str, str]) -> None:
    case = undoing(waits=False)
    assert case.open == ["c", "undo"]
    case.do(order[0])
    assert not case.ended
    assert case.open == [order[1]]
    case.do(order[1])
    assert case.ended
    case.again()
