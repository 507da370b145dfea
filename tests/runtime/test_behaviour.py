"""What a repeated activity tells of its progress: by each instance, by the first, on a condition, or never."""

from __future__ import annotations

import pytest

from engine.definition.bpmn import read_diagram
from engine.history import events as e
from engine.runtime.compiled import assemble
from tests.runtime.cases import Case

BPMN = 'xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
EVENT = '<signalEventDefinition id="told" signalRef="done"/>'


def case_with(behaviour: str, inside: str = "", boundary: str = "done") -> Case:
    """Three tasks one after the other; a boundary event (drawn interrupting) leads to a note."""
    text = f"""<definitions {BPMN} targetNamespace="t"><signal id="done" name="done"/>
      <signal id="other" name="other"/>{EVENT}
      <process id="p" isExecutable="true"><startEvent id="s"/><sequenceFlow id="f1" sourceRef="s" targetRef="a"/>
      <userTask id="a"><multiInstanceLoopCharacteristics isSequential="true" {behaviour}>
        <loopCardinality>3</loopCardinality>{inside}</multiInstanceLoopCharacteristics></userTask>
      <boundaryEvent id="b" attachedToRef="a"><signalEventDefinition id="heard" signalRef="{boundary}"/></boundaryEvent>
      <sequenceFlow id="f2" sourceRef="a" targetRef="e"/><endEvent id="e"/>
      <sequenceFlow id="f3" sourceRef="b" targetRef="n"/><task id="n"/>
      <sequenceFlow id="f4" sourceRef="n" targetRef="g"/><endEvent id="g"/></process></definitions>"""
    case = Case(assemble("p", {"p": read_diagram(text.encode())}, {}, {}, manifest={}))
    while not case.ended:
        case.do("a")
    case.again()
    return case


COMPLEX = f"<complexBehaviorDefinition><condition>%s</condition><event>{EVENT.replace('told', 'told2')}</event></complexBehaviorDefinition>"  # noqa: E501


@pytest.mark.parametrize(
    ("behaviour", "inside", "tasks", "notes"),
    [
        ('behavior="None" noneBehaviorEventRef="told"', "", 3, 3),
        ('behavior="One" oneBehaviorEventRef="told"', "", 3, 1),
        ('behavior="All"', "", 3, 0),
        ('behavior="Complex"', COMPLEX % "nrOfCompletedInstances = 2", 2, 1),
        ('behavior="Complex"', COMPLEX % "nrOfCompletedInstances = 9", 3, 0),
    ],
)
def test_each_behaviour_tells_as_often_as_it_says_and_interrupts_nothing(
    behaviour: str, inside: str, tasks: int, notes: int
) -> None:
    case = case_with(behaviour, inside)

    assert len(case.told(e.UserTaskCompleted)) == tasks
    assert case.path().count("n") == notes
    assert "e" in case.path()


def test_a_boundary_event_for_another_signal_hears_nothing() -> None:
    case = case_with('behavior="None" noneBehaviorEventRef="told"', boundary="other")

    assert case.path().count("n") == 0


def test_a_signal_from_elsewhere_interrupts_as_drawn() -> None:
    from engine.runtime import interpreter as runtime

    case = case_with('behavior="All"')
    again = Case(case.definition)
    again.act(lambda state, around: runtime.receive_signal(again.definition, state, "done", {}, around))

    assert again.ended
    assert again.told(e.UserTaskCompleted) == []
    assert "n" in again.path()
