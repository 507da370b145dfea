"""Numbers: IEEE 754-2008 decimal128, 34 digits, round half even (DMN 1.5, clause 10.3.2.2)."""

from __future__ import annotations

import decimal
from decimal import Decimal

CONTEXT = decimal.Context(
    prec=34,
    rounding=decimal.ROUND_HALF_EVEN,
    Emin=-6143,
    Emax=6144,
    capitals=1,
    clamp=0,
    traps=[decimal.InvalidOperation, decimal.DivisionByZero, decimal.Overflow],
)

_WHOLE_MAX = Decimal(10) ** 12


def is_whole(number: Decimal) -> bool:
    """Whether the number has no fraction."""
    return number == number.to_integral_value()


def whole(number: Decimal) -> int | None:
    """The number as an ``int``, or ``None`` when it has a fraction or could not be a position or a count."""
    return int(number) if abs(number) <= _WHOLE_MAX and is_whole(number) else None


def truncated(number: Decimal) -> int:
    """The number without its fraction, bounded to what could be a position or a count."""
    return int(max(-_WHOLE_MAX, min(_WHOLE_MAX, number)))


def number_text(number: Decimal) -> str:
    """The number as FEEL writes it: plain digits, an exponent only where digits would go on for ever."""
    if number == 0:
        return "0"
    short = number.normalize(CONTEXT)
    exponent = short.as_tuple().exponent
    digits = len(short.as_tuple().digits)
    if isinstance(exponent, int) and ((exponent > 0 and digits + exponent > 40) or exponent < -6200):
        return format(short, "E")
    return format(short, "f")
