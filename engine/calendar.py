"""Working days: which days people work, where an official arrangement says so and where it is only presumed.

A calendar is a value: the days that differ from Monday-to-Friday, and the years for which an official
arrangement is known. Any count that touches another year is *provisional*. Counting follows the civil
code's rule (民法典 201, 203): the start day is excluded, and a period ends with its last day.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

_DAYS_MAX = 20_000  # a count longer than this is a mistake, not a deadline


@dataclass(frozen=True)
class Calendar:
    """``exceptions``: day → is it worked; ``official_years``: years with a published arrangement."""

    version: str
    exceptions: Mapping[date, bool]
    official_years: frozenset[int]

    def is_working_day(self, day: date) -> bool:
        """Whether ``day`` is worked, by arrangement or, without one, by its weekday."""
        worked = self.exceptions.get(day)
        return day.weekday() < 5 if worked is None else worked

    def is_provisional(self, start: date, end: date) -> bool:
        """Whether any year from ``start`` to ``end`` lacks an official arrangement."""
        first, last = sorted((start.year, end.year))
        return any(year not in self.official_years for year in range(first, last + 1))

    def add_working_days(self, start: date, working_days: int) -> date:
        """The day on which the ``working_days``-th working day after ``start`` (excluded) falls.

        ``0`` gives ``start`` itself; a negative number counts backwards. Raises ``ValueError``
        for more than 20,000.
        """
        if abs(working_days) > _DAYS_MAX:
            raise ValueError(f"expected at most {_DAYS_MAX} working days, found {working_days}")
        one = timedelta(days=1 if working_days >= 0 else -1)
        day = start
        for _ in range(abs(working_days)):
            day += one
            while not self.is_working_day(day):
                day += one
        return day

    def working_days_between(self, start: date, end: date) -> int:
        """How many working days lie after ``start`` up to and including ``end`` (negative if ``end`` is earlier)."""
        if end < start:
            return -self.working_days_between(end, start)
        if (end - start).days > _DAYS_MAX * 2:
            raise ValueError(f"expected at most {_DAYS_MAX * 2} days, found {(end - start).days}")
        return sum(self.is_working_day(start + timedelta(days=n)) for n in range(1, (end - start).days + 1))

    def next_working_day(self, day: date) -> date:
        """``day`` itself if it is worked, else the first working day after it."""
        return day if self.is_working_day(day) else self.add_working_days(day, 1)


PLAIN = Calendar("plain", {}, frozenset())
"""Monday to Friday, every year provisional: for tests and for an empty calendar table."""
