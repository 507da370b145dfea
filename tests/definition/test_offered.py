"""What the editor offers for drawing passes the check when it is filled in; what the check refuses is not offered."""

from __future__ import annotations

from itertools import pairwise

import pytest

from engine.definition.lint import lint
from engine.definition.lint.executable import CATCHABLE
from engine.definition.lint.offered import offered

HEAD = (
    '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:sm="urn:shangmen:bpmn:1" id="d" '
    'targetNamespace="urn:x">'
)
SHARED = '<bpmn:message id="m" name="M" sm:roles="clerk"/><bpmn:error id="e" name="E" errorCode="E"/>'
SHARED += '<bpmn:signal id="s" name="S"/><bpmn:escalation id="x" name="X" escalationCode="X"/>'
WHO = 'sm:role="clerk" sm:level="office" sm:form="note"'
ABOUT = {
    "timer": "<bpmn:timerEventDefinition id='t{n}'>"
    "<bpmn:timeDuration xsi:type='bpmn:tFormalExpression'>P1D</bpmn:timeDuration></bpmn:timerEventDefinition>",
    "message": "<bpmn:messageEventDefinition id='t{n}' messageRef='m'/>",
    "error": "<bpmn:errorEventDefinition id='t{n}' errorRef='e'/>",
    "terminate": "<bpmn:terminateEventDefinition id='t{n}'/>",
    "signal": "<bpmn:signalEventDefinition id='t{n}' signalRef='s'/>",
    "escalation": "<bpmn:escalationEventDefinition id='t{n}' escalationRef='x'/>",
    "cancel": "<bpmn:cancelEventDefinition id='t{n}'/>",
    "compensate": "<bpmn:compensateEventDefinition id='t{n}'/>",
    "link": "<bpmn:linkEventDefinition id='t{n}' name='L'/>",
    "conditional": "<bpmn:conditionalEventDefinition id='t{n}'>"
    "<bpmn:condition xsi:type='bpmn:tFormalExpression'>done = true</bpmn:condition></bpmn:conditionalEventDefinition>",
}
FILLED = {
    "userTask": WHO,
    "businessRuleTask": 'sm:decision="table" sm:result="r"',
    "serviceTask": 'sm:connector="notify"',
    "callActivity": 'calledElement="other"',
    "receiveTask": 'messageRef="m"',
    "sendTask": 'messageRef="m"',
    "scriptTask": 'scriptFormat="feel"',
}
INSIDE = {
    "subProcess": '<bpmn:startEvent id="i1"/><bpmn:endEvent id="i2"/>'
    '<bpmn:sequenceFlow id="i3" sourceRef="i1" targetRef="i2"/>',
    "scriptTask": "<bpmn:script>{r: 1}</bpmn:script>",
    "multiInstance": '<bpmn:multiInstanceLoopCharacteristics id="l" sm:collection="many"/>',
}
GATEWAYS = ("exclusiveGateway", "parallelGateway", "inclusiveGateway", "complexGateway")
TASK = f'<bpmn:userTask id="work" name="办理" {WHO}>%s</bpmn:userTask>'
PLAIN = {
    "task", "manualTask", "sendTask", *FILLED, "subProcess", *GATEWAYS, "eventBasedGateway", "multiInstance",
    "startEvent", "startEvent/inside", "endEvent", "intermediateThrowEvent", "intermediateCatchEvent", "boundaryEvent",
    "subProcess:event", "textAnnotation", "group",
}  # fmt: skip
EVERYTHING = PLAIN | {f"{kind}:{event}" for kind, events in CATCHABLE.items() for event in (*events, *ABOUT)}
EVERYTHING |= {f"startEvent:{event}/handler" for event in ABOUT}


def chain(*nodes: tuple[str, str]) -> str:
    """Elements one after another; each is (id, XML)."""
    flows = "".join(
        f'<bpmn:sequenceFlow id="f{n}" sourceRef="{a}" targetRef="{b}"/>'
        for n, ((a, _), (b, _)) in enumerate(pairwise(nodes))
    )
    return "".join(xml for _, xml in nodes) + flows


def node(kind: str, attributes: str = "", inside: str = "") -> tuple[str, str]:
    return "it", f'<bpmn:{kind} id="it" name="它" {attributes}>{inside}</bpmn:{kind}>'


START, END = ("start", '<bpmn:startEvent id="start"/>'), ("end", '<bpmn:endEvent id="end"/>')
WORK = ("work", TASK % "")


