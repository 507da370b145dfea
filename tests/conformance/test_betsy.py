"""The public betsy set: executable models give the expected trace, invalid models are refused."""

from __future__ import annotations

import json
from datetime import timedelta

from engine.errors import Rejected
from tests.conformance.corpora import corpus
from tests.conformance.host import Host, adapt, load

PROCESSES_FLOOR, CASES_FLOOR = 52, 85
CONTRADICTED = {
    "activities/MultiInstance_NoneBehavior.bpmn": "its boundary event interrupts (cancelActivity defaults to true)",
    "activities/MultiInstance_OneBehavior.bpmn": "its boundary event interrupts (cancelActivity defaults to true)",
    "activities/MultiInstance_ComplexBehavior.bpmn": "an interrupted activity has no normal flow",
    "activities/AdHocSubProcess_Sequential.bpmn": "the model has no script that logs the expected third word",
    "activities/AdHocSubProcess_Parallel.bpmn": "the model has no script that logs the expected third word",
}
"""Models whose published expectation contradicts the model itself, read by BPMN 2.0.2."""


def run_case(content: bytes, process: str, case: dict) -> list[str]:
    """The sorted trace of one case; a refusal is the trace ``ERROR``."""
    variables = {"log": [], "integerVariable": case["integerVariable"], "data": None, "Data_Input_End": None}
    if case["input"] is not None:
        variables["test"] = case["input"]
    try:
        host = Host(load(adapt(content)))
        if case["parallel"] and "ParallelProcess" in host.diagrams:
            host.start("ParallelProcess", {"log": []})
        host.start(process, variables)
    except Rejected:
        return ["ERROR"]
    host.let_time_pass(timedelta(milliseconds=case["delay_ms"] + 2000))
    words = _marked_once(host.logged(), case["expected"]) + (["EXECUTION_parallel"] if host.overlapped else [])
    if "ERROR" in case["expected"]:
        words = ["ERROR" if word == "ERROR_runtime" else word for word in words]
    return sorted(words)


def _marked_once(words: list[str], expected: list[str]) -> list[str]:
    """A marker is a file: it exists once, and is looked for only where it is expected."""
    rest = [word for word in words if word != "MARKER_exists"]
    return rest + (["MARKER_exists"] if "MARKER_exists" in words and "MARKER_exists" in expected else [])


def test_every_executable_model_gives_the_expected_trace() -> None:
    root = corpus("betsy")
    records = json.loads((root / "expected.json").read_text())
    wrong, processes, cases = [], 0, 0
    for record in records:
        content = (root / "bpmn" / record["file"]).read_bytes()
        right = 0
        for case in record["cases"]:
            found = run_case(content, record["process"], case)
            right += found == sorted(case["expected"])
            if found != sorted(case["expected"]):
                wrong.append(f"{record['file']} {case['input']}: expected {case['expected']}, found {found}")
        cases += right
        processes += right == len(record["cases"])
    print(f"betsy: {processes}/{len(records)} processes, {cases} cases\n" + "\n".join(wrong))
    assert {line.split()[0] for line in wrong if line.split()[0] in CONTRADICTED} == set(CONTRADICTED)
    assert processes >= PROCESSES_FLOOR
    assert cases >= CASES_FLOOR


def broken(content: bytes) -> bytes:
    """The model with its first script task made to log something else: no expectation may hold any more."""
    return (
        content.replace(b"SCRIPT_task", b"SCRIPT_other")
        .replace(b"SET_STRING_DATA", b"CREATE_LOG_FILE")
        .replace(b"AND_LOG", b"_NOT")
        .replace(b"CREATE_MARKER_FILE", b"CREATE_LOG_FILE")
        .replace(b"TIMESTAMP_LOG_1", b"LOG_FILE")
    )


def test_the_same_models_doing_something_else_give_another_trace() -> None:
    root = corpus("betsy")
    deceived = []
    for record in json.loads((root / "expected.json").read_text()):
        content = broken((root / "bpmn" / record["file"]).read_bytes())
        for case in record["cases"]:
            if case["expected"] not in (["ERROR"], ["ERROR_runtime"]):
                found = run_case(content, record["process"], case)
                if found == sorted(case["expected"]):
                    deceived.append(record["file"])
    assert not deceived
