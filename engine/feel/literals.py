"""Texts that stand for dates, times, durations and numbers: how they are read (DMN 1.5, clauses 10.3.2.3 and 10.3.4.1).

Every reader answers ``None`` for a text that is not of its kind; nothing here raises.
"""

from __future__ import annotations

import re
from decimal import Decimal, DecimalException

from engine.feel.civil import NANOSECONDS, zone
from engine.feel.numbers import CONTEXT
from engine.feel.temporal import Date, DateTime, DaysTimeDuration, Time, YearsMonthsDuration

_DATE = re.compile(r"(-?(?:[1-9]\d{4,8}|\d{4}))-(\d\d)-(\d\d)\Z", re.A)
_TIME = re.compile(
    r"(\d\d):(\d\d):(\d\d)(?:\.(\d{1,30}))?"
    r"(?:(Z|z)|([+-])(\d\d):(\d\d)(?::(\d\d))?|@([A-Za-z][A-Za-z0-9_+\-/]*))?\Z",
    re.A,
)
_YEARS_MONTHS = re.compile(r"(-)?P(?:(\d{1,12})Y)?(?:(\d{1,12})M)?\Z", re.A)
_DAYS_TIME = re.compile(
    r"(-)?P(?:(\d{1,12})D)?(?:T(?:(\d{1,12})H)?(?:(\d{1,12})M)?(?:(\d{1,12})(?:\.(\d{0,30}))?S)?)?\Z", re.A
)
_NUMBER = re.compile(r"-?(\d+(\.\d+)?|\.\d+)([eE][+-]?\d{1,6})?\Z", re.A)
_NUMBER_LENGTH_MAX = 400


def _nanoseconds(digits: str | None) -> int:
    return int(((digits or "") + "000000000")[:9])


def read_number(text: str) -> Decimal | None:
    """``-1.5e3`` as a number."""
    if len(text) > _NUMBER_LENGTH_MAX or not _NUMBER.match(text):
        return None
    try:
        return CONTEXT.create_decimal(text)
    except DecimalException:  # beyond what decimal128 can hold
        return None


def read_date(text: str) -> Date | None:
    """``2026-09-21`` as a date."""
    match = _DATE.match(text)
    return Date.of(int(match[1]), int(match[2]), int(match[3])) if match else None


def read_time(text: str) -> Time | None:
    """``09:00:00``, ``09:00:00+08:00`` or ``09:00:00@Asia/Shanghai`` as a time."""
    match = _TIME.match(text)
    if not match:
        return None
    hour, minute, second = int(match[1]), int(match[2]), int(match[3])
    if hour > 23 or minute > 59 or second > 59:
        return None
    nanoseconds = (hour * 3600 + minute * 60 + second) * NANOSECONDS + _nanoseconds(match[4])
    if match[5]:
        return Time(nanoseconds, 0)
    if match[10]:
        return Time(nanoseconds, match[10]) if zone(match[10]) else None
    if not match[6]:
        return Time(nanoseconds)
    hours, minutes, seconds = int(match[7]), int(match[8]), int(match[9] or 0)
    east = hours * 3600 + minutes * 60 + seconds
    if minutes > 59 or seconds > 59 or east > 18 * 3600:
        return None
    return Time(nanoseconds, -east if match[6] == "-" else east)


def read_date_time(text: str) -> DateTime | None:
    """``2026-09-21T09:00:00+08:00`` as a moment; a date alone is its midnight; ``24:00:00`` is the next midnight."""
    day_text, separator, clock = text.partition("T")
    day = read_date(day_text)
    if day is None:
        return None
    if not separator:
        return DateTime(day.number, 0)
    is_next_day = clock.startswith("24:00:00")
    time = read_time("00" + clock[2:] if is_next_day else clock)
    if time is None or (is_next_day and time.nanoseconds):
        return None
    return DateTime(day.number + is_next_day, time.nanoseconds, time.zone)


def read_duration(text: str) -> YearsMonthsDuration | DaysTimeDuration | None:
    """``P1Y2M`` or ``P1DT2H`` as a duration."""
    match = _YEARS_MONTHS.match(text)
    if match and (match[2] or match[3]):
        months = int(match[2] or 0) * 12 + int(match[3] or 0)
        return YearsMonthsDuration(-months if match[1] else months)
    match = _DAYS_TIME.match(text)
    if match is None or text.endswith("T") or not (match[2] or match[3] or match[4] or match[5]):
        return None
    days, hours, minutes, seconds = (int(match[group] or 0) for group in (2, 3, 4, 5))
    total = (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * NANOSECONDS + _nanoseconds(match[6])
    return DaysTimeDuration(-total if match[1] else total)


def read_at_literal(text: str) -> Date | Time | DateTime | YearsMonthsDuration | DaysTimeDuration | None:
    """What ``@"…"`` stands for."""
    for read in (read_date, read_time, read_duration):
        value = read(text)
        if value is not None:
            return value
    return read_date_time(text) if "T" in text else None
