"""A term day by day: from which day it was counted, which days count, and why others do not."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from engine.calendar import Calendar
from engine.history import events as e
from engine.runtime.surroundings import ZONE
from engine.runtime.timers import add_months
from engine.store.reading import facts_of

DAYS_SHOWN_MAX = 120


@dataclass(frozen=True, slots=True)
class Day:
    """A day of a term: ``count`` is its number among the days that count, None for one that does not.

    ``name`` is what the official arrangement calls the day, "" for an ordinary one.
    """

    day: date
    count: int | None
    name: str = ""


@dataclass(frozen=True, slots=True)
class Term:
    """``start`` is the day from which was counted (excluded), ``length`` how many days or months.

    ``nominal`` is where counting alone would end; a term that ends on a day off is moved on to ``end``.
    """

    start: date
    length: int | None
    nominal: date
    end: date
    days: tuple[Day, ...]


def task_term(
    attributes: Mapping[str, str],
    created_at: datetime,
    due_at: datetime,
    calendar: Calendar,
    names: Mapping[date, str],
    evaluate: Callable[[str], Any],
) -> Term | None:
    """The term of a task as its diagram counts it; None for one without a term, or that cannot be counted again."""
    kind = next((k for k in ("dueWorkingDays", "dueDays", "dueMonths") if k in attributes), None)
    start = _day(evaluate(attributes["dueFrom"])) if "dueFrom" in attributes else _day(created_at)
    length = evaluate(attributes[kind]) if kind else None
    if kind is None or start is None or length is None or isinstance(length, bool):
        return None
    end, count = _day(due_at) or start, int(length)
    nominal = end
    if kind == "dueDays":
        nominal = start + timedelta(days=count)
    elif kind == "dueMonths":
        nominal = add_months(datetime(start.year, start.month, start.day), count).date()
    first = nominal - timedelta(days=1) if kind == "dueMonths" else start
    days = _days(first, end, lambda day: calendar.is_working_day(day) if kind == "dueWorkingDays" else day <= nominal)
    shown = tuple(Day(day, n if kind != "dueMonths" else None, names.get(day, "")) for day, n in days)
    return Term(start, count, nominal, end, shown)


def waiting_days(since: datetime, until: datetime, calendar: Calendar, names: Mapping[date, str]) -> Term | None:
    """The days a timer waits, with the working days numbered; None when it ends on the day it began."""
    start, end = _day(since), _day(until)
    if start is None or end is None or end <= start:
        return None
    days = tuple(Day(day, n, names.get(day, "")) for day, n in _days(start, end, calendar.is_working_day))
    return Term(start, None, end, end, days)


def _days(start: date, end: date, counts: Callable[[date], bool]) -> Iterator[tuple[date, int | None]]:
    """The days after ``start`` up to ``end``; none at all of a very long term."""
    if (end - start).days > DAYS_SHOWN_MAX:
        return
    day, count = start, 0
    while day < end:
        day += timedelta(days=1)
        counted = counts(day)
        count += counted
        yield day, count if counted else None


def _day(found: Any) -> date | None:
    if isinstance(found, datetime):
        return found.astimezone(ZONE).date()
    return found if isinstance(found, date) else None


def day_names(connection: Connection, at: datetime) -> dict[date, str]:
    """What the official arrangements known at that moment call a day."""
    names: dict[date, str] = {}
    for fact in facts_of(connection, "calendar"):
        if fact.at > at:
            break
        match fact.event:
            case e.CalendarImported(days=days):
                names.update({date.fromisoformat(day): str(name) for day, _, name in days})
            case e.CalendarDaySet(day=day, name=name):
                names[day] = name
    return names
