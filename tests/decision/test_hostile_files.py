"""Files from outside cannot read other files, reach the network, run code or hang the server."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from time import process_time

import pytest

from engine.decision import DecisionFailed, lint, read_decisions, read_library
from engine.errors import Rejected
from engine.feel import Environment
from engine.hardened import TABLE
from tests.decision.dmn import NAMESPACES, decision, definitions, input_data, literal, table_xml

_ENVIRONMENT = Environment()
_SIMPLE = definitions(decision("answer", literal("1 + 1")))


def refused(content: bytes, match: str) -> None:
    with pytest.raises(Rejected, match=match):
        read_decisions(content)


def test_a_sound_file_is_read() -> None:
    assert read_decisions(_SIMPLE).evaluate("answer", {}, _ENVIRONMENT).outputs == 2


@pytest.mark.parametrize("version", sorted(NAMESPACES))
def test_every_supported_version_is_read(version: str) -> None:
    content = definitions(decision("answer", literal("40 + 2")), version=version)
    assert read_decisions(content).evaluate("answer", {}, _ENVIRONMENT).outputs == 42


def test_an_older_or_foreign_file_is_refused() -> None:
    refused(_SIMPLE.replace(b"20230324", b"20151101"), "Expected DMN 1.3")
    refused(b"<html/>", "Expected DMN 1.3")
    refused(b"not xml", "well-formed")
    refused(b"", "well-formed")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-be"])
def test_a_doctype_is_refused_in_any_encoding(encoding: str) -> None:
    text = _SIMPLE.decode().replace("1 + 1", "&xxe;")
    document = f'<?xml version="1.0"?><!DOCTYPE d [<!ENTITY xxe SYSTEM "file:///etc/hostname">]>{text}'
    refused(document.encode(encoding), "DOCTYPE|well-formed")


def test_a_billion_laughs_are_refused_at_once() -> None:
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
    start = process_time()
    refused(
        f'<!DOCTYPE d [<!ENTITY e0 "ha">{entities}]>{_SIMPLE.decode()}'.replace("1 + 1", "&e9;").encode(),
        "DOCTYPE|well",
    )
    assert process_time() - start < 10


def test_an_undeclared_entity_is_refused() -> None:
    refused(_SIMPLE.replace(b"1 + 1", b"&secret;"), "well-formed")


def test_a_file_that_is_too_large_or_too_deep_is_refused() -> None:
    refused(b" " * (TABLE.size + 1), "at most")
    deep = "<list>" * 200 + "</list>" * 200
    refused(definitions(decision("answer", deep)), "nested at most|well-formed")
    wide = "<x/>" * 200_000
    refused(definitions(wide), "at most")


def test_a_table_with_too_many_rows_is_refused() -> None:
    rows = [("-", "1")] * 2_001
    refused(definitions(input_data("a") + decision("answer", table_xml("FIRST", ["a"], ["b"], rows), ["a"])), "at most")


def test_other_languages_are_refused() -> None:
    foreign = '<literalExpression expressionLanguage="http://example.org/javascript"><text>1</text></literalExpression>'
    refused(definitions(decision("answer", foreign)), "FEEL")
    java = '<functionDefinition kind="Java"><literalExpression><text>1</text></literalExpression></functionDefinition>'
    refused(definitions(decision("answer", java)), "external function")


def test_python_in_an_expression_is_only_a_name_that_nobody_knows() -> None:
    for text in ('__import__("os")', "open('/etc/hostname')", "().__class__", 'eval("1")'):
        model = read_decisions(definitions(decision("answer", literal(text))))
        with suppress(DecisionFailed):
            assert model.evaluate("answer", {}, _ENVIRONMENT).outputs is None
        assert lint(model), text


def test_broken_references_are_refused() -> None:
    refused(definitions(decision("answer", literal("1"), ["nowhere"])), "reference")
    refused(definitions('<import name="x" namespace="urn:other"/>'), "imported file")
    refused(definitions(decision("same", literal("1")) + input_data("same")), "used twice")


def test_circles_and_endless_chains_are_refused() -> None:
    circle = decision("a", literal("b"), ["#b"]) + decision("b", literal("a"), ["#a"])
    refused(definitions(circle), "circle")
    refused(definitions(decision("a", literal("a"), ["#a"])), "circle")
    chain = "".join(decision(f"d{n}", literal(f"d{n + 1}"), [f"#d{n + 1}"]) for n in range(100))
    refused(definitions(chain + decision("d100", literal("1"))), "chain")


def test_a_type_that_is_its_own_base_is_refused() -> None:
    items = (
        '<itemDefinition name="tA"><typeRef>tB</typeRef></itemDefinition>'
        '<itemDefinition name="tB"><typeRef>tA</typeRef></itemDefinition>'
    )
    refused(definitions(items + decision("answer", literal("1"), type_name="tA")), "defined by itself")


def test_a_diamond_of_decisions_is_evaluated_once_each() -> None:
    levels = "".join(decision(f"d{n}", literal(f"d{n + 1} + d{n + 1}"), [f"#d{n + 1}"]) for n in range(50))
    model = read_decisions(definitions(levels + decision("d50", literal("1"))))
    start = process_time()
    assert model.evaluate("d0", {}, _ENVIRONMENT).outputs == 2**50
    assert process_time() - start < 10


def test_a_diamond_of_knowledge_is_bounded() -> None:
    def knowledge(number: int) -> str:
        return (
            f'<businessKnowledgeModel id="k{number}" name="k{number}"><variable name="k{number}"/><encapsulatedLogic>'
            f"<literalExpression><text>k{number + 1}() + k{number + 1}()</text></literalExpression></encapsulatedLogic>"
            f'<knowledgeRequirement><requiredKnowledge href="#k{number + 1}"/></knowledgeRequirement>'
            "</businessKnowledgeModel>"
        )

    last = (
        '<businessKnowledgeModel id="k30" name="k30"><variable name="k30"/><encapsulatedLogic>'
        "<literalExpression><text>1</text></literalExpression></encapsulatedLogic></businessKnowledgeModel>"
    )
    body = "".join(map(knowledge, range(30))) + last + decision("answer", literal("k0()"), ["!k0"])
    start = process_time()
    with pytest.raises(DecisionFailed):
        read_decisions(definitions(body)).evaluate("answer", {}, _ENVIRONMENT)
    assert process_time() - start < 10


@pytest.mark.parametrize(
    "text",
    [
        "for a in 1..1000, b in 1..1000 return a * b",
        "count(for i in 1..40 return if i = 1 then [1] else [partial[-1], partial[-1]])",
        'string join(for i in 1..20000 return "xxxxxxxxxxxxxxxxxxxx")',
        "(function(f) f(f))(function(f) f(f))",
    ],
)
def test_an_expression_that_wants_too_much_fails_within_its_budget(text: str) -> None:
    model = read_decisions(definitions(decision("answer", literal(text))))
    start = process_time()
    with suppress(DecisionFailed):
        model.evaluate("answer", {}, _ENVIRONMENT)
    assert process_time() - start < 10


def test_boxed_loops_draw_on_the_same_budget() -> None:
    def loop(depth: int) -> str:
        inner = literal("1") if depth == 0 else loop(depth - 1)
        return f'<for iteratorVariable="x{depth}"><in>{literal("[1..1000]")}</in><return>{inner}</return></for>'

    model = read_decisions(definitions(decision("answer", loop(4))))
    start = process_time()
    with pytest.raises(DecisionFailed):
        model.evaluate("answer", {}, _ENVIRONMENT)
    assert process_time() - start < 10


def test_a_bundle_names_two_files_with_one_namespace_and_a_file_without_its_decision() -> None:
    with pytest.raises(Rejected, match="share"):
        read_library({"answer": _SIMPLE, "other": definitions(decision("other", literal("1")))})
    with pytest.raises(Rejected, match="Rename"):
        read_library({"question": _SIMPLE})


def test_no_decision_code_evaluates_python() -> None:
    folder = Path(__file__).parents[2] / "engine" / "decision"
    for path in folder.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        assert not any(word in text for word in ("eval(", "exec(", "import ast", "literal_eval")), path
