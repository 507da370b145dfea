"""The official holiday arrangements, seeded from a maintained package; never asked again at run time.

``chinesecalendar`` knows the years for which the State Council has published an arrangement and raises
for others, so nothing is ever presumed silently.
"""

from __future__ import annotations

from datetime import date, timedelta

import chinese_calendar

YEAR_FIRST = 2004


def official_years() -> list[int]:
    """Every year the package has an arrangement for."""
    years = []
    year = YEAR_FIRST
    while _known(year):
        years.append(year)
        year += 1
    return years


def _known(year: int) -> bool:
    try:
        chinese_calendar.is_workday(date(year, 6, 1))
    except NotImplementedError:
        return False
    return True


def official_exceptions(years: list[int]) -> dict[date, tuple[bool, str]]:
    """The days of these years that differ from Monday-to-Friday: day → (is it worked, name)."""
    found: dict[date, tuple[bool, str]] = {}
    for year in years:
        day = date(year, 1, 1)
        while day.year == year:
            worked = bool(chinese_calendar.is_workday(day))
            if worked != (day.weekday() < 5):
                _, name = chinese_calendar.get_holiday_detail(day)
                found[day] = (worked, str(name or ""))
            day += timedelta(days=1)
    return found
