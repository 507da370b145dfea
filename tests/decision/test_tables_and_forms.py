"""The tables ask for what the forms provide: the same keys, the same options, and parameters that exist."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from engine.decision import Model
from tests.decision.tables import PROCESSES, library

_FORMS = Path(__file__).parents[2] / "forms" / "library"
_PROCEDURES = ("disability_assessment", "leave_request")


def fields(procedure: str) -> dict[str, list[dict[str, Any]]]:
    """Every field of the procedure's forms by key."""
    found: dict[str, list[dict[str, Any]]] = {}

    def collect(components: list[dict[str, Any]]) -> None:
        for component in components:
            if "key" in component:
                found.setdefault(component["key"], []).append(component)
            collect(component.get("components", []))

    for path in sorted((_FORMS / procedure).glob("*.form.json")):
        collect(json.loads(path.read_text(encoding="utf-8"))["components"])
    return found


def options(field: dict[str, Any]) -> set[str]:
    return {json.dumps(option["value"]) for option in field.get("values", [])}


def closed_inputs(model: Model) -> dict[str, set[str]]:
    """Input data by name → the allowed values of the columns that ask for it directly."""
    names = model.inputs(model.main)
    found: dict[str, set[str]] = {}
    for tables in model.tables.values():
        for table in tables:
            for clause in table.table.inputs:
                if clause.text in names and clause.values and '"' in clause.values:
                    found[str(clause.text)] = set(re.findall(r'"[^"]*"', clause.values))
    return found


@pytest.mark.parametrize("procedure", _PROCEDURES)
def test_every_input_of_a_table_is_a_field_of_a_form(procedure: str) -> None:
    keys = fields(procedure).keys() | {"profile"}
    for key, model in library(procedure).items():
        assert model.inputs(key) <= keys, key


@pytest.mark.parametrize("procedure", _PROCEDURES)
def test_the_options_of_a_form_are_the_allowed_values_of_the_table(procedure: str) -> None:
    forms = fields(procedure)
    compared = 0
    for model in library(procedure).values():
        for name, allowed in closed_inputs(model).items():
            for field in forms[name]:
                if options(field):
                    assert options(field) == allowed, (model.main, name)
                    compared += 1
    assert compared or procedure == "leave_request"


def test_the_conditions_of_the_limb_table_are_those_of_the_form() -> None:
    """The codes stand in the comment of the file; the table tells grades by their first digit."""
    comment = (PROCESSES / "disability_assessment" / "grade_limb.dmn").read_text(encoding="utf-8").split("-->")[0]
    listed = set(re.findall(r'"(\d[a-k])"', comment))
    (field,) = fields("disability_assessment")["limb_conditions"]
    assert {option["value"] for option in field["values"]} == listed
    assert len(listed) == 9 + 7 + 6 + 11 + 4


@pytest.mark.parametrize("procedure", _PROCEDURES)
def test_every_parameter_a_table_reads_is_in_the_profile(procedure: str) -> None:
    parameters = tomllib.loads((PROCESSES / procedure / "profile.toml").read_text(encoding="utf-8"))
    for path in (PROCESSES / procedure).glob("*.dmn"):
        for name in set(re.findall(r"profile\.(\w+)", path.read_text(encoding="utf-8").split("-->")[1])):
            assert name in parameters, (path.name, name)


@pytest.mark.parametrize("procedure", _PROCEDURES)
def test_every_table_says_at_its_top_what_it_reads(procedure: str) -> None:
    for key, model in library(procedure).items():
        comment = (PROCESSES / procedure / f"{key}.dmn").read_text(encoding="utf-8").split("-->")[0]
        own = [element for element in model.definitions.elements.values() if type(element).__name__ == "InputData"]
        missing = [element.name for element in own if element.name != "profile" and element.name not in comment]
        assert not missing, (key, missing)
