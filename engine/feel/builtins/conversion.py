"""Conversion functions: texts and parts into dates, times, durations and numbers (DMN 1.5, clause 10.3.4.1)."""

from __future__ import annotations

from decimal import Decimal

from engine.feel.builtins.registry import builtin
from engine.feel.civil import DAY, NANOSECONDS, YEAR_MAX, civil_from_day, zone, zone_offset
from engine.feel.environment import Evaluation
from engine.feel.literals import read_date, read_date_time, read_duration, read_number, read_time
from engine.feel.numbers import is_whole, whole
from engine.feel.temporal import Date, DateTime, DaysTimeDuration, Time, YearsMonthsDuration
from engine.feel.text import value_text
from engine.feel.values import Value

_OFFSET_MAX = 18 * 3600 * NANOSECONDS


@builtin("date", "from: Any")
def date_from(evaluation: Evaluation, source: Value) -> Date | None:
    """The date that a text names, or the date of a moment."""
    match source:
        case str():
            return read_date(source)
        case Date():
            return source
        case DateTime():
            return Date(source.number)
    return None


@builtin("date", "year: number, month: number, day: number")
def date_of(evaluation: Evaluation, year: Decimal, month: Decimal, day: Decimal) -> Date | None:
    """The date of a year, a month and a day; null when there is no such day."""
    if not (is_whole(year) and is_whole(month) and is_whole(day)):
        return None
    return _civil(year, month, day)


@builtin("date and time", "from: Any")
def date_and_time_from(evaluation: Evaluation, source: Value) -> DateTime | None:
    """The moment that a text names; a date is its midnight, UTC."""
    match source:
        case str():
            return read_date_time(source)
        case DateTime():
            return source
        case Date():
            return DateTime(source.number, 0, 0)
    return None


@builtin("date and time", "date: day, time: time")
def date_and_time_of(evaluation: Evaluation, date: Date | DateTime, time: Time) -> DateTime:
    """The moment of a date at a time."""
    return DateTime(date.number, time.nanoseconds, time.zone)


@builtin("date and time", "date: date and time, timezone: string")
def date_and_time_in(evaluation: Evaluation, date: DateTime, timezone: str) -> DateTime | None:
    """The same moment as clocks in another zone show it; a moment without a zone gets the zone."""
    if zone(timezone) is None:
        return None
    if date.zone is None:
        return DateTime(date.number, date.nanoseconds, timezone)
    instant = date.key()
    offset = zone_offset(timezone, *divmod(instant, DAY))
    return DateTime.from_local(instant + offset * NANOSECONDS, timezone)


@builtin(
    "date and time",
    "year: number, month: number, day: number, hour: number, minute: number, second: number,"
    " [offset: days and time duration?]",
)
def date_and_time_parts(
    evaluation: Evaluation,
    year: Decimal,
    month: Decimal,
    day: Decimal,
    hour: Decimal,
    minute: Decimal,
    second: Decimal,
    offset: DaysTimeDuration | None,
) -> DateTime | None:
    """The moment of these parts, with an offset from UTC or without a zone."""
    date, time = _civil(year, month, day), _clock(hour, minute, second, offset)
    return DateTime(date.number, time.nanoseconds, time.zone) if date and time else None


@builtin(
    "date and time",
    "year: number, month: number, day: number, hour: number, minute: number, second: number, timezone: string",
)
def date_and_time_parts_in(
    evaluation: Evaluation,
    year: Decimal,
    month: Decimal,
    day: Decimal,
    hour: Decimal,
    minute: Decimal,
    second: Decimal,
    timezone: str,
) -> DateTime | None:
    """The moment of these parts in a named zone."""
    date, time = _civil(year, month, day), _clock(hour, minute, second, None)
    return DateTime(date.number, time.nanoseconds, timezone) if date and time and zone(timezone) else None


@builtin("time", "from: Any")
def time_from(evaluation: Evaluation, source: Value) -> Time | None:
    """The time that a text names, or the time of day of a moment."""
    match source:
        case str():
            return read_time(source)
        case Time():
            return source
        case DateTime():
            return Time(source.nanoseconds, source.zone)
        case Date():
            return Time(0, 0)
    return None


