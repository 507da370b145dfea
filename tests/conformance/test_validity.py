"""Models that break the standard are refused; models that do not are read whole."""

from __future__ import annotations

from pathlib import Path

import pytest
from lxml import etree

from engine.definition.bpmn import read_diagrams
from engine.definition.validity import check
from engine.errors import Rejected
from tests.conformance.corpora import corpus
from tests.runtime.drawing import Drawing

ACCEPTED = {f"EXT128_{n}" for n in range(1, 6)}
"""Refused only if message events had to name an operation: no editor writes that, and nothing here reads it."""
NODES = ("Task", "Event", "Gateway", "subProcess", "SubProcess", "transaction", "callActivity", "task")
STRICT = {"C.1.0", "C.1.1", "C.3.0", "C.7.0", "C.8.1"}
"""Reference models that themselves break a rule of the standard (isImmediate in what runs, collections, references)."""


def refusal(path: Path) -> str:
    """Why a model is refused, "" if it is not."""
    content = path.read_bytes()
    try:
        read_diagrams(content)
        found = check(content)
    except Rejected as refused:
        return str(refused)
    return str(found[0]) if found else ""


def test_models_that_break_the_standard_are_refused_with_a_reason() -> None:
    root = corpus("betsy") / "bpmn" / "bpmn_constraints"
    models = sorted(root.rglob("*.bpmn"))
    reasons = {path.stem: refusal(path) for path in models}
    accepted = {stem for stem, reason in reasons.items() if not reason}
    print(f"betsy, invalid models: {len(models) - len(accepted)} of {len(models)} refused; accepted {sorted(accepted)}")
    assert {"_".join(stem.split("_")[:2]) for stem in accepted} == ACCEPTED
    assert all(reason.startswith("Expected") for reason in reasons.values() if reason)


def test_models_that_run_are_not_refused() -> None:
    root = corpus("betsy") / "bpmn"
    wrong = {
        path.stem: refusal(path)
        for folder in ("activities", "basics", "data", "gateways", "errors")
        for path in sorted((root / folder).glob("*.bpmn"))
        if refusal(path)
    }
    assert not wrong


@pytest.mark.parametrize(("marked", "found"), [("true", 1), ("1", 1), ("false", 0), ("0", 0)])
def test_both_ways_to_write_that_a_process_runs_are_read(marked: str, found: int) -> None:
    drawn = (
        Drawing("start s\nuser a\nend e\ns > a > e")
        .xml()
        .replace(b'isExecutable="true"', b'isExecutable="%s"' % marked.encode())
    )
    content = drawn.replace(b"<bpmn:sequenceFlow ", b'<bpmn:sequenceFlow isImmediate="true" ', 1)
    assert content != drawn

    assert len([one for one in check(content) if "isImmediate" in str(one)]) == found


def test_reference_models_are_read_whole() -> None:
    """Every flow node, flow, lane and shape of the 21 reference diagrams is in what was read."""
    models = sorted(corpus("miwg").rglob("*.bpmn"))
    for path in models:
        content = path.read_bytes()
        diagrams = read_diagrams(content)
        root = etree.fromstring(content)
        drawn = {
            node.get("id")
            for process in root.iter("{*}process")
            for node in process.iter("{*}*")
            if node.get("id")
            and etree.QName(node).localname.endswith(NODES)
            and not etree.QName(node).localname.startswith(("global", "call Choreography"))
        }
        flows = {f.get("id") for f in root.iter("{*}sequenceFlow") if f.get("id")}
        lanes = {lane.get("id") for lane in root.iter("{*}lane")}
        assert drawn <= {key for diagram in diagrams for key in diagram.elements}, path.stem
        assert flows <= {key for diagram in diagrams for key in diagram.flows}, path.stem
        assert lanes == {lane.id for diagram in diagrams for lane in diagram.lanes}, path.stem
        shapes = {s.get("bpmnElement", "").rpartition(":")[2] for s in root.iter("{*}BPMNShape")} & drawn
        assert shapes == {key for d in diagrams for key in d.shapes} & drawn, path.stem
    print(f"MIWG: {len(models)} reference models read")
    assert len(models) == 21
    assert {path.stem for path in models if refusal(path)} == STRICT
