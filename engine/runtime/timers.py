"""When something is due: FEEL or ISO 8601, working days, calendar months, always in the zone of the country.

A date means the end of that day. Counting follows the civil code's rule: the day on which a period
begins is not counted; a period of days or months whose last day is not worked ends on the next
working day (clauses 201 to 203).
"""

from __future__ import annotations

import calendar as months
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from engine.feel import Environment, FeelError, compile_expression
from engine.feel.temporal import DaysTimeDuration, YearsMonthsDuration
from engine.runtime.stuck import Stuck
from engine.runtime.surroundings import ZONE, Surroundings

_DURATION = re.compile(
    r"(-)?P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?"
)
_CYCLE = re.compile(r"R(\d*)/(.+)")
_COUNT_MAX = 20_000
REPEATS_MAX = 1_000


@dataclass(frozen=True, slots=True)
class Due:
    """``at``: an aware moment; ``provisional``: a year without an official calendar was touched."""

    at: datetime
    provisional: bool = False


@dataclass(frozen=True, slots=True)
class Period:
    """Months and seconds, added in this order: calendar months keep the day of the month where there is one."""

    months: int = 0
    seconds: Decimal = Decimal(0)

    def after(self, moment: datetime) -> datetime:
        """The moment one period later, by the clock on the wall in the zone of the country."""
        local = add_months(moment.astimezone(ZONE), self.months)
        return local + timedelta(microseconds=int(self.seconds * 1_000_000))


def end_of_day(day: date) -> datetime:
    """23:59:59 of a day."""
    return datetime.combine(day, time(23, 59, 59), ZONE)


def add_months(moment: datetime, count: int) -> datetime:
    """The same day ``count`` calendar months later; the month's last day where that day is missing."""
    index = moment.year * 12 + moment.month - 1 + count
    year, month = index // 12, index % 12 + 1
    return moment.replace(year=year, month=month, day=min(moment.day, months.monthrange(year, month)[1]))


def task_due(attributes: Mapping[str, str], around: Surroundings, evaluate: Callable[[str], Any]) -> Due | None:
    """When a task is due, by its ``dueWorkingDays``, ``dueDays`` or ``dueMonths`` (None: never). Raises ``Stuck``."""
    kind = next((k for k in ("dueWorkingDays", "dueDays", "dueMonths") if k in attributes), None)
    if kind is None:
        return None
    count = _count(evaluate(attributes[kind]), kind)
    start = around.now.astimezone(ZONE).date()
    if "dueFrom" in attributes:
        found = evaluate(attributes["dueFrom"])
        if isinstance(found, datetime):
            found = found.astimezone(ZONE).date()
        if not isinstance(found, date):
            raise Stuck(
                "Expected a date from %(expression)s but found %(found)s. Correct the data, then retry.",
                expression=attributes["dueFrom"],
                found=str(found),
            )
        start = found
    try:
        end = _end(kind, start, count, around)
    except (ValueError, OverflowError):
        raise Stuck(
            "Expected a due date in this millennium but %(count)s is too far. Correct it.", count=count
        ) from None
    return Due(end_of_day(end), around.calendar.is_provisional(start, end))


def _end(kind: str, start: date, count: int, around: Surroundings) -> date:
    if kind == "dueWorkingDays":
        return around.calendar.add_working_days(start, count)
    if kind == "dueDays":
        return around.calendar.next_working_day(start + timedelta(days=count))
    last = add_months(datetime.combine(start, time(), ZONE), count).date()
    return around.calendar.next_working_day(last)


def _count(found: Any, what: str) -> int:
    if isinstance(found, Decimal) and found == found.to_integral_value():
        found = int(found)
    if isinstance(found, bool) or not isinstance(found, int) or not 0 <= found <= _COUNT_MAX:
        raise Stuck(
            "Expected a whole number of days in %(what)s but found %(found)s. Correct it, then retry.",
            what=what,
            found=str(found),
        )
    return found


