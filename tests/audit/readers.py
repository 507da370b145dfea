"""Readers of exported logs that share nothing with their writers: case → [(activity, transition, moment)]."""

from __future__ import annotations

import csv
import io
import json
import re
from datetime import datetime
from typing import Any
from xml.etree import ElementTree

Log = dict[str, list[tuple[str, str, datetime]]]
XES = "{http://www.xes-standard.org/}"
TRANSITIONS = {
    "schedule", "assign", "withdraw", "reassign", "start", "suspend", "resume", "pi_abort", "ate_abort", "complete",
    "autoskip", "manualskip", "unknown",
}  # fmt: skip
"""The standard transactional model of the lifecycle extension (IEEE 1849-2016, 6.2)."""
OCEL_TYPES = {"string", "time", "integer", "float", "boolean"}


def read_xes(content: bytes) -> Log:
    """By the standard: unknown keys are skipped, children of a trace are attributes or events."""
    root = ElementTree.fromstring(content)
    assert root.tag == XES + "log"
    _check_shape(root)
    _check_attributes(root)
    promised = {one.get("scope"): [child.get("key") for child in one] for one in root.iter(XES + "global")}
    for scope in promised:
        for one in root.iter(f"{XES}{scope}"):
            assert set(promised[scope]) <= {child.get("key") for child in one}, scope
    for classifier in root.iter(XES + "classifier"):
        keys = (classifier.get("keys") or "").split()
        assert keys
        assert set(keys) <= set(promised.get("event", ())), "a classifier may only use what every event has"
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
            assert moment.tzinfo is not None
            assert found["lifecycle:transition"].get("value") in TRANSITIONS
            rows.append((found["concept:name"].get("value"), found["lifecycle:transition"].get("value"), moment))
        log[values["concept:name"]] = rows  # type: ignore[index, assignment]
    return log


ATTRIBUTES = ("string", "date", "int", "float", "boolean", "id", "list")
SHAPES: dict[str, tuple[dict[str, str], dict[str, str], tuple[tuple[str, ...], ...]]] = {
    "log": (
        {"xes.version": r"\d+(\.\d+)?"},
        {"xes.features": r"\S*( \S+)*"},
        (("extension",), ("global",), ("classifier",), ATTRIBUTES, ("trace",), ("event",)),
    ),
    "extension": ({"name": r"[A-Za-z_][\w.-]*", "prefix": r"[A-Za-z_][\w.-]*", "uri": r"\S+"}, {}, ()),
    "global": ({"scope": r"[A-Za-z_][\w.-]*"}, {}, (ATTRIBUTES,)),
    "classifier": ({"name": r"[A-Za-z_][\w.-]*", "scope": "trace|event", "keys": r"\S+( \S+)*"}, {}, ()),
    "trace": ({}, {}, (ATTRIBUTES, ("event",))),
    "event": ({}, {}, (ATTRIBUTES,)),
}
"""By the schema of IEEE 1849-2016: which attributes an element must have and may have, and its children in order."""


def _check_shape(root: ElementTree.Element) -> None:
    for element in root.iter():
        name = element.tag.removeprefix(XES)
        if name in ATTRIBUTES:
            assert re.fullmatch(r"[A-Za-z_:][\w:.-]*", element.get("key", "")), "xs:Name"
            assert set(element.attrib) == {"key", "value"}
            continue
        needed, allowed, children = SHAPES[name]
        assert set(needed) <= set(element.attrib) <= {*needed, *allowed}, (name, element.attrib)
        for key, pattern in (needed | allowed).items():
            assert re.fullmatch(pattern, element.get(key, ""), re.ASCII), (name, key)
        tags = [child.tag.removeprefix(XES) for child in element]
        groups = [next(n for n, group in enumerate(children) if tag in group) for tag in tags]
        assert groups == sorted(groups), f"the children of {name} are out of order"


def _check_attributes(root: ElementTree.Element) -> None:
    """Every attribute has a key, once within its parent, and a value of its type."""
    reads = {"date": datetime.fromisoformat, "int": int, "float": float, "boolean": {"true": 1, "false": 0}.__getitem__}
    for parent in root.iter():
        given = [child for child in parent if child.tag.removeprefix(XES) in {"string", "id", *reads}]
        keys = [child.get("key") for child in given]
        assert all(keys)
        assert len(set(keys)) == len(keys)
        for child in given:
            value = child.get("value")
            assert value is not None
            reads.get(child.tag.removeprefix(XES), str)(value)


def read_ocel(content: bytes) -> Log:
    """By the standard: every type, attribute and related object that is used must be declared."""
    data: dict[str, Any] = json.loads(content)
    assert set(data) == {"objectTypes", "eventTypes", "objects", "events"}
    objects = {one["id"]: one for one in data["objects"]}
    assert len(objects) == len(data["objects"])
    assert len({event["id"] for event in data["events"]}) == len(data["events"])
    for kinds, items in (("objectTypes", data["objects"]), ("eventTypes", data["events"])):
        declared = {kind["name"]: {a["name"] for a in kind["attributes"]} for kind in data[kinds]}
        assert len(declared) == len(data[kinds]), "a type is declared once"
        assert {a["type"] for kind in data[kinds] for a in kind["attributes"]} <= OCEL_TYPES
        for item in items:
            assert isinstance(item["id"], str)
            assert item["type"] in declared
            assert all(isinstance(relation["qualifier"], str) for relation in item.get("relationships", ()))
            assert {a["name"] for a in item["attributes"]} <= declared[item["type"]]
            assert all(relation["objectId"] in objects for relation in item["relationships"])
    log: Log = {one["id"]: [] for one in data["objects"] if one["type"] == "case"}
    _check_fields(data)
    for one in data["objects"]:
        assert all(datetime.fromisoformat(a["time"]).tzinfo is not None for a in one["attributes"]), (
            "since when it is so"
        )
    for event in data["events"]:
        assert datetime.fromisoformat(event["time"]).tzinfo is not None
        (case,) = [one["objectId"] for one in event["relationships"] if one["qualifier"] == "case"]
        transition = next(a["value"] for a in event["attributes"] if a["name"] == "lifecycle")
        log[case].append((event["type"], transition, datetime.fromisoformat(event["time"])))
    return log


def _check_fields(data: dict[str, Any]) -> None:
    """By the published schema of OCEL 2.0: which fields everything has, and that every value is a text."""
    for kind in (*data["objectTypes"], *data["eventTypes"]):
        assert set(kind) == {"name", "attributes"}
        assert all(set(one) == {"name", "type"} for one in kind["attributes"])
    for items, fields, given in (
        (data["objects"], {"id", "type", "attributes", "relationships"}, {"name", "value", "time"}),
        (data["events"], {"id", "type", "time", "attributes", "relationships"}, {"name", "value"}),
    ):
        for item in items:
            assert set(item) == fields
            assert all(set(one) == given for one in item["attributes"])
            assert all(set(one) == {"objectId", "qualifier"} for one in item["relationships"])
            texts = [*item["attributes"], *item["relationships"]]
            assert all(isinstance(text, str) for one in texts for text in one.values())


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
