"""The schemas of the standard: what breaks them is told with line, element and a sentence; the rest is left alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.definition.lint import lint
from engine.definition.schema import FINDINGS_MAX, check_schema
from tests.conformance.corpora import corpus
from tests.definition.test_hostile import HEAD as HEAD_LINE
from tests.definition.test_hostile import TAIL

ROOT = Path(__file__).parents[2]
OURS = sorted((ROOT / "processes").glob("*/*.bpmn")) + sorted((ROOT / "processes").glob("*/*.dmn"))
HEAD = HEAD_LINE.replace(b"<definitions", b'<definitions targetNamespace="t"') + b"\n"
DMN = b'<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="n">\n'

BROKEN = [
    (b'<task id="a" startQuantity="many"/>', "many", "a"),
    (b'<task id="a" colour="red"/>', "only attributes of the standard", "a"),
    (b"<sequenceFlow id='f' sourceRef='a'/>", "attribute targetRef", "f"),
    (b'<task id="a"><outgoing>f</outgoing><documentation>x</documentation></task>', "found <documentation>", "a"),
    (b'<task id="1a"/>', "id that stands once and begins with a letter", "1a"),
    (b'<exclusiveGateway id="g" gatewayDirection="Sideways"/>', "Converging", "g"),
    (b'<task id="a">hello</task>', "no text between", "a"),
    (b'<wobble id="w"/>', "found <wobble>", "w"),
]


@pytest.mark.parametrize(("inner", "said", "element"), BROKEN)
def test_what_breaks_the_schema_is_told_with_line_and_element(inner: bytes, said: str, element: str) -> None:
    found = check_schema(HEAD + inner + TAIL, "p")

    assert said in str(found[0])
    assert (found[0].element, found[0].params["line"], found[0].process) == (element, 2, "p")
    assert str(found[0]).startswith("Expected") and str(found[0]).endswith(".")
    assert "{http" not in str(found[0])


@pytest.mark.parametrize(
    "inner",
    [
        b'<task id="a"/>',
        b'<task id="a" xmlns:v="urn:v" v:colour="red"><extensionElements><v:any x="1"/></extensionElements></task>',
        b'<task id="a" xmlns:sm="urn:shangmen:bpmn:1" sm:role="clerk"/>',
    ],
)
def test_what_keeps_the_schema_is_left_alone(inner: bytes) -> None:
    assert check_schema(HEAD + inner + TAIL) == []


@pytest.mark.parametrize("file", OURS, ids=lambda file: file.name)
def test_our_own_files_keep_their_schema(file: Path) -> None:
    assert check_schema(file.read_bytes()) == []


def test_a_table_that_breaks_the_schema_is_told() -> None:
    found = check_schema(DMN + b'<decision id="x"/><inputData nme="y"/></definitions>')
    assert "name" in str(found[0])
    assert found[0].params["line"] == 2


def test_another_version_and_what_is_no_xml_are_left_to_whoever_reads_them() -> None:
    assert check_schema(b'<definitions xmlns="https://www.omg.org/spec/DMN/20230324/MODEL/"/>') == []
    assert check_schema(b"<broken") == []


def test_a_file_full_of_mistakes_is_told_in_few() -> None:
    assert len(check_schema(HEAD + b"<wobble/>" * 5 + b'<task id="1" />' * 100 + TAIL)) <= FINDINGS_MAX


def test_lint_tells_it() -> None:
    content = (
        HEAD + b'<startEvent id="s"/><task id="a" colour="red"/><sequenceFlow id="f" sourceRef="s" targetRef="a"/>'
    )
    found = [finding for finding in lint({("process", "p"): content + TAIL}) if finding.rule == "schema"]
    assert [finding.element for finding in found] == ["a"]


def test_every_public_model_that_runs_and_every_reference_model_keeps_the_schema() -> None:
    models = [path for path in corpus("betsy").rglob("*.bpmn") if "bpmn_constraints" not in path.parts]
    models += sorted(corpus("miwg").rglob("*.bpmn")) + sorted(corpus("token-simulation").rglob("*.bpmn"))
    assert len(models) > 140
    for model in models:
        assert check_schema(model.read_bytes()) == [], model.name