def drawn(key: str) -> str:
    """The smallest process with this element, everything about it filled in."""
    path, _, place = key.partition("/")
    kind, _, event = path.partition(":")
    about = ABOUT.get(event, "").format(n=1)
    if place == "handler" or key == "subProcess:event":
        begins = about or ABOUT["timer"].format(n=1)
        inner = f'<bpmn:startEvent id="it">{begins}</bpmn:startEvent><bpmn:endEvent id="i2"/>'
        inner += '<bpmn:sequenceFlow id="i3" sourceRef="it" targetRef="i2"/>'
        return chain(START, WORK, END) + f'<bpmn:subProcess id="sub" triggeredByEvent="true">{inner}</bpmn:subProcess>'
    if kind == "startEvent":
        if place == "inside":
            return chain(START, node("subProcess", "", INSIDE["subProcess"]), END)
        besides = START[1] + '<bpmn:sequenceFlow id="i9" sourceRef="start" targetRef="work"/>' if event else ""
        return chain(node(kind, "", about), WORK, END) + besides
    if kind == "endEvent":
        if event == "error":
            sub = '<bpmn:startEvent id="i1"/>' + node(kind, "", about)[1]
            sub += '<bpmn:sequenceFlow id="i3" sourceRef="i1" targetRef="it"/>'
            caught = '<bpmn:boundaryEvent id="b" attachedToRef="sub"><bpmn:errorEventDefinition id="t2" errorRef="e"/>'
            caught += '</bpmn:boundaryEvent><bpmn:endEvent id="i4"/>'
            caught += '<bpmn:sequenceFlow id="i5" sourceRef="b" targetRef="i4"/>'
            return chain(START, ("sub", f'<bpmn:subProcess id="sub" name="S">{sub}</bpmn:subProcess>'), END) + caught
        return chain(START, WORK, node(kind, "", about))
    if kind == "boundaryEvent":
        host = WORK
        if event == "error":
            host = ("work", f'<bpmn:subProcess id="work" name="S">{INSIDE["subProcess"]}</bpmn:subProcess>')
        out = '<bpmn:endEvent id="i4"/><bpmn:sequenceFlow id="i5" sourceRef="it" targetRef="i4"/>'
        return chain(START, host, END) + node(kind, 'attachedToRef="work"', about)[1] + out
    if kind == "multiInstance":
        return chain(START, ("work", TASK % INSIDE[kind]), END)
    if kind == "eventBasedGateway":
        waits = [f'<bpmn:intermediateCatchEvent id="w{n}">{ABOUT["timer"].format(n=n)}' for n in (1, 2)]
        second = waits[1] + '</bpmn:intermediateCatchEvent><bpmn:endEvent id="i4"/>'
        second += '<bpmn:sequenceFlow id="i5" sourceRef="it" targetRef="w2"/>'
        second += '<bpmn:sequenceFlow id="i6" sourceRef="w2" targetRef="i4"/>'
        return chain(START, node(kind), ("w1", waits[0] + "</bpmn:intermediateCatchEvent>"), END) + second
    if kind == "textAnnotation":
        note = '<bpmn:textAnnotation id="it"><bpmn:text>x</bpmn:text></bpmn:textAnnotation>'
        return chain(START, WORK, END) + note
    if kind == "group":
        return chain(START, WORK, END) + '<bpmn:group id="it"/>'
    return chain(START, node(kind, FILLED.get(kind, ""), INSIDE.get(kind, about)), END)


def errors(key: str) -> list[str]:
    other = '<bpmn:process id="other" isExecutable="true">' + chain(START, END) + "</bpmn:process>"
    body = f'<bpmn:process id="p" isExecutable="true">{drawn(key)}</bpmn:process>'
    files = {("process", "p"): body, ("process", "other"): other}
    whole = {place: f"{HEAD}{SHARED}{xml}</bpmn:definitions>".encode() for place, xml in files.items()}
    found = lint(whole | {("form", "note"): b"", ("decision", "table"): b""}, "p")
    return [str(one) for one in found if one.severity == "error" and one.process == "p"]


@pytest.mark.parametrize("key", sorted(offered()))
def test_what_is_offered_passes_the_check_when_it_is_filled_in(key: str) -> None:
    assert errors(key) == []


def test_what_the_check_refuses_is_not_offered() -> None:
    refused = {key for key in EVERYTHING if errors(key)}

    assert refused & offered() == set()
    assert {"boundaryEvent", "intermediateCatchEvent", "startEvent:timer", "endEvent:timer"} <= refused, "it can refuse"


def test_every_kind_that_is_offered_is_one_that_is_known() -> None:
    assert offered() <= EVERYTHING
