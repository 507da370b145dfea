"""Examiners that misbehave, run in the other process: SpiffWorkflow's own parser on a diagram that it never ends
on, one that eats memory, one that kills its process."""

from __future__ import annotations

import os
import time

from lxml import etree
from SpiffWorkflow.bpmn.parser import BpmnParser

from engine.errors import Rejected

HANG = b"""<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" id="d" targetNamespace="t">
<process id="p" isExecutable="true"><dataObjectReference id="vr" dataObjectRef="nope"/><startEvent id="s"/>
<subProcess id="sub"><startEvent id="s1"/><userTask id="b"><dataInputAssociation id="dia"><sourceRef>vr</sourceRef>
</dataInputAssociation></userTask><endEvent id="e1"/><sequenceFlow id="f1" sourceRef="s1" targetRef="b"/>
<sequenceFlow id="f2" sourceRef="b" targetRef="e1"/></subProcess><endEvent id="e"/>
<sequenceFlow id="f3" sourceRef="s" targetRef="sub"/><sequenceFlow id="f4" sourceRef="sub" targetRef="e"/>
</process></definitions>"""


def library(kind: str, key: str, content: bytes) -> None:
    """What the bare library does with an upload."""
    if key != "p":
        return
    parser = BpmnParser()
    parser.add_bpmn_xml(etree.fromstring(content))
    parser.get_subprocess_specs("p")


def sleep(kind: str, key: str, content: bytes) -> None:
    time.sleep(60)


def eat(kind: str, key: str, content: bytes) -> None:
    eaten = []
    while True:
        eaten.append(bytearray(900_000_000))


def die(kind: str, key: str, content: bytes) -> None:
    os._exit(3)


def look_around(kind: str, key: str, content: bytes) -> None:
    raise Rejected("secret is known" if "SHANGMEN_DATABASE" in os.environ else "secret is unknown")
