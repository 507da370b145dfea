"""Numbers with a grammar of their own: identity numbers (GB 11643-1999), telephone numbers, places on the earth.

Every checker takes the label it speaks about and the text, and gives a ``Checked``: the normal form, or the problem.
Warnings never block: the area part names where a number was *first issued*, and old areas leave every current list.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import re2

AGE_USUAL_MAX = 120
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK_CHARACTERS = "10X98765432"  # indexed by the weighted sum modulo 11: ISO 7064 MOD 11-2
_FIRST_TWO_DIGITS = frozenset(
    str(number)
    for numbers in (
        range(11, 16),
        range(21, 24),
        range(31, 38),
        range(41, 47),
        range(50, 55),
        range(61, 66),
        (71, 81, 82, 83),
    )
    for number in numbers
)
_SHAPE = re.compile(r"[1-9][0-9]{16}[0-9X]")
_MOBILE = re.compile(r"1[3-9][0-9]{9}")
_LANDLINE = re.compile(r"(0(?:10|2[0-9]|[3-9][0-9]{2}))-?([2-9][0-9]{6,7})(?:(?:-|转)([0-9]{1,6}))?")
_PLACE = re.compile(r"([+-]?[0-9]{1,2}(?:\.[0-9]{1,12})?),([+-]?[0-9]{1,3}(?:\.[0-9]{1,12})?)")
_TEN_METRES = Decimal("0.0001")


@dataclass(frozen=True, slots=True)
class Checked:
    """``value`` is the normal form when ``template`` is empty; otherwise ``template`` and ``params`` say what is wrong.

    ``warnings`` are English sentences (their only value: the label) that a person should read and may pass over.
    """

    value: str
    template: str = ""
    params: Mapping[str, Any] | None = None
    warnings: tuple[str, ...] = ()


def normalise(text: str) -> str:
    """Full-width characters to half-width, spaces and invisible marks away, letters upper case."""
    narrow = unicodedata.normalize("NFKC", text)
    return "".join(c for c in narrow if not c.isspace() and unicodedata.category(c) != "Cf").upper()


def resident_id(text: str, today: date | None = None, suffix: str = "") -> Checked:
    """An 18-digit identity number: digits, a birth date that exists, and the right check character.

    ``suffix`` is a pattern for what must follow the eighteen (a longer number built on this one); empty = nothing.
    ``today`` allows the warning about an unusual age.
    """
    value = normalise(text)
    base, rest = value[:18], value[18:]
    found = {"found": text.strip()[:40]}
    if not suffix and len(value) != 18:
        return _wrong("Expected %(label)s to have 18 characters, but found %(count)s.", count=len(value))
    if not _SHAPE.fullmatch(base):
        return _wrong("Expected %(label)s to be 17 digits and then a digit or X, but found %(found)s.", **found)
    born = _birth_date(base)
    if born is None:
        return _wrong(
            "Expected digits 7 to 14 of %(label)s to be a date of birth that exists, but found %(digits)s.",
            digits=base[6:14],
        )
    if base[17] != check_character(base):
        return _wrong("The last character of %(label)s does not match the other 17. Compare it with the card.")
    if suffix and not re2.fullmatch(suffix, rest):
        return _wrong("The part of %(label)s after the first 18 characters (%(rest)s) is not right.", rest=rest[:40])
    return Checked(value, warnings=_warnings(base, born, today))


def check_character(number: str) -> str:
    """The check character that belongs to the first 17 digits of ``number``."""
    total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, number[:17], strict=True))
    return _CHECK_CHARACTERS[total % 11]


def birth_date(number: str) -> date | None:
    """The date of birth inside a well-formed 18-digit number, or ``None``."""
    value = normalise(number)[:18]
    return _birth_date(value) if _SHAPE.fullmatch(value) else None


def _birth_date(base: str) -> date | None:
    try:
        return date(int(base[6:10]), int(base[10:12]), int(base[12:14]))
    except ValueError:
        return None


def _warnings(base: str, born: date, today: date | None) -> tuple[str, ...]:
    warnings: list[str] = []
    if today is not None and born > today:
        warnings.append("By %(label)s the person is not born yet. Compare it with the card.")
    elif today is not None and _years(born, today) > AGE_USUAL_MAX:
        warnings.append("By %(label)s the person is older than 120 years. Compare it with the card.")
    if base[:2] not in _FIRST_TWO_DIGITS:
        warnings.append("The first two digits of %(label)s belong to no known region. Compare it with the card.")
    elif _unusual_area(base[:6]):
        warnings.append("The first six digits of %(label)s are not a usual area code. Compare it with the card.")
    return tuple(warnings)


def _unusual_area(area: str) -> bool:
    """Zones drawn for statistics (71 to 79) and codes past the usual range; "90" in the middle is a real exception."""
    last = int(area[4:])
    return last == 0 or 71 <= last <= 79 or (last >= 91 and area[2:4] != "90")


def _years(born: date, today: date) -> int:
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


def phone(text: str, today: date | None = None, suffix: str = "") -> Checked:
    """A mobile number of 11 digits, or a landline with its area code; normal form 0391-6123456 (extension: -12)."""
    value = normalise(text).replace("–", "-").replace("—", "-").replace("(", "").replace(")", "-")
    for prefix in ("+86-", "+86", "0086-", "0086"):
        value = value.removeprefix(prefix)
    digits = value.replace("-", "")
    if _MOBILE.fullmatch(digits):
        return Checked(digits)
    if landline := _LANDLINE.fullmatch(value):
        return Checked("-".join(part for part in landline.groups() if part))
    return _wrong(
        "Expected %(label)s to be a mobile number of 11 digits, or an area code and a number such as 0391-6123456,"
        " but found %(found)s.",
        found=text.strip()[:40],
    )


def place(text: str, today: date | None = None, suffix: str = "") -> Checked:
    """Degrees of latitude and longitude; normal form 35.1234,113.0567, which is a place to about ten metres."""
    if found := _PLACE.fullmatch(normalise(text)):
        latitude, longitude = (Decimal(part).quantize(_TEN_METRES) + 0 for part in found.groups())
        if abs(latitude) <= 90 and abs(longitude) <= 180:
            return Checked(f"{latitude},{longitude}")
    return _wrong(
        "Expected %(label)s to be degrees of latitude and longitude such as 35.1234,113.0567, but found %(found)s.",
        found=text.strip()[:40],
    )


def _wrong(template: str, **params: Any) -> Checked:
    return Checked("", template, params)


CHECKS: Mapping[str, Callable[[str, date | None, str], Checked]] = {
    "resident_id": resident_id,
    "phone": phone,
    "place": place,
}
