"""The calendar in force, for pages that reckon with working days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, select

from engine.calendar import Calendar
from engine.store import tables as t
from engine.store.known import Known
from engine.store.unit_of_work import CALENDAR


def calendar_in_force(connection: Connection, known: Known) -> Calendar:
    """The calendar as it stands now; read again only after somebody changed it."""
    version = connection.execute(select(t.stream.c.seq).where(t.stream.c.id == CALENDAR)).scalar()
    return known.calendar(connection, version or 0)


@dataclass(frozen=True, slots=True)
class CalendarDay:
    """A day that is not as its weekday says, or was set by hand. ``source`` is the document that says so."""

    day: date
    working: bool
    name: str
    source: str


@dataclass(frozen=True, slots=True)
class CalendarYear:
    """``source``: where its official arrangement is from, "" while there is none (then it is provisional)."""

    source: str
    days: tuple[CalendarDay, ...]


def year_of(connection: Connection, year: int) -> CalendarYear:
    """One year of the calendar."""
    source = connection.execute(select(t.calendar_year.c.source).where(t.calendar_year.c.year == year)).scalar()
    row = t.calendar_day.c
    days = connection.execute(
        select(row.day, row.working, row.name, row.source)
        .where(row.day >= date(year, 1, 1), row.day <= date(year, 12, 31))
        .order_by(row.day)
    )
    return CalendarYear(source or "", tuple(CalendarDay(one.day, one.working, one.name, one.source) for one in days))
