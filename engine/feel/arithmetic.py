"""``+ - * / **`` over numbers, strings, dates and durations (DMN 1.5, clause 10.3.2.14).

Each operator is a function of two values and the running evaluation, and yields null where the standard
defines nothing. Numbers that leave the range of decimal128 raise ``decimal.DecimalException``.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from engine.feel.civil import DAY, YEAR_MAX, add_months
from engine.feel.environment import Evaluation
from engine.feel.numbers import CONTEXT
from engine.feel.temporal import Date, DateTime, DaysTimeDuration, Time, YearsMonthsDuration
from engine.feel.values import Value, kind

_SPAN_MAX = YEAR_MAX * 366 * DAY
_NANOSECONDS_MAX = 10**30
_MONTHS_MAX = 10**15


def add(left: Value, right: Value, evaluation: Evaluation) -> Value:
    """``left + right``."""
    kinds = (type(left), type(right))
    if kinds == (Decimal, Decimal):
        return CONTEXT.add(left, right)
    if kinds == (str, str):
        evaluation.check_text_length(len(left) + len(right))
        return evaluation.text(left + right)
    if kinds[0] in _DURATIONS and kinds[1] in (Date, DateTime, Time):
        left, right = right, left
    match left, right:
        case Date() | DateTime(), YearsMonthsDuration():
            return _plus_months(left, right.months)
        case Date() | DateTime() | Time(), DaysTimeDuration():
            return _plus_nanoseconds(left, right.nanoseconds)
        case YearsMonthsDuration(), YearsMonthsDuration():
            return _months(left.months + right.months)
        case DaysTimeDuration(), DaysTimeDuration():
            return _nanoseconds(left.nanoseconds + right.nanoseconds)
    return _cannot(evaluation, "Cannot add a %(right)s to a %(left)s.", left, right)


def subtract(left: Value, right: Value, evaluation: Evaluation) -> Value:
    """``left - right``."""
    match left, right:
        case Decimal(), Decimal():
            return CONTEXT.subtract(left, right)
        case Date() | DateTime(), YearsMonthsDuration():
            return _plus_months(left, -right.months)
        case Date() | DateTime() | Time(), DaysTimeDuration():
            return _plus_nanoseconds(left, -right.nanoseconds)
        case YearsMonthsDuration(), YearsMonthsDuration():
            return _months(left.months - right.months)
        case DaysTimeDuration(), DaysTimeDuration():
            return _nanoseconds(left.nanoseconds - right.nanoseconds)
        case Date() | DateTime(), Date() | DateTime():
            return _between(left, right, evaluation)
        case Time(), Time() if (left.zone is None) == (right.zone is None):
            return DaysTimeDuration(left.key() - right.key())
    return _cannot(evaluation, "Cannot subtract a %(right)s from a %(left)s.", left, right)


def multiply(left: Value, right: Value, evaluation: Evaluation) -> Value:
    """``left * right``."""
    if type(left) is Decimal and type(right) in _DURATIONS:
        left, right = right, left
    match left, right:
        case Decimal(), Decimal():
            return CONTEXT.multiply(left, right)
        case YearsMonthsDuration(), Decimal():
            return _months(CONTEXT.multiply(Decimal(left.months), right))
        case DaysTimeDuration(), Decimal():
            return _nanoseconds(CONTEXT.multiply(Decimal(left.nanoseconds), right))
    return _cannot(evaluation, "Cannot multiply a %(left)s by a %(right)s.", left, right)


def divide(left: Value, right: Value, evaluation: Evaluation) -> Value:
    """``left / right``."""
    if _is_zero(right):
        return evaluation.warn(None, "Cannot divide by zero.")
    match left, right:
        case Decimal(), Decimal():
            return CONTEXT.divide(left, right)
        case YearsMonthsDuration(), Decimal():
            return _months(CONTEXT.divide(Decimal(left.months), right))
        case DaysTimeDuration(), Decimal():
            return _nanoseconds(CONTEXT.divide(Decimal(left.nanoseconds), right))
        case YearsMonthsDuration(), YearsMonthsDuration():
            return CONTEXT.divide(Decimal(left.months), Decimal(right.months))
        case DaysTimeDuration(), DaysTimeDuration():
            return CONTEXT.divide(Decimal(left.nanoseconds), Decimal(right.nanoseconds))
    return _cannot(evaluation, "Cannot divide a %(left)s by a %(right)s.", left, right)


def power(left: Value, right: Value, evaluation: Evaluation) -> Value:
    """``left ** right``. Costs as much as a dozen other steps."""
    if type(left) is Decimal and type(right) is Decimal:
        evaluation.tick(20)
        result = CONTEXT.power(left, right)
        return result if result.is_finite() else evaluation.warn(None, "The number is out of range.")  # 0 ** -1
    return _cannot(evaluation, "Cannot raise a %(left)s to a %(right)s.", left, right)


def negate(value: Value, evaluation: Evaluation) -> Value:
    """``-value``."""
    match value:
        case Decimal():
            return CONTEXT.minus(value)
        case YearsMonthsDuration():
            return YearsMonthsDuration(-value.months)
        case DaysTimeDuration():
            return DaysTimeDuration(-value.nanoseconds)
        case None:
            return None
    return evaluation.warn(None, "Cannot negate a %(kind)s.", kind=kind(value))


OPERATORS: dict[str, Callable[[Value, Value, Evaluation], Value]] = {
    "+": add,
    "-": subtract,
    "*": multiply,
    "/": divide,
    "**": power,
}

_DURATIONS = (YearsMonthsDuration, DaysTimeDuration)


def _is_zero(value: Value) -> bool:
    match value:
        case Decimal():
            return value == 0
        case YearsMonthsDuration():
            return value.months == 0
        case DaysTimeDuration():
            return value.nanoseconds == 0
    return False


def _cannot(evaluation: Evaluation, template: str, left: Value, right: Value) -> None:
    evaluation.warn(None, template, left=kind(left), right=kind(right))


def _months(months: int | Decimal) -> YearsMonthsDuration | None:
    return YearsMonthsDuration(int(months)) if -_MONTHS_MAX < months < _MONTHS_MAX else None


def _nanoseconds(nanoseconds: int | Decimal) -> DaysTimeDuration | None:
    return DaysTimeDuration(int(nanoseconds)) if -_NANOSECONDS_MAX < nanoseconds < _NANOSECONDS_MAX else None


def _plus_months(moment: Date | DateTime, months: int) -> Date | DateTime | None:
    number = add_months(moment.number, months)
    if number is None:
        return None
    return Date(number) if isinstance(moment, Date) else DateTime(number, moment.nanoseconds, moment.zone)


def _plus_nanoseconds(moment: Date | DateTime | Time, nanoseconds: int) -> Date | DateTime | Time | None:
    if isinstance(moment, Time):
        return Time((moment.nanoseconds + nanoseconds) % DAY, moment.zone)
    if abs(nanoseconds) >= _SPAN_MAX:
        return None
    if isinstance(moment, Date):
        return Date((moment.number * DAY + nanoseconds) // DAY)
    return DateTime.from_local(moment.local() + nanoseconds, moment.zone)


def _between(left: Date | DateTime, right: Date | DateTime, evaluation: Evaluation) -> DaysTimeDuration | None:
    if _is_zoned(left) != _is_zoned(right):
        return evaluation.warn(None, "Cannot subtract a moment with a zone and one without.")
    return DaysTimeDuration(_instant(left) - _instant(right))


def _is_zoned(moment: Date | DateTime) -> bool:
    return isinstance(moment, Date) or moment.zone is not None


def _instant(moment: Date | DateTime) -> int:
    return moment.number * DAY if isinstance(moment, Date) else moment.key()
