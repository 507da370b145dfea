"""Working days by the calendar in force: the only functions that are not the standard's, also by Chinese names."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from engine.feel.builtins.registry import alias, builtin
from engine.feel.environment import Evaluation
from engine.feel.numbers import whole
from engine.feel.temporal import Date, DateTime
from engine.feel.values import to_feel, to_python

_SPAN_MAX = 20_000  # as the calendar counts


def _plain(evaluation: Evaluation, day: Date | DateTime) -> date | None:
    plain = to_python(Date(day.number))
    if isinstance(plain, date):
        return plain
    return evaluation.warn(None, "Expected a day between the years 1 and 9999, but found %(day)s.", day=str(day))


@builtin("is working day", "date: day")
def is_working_day(evaluation: Evaluation, day: Date | DateTime) -> bool | None:
    """Whether a day is worked, by the calendar in force."""
    plain = _plain(evaluation, day)
    return None if plain is None else evaluation.environment.calendar.is_working_day(plain)


@builtin("add working days", "date: day, days: number")
def add_working_days(evaluation: Evaluation, day: Date | DateTime, days: Decimal) -> Date | None:
    """The working day that many working days after a day, which does not count itself; negative counts backwards."""
    plain, number = _plain(evaluation, day), whole(days)
    if plain is None or number is None or abs(number) > _SPAN_MAX:
        return evaluation.warn(
            None, "Expected at most %(most)s whole working days, but found %(found)s.", most=_SPAN_MAX, found=str(days)
        )
    evaluation.tick(2 * abs(number) + 1)
    try:
        end: Date = to_feel(evaluation.environment.calendar.add_working_days(plain, number))
    except OverflowError:
        return evaluation.warn(None, "Expected a day before the year 9999.")
    return end


@builtin("working days between", "from: day, to: day")
def working_days_between(evaluation: Evaluation, start: Date | DateTime, end: Date | DateTime) -> Decimal | None:
    """How many working days lie after the first day up to and including the second; negative if it is earlier."""
    first, last = _plain(evaluation, start), _plain(evaluation, end)
    if first is None or last is None:
        return None
    if abs((last - first).days) > 2 * _SPAN_MAX:
        return evaluation.warn(None, "Expected at most %(most)s days between two days.", most=2 * _SPAN_MAX)
    evaluation.tick(abs((last - first).days) + 1)
    return Decimal(evaluation.environment.calendar.working_days_between(first, last))


CHINESE_NAMES = {
    "是工作日": "is working day",
    "加工作日": "add working days",
    "工作日间隔": "working days between",
}
for _chinese, _english in CHINESE_NAMES.items():
    alias(_chinese, _english)