@builtin("time", "hour: number, minute: number, second: number, [offset: days and time duration?]")
def time_of(
    evaluation: Evaluation, hour: Decimal, minute: Decimal, second: Decimal, offset: DaysTimeDuration | None
) -> Time | None:
    """The time of an hour, a minute and a second, with an offset from UTC or without a zone."""
    return _clock(hour, minute, second, offset)


@builtin("number", "from: string")
def number_from(evaluation: Evaluation, source: str) -> Decimal | None:
    """The number that a text names."""
    return read_number(source)


@builtin("number", "from: string, grouping separator: string?, decimal separator: string?")
def number_from_grouped(
    evaluation: Evaluation, source: str, grouping: str | None, decimal_separator: str | None
) -> Decimal | None:
    """The number that a text names, written with these separators."""
    if grouping not in (None, " ", ",", ".") or decimal_separator not in (None, ",", "."):
        return None
    if grouping is not None and grouping == decimal_separator:
        return None
    if grouping:
        source = source.replace(grouping, "")
    if decimal_separator:
        source = source.replace(decimal_separator, ".")
    return read_number(source)


@builtin("string", "from: Any")
def string_from(evaluation: Evaluation, source: Value) -> str | None:
    """The text of a value; null stays null."""
    if source is None:
        return None
    if isinstance(source, str):
        return source
    _charge_for_text(source, evaluation)
    return evaluation.text(value_text(source))


def _charge_for_text(value: Value, evaluation: Evaluation) -> None:
    """Values share parts: charge for the tree that will be written, not for the cells that hold it."""
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if type(item) is list:
            evaluation.tick(len(item) + 1)
            evaluation.hold(len(item) + 1)
            waiting.extend(item)
        elif type(item) is dict:
            evaluation.tick(len(item) + 1)
            evaluation.hold(len(item) + 1)
            waiting.extend(item.values())
        elif type(item) is str:
            evaluation.hold(len(item))


@builtin("duration", "from: string")
def duration_from(evaluation: Evaluation, source: str) -> YearsMonthsDuration | DaysTimeDuration | None:
    """The duration that a text names."""
    return read_duration(source)


@builtin("duration", "from: duration")
def duration_same(
    evaluation: Evaluation, source: YearsMonthsDuration | DaysTimeDuration
) -> YearsMonthsDuration | DaysTimeDuration:
    """A duration as it is."""
    return source


@builtin("years and months duration", "from: day, to: day")
def years_and_months_duration(
    evaluation: Evaluation, start: Date | DateTime, end: Date | DateTime
) -> YearsMonthsDuration:
    """The whole months from one date to another."""
    backwards = end.number < start.number
    if backwards:
        start, end = end, start
    (year, month, day), (end_year, end_month, end_day) = civil_from_day(start.number), civil_from_day(end.number)
    months = (end_year - year) * 12 + end_month - month - (end_day < day)
    return YearsMonthsDuration(-months if backwards else months)


def _civil(year: Decimal, month: Decimal, day: Decimal) -> Date | None:
    if abs(year) > YEAR_MAX or not (1 <= month <= 12 and 1 <= day <= 31):
        return None
    return Date.of(int(year), int(month), int(day))


def _clock(hour: Decimal, minute: Decimal, second: Decimal, offset: DaysTimeDuration | None) -> Time | None:
    whole_hour, whole_minute = whole(hour), whole(minute)
    if whole_hour is None or whole_minute is None:
        return None
    if not (0 <= whole_hour <= 23 and 0 <= whole_minute <= 59 and 0 <= second < 60):
        return None
    if offset is not None and abs(offset.nanoseconds) > _OFFSET_MAX:
        return None
    nanoseconds = (whole_hour * 3600 + whole_minute * 60) * NANOSECONDS + int(second * NANOSECONDS)
    return Time(nanoseconds, None if offset is None else offset.nanoseconds // NANOSECONDS)
