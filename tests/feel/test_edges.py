"""How values of a case enter an expression and leave it, what it is told of the world, and what it may not take."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from engine.calendar import Calendar
from engine.feel import (
    DateTime,
    DaysTimeDuration,
    Environment,
    Evaluation,
    FeelError,
    FeelFunction,
    compile_expression,
    is_instance,
    to_feel,
    to_python,
)

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 9, 30, 16, 0, tzinfo=SHANGHAI)
HOLIDAYS = Calendar(
    "2026",
    {date(2026, 10, day): False for day in range(1, 8)} | {date(2026, 10, 10): True},
    frozenset({2026}),
)
HERE = Environment(now=NOW, calendar=HOLIDAYS)


@pytest.mark.parametrize(
    "value",
    [None, True, "文", 5, -(10**20), Decimal("2.50"), date(2026, 9, 21), [1, [2]], {"a": {"b": None}}, [], {}],
)
def test_a_value_comes_out_as_it_went_in(value: Any) -> None:
    out = compile_expression("x").evaluate({"x": value})

    assert out == value
    assert type(out) is type(value)


def test_a_moment_keeps_its_offset_and_loses_its_zone_name() -> None:
    out = compile_expression("x").evaluate({"x": NOW})

    assert out == NOW
    assert out.isoformat() == "2026-09-30T16:00:00+08:00"


def test_a_moment_without_a_zone_is_read_in_the_zone_of_the_command() -> None:
    out = compile_expression('date and time("2026-09-30T16:00:00")').evaluate({}, HERE)

    assert out == NOW


def test_a_whole_result_is_an_int_and_a_fraction_a_decimal() -> None:
    assert type(compile_expression("10 / 2").evaluate()) is int
    assert type(compile_expression("10 / 4").evaluate()) is Decimal


def test_durations_and_functions_keep_their_own_types() -> None:
    assert to_feel(timedelta(hours=1)) == DaysTimeDuration(3600 * 10**9)
    assert compile_expression('@"PT1H"').evaluate().isoformat() == "PT1H"
    assert to_python(DateTime(10**9, 0)) == DateTime(10**9, 0)  # beyond the year 9999


def test_what_is_not_a_value_is_refused() -> None:
    with pytest.raises(FeelError, match="of type object"):
        compile_expression("x").evaluate({"x": object()})


def test_values_nobody_reads_are_not_looked_at() -> None:
    assert compile_expression("1 + 1").evaluate({"x": object()}) == 2


def test_python_functions_can_be_called_by_position_and_by_name() -> None:
    scope = {"double": FeelFunction(("n",), lambda n: n * 2, "double")}

    assert compile_expression("double(4) + double(n: 1)").evaluate(scope) == 10
    assert compile_expression("double(1, 2)").evaluate(scope) is None


def test_one_budget_can_span_several_expressions() -> None:
    evaluation = Evaluation(Environment(profile="table"))
    before = evaluation.steps

    compile_expression("for i in 1..100 return i").run({}, evaluation)
    compile_expression("for i in 1..100 return i").run({}, evaluation)

    assert evaluation.steps < before - 400


def test_own_types_answer_instance_of() -> None:
    evaluation = Evaluation(Environment(), has_type=lambda name, value: value == 7 if name == "tSeven" else None)

    assert compile_expression("7 instance of tSeven").run({}, evaluation) is True
    assert compile_expression("8 instance of tSeven").run({}, evaluation) is False
    assert is_instance(Decimal(1), "number") is True
    assert is_instance("1", "number") is False
    assert is_instance("1", "tUnknown") is None


def test_time_comes_from_the_environment_and_from_nowhere_else() -> None:
    assert compile_expression("now()").evaluate({}, HERE) == NOW
    assert compile_expression("today()").evaluate({}, HERE) == date(2026, 9, 30)

    nowhere = compile_expression("today()").explain()

    assert nowhere.value is None
    assert str(nowhere.warnings[0]) == "Nobody said what day it is."


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("add working days(today(), 3)", date(2026, 10, 10)),
        ("加工作日(today(), 3)", date(2026, 10, 10)),
        ("add working days(date: today(), days: 1)", date(2026, 10, 8)),
        ("add working days(today(), -1)", date(2026, 9, 29)),
        ('is working day(date("2026-10-10"))', True),
        ('是工作日(date("2026-10-01"))', False),
        ('working days between(today(), date("2026-10-10"))', 3),
        ('工作日间隔(date("2026-10-10"), today())', -3),
        ("add working days(today(), 1.5)", None),
        ("add working days(today(), 30000)", None),
        ("add working days(null, 1)", None),
        ('add working days(date("9999-12-30"), 5)', None),
        ('working days between(date("0001-01-01"), date("9999-01-01"))', None),
        ('is working day(date("-2000-01-01"))', None),
    ],
)
def test_working_days_follow_the_calendar_in_force(text: str, expected: Any) -> None:
    assert compile_expression(text).evaluate({}, HERE) == expected


def test_without_the_arrangement_the_same_days_are_counted_by_weekday() -> None:
    plain = Environment(now=NOW)

    assert compile_expression("add working days(today(), 3)").evaluate({}, plain) == date(2026, 10, 5)


def test_null_is_explained() -> None:
    outcome = compile_expression("amuont > 5 or nested.x = 1").explain({"nested": {"y": 1}})

    assert outcome.value is None
    assert [str(warning) for warning in outcome.warnings] == [
        "There is no variable “amuont”.",
        "The context has no entry “x”.",
    ]
    assert [warning.position for warning in outcome.warnings] == [0, 21]
