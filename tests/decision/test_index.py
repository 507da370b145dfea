"""The index of a table changes its speed and nothing else: for random cells and values it admits what FEEL admits."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from time import process_time
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.decision import read_decisions
from engine.feel import Environment, compile_unary_tests
from tests.decision.dmn import decision, definitions, input_data, table_xml

_TABLE = Environment(profile="table")
_NUMBERS = st.sampled_from(["-1", "0", "0.5", "1", "2", "2.50", "3", "1e2", "-0.5"])
_TEXTS = st.sampled_from(['"a"', '"b"', '""', '"乙"'])
_CONSTANTS = st.one_of(_NUMBERS, _TEXTS, st.sampled_from(["true", "false", "null"]))
_INTERVALS = st.builds(
    lambda left, low, high, right: f"{left}{low}..{high}{right}",
    st.sampled_from("[("),
    _NUMBERS,
    _NUMBERS,
    st.sampled_from("])"),
)
_COMPARISONS = st.builds(
    lambda sign, number: f"{sign} {number}", st.sampled_from(["<", "<=", ">", ">=", "!=", "="]), _NUMBERS
)
_OPEN = st.sampled_from(["limit", "> limit", "? = limit", 'date("2026-09-07")', "[1, 2]", "count(?) = 2", '< "b"'])
_TEST = st.one_of(_CONSTANTS, _INTERVALS, _COMPARISONS, _OPEN)
_TESTS = st.lists(_TEST, min_size=1, max_size=3).map(", ".join)
CELLS = st.one_of(st.just("-"), st.just(""), _TESTS, _TESTS.map(lambda tests: f"not({tests})"))
VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.sampled_from(["a", "b", "", "乙", "z", date(2026, 9, 7), [1, 2], [], {"x": 1}]),
    st.integers(-3, 5),
    st.decimals(-2, 101, places=2),
)


def admitted_rows(cells: list[tuple[str, str]], one: Any, other: Any, limit: Any) -> list[int]:
    """The rows whose cells FEEL itself admits, asked one by one."""
    scope = {"limit": limit}

    def admits(cell: str, value: Any) -> bool:
        return cell in ("", "-") or compile_unary_tests(cell).matches(value, scope, _TABLE)

    return [row for row, (first, second) in enumerate(cells, 1) if admits(first, one) and admits(second, other)]


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=8),
    st.lists(st.tuples(VALUES, VALUES, st.sampled_from([1, Decimal("2.5"), "a", None])), min_size=1, max_size=6),
)
def test_the_index_admits_exactly_what_feel_admits(
    cells: list[tuple[str, str]], cases: list[tuple[Any, Any, Any]]
) -> None:
    rules = [(*row, str(number)) for number, row in enumerate(cells, 1)]
    xml = table_xml("COLLECT", ["one", "other"], ["number"], rules)
    inputs = ["one", "other", "limit"]
    model = read_decisions(definitions("".join(map(input_data, inputs)) + decision("answer", xml, inputs)))
    for one, other, limit in cases:
        result = model.evaluate("answer", {"one": one, "other": other, "limit": limit}, _TABLE)
        expected = admitted_rows(cells, one, other, limit)
        assert result.rows["answer"] == expected
        assert result.outputs == expected


def test_a_cell_with_very_many_constants_is_asked_each_time_and_still_right() -> None:
    many = ", ".join(str(number) for number in range(0, 400, 2))
    xml = table_xml("UNIQUE", ["one"], ["number"], [(many, "1"), (f"not({many})", "2")])
    model = read_decisions(definitions(input_data("one") + decision("answer", xml, ["one"])))
    assert model.evaluate("answer", {"one": 398}, _TABLE).outputs == 1
    assert model.evaluate("answer", {"one": 399}, _TABLE).outputs == 2


def test_a_file_that_would_cost_too_much_to_index_is_read_quickly_and_still_right() -> None:
    rules = [(", ".join(str(row * 500 + place * 17) for place in range(12)), str(row)) for row in range(1_500)]
    xml = table_xml("COLLECT", [f"c{n}" for n in range(4)], ["number"], [(cell,) * 4 + (out,) for cell, out in rules])
    inputs = [f"c{n}" for n in range(4)]
    content = definitions("".join(map(input_data, inputs)) + decision("answer", xml, inputs))
    start = process_time()
    model = read_decisions(content)
    assert process_time() - start < 10
    (table,) = (table for tables in model.tables.values() for table in tables)
    assert any(column.open for column in table.columns)
    assert model.evaluate("answer", dict.fromkeys(inputs, 700 * 500 + 34), _TABLE).outputs == [700]
