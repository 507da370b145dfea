"""Decisions with what they require: boxed expressions, knowledge, services, types, imports; and what a result tells."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from hashlib import sha256
from typing import Any

import pytest

from engine.calendar import Calendar
from engine.decision import DecisionFailed, Model, Result, read_decisions
from engine.errors import Rejected
from engine.feel import Environment
from tests.decision.dmn import decision, definitions, input_data, literal, table_model, table_xml

_ENVIRONMENT = Environment(now=datetime(2026, 9, 7, 9, 0, tzinfo=UTC))


def run(body: str, **inputs: Any) -> Result:
    """The result of the decision ``answer``."""
    return read_decisions(definitions(body)).evaluate("answer", inputs, _ENVIRONMENT)


def answer(body: str, **inputs: Any) -> Any:
    return run(body, **inputs).outputs


def boxed(expression: str, *inputs: str) -> str:
    """The decision ``answer`` with this expression, and its inputs."""
    return "".join(map(input_data, inputs)) + decision("answer", expression, inputs)


def entry(name: str, expression: str) -> str:
    variable = f'<variable name="{name}"/>' if name else ""
    return f"<contextEntry>{variable}{expression}</contextEntry>"


# ------------------------------------------------------------------ boxed expressions


def test_a_context_sees_its_earlier_entries() -> None:
    context = f"<context>{entry('a', literal('1'))}{entry('b c', literal('a + 1'))}</context>"
    assert answer(boxed(context)) == {"a": 1, "b c": 2}
    context = f"<context>{entry('a', literal('x'))}{entry('', literal('a * 2'))}</context>"
    assert answer(boxed(context, "x"), x=21) == 42


def test_an_invocation_calls_by_name() -> None:
    call = (
        f"<invocation>{literal('substring')}<binding><parameter name='start position'/>{literal('3')}</binding>"
        f"<binding><parameter name='string'/>{literal('x')}</binding></invocation>"
    )
    assert answer(boxed(call, "x"), x="上门评定") == "评定"


def test_calling_what_is_no_function_is_null_with_a_warning() -> None:
    result = run(boxed(f"<invocation>{literal('x')}</invocation>", "x"), x=3)
    assert result.outputs is None
    assert "function" in str(result.warnings[0])


def test_lists_and_relations() -> None:
    assert answer(boxed(f"<list>{literal('1')}{literal('x')}</list>", "x"), x=2) == [1, 2]
    relation = (
        "<relation><column name='a'/><column name='b'/>"
        f"<row>{literal('1')}{literal('2')}</row><row>{literal('3')}{literal('x')}</row></relation>"
    )
    assert answer(boxed(relation, "x"), x=4) == [{"a": 1, "b": 2}, {"a": 3, "b": 4}]


@pytest.mark.parametrize(("x", "expected"), [(True, "yes"), (False, "no"), (None, "no"), ("?", None)])
def test_a_conditional_takes_true_for_true_only(x: Any, expected: str | None) -> None:
    yes, no = literal('"yes"'), literal('"no"')
    conditional = f"<conditional><if>{literal('x')}</if><then>{yes}</then><else>{no}</else></conditional>"
    assert answer(boxed(conditional, "x"), x=x) == expected


def test_a_loop_runs_over_lists_ranges_and_single_values() -> None:
    def loop(source: str, body: str) -> str:
        return f'<for iteratorVariable="n"><in>{literal(source)}</in><return>{literal(body)}</return></for>'

    assert answer(boxed(loop("[1, 2, 3]", "n * n"))) == [1, 4, 9]
    assert answer(boxed(loop("[1..3]", "n"))) == [1, 2, 3]
    assert answer(boxed(loop("7", "n"))) == [7]
    assert answer(boxed(loop("null", "n"))) is None
    assert answer(boxed(loop("[1, 2, 3]", "n + count(partial)"))) == [1, 3, 5]
    assert answer(boxed(loop("[1, 2, 3]", "partial"))) == [[], [[]], [[], [[]]]]


@pytest.mark.parametrize(
    ("kind", "source", "expected"),
    [
        ("some", "[1, 5]", True),
        ("some", "[1, 2]", False),
        ("some", "[1, null]", None),
        ("every", "[5, 6]", True),
        ("every", "[1, 6]", False),
        ("every", "[5, null]", None),
        ("every", "[]", True),
        ("some", "null", None),
    ],
)
def test_quantifiers_know_three_truths(kind: str, source: str, expected: bool | None) -> None:
    satisfied = literal("if n = null then null else n > 3")
    expression = f'<{kind} iteratorVariable="n"><in>{literal(source)}</in><satisfies>{satisfied}</satisfies></{kind}>'
    assert answer(boxed(expression)) is expected


def test_a_filter_keeps_entries_or_picks_one() -> None:
    def filtered(source: str, match: str) -> str:
        return f"<filter><in>{literal(source)}</in><match>{literal(match)}</match></filter>"

    assert answer(boxed(filtered("[1, 2, 3]", "item > 1"))) == [2, 3]
    assert answer(boxed(filtered('[{a: 1}, {a: 2, b: "x"}]', "a > 1"))) == [{"a": 2, "b": "x"}]
    assert answer(boxed(filtered("[1, 2, 3]", "-1"))) == 3
    assert answer(boxed(filtered("[1, 2, 3]", "4"))) is None


# ------------------------------------------------------------------ knowledge and services


def knowledge(name: str, parameters: str, text: str, requires: str = "") -> str:
    formal = "".join(f'<formalParameter name="{parameter}"/>' for parameter in parameters.split())
    required = (
        f'<knowledgeRequirement><requiredKnowledge href="#{requires}"/></knowledgeRequirement>' if requires else ""
    )
    return (
        f'<businessKnowledgeModel id="{name}" name="{name}"><variable name="{name}"/>'
        f"<encapsulatedLogic>{formal}{literal(text)}</encapsulatedLogic>{required}</businessKnowledgeModel>"
    )


def test_knowledge_is_called_like_a_function_and_may_call_itself() -> None:
    body = knowledge("faculty", "n", "if n < 2 then 1 else n * faculty(n - 1)", "faculty")
    assert answer(body + decision("answer", literal("faculty(5)"), ["!faculty"])) == 120


def test_knowledge_can_be_evaluated_with_its_parameters_as_inputs() -> None:
    model = read_decisions(definitions(knowledge("twice", "n", "n * 2")))
    assert model.evaluate("twice", {"n": 21}, _ENVIRONMENT).outputs == 42


_SERVICE = (
    input_data("x")
    + decision("inner", literal("x + 1"), ["x"])
    + decision("outer", literal("inner * 10"), ["#inner"])
    + '<decisionService id="service" name="service"><variable name="service"/><outputDecision href="#outer"/>{inner}'
    "{parameter}</decisionService>"
)


def test_a_decision_service_hides_or_takes_its_inner_decisions() -> None:
    taking_data = _SERVICE.format(inner='<encapsulatedDecision href="#inner"/>', parameter='<inputData href="#x"/>')
    model = read_decisions(definitions(taking_data + decision("answer", literal("service(4)"), ["!service"])))
    assert model.evaluate("answer", {"x": 1}, _ENVIRONMENT).outputs == 50
    assert model.evaluate("service", {"x": 1}, _ENVIRONMENT).outputs == 20
    taking_decision = _SERVICE.format(inner='<inputDecision href="#inner"/>', parameter="")
    model = read_decisions(definitions(taking_decision + decision("answer", literal("service(4)"), ["!service"])))
    assert model.evaluate("answer", {"x": 1}, _ENVIRONMENT).outputs == 40


# ------------------------------------------------------------------ types


_TYPES = (
    '<itemDefinition name="tGrade"><typeRef>number</typeRef><allowedValues><text>1,2,3,4</text></allowedValues>'
    "</itemDefinition>"
    '<itemDefinition name="tPerson"><itemComponent name="name"><typeRef>string</typeRef></itemComponent>'
    '<itemComponent name="grade"><typeRef>tGrade</typeRef></itemComponent></itemDefinition>'
    '<itemDefinition name="tPeople" isCollection="true"><typeRef>tPerson</typeRef></itemDefinition>'
)


@pytest.mark.parametrize(
    ("type_name", "value", "kept"),
    [
        ("tGrade", 2, True),
        ("tGrade", 5, False),
        ("tGrade", "2", False),
        ("tGrade", [3], True),
        ("number", None, True),
        ("tPerson", {"name": "甲", "grade": 1}, True),
        ("tPerson", {"name": "甲", "grade": 9}, False),
        ("tPerson", {"name": "甲"}, False),
        ("tPeople", [{"name": "甲", "grade": 1}], True),
        ("tPeople", {"name": "甲", "grade": 1}, True),
        ("tPeople", [{"name": 1, "grade": 1}], False),
        ("date", date(2026, 9, 7), True),
        ("date", "2026-09-07", False),
        ("feel:string", "x", True),
        ("Any", [1], True),
    ],
)
def test_an_input_of_the_wrong_type_counts_as_null_and_is_warned_of(type_name: str, value: Any, kept: bool) -> None:
    body = _TYPES + input_data("x", type_name) + decision("answer", literal("x != null"), ["x"])
    result = run(body, x=value)
    assert result.outputs is (kept and value is not None)
    assert bool(result.warnings) is not kept
    if not kept:
        assert result.warnings[0].element == "x"


def test_a_decision_of_the_wrong_type_counts_as_null() -> None:
    assert answer(decision("answer", literal('"two"'), type_name="number")) is None
    assert answer(decision("answer", literal("2"), type_name="number")) == 2


def test_a_constraint_speaks_of_the_whole_collection() -> None:
    item = (
        '<itemDefinition name="tPair" isCollection="true"><typeRef>number</typeRef>'
        "<typeConstraint><text>count(?) = 2</text></typeConstraint></itemDefinition>"
    )
    body = item + input_data("x", "tPair") + decision("answer", literal("x"), ["x"])
    assert answer(body, x=[1, 2]) == [1, 2]
    assert answer(body, x=[1, 2, 3]) is None


def test_instance_of_knows_the_types_of_the_file() -> None:
    body = _TYPES + input_data("x") + decision("answer", literal("x instance of tPerson"), ["x"])
    assert answer(body, x={"name": "甲", "grade": 1}) is True
    assert answer(body, x={"name": 1, "grade": 1}) is False


# ------------------------------------------------------------------ imports


def test_an_imported_decision_is_called_through_the_name_of_its_import() -> None:
    other = definitions(input_data("x") + decision("d", literal("x * 2"), ["x"]), namespace="urn:other")
    body = (
        '<import name="others" namespace="urn:other" importType="https://www.omg.org/spec/DMN/20230324/MODEL/"/>'
        '<decision id="answer" name="answer"><variable name="answer"/><informationRequirement>'
        '<requiredDecision href="urn:other#d"/></informationRequirement>' + literal("others.d + 1") + "</decision>"
    )
    model = read_decisions(definitions(body), [other])
    assert model.inputs("answer") == {"x"}
    assert model.evaluate("answer", {"x": 20}, _ENVIRONMENT).outputs == 41
    with pytest.raises(Rejected, match="imported file"):
        read_decisions(definitions(body))


# ------------------------------------------------------------------ the result


def test_a_result_names_the_file_that_decided() -> None:
    content = definitions(decision("answer", literal("1")))
    assert read_decisions(content).evaluate("answer", {}, _ENVIRONMENT).version == sha256(content).hexdigest()


def test_a_unique_table_with_two_matches_names_them() -> None:
    model = table_model("UNIQUE", ["a"], ["b"], [["< 5", "1"], ["> 3", "2"]])
    result = model.evaluate("answer", {"a": 4}, _ENVIRONMENT)
    assert (result.outputs, result.rows) == (None, {"answer": [1, 2]})
    assert "rows 1, 2 match" in str(result.warnings[0])
    assert model.evaluate("answer", {"a": 3}, _ENVIRONMENT).rows == {"answer": [1]}


def test_a_table_without_match_answers_nothing() -> None:
    result = table_model("UNIQUE", ["a"], ["b"], [["< 5", "1"]]).evaluate("answer", {"a": 9}, _ENVIRONMENT)
    assert (result.outputs, result.rows) == (None, {"answer": []})


def test_several_outputs_make_a_context() -> None:
    model = table_model("FIRST", ["a"], ["b", "c"], [["-", "1", '"x"']])
    assert model.evaluate("answer", {}, _ENVIRONMENT).outputs == {"b": 1, "c": "x"}


def test_an_unknown_hit_policy_never_answers() -> None:
    result = table_model("BEST", ["a"], ["b"], [["-", "1"]]).evaluate("answer", {}, _ENVIRONMENT)
    assert result.outputs is None
    assert "BEST" in str(result.warnings[0])


def test_a_broken_cell_fails_with_its_place_and_only_when_it_is_asked() -> None:
    model = table_model("FIRST", ["a"], ["b"], [["1", "1"], ["> >", "2"], ["-", "3"]])
    assert model.evaluate("answer", {"a": 1}, _ENVIRONMENT).outputs == 1
    with pytest.raises(DecisionFailed, match="row 2, column 1"):
        model.evaluate("answer", {"a": 2}, _ENVIRONMENT)


def test_an_unknown_decision_is_refused_with_those_there_are() -> None:
    with pytest.raises(Rejected, match="answer"):
        read_decisions(definitions(decision("answer", literal("1")))).evaluate("question", {}, _ENVIRONMENT)


def test_the_main_decision_is_the_one_nothing_requires() -> None:
    body = decision("low", literal("1")) + decision("top", literal("low"), ["#low"])
    assert read_decisions(definitions(body)).main == "top"
    with pytest.raises(Rejected, match="one main decision"):
        _ = read_decisions(definitions(body + decision("other", literal("2")))).main


def test_numbers_are_decimal_and_dates_are_dates_on_the_way_out() -> None:
    assert answer(boxed(literal("0.1 + 0.2"))) == Decimal("0.3")
    assert answer(boxed(literal('x + duration("P1D")'), "x"), x=date(2026, 9, 7)) == date(2026, 9, 8)


def test_time_and_working_days_come_from_the_environment() -> None:
    holiday = Calendar("test", {date(2026, 9, 8): False}, frozenset({2026}))
    model: Model = read_decisions(definitions(decision("answer", literal("add working days(today(), 1)"))))
    plain = Environment(now=datetime(2026, 9, 7, 9, 0, tzinfo=UTC))
    with_holiday = Environment(now=datetime(2026, 9, 7, 9, 0, tzinfo=UTC), calendar=holiday)
    assert model.evaluate("answer", {}, plain).outputs == date(2026, 9, 8)
    assert model.evaluate("answer", {}, with_holiday).outputs == date(2026, 9, 9)


def test_two_evaluations_share_nothing() -> None:
    model = table_model("COLLECT", ["a"], ["b"], [["> 1", "a"], ["-", "0"]])
    first = model.evaluate("answer", {"a": 5}, _ENVIRONMENT)
    second = model.evaluate("answer", {"a": 1}, _ENVIRONMENT)
    assert (first.outputs, second.outputs) == ([5, 0], [0])
    assert (first.rows, second.rows) == ({"answer": [1, 2]}, {"answer": [2]})


def test_chinese_names_with_spaces_are_names() -> None:
    body = input_data("合同 总价") + decision(
        "answer", table_xml("FIRST", ["合同 总价"], ["b"], [["> 10", "合同 总价 * 2"]]), ["合同 总价"]
    )
    assert answer(body, **{"合同 总价": 21}) == 42
