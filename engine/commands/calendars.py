"""The calendar of working days: imported from an official source, corrected by hand, never guessed silently."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from engine.errors import Rejected
from engine.history import events as e
from engine.model import ADMINISTRATOR
from engine.store.unit_of_work import CALENDAR, UnitOfWork

NAME_LENGTH_MAX = 60
YEAR_MIN, YEAR_MAX = 1990, 2100


def import_calendar(
    uow: UnitOfWork, years: list[int], exceptions: Mapping[date, tuple[bool, str]], source: str
) -> None:
    """Take over the official arrangement of whole years.

    ``exceptions``: day → (is it worked, name of the holiday), where it differs from Monday-to-Friday.
    """
    _require_top(uow)
    if not years or not all(YEAR_MIN <= year <= YEAR_MAX for year in years):
        raise Rejected("Expected years from %(min)s to %(max)s.", min=YEAR_MIN, max=YEAR_MAX)
    days = [[day.isoformat(), working, name] for day, (working, name) in sorted(exceptions.items())]
    uow.record_in(CALENDAR, [e.CalendarImported(sorted(years), source, days)])


def set_calendar_day(uow: UnitOfWork, day: date, working: bool, name: str, source: str) -> None:
    """Say of one day whether it is worked, and by which document."""
    _require_top(uow)
    if not YEAR_MIN <= day.year <= YEAR_MAX:
        raise Rejected("Expected years from %(min)s to %(max)s.", min=YEAR_MIN, max=YEAR_MAX)
    if not 0 < len(name.strip()) <= NAME_LENGTH_MAX or not source.strip():
        raise Rejected("Expected a name and the document that says so.")
    uow.record_in(CALENDAR, [e.CalendarDaySet(day, working, name.strip(), source.strip())])


def _require_top(uow: UnitOfWork) -> None:
    """The calendar is everybody's: the machine keeps it, or an administrator of the organisation at the top."""
    if not uow.actor.is_system and ("/" in uow.actor.tenant.path or ADMINISTRATOR not in uow.actor.roles):
        raise Rejected(
            "Expected an administrator of the organisation at the top: the calendar is the same for everybody."
        )
