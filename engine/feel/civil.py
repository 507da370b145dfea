"""Days and civil dates of the proleptic Gregorian calendar, for years far beyond what Python's ``date`` can hold.

A day is a whole number: days since 1970-01-01. The arithmetic is the well-known one over 400-year eras.
"""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

YEAR_MAX = 999_999_999
NANOSECONDS = 1_000_000_000
DAY = 86_400 * NANOSECONDS
_DAYS_OF_MONTH = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def day_from_civil(year: int, month: int, day: int) -> int:
    """The day number of a civil date, which must exist."""
    year -= month <= 2
    era = year // 400
    year_of_era = year - era * 400
    day_of_year = (153 * (month + (-3 if month > 2 else 9)) + 2) // 5 + day - 1
    return era * 146097 + year_of_era * 365 + year_of_era // 4 - year_of_era // 100 + day_of_year - 719468


def civil_from_day(number: int) -> tuple[int, int, int]:
    """Year, month and day of a day number."""
    number += 719468
    era = number // 146097
    day_of_era = number - era * 146097
    year_of_era = (day_of_era - day_of_era // 1460 + day_of_era // 36524 - day_of_era // 146096) // 365
    day_of_year = day_of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
    shifted = (5 * day_of_year + 2) // 153
    day = day_of_year - (153 * shifted + 2) // 5 + 1
    month = shifted + (3 if shifted < 10 else -9)
    return year_of_era + era * 400 + (month <= 2), month, day


def is_leap(year: int) -> bool:
    """Whether the year has a 29 February."""
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def days_of_month(year: int, month: int) -> int:
    """How many days the month has."""
    return 29 if month == 2 and is_leap(year) else _DAYS_OF_MONTH[month - 1]


def add_months(number: int, months: int) -> int | None:
    """The day ``months`` later, moved back to the end of a shorter month; ``None`` beyond the years FEEL knows."""
    year, month, day = civil_from_day(number)
    year, month = divmod(year * 12 + month - 1 + months, 12)
    if abs(year) > YEAR_MAX:
        return None
    return day_from_civil(year, month + 1, min(day, days_of_month(year, month + 1)))


@lru_cache(512)
def zone(name: str) -> ZoneInfo | None:
    """The time zone of this name, or ``None``."""
    try:
        return ZoneInfo(name)
    except (OSError, ValueError, KeyError):  # unknown, or a name that is no name at all
        return None


def zone_offset(name: str, number: int, nanoseconds: int) -> int:
    """Seconds east of UTC that the zone keeps on this day at this local time; far years keep the rules of 9998."""
    known = zone(name)
    if known is None:
        return 0
    year, month, day = civil_from_day(number)
    year = min(max(year, 2), 9998)
    if month == 2 and day == 29 and not is_leap(year):
        day = 28
    seconds = nanoseconds // NANOSECONDS
    local = datetime(year, month, day, seconds // 3600, seconds // 60 % 60, seconds % 60, tzinfo=known)
    offset = local.utcoffset()
    return 0 if offset is None else int(offset.total_seconds())