def timer_due(
    kind: str, text: str, context: Mapping[str, Any], around: Surroundings, env: Environment
) -> tuple[Due, int, str]:
    """When a timer is due first, how often it fires again (-1: for ever), and its period as text ("" for none).

    ``text`` is ``=FEEL`` or an ISO 8601 literal. Raises ``Stuck``.
    """
    value: Any = _literal(text) if not text.startswith("=") else None
    if value is None:
        try:
            value = compile_expression(text).evaluate(context, env)
        except FeelError as error:
            raise Stuck(error.template, **error.params) from error
    if isinstance(value, str):
        value = _literal(value)
    if isinstance(value, tuple):
        repeats, period, first = value
        start = first or period.after(around.now)
        return Due(start), repeats - 1 if repeats > 0 else -1, text if not text.startswith("=") else _said(value)
    if isinstance(value, datetime):
        return Due(value if value.tzinfo else value.replace(tzinfo=ZONE)), 0, ""
    if isinstance(value, date):
        return Due(end_of_day(value), around.calendar.is_provisional(around.now.date(), value)), 0, ""
    period_found = as_period(value)
    if period_found is None:
        raise Stuck(
            "Expected a moment, date or duration from the timer %(expression)s but found %(found)s. Correct it.",
            expression=text,
            found="null" if value is None else str(value)[:80],
        )
    again = -1 if kind == "timeCycle" else 0
    return Due(period_found.after(around.now)), again, _iso(period_found) if again else ""


def next_due(period: str, last: datetime) -> datetime:
    """When a repeating timer is due again: counted from when it was due, not from when it was noticed."""
    value = _literal(period)
    found = value[1] if isinstance(value, tuple) else value
    if not isinstance(found, Period):
        raise Stuck("Expected a duration in the timer cycle but found %(found)s. Correct it.", found=period)
    return found.after(last)


def as_period(value: Any) -> Period | None:
    """A FEEL or Python duration as a period; None for anything else."""
    if isinstance(value, Period):
        return value
    if isinstance(value, timedelta):
        return Period(0, Decimal(value.days * 86_400 + value.seconds) + Decimal(value.microseconds) / 1_000_000)
    if isinstance(value, YearsMonthsDuration):
        return Period(value.months)
    if isinstance(value, DaysTimeDuration):
        return Period(0, Decimal(value.nanoseconds) / 1_000_000_000)
    return None


def _literal(text: str) -> Any:
    """An ISO 8601 duration, cycle, date or moment; None if the text is none of them."""
    text = text.strip()
    cycle = _CYCLE.fullmatch(text)
    if cycle:
        repeats = int(cycle[1]) if cycle[1] else -1
        first, _, rest = cycle[2].rpartition("/")
        period = _literal(rest)
        if not isinstance(period, Period) or repeats > REPEATS_MAX or repeats == 0:
            return None
        start = _literal(first) if first else None
        return repeats, period, start if isinstance(start, datetime) else None
    match = _DURATION.fullmatch(text)
    if match and text not in ("P", "-P") and not text.endswith("T"):
        sign = -1 if match[1] else 1
        years, month, weeks, days, hours, minutes = (int(part or 0) for part in match.groups()[1:7])
        seconds = Decimal(match[8] or 0) + minutes * 60 + hours * 3600 + (days + weeks * 7) * 86_400
        return Period(sign * (years * 12 + month), sign * seconds)
    try:
        return date.fromisoformat(text) if len(text) == 10 else datetime.fromisoformat(text)
    except ValueError:
        return None


def _said(cycle: tuple[int, Period, Any]) -> str:
    return f"R{cycle[0] if cycle[0] > 0 else ''}/{_iso(cycle[1])}"


def _iso(period: Period) -> str:
    return f"P{period.months}MT{period.seconds}S" if period.months else f"PT{period.seconds}S"
