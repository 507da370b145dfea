"""Readers of exported logs that share nothing with their writers: case → [(activity, transition, moment)]."""

from __future__ import annotations

import csv
import io
import json
from datetime import datetime
from typing import Any
from xml.etree import ElementTree

Log = dict[str, list[tuple[str, str, datetime]]]
XES = "{http://www.xes-standard.org/}"


def read_xes(content: bytes) -> Log:
    """By the standard: unknown keys are skipped, children of a trace are attributes or events."""
    root = ElementTree.fromstring(content)
    assert root.tag == XES + "log"
    order = [child.tag.removeprefix(XES) for child in root]
    assert order == sorted(order, key=["extension", "global", "classifier", "string", "trace"].index)
    prefixes = {found.get("prefix") for found in root.iter(XES + "extension")}
    log: Log = {}
    for trace in root.iter(XES + "trace"):
        values = {child.get("key"): child.get("value") for child in trace if child.tag != XES + "event"}
        rows = []
        for event in trace.iter(XES + "event"):
            found = {child.get("key", ""): child for child in event}
            assert {key.partition(":")[0] for key in found} - {"shangmen"} <= prefixes
            assert found["time:timestamp"].tag == XES + "date"
            moment = datetime.fromisoformat(found["time:timestamp"].get("value", ""))
            rows.append((found["concept:name"].get("value"), found["lifecycle:transition"].get("value"), moment))
        log[values["concept:name"]] = rows  # type: ignore[index, assignment]
    return log


def read_ocel(content: bytes) -> Log:
    """By the standard: every type, attribute and related object that is used must be declared."""
    data: dict[str, Any] = json.loads(content)
    objects = {one["id"]: one for one in data["objects"]}
    assert len(objects) == len(data["objects"])
    assert len({event["id"] for event in data["events"]}) == len(data["events"])
    for kinds, items in (("objectTypes", data["objects"]), ("eventTypes", data["events"])):
        declared = {kind["name"]: {a["name"] for a in kind["attributes"]} for kind in data[kinds]}
        for item in items:
            assert {a["name"] for a in item["attributes"]} <= declared[item["type"]]
            assert all(relation["objectId"] in objects for relation in item["relationships"])
    log: Log = {one["id"]: [] for one in data["objects"] if one["type"] == "case"}
    for event in data["events"]:
        (case,) = [one["objectId"] for one in event["relationships"] if one["qualifier"] == "case"]
        transition = next(a["value"] for a in event["attributes"] if a["name"] == "lifecycle")
        log[case].append((event["type"], transition, datetime.fromisoformat(event["time"])))
    return log


def read_csv(content: bytes) -> Log:
    log: Log = {}
    for row in csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")):
        moment = datetime.fromisoformat(row["time"])
        log.setdefault(row["case"], []).append((row["activity"], row["transition"], moment))
    return log


def read_json_lines(content: bytes) -> Log:
    cases = [json.loads(line) for line in content.decode().splitlines()]
    return {
        case["case"]: [
            (event["activity"], event["transition"], datetime.fromisoformat(event["at"])) for event in case["events"]
        ]
        for case in cases
    }
