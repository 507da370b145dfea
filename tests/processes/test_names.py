"""A procedure's files agree with each other: forms, tables, lanes, duties, parameters, words."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.processes.drawing import PROCEDURES, ROOT, SM, B, Drawing, toml

NAME_LENGTH_MAX = 8
CHINESE = re.compile(r"[\u4e00-\u9fff]")
PARAMETER = re.compile(r"\bprofile\.([a-z_0-9]+)")
PAPER_OR_NOTE = re.compile(r'\b(?:name|text): "([^"]+)"')
TYPES = {"integer": int, "boolean": bool, "string": str, "list": list}

each_procedure = pytest.mark.parametrize("folder", PROCEDURES, ids=lambda p: p.name)


def drawings(folder: Path) -> dict[str, Drawing]:
    """The diagrams of a procedure by file stem."""
    return {path.stem: Drawing(path.read_bytes()) for path in sorted(folder.glob("*.bpmn"))}


def forms_of(folder: Path) -> dict[str, dict[str, Any]]:
    """The form documents of a procedure by key."""
    library = ROOT / "forms" / "library" / toml(folder / "bundle.toml")["forms"]
    return {path.name.removesuffix(".form.json"): json.loads(path.read_text()) for path in library.glob("*.form.json")}


def elements(folder: Path) -> set[str]:
    """The ids of all nodes of all diagrams."""
    return {key for drawing in drawings(folder).values() for key in drawing.nodes}


def names(drawing: Drawing) -> Iterator[tuple[str, str]]:
    """(id, name) of everything that is written on a diagram."""
    assert drawing.process is not None
    for element in drawing.process.iter():
        if name := element.get("name"):
            yield element.get("id", ""), name


def form_words(component: Any) -> Iterator[str]:
    """Every Chinese text that a form shows."""
    if isinstance(component, list):
        for item in component:
            yield from form_words(item)
    elif isinstance(component, dict):
        for key, value in component.items():
            if isinstance(value, str) and key in ("label", "title", "text", "description", "rule_message", "submit",
                                                  "patternErrorMessage", "unit"):  # fmt: skip
                if CHINESE.search(value):
                    yield value
            elif key not in ("conditional",):
                yield from form_words(value)


@each_procedure
def test_every_role_of_a_lane_or_a_start_has_a_name(folder: Path) -> None:
    manifest = toml(folder / "bundle.toml")
    roles = {lane.get(f"{SM}role") for d in drawings(folder).values() for lane in d.lanes.values()}
    assert (roles | set(manifest["start_roles"])) - {"applicant"} <= set(manifest["roles"])


@each_procedure
def test_the_file_is_called_like_its_process(folder: Path) -> None:
    for stem, drawing in drawings(folder).items():
        assert drawing.process is not None
        assert drawing.process.get("id") == stem
        assert drawing.process.get("isExecutable") == "true"
    assert toml(folder / "bundle.toml")["process"] in drawings(folder)


@each_procedure
def test_an_id_stands_once_in_the_whole_procedure(folder: Path) -> None:
    seen: dict[str, str] = {}
    for stem, drawing in drawings(folder).items():
        for key in [*drawing.nodes, *drawing.flows, *drawing.lanes]:
            assert key not in seen, f"{key} stands in {seen[key]} and in {stem}"
            seen[key] = stem


@each_procedure
def test_every_form_that_is_named_exists_and_every_form_is_named(folder: Path) -> None:
    named = {toml(folder / "bundle.toml")["start_form"]}
    for drawing in drawings(folder).values():
        named |= {e.get(f"{SM}form", "") for e in drawing.root.iter() if e.get(f"{SM}form")}
        for key, element in drawing.nodes.items():
            assert element.tag != f"{B}userTask" or element.get(f"{SM}form"), f"{key} has no form"
    assert named == set(forms_of(folder))


@each_procedure
def test_every_lane_has_a_role_and_stands_on_every_task(folder: Path) -> None:
    for drawing in drawings(folder).values():
        placed = {r.text for lane in drawing.lanes.values() for r in lane.iter(f"{B}flowNodeRef")}
        for key, lane in drawing.lanes.items():
            assert lane.get(f"{SM}role"), key
        for key, element in drawing.nodes.items():
            if element.tag == f"{B}userTask":
                assert key in placed or element.get(f"{SM}role"), key


@each_procedure
def test_tasks_do_what_exists(folder: Path) -> None:
    processes, tables = set(drawings(folder)), {path.stem for path in folder.glob("*.dmn")}
    papers = {path.name.removesuffix(".html.j2") for path in folder.glob("documents/*.html.j2")}
    issued = set()
    for drawing in drawings(folder).values():
        for key, element in drawing.nodes.items():
            if element.tag == f"{B}callActivity":
                assert element.get("calledElement") in processes, key
            if element.tag == f"{B}businessRuleTask":
                assert element.get(f"{SM}decision") in tables and element.get(f"{SM}result"), key
            if element.get(f"{SM}connector") == "document":
                issued |= set(re.findall(r'document: "(\w+)"', element.get(f"{SM}input", "")))
    assert issued == papers


@each_procedure
def test_gateways_ask_and_their_flows_answer(folder: Path) -> None:
    for drawing in drawings(folder).values():
        for key, element in drawing.nodes.items():
            out = [f for f in drawing.flows.values() if f.get("sourceRef") == key]
            asked = [f for f in out if f.find(f"{B}conditionExpression") is not None]
            if element.tag != f"{B}exclusiveGateway" or len(out) < 2:
                assert not asked, f"{key} is no gateway with a choice, yet a flow out of it has a condition"
                continue
            assert (element.get("name") or "").endswith("？"), f"{key} asks nothing"
            default = element.get("default")
            assert default in drawing.flows, f"{key} has no default flow"
            assert {f.get("id") for f in out} - {f.get("id") for f in asked} == {default}, key
            assert all(f.get("name") for f in out), f"a flow out of {key} gives no answer"


@each_procedure
def test_names_are_short(folder: Path) -> None:
    long = [name for d in drawings(folder).values() for _, name in names(d) if len(name) > NAME_LENGTH_MAX]
    assert long == []


@each_procedure
def test_every_duty_speaks_of_tasks_that_exist(folder: Path) -> None:
    for duty in toml(folder / "duties.toml")["duty"]:
        assert len(duty["elements"]) >= 2
        assert set(duty["elements"]) <= elements(folder), duty["name"]


@each_procedure
def test_every_parameter_keeps_to_its_own_type_and_bounds(folder: Path) -> None:
    for key, entry in toml(folder / "profile.toml").items():
        assert {"type", "value", "label", "label_en", "source"} <= set(entry), key
        assert type(entry["value"]) is TYPES[entry["type"]], key
        if "min" in entry:
            assert entry["min"] <= entry["value"] <= entry["max"], key


@each_procedure
def test_every_parameter_that_is_read_exists(folder: Path) -> None:
    known = set(toml(folder / "profile.toml"))
    library = ROOT / "forms" / "library" / toml(folder / "bundle.toml")["forms"]
    for path in [*folder.glob("*.bpmn"), *folder.glob("*.dmn"), *library.glob("*.form.json")]:
        # a file name such as profile.toml in a comment is no parameter
        read = set(PARAMETER.findall(path.read_text(encoding="utf-8"))) - {"toml"}
        assert read <= known, path.name


def test_the_floor_speaks_of_what_exists() -> None:
    folder = next(f for f in PROCEDURES if (f / "floor.toml").exists())
    rules = toml(folder / "floor.toml")["rule"]
    assert list(dict.fromkeys(rule["number"] for rule in rules)) == [f"N{n}" for n in range(1, 16)]
    known, profile = elements(folder), toml(folder / "profile.toml")
    for rule in rules:
        for key in ("target", "element", "timer", "task", "around"):
            assert rule.get(key, next(iter(known))) in known, rule
        for key in ("targets", "through", "first", "then", "since", "elements", "positive"):
            assert set(rule.get(key, [])) <= known, rule
        assert rule["kind"] != "parameter" or rule["key"] in profile, rule


def said(folder: Path) -> set[str]:
    """Every Chinese text that a procedure shows: diagrams, roles, levels, duties, papers, reminders, forms."""
    bundle = toml(folder / "bundle.toml")
    written = {name for d in drawings(folder).values() for _, name in names(d) if CHINESE.search(name)}
    written |= set(bundle["roles"].values()) | set(bundle.get("levels", {}).values())
    written |= {duty["name"] for duty in toml(folder / "duties.toml")["duty"]}
    for drawing in drawings(folder).values():
        for element in drawing.nodes.values():
            written |= set(PAPER_OR_NOTE.findall(element.get(f"{SM}input", "")))
    return written | {word for form in forms_of(folder).values() for word in form_words(form)}


@each_procedure
def test_every_chinese_word_has_its_english(folder: Path) -> None:
    words = toml(folder / "words.en.toml")
    assert sorted(said(folder) - set(words)) == []
    assert [key for key, value in words.items() if not value.strip() or CHINESE.search(value)] == []


@each_procedure
def test_no_english_word_is_left_over(folder: Path) -> None:
    assert sorted(set(toml(folder / "words.en.toml")) - said(folder)) == []
