"""Numeric functions: rounding, remainders, roots (DMN 1.5, clause 10.3.4.5)."""

from __future__ import annotations

import decimal
from decimal import Decimal

from engine.feel.builtins.registry import builtin
from engine.feel.environment import Evaluation
from engine.feel.numbers import CONTEXT, is_whole, truncated
from engine.feel.temporal import DaysTimeDuration, YearsMonthsDuration

_SCALE_MIN, _SCALE_MAX = -6111, 6176
_WIDE = decimal.Context(prec=7000, Emax=6144, Emin=-6176, traps=[decimal.InvalidOperation])
_HEAVY = 20  # what a transcendental function costs, in steps


@builtin("decimal", "n: number, scale: number")
def round_half_even(evaluation: Evaluation, n: Decimal, scale: Decimal) -> Decimal | None:
    """A number rounded to so many digits after the point; halves go to the even neighbour."""
    return _rounded(n, scale, decimal.ROUND_HALF_EVEN)


@builtin("round up", "n: number, scale: number")
def round_up(evaluation: Evaluation, n: Decimal, scale: Decimal) -> Decimal | None:
    """A number rounded away from zero."""
    return _rounded(n, scale, decimal.ROUND_UP)


@builtin("round down", "n: number, scale: number")
def round_down(evaluation: Evaluation, n: Decimal, scale: Decimal) -> Decimal | None:
    """A number rounded towards zero."""
    return _rounded(n, scale, decimal.ROUND_DOWN)


@builtin("round half up", "n: number, scale: number")
def round_half_up(evaluation: Evaluation, n: Decimal, scale: Decimal) -> Decimal | None:
    """A number rounded; halves go away from zero."""
    return _rounded(n, scale, decimal.ROUND_HALF_UP)


@builtin("round half down", "n: number, scale: number")
def round_half_down(evaluation: Evaluation, n: Decimal, scale: Decimal) -> Decimal | None:
    """A number rounded; halves go towards zero."""
    return _rounded(n, scale, decimal.ROUND_HALF_DOWN)


@builtin("floor", "n: number, [scale: number]")
def floor(evaluation: Evaluation, n: Decimal, scale: Decimal | None) -> Decimal | None:
    """The largest whole number (or number of so many digits) not above a number."""
    return _rounded(n, scale, decimal.ROUND_FLOOR)


@builtin("ceiling", "n: number, [scale: number]")
def ceiling(evaluation: Evaluation, n: Decimal, scale: Decimal | None) -> Decimal | None:
    """The smallest whole number (or number of so many digits) not below a number."""
    return _rounded(n, scale, decimal.ROUND_CEILING)


def _rounded(number: Decimal, scale: Decimal | None, rounding: str) -> Decimal | None:
    digits = 0 if scale is None else truncated(scale)
    if not _SCALE_MIN <= digits <= _SCALE_MAX:
        return None
    short = number.normalize(CONTEXT)
    exponent = short.as_tuple().exponent
    if not isinstance(exponent, int) or -exponent <= digits:
        return short if short else Decimal(0)
    return CONTEXT.plus(number.quantize(Decimal(1).scaleb(-digits), rounding=rounding, context=_WIDE))


@builtin("abs", "n: number")
def absolute(evaluation: Evaluation, n: Decimal) -> Decimal:
    """A number without its sign."""
    return CONTEXT.abs(n)


@builtin("abs", "n: duration")
def absolute_duration(
    evaluation: Evaluation, n: YearsMonthsDuration | DaysTimeDuration
) -> YearsMonthsDuration | DaysTimeDuration:
    """A duration without its sign."""
    if isinstance(n, YearsMonthsDuration):
        return YearsMonthsDuration(abs(n.months))
    return DaysTimeDuration(abs(n.nanoseconds))


@builtin("modulo", "dividend: number, divisor: number")
def modulo(evaluation: Evaluation, dividend: Decimal, divisor: Decimal) -> Decimal | None:
    """The remainder of a division; it has the sign of the divisor."""
    if divisor == 0:
        return evaluation.warn(None, "Cannot divide by zero.")
    quotient = CONTEXT.divide(dividend, divisor).to_integral_value(decimal.ROUND_FLOOR)
    return CONTEXT.subtract(dividend, CONTEXT.multiply(divisor, quotient))


@builtin("sqrt", "number: number")
def square_root(evaluation: Evaluation, number: Decimal) -> Decimal | None:
    """The square root; null for a negative number."""
    evaluation.tick(_HEAVY)
    return CONTEXT.sqrt(number) if number >= 0 else None


@builtin("log", "number: number")
def logarithm(evaluation: Evaluation, number: Decimal) -> Decimal | None:
    """The natural logarithm; null for a number that is not positive."""
    evaluation.tick(_HEAVY)
    return CONTEXT.ln(number) if number > 0 else None


@builtin("exp", "number: number")
def exponential(evaluation: Evaluation, number: Decimal) -> Decimal:
    """Euler's number raised to a number."""
    evaluation.tick(_HEAVY)
    return CONTEXT.exp(number)


@builtin("odd", "number: number")
def odd(evaluation: Evaluation, number: Decimal) -> bool | None:
    """Whether a whole number is odd."""
    return CONTEXT.remainder(number, Decimal(2)) != 0 if is_whole(number) else None


@builtin("even", "number: number")
def even(evaluation: Evaluation, number: Decimal) -> bool | None:
    """Whether a whole number is even."""
    return CONTEXT.remainder(number, Decimal(2)) == 0 if is_whole(number) else None
