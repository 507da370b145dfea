"""The calendar of working days: imported from an official source, corrected by hand, never guessed silently."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from engine.errors import Rejected
from engine.history import events as e
from engine.store.unit_of_work import CALENDAR, UnitOfWork

NAME_LENGTH_MAX = 60
YEAR_MIN, YEAR_MAX = 1990, 2100


def import_calendar(
    uow: UnitOfWork, years: list[int], exceptions: Mapping[date, tuple[bool, str]], source: str
) -> None:
    """Take over the official arrangement of whole years.

    ``exceptions``: day → (is it worked, name of the holiday), where it differs from Monday-to-Friday.
    """
    if not years or not all(YEAR_MIN <= year <= YEAR_MAX for year in years):
        raise Rejected("Expected years from %(min)s to %(max)s.", min=YEAR_MIN, max=YEAR_MAX)
    days = [[day.isoformat(), working, name] for day, (working, name) in sorted(exceptions.items())]
    uow.record_in(CALENDAR, [e.CalendarImported(sorted(years), source, days)])


def set_calendar_day(uow: UnitOfWork, day: date, working: bool, name: str, source: str) -> None:
    """Say of one day whether it is worked, and by which document."""
    if not 0 < len(name.strip()) <= NAME_LENGTH_MAX or not source.strip():
        raise Rejected("Expected a name and the document that says so.")
    uow.record_in(CALENDAR, [e.CalendarDaySet(day, working, name.strip(), source.strip())])
