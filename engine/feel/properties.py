"""What a dot can reach on dates, times, durations and ranges (DMN 1.5, clause 10.3.2.3, table 65)."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from engine.feel.civil import NANOSECONDS
from engine.feel.environment import Evaluation
from engine.feel.temporal import Date, DateTime, DaysTimeDuration, Time, YearsMonthsDuration
from engine.feel.values import Range, Value, kind


def property_of(value: Value, name: str, evaluation: Evaluation, position: int) -> Value:
    """``value.name``; a list answers with the property of each entry. Null, with a warning, where there is none."""
    if type(value) is dict:
        if name in value:
            return value[name]
        return evaluation.warn(position, "The context has no entry “%(name)s”.", name=name)
    if type(value) is list:
        evaluation.tick(len(value) + 1)
        return evaluation.entries([property_of(item, name, evaluation, position) for item in value])
    if value is None:
        return None
    read = _PROPERTIES.get(type(value), {}).get(name)
    if read is None:
        return evaluation.warn(position, "A %(kind)s has no property “%(name)s”.", kind=kind(value), name=name)
    return read(value)


def property_names(value_type: type) -> frozenset[str]:
    """The properties of a kind of value."""
    return frozenset(_PROPERTIES.get(value_type, ()))


def _civil(index: int) -> Callable[[Any], Decimal]:
    return lambda value: Decimal(value.civil[index])


def _clock(seconds: int, modulus: int) -> Callable[[Any], Decimal]:
    return lambda value: Decimal(value.nanoseconds // NANOSECONDS // seconds % modulus)


def _second(value: Time | DateTime) -> Decimal:
    fraction = value.nanoseconds % NANOSECONDS
    seconds = Decimal(value.nanoseconds // NANOSECONDS % 60)
    return seconds + Decimal(fraction) / NANOSECONDS if fraction else seconds


def _time_offset(value: Time | DateTime) -> DaysTimeDuration | None:
    offset = value.offset()
    return None if offset is None else DaysTimeDuration(offset * NANOSECONDS)


def _zone_name(value: Time | DateTime) -> str | None:
    return value.zone if isinstance(value.zone, str) else None


def _months_part(read: Callable[[int], int]) -> Callable[[YearsMonthsDuration], Decimal]:
    return lambda value: Decimal(read(abs(value.months)) * (-1 if value.months < 0 else 1))


def _time_part(seconds: int, modulus: int) -> Callable[[DaysTimeDuration], Decimal]:
    def read(value: DaysTimeDuration) -> Decimal:
        part = abs(value.nanoseconds) // NANOSECONDS // seconds
        return Decimal((part % modulus if modulus else part) * (-1 if value.nanoseconds < 0 else 1))

    return read


def _duration_seconds(value: DaysTimeDuration) -> Decimal:
    whole = _time_part(1, 60)(value)
    return whole + Decimal(abs(value.nanoseconds) % NANOSECONDS) / NANOSECONDS


_CIVIL: dict[str, Callable[[Any], Value]] = {
    "year": _civil(0),
    "month": _civil(1),
    "day": _civil(2),
    "weekday": lambda value: Decimal(value.weekday()),
}
_CLOCK: dict[str, Callable[[Any], Value]] = {
    "hour": _clock(3600, 24),
    "minute": _clock(60, 60),
    "second": _second,
    "time offset": _time_offset,
    "timezone": _zone_name,
}
_MIDNIGHT: dict[str, Callable[[Any], Value]] = {
    "hour": lambda _: Decimal(0),
    "minute": lambda _: Decimal(0),
    "second": lambda _: Decimal(0),
    "time offset": lambda _: DaysTimeDuration(0),
    "timezone": lambda _: None,
}
_PROPERTIES: dict[type, dict[str, Callable[[Any], Value]]] = {
    Date: _CIVIL | _MIDNIGHT,
    Time: _CLOCK,
    DateTime: _CIVIL | _CLOCK,
    YearsMonthsDuration: {
        "years": _months_part(lambda months: months // 12),
        "months": _months_part(lambda months: months % 12),
    },
    DaysTimeDuration: {
        "days": _time_part(86_400, 0),
        "hours": _time_part(3600, 24),
        "minutes": _time_part(60, 60),
        "seconds": _duration_seconds,
    },
    Range: {
        "start": lambda value: value.start,
        "end": lambda value: value.end,
        "start included": lambda value: value.start_included,
        "end included": lambda value: value.end_included,
    },
}
