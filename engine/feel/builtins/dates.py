"""Date functions (DMN 1.5, clause 10.3.4.7) and the moment of the evaluation, which comes in as a value."""

from __future__ import annotations

from decimal import Decimal

from engine.feel.builtins.registry import builtin
from engine.feel.civil import civil_from_day, day_from_civil
from engine.feel.environment import Evaluation
from engine.feel.temporal import Date, DateTime
from engine.feel.values import Value, to_feel

_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


@builtin("now")
def now(evaluation: Evaluation) -> Value:
    """The moment of the evaluation, with its zone."""
    moment = evaluation.environment.now
    if moment is None:
        return evaluation.warn(None, "Nobody said what time it is.")
    return to_feel(moment)


@builtin("today")
def today(evaluation: Evaluation) -> Value:
    """The day of the evaluation."""
    moment = evaluation.environment.now
    if moment is None:
        return evaluation.warn(None, "Nobody said what day it is.")
    return to_feel(moment.date())


@builtin("day of year", "date: day")
def day_of_year(evaluation: Evaluation, date: Date | DateTime) -> Decimal:
    """The number of a day in its year, from one."""
    return Decimal(date.number - day_from_civil(date.civil[0], 1, 1) + 1)


@builtin("day of week", "date: day")
def day_of_week(evaluation: Evaluation, date: Date | DateTime) -> str:
    """The English name of the weekday."""
    return _WEEKDAYS[date.weekday() - 1]


@builtin("month of year", "date: day")
def month_of_year(evaluation: Evaluation, date: Date | DateTime) -> str:
    """The English name of the month."""
    return _MONTHS[date.civil[1] - 1]


@builtin("week of year", "date: day")
def week_of_year(evaluation: Evaluation, date: Date | DateTime) -> Decimal:
    """The number of the week in its year (ISO 8601)."""
    thursday = date.number - date.weekday() + 4
    return Decimal((thursday - day_from_civil(civil_from_day(thursday)[0], 1, 1)) // 7 + 1)
