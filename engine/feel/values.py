"""The values of FEEL and their Python forms, and how a value crosses the edge of the engine.

Inside: number = ``Decimal``, string = ``str``, boolean = ``bool``, null = ``None``, list = ``list``,
context = ``dict``, and the classes of ``temporal``, ``Range`` and the functions of ``functions``.
Outside (the values of a case): ``int`` and ``Decimal``, ``date`` and aware ``datetime``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta, timezone, tzinfo
from decimal import Decimal
from math import isfinite
from typing import Any, TypeAlias

from engine.feel.civil import DAY, NANOSECONDS
from engine.feel.errors import FeelError
from engine.feel.temporal import Date, DateTime, DaysTimeDuration, Time, YearsMonthsDuration

Value: TypeAlias = Any  # None | bool | Decimal | str | list[Value] | dict[str, Value] | a class of this module

_EPOCH = date(1970, 1, 1).toordinal()
_WHOLE_DIGITS_MAX = 34


class Range:
    """An interval. An end that is ``None`` is *no bound* if ``unbounded_start`` or ``unbounded_end``, else unknown."""

    __slots__ = ("end", "end_included", "start", "start_included", "unbounded_end", "unbounded_start")

    def __init__(
        self,
        start: Value,
        end: Value,
        start_included: bool,
        end_included: bool,
        *,
        unbounded_start: bool = False,
        unbounded_end: bool = False,
    ) -> None:
        self.start = start
        self.end = end
        self.start_included = start_included
        self.end_included = end_included
        self.unbounded_start = unbounded_start
        self.unbounded_end = unbounded_end

    def is_definite(self) -> bool:
        """Whether both ends are known, be it as "no bound"."""
        return (self.start is not None or self.unbounded_start) and (self.end is not None or self.unbounded_end)

    def _identity(self) -> tuple[Any, ...]:
        return (self.start, self.end, self.start_included, self.end_included)

    def __eq__(self, other: object) -> bool:
        return type(other) is Range and self._identity() == other._identity()

    def __hash__(self) -> int:
        return hash((self.start, self.end))

    def __repr__(self) -> str:
        left, right = "[" if self.start_included else "(", "]" if self.end_included else ")"
        return f"{left}{self.start}..{self.end}{right}"


class FeelFunction:
    """A function value: a lambda of an expression, or a Python callable put in scope by the caller.

    ``call`` takes the values of ``parameters`` in order, in their inside form, and answers one.
    ``types`` are the declared parameter types (syntax), used by ``instance of``.
    """

    __slots__ = ("call", "name", "parameters", "types")

    def __init__(
        self,
        parameters: tuple[str, ...],
        call: Callable[..., Value],
        name: str = "",
        types: tuple[Any, ...] | None = None,
    ) -> None:
        self.parameters = parameters
        self.call = call
        self.name = name
        self.types = types


KINDS: dict[type, str] = {
    Decimal: "number",
    str: "string",
    bool: "boolean",
    list: "list",
    dict: "context",
    Date: "date",
    Time: "time",
    DateTime: "date and time",
    YearsMonthsDuration: "years and months duration",
    DaysTimeDuration: "days and time duration",
    Range: "range",
    FeelFunction: "function",
}

UNCHANGED: frozenset[type] = frozenset(
    {type(None), bool, str, Decimal, Date, Time, DateTime, YearsMonthsDuration, DaysTimeDuration, Range, FeelFunction}
)
"""The types that are the same inside and outside."""


def kind(value: Value) -> str:
    """The FEEL name of the value's type; "null" for null."""
    return "null" if value is None else KINDS.get(type(value), "function")


def to_feel(value: Any) -> Value:
    """A value of a case in its inside form. Raises ``FeelError`` for what is not a value."""
    if type(value) in UNCHANGED:
        return value
    if type(value) is int:
        return Decimal(value)
    match value:
        case int():
            return Decimal(value)
        case float() if isfinite(value):
            return Decimal(repr(value))
        case list() | tuple():
            return [to_feel(item) for item in value]
        case Mapping():
            return {str(key): to_feel(item) for key, item in value.items()}
        case datetime():
            # The offset and not the zone's name: stored values keep only the offset, and must mean the same.
            offset = value.utcoffset()
            seconds = None if offset is None else int(offset.total_seconds())
            return DateTime(value.toordinal() - _EPOCH, _clock(value.time()), seconds)
        case date():
            return Date(value.toordinal() - _EPOCH)
        case time():
            offset = value.utcoffset()
            return Time(_clock(value), None if offset is None else int(offset.total_seconds()))
        case timedelta():
            return DaysTimeDuration((value.days * 86_400 + value.seconds) * NANOSECONDS + value.microseconds * 1000)
        case str():
            return str(value)
    raise FeelError("Expected a value a case can hold, but found one of type %(found)s.", found=type(value).__name__)


def _clock(value: time) -> int:
    return (value.hour * 3600 + value.minute * 60 + value.second) * NANOSECONDS + value.microsecond * 1000


def to_python(value: Value, local_zone: tzinfo | None = None) -> Any:
    """A value in the form a case can hold.

    Whole numbers become ``int``; a moment without a zone is read in ``local_zone``. Durations, times,
    ranges, functions, and dates beyond the years 1 to 9999 stay what they are.
    """
    match value:
        case Decimal():
            return _plain_number(value)
        case list():
            return [to_python(item, local_zone) for item in value]
        case dict():
            return {key: to_python(item, local_zone) for key, item in value.items()}
        case Date():
            ordinal = value.number + _EPOCH
            return date.fromordinal(ordinal) if 1 <= ordinal <= date.max.toordinal() else value
        case DateTime():
            return _plain_moment(value, local_zone)
    return value


def _plain_number(number: Decimal) -> int | Decimal:
    if number.adjusted() < _WHOLE_DIGITS_MAX and number == number.to_integral_value():
        return int(number)
    return number


def _plain_moment(moment: DateTime, local_zone: tzinfo | None) -> datetime | DateTime:
    ordinal = moment.number + _EPOCH
    if not 1 <= ordinal <= date.max.toordinal():
        return moment
    offset = moment.offset()
    zone = local_zone if offset is None else timezone(timedelta(seconds=offset))
    return datetime.fromordinal(ordinal).replace(tzinfo=zone) + timedelta(microseconds=moment.nanoseconds % DAY // 1000)
