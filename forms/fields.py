"""Field kinds: the raw text a browser posts → a typed answer, or the problem with it; and back again."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import re2

from forms.checks import CHECKS
from forms.schema import Field, Option, Problem

ZONE = ZoneInfo("Asia/Shanghai")
TEXT_LENGTH_MAX = 500
TEXTAREA_LENGTH_MAX = 5_000
DECIMALS_MAX = 6
YEAR_MIN, YEAR_MAX = 1800, 2199

_NUMBER = re.compile(r"[+-]?([0-9]{1,15})(?:\.([0-9]{1,30}))?")
_DATE = re.compile(r"([0-9]{4})(?:-([0-9]{1,2})-([0-9]{1,2})|/([0-9]{1,2})/([0-9]{1,2})|\.([0-9]{1,2})\.([0-9]{1,2})"
                    r"|年([0-9]{1,2})月([0-9]{1,2})日?|([0-9]{2})([0-9]{2}))")  # fmt: skip
_TIME = re.compile(r"([0-9]{1,2}):([0-9]{2})(?::([0-9]{2})(?:\.0+)?)?")
_OFFSET = re.compile(r"(Z|[+-][0-9]{2}:?[0-9]{2})$")


@dataclass(frozen=True, slots=True)
class Parsed:
    """A typed answer (``None``, or ``[]`` for a checklist: not answered) or the problem; warnings never block."""

    value: Any = None
    problem: Problem | None = None
    warnings: tuple[Problem, ...] = ()


def parse(
    field: Field, raw: Sequence[str], options: Sequence[Option] | None = None, today: date | None = None
) -> Parsed:
    """The answer in ``raw`` (all values posted under the field's key). Never raises, whatever was posted.

    ``options`` replaces the field's own (for ``options_from``). Whether an answer is *needed* is not asked here.
    """
    choices = field.options if options is None else tuple(options)
    if field.kind == "checklist":
        return _checklist(field, raw, choices)
    if len(raw) > 1:
        return _wrong(field, "Expected one answer for %(label)s, but found %(count)s.", count=len(raw))
    text = raw[0] if raw else ""
    if field.kind == "checkbox":
        return _checkbox(field, text)
    if unwritable(text):
        return _wrong(field, "%(label)s contains characters that cannot be kept. Type the text again.")
    if not text.strip():
        return Parsed()
    match field.kind:
        case "text" | "textarea":
            return _text(field, text, today)
        case "select" | "radio":
            return _choice(field, text, choices)
        case "number" | "date" | "datetime":
            return _TYPED[field.kind](field, unicodedata.normalize("NFKC", text).strip())
    return _wrong(field, "Expected a file for %(label)s, but found text.")


def to_raw(value: Any) -> tuple[str, ...]:
    """A typed value as the texts a browser would post for it; ``parse`` of them gives the value back."""
    match value:
        case None:
            return ()
        case bool():
            return ("true" if value else "false",)
        case datetime():
            return (value.astimezone(ZONE).strftime("%Y-%m-%dT%H:%M") if value.tzinfo else value.isoformat(),)
        case date():
            return (value.isoformat(),)
        case Decimal():
            return (format(value, "f"),)
        case list() | tuple():
            return tuple(text for item in value for text in to_raw(item))
    return (str(value),)


def is_empty(value: Any) -> bool:
    """Whether a typed value means "not answered"."""
    return value is None or value == [] or (isinstance(value, str) and not value.strip())


def unwritable(text: str) -> bool:
    """Whether a text has characters no record can hold: control characters, half surrogates."""
    return any(unicodedata.category(c) in ("Cc", "Cs") and c not in "\n\r\t" for c in text)


def _text(field: Field, text: str, today: date | None) -> Parsed:
    text = text.replace("\r\n", "\n").replace("\r", "\n").strip()
    limits = field.limits
    if field.kind == "text":
        text = " ".join(text.split("\n"))
    longest = limits.length_max or (TEXT_LENGTH_MAX if field.kind == "text" else TEXTAREA_LENGTH_MAX)
    if len(text) > longest:
        sentence = "Expected %(label)s to have at most %(limit)s characters, but found %(count)s."
        return _wrong(field, sentence, limit=longest, count=len(text))
    if limits.length_min is not None and len(text) < limits.length_min:
        sentence = "Expected %(label)s to have at least %(limit)s characters, but found %(count)s."
        return _wrong(field, sentence, limit=limits.length_min, count=len(text))
    warnings: tuple[Problem, ...] = ()
    if field.check:
        checked = CHECKS[field.check](text, today, field.check_suffix)
        if checked.template:
            return _wrong(field, checked.template, **(checked.params or {}))
        text = checked.value
        warnings = tuple(Problem(field.key, warning, {"label": field.label}) for warning in checked.warnings)
    if limits.pattern and not re2.search(limits.pattern, text):
        if limits.pattern_message:
            return _wrong(field, "%(label)s: %(message)s", message=limits.pattern_message)
        return _wrong(field, "%(label)s does not have the expected form, but is %(found)s.", found=text[:40])
    return Parsed(text, warnings=warnings)


def _number(field: Field, text: str) -> Parsed:
    match = _NUMBER.fullmatch(text.replace("−", "-"))
    if not match:
        return _wrong(field, "Expected %(label)s to be a number, but found %(found)s.", found=text[:40])
    fraction = match[2] or ""
    allowed = DECIMALS_MAX if field.limits.decimals_max is None else min(field.limits.decimals_max, DECIMALS_MAX)
    number = Decimal(text.replace("−", "-"))
    if len(fraction.rstrip("0")) > allowed:
        if allowed == 0:
            return _wrong(field, "Expected %(label)s to be a whole number, but found %(found)s.", found=text[:40])
        sentence = "Expected %(label)s to have at most %(limit)s decimals, but found %(found)s."
        return _wrong(field, sentence, limit=allowed, found=text[:40])
    low, high = field.limits.number_min, field.limits.number_max
    if (low is not None and number < Decimal(low)) or (high is not None and number > Decimal(high)):
        return _out_of_bounds(field, text, low, high)
    whole = number == number.to_integral_value()
    return Parsed(int(number) if whole else number)


def _out_of_bounds(field: Field, text: str, low: str | None, high: str | None) -> Parsed:
    if low is not None and high is not None:
        sentence = "Expected %(label)s to be between %(low)s and %(high)s, but found %(found)s."
        return _wrong(field, sentence, low=low, high=high, found=text[:40])
    if low is not None:
        return _wrong(field, "Expected %(label)s to be %(low)s or more, but found %(found)s.", low=low, found=text[:40])
    return _wrong(field, "Expected %(label)s to be %(high)s or less, but found %(found)s.", high=high, found=text[:40])


def _date(field: Field, text: str) -> Parsed:
    day = _as_date(text)
    if day is None:
        sentence = "Expected %(label)s to be a date such as 2026-09-21, but found %(found)s."
        return _wrong(field, sentence, found=text[:40])
    return Parsed(day)


def _datetime(field: Field, text: str) -> Parsed:
    day_text, _, time_text = text.replace("T", " ").partition(" ")
    day, clock = _as_date(day_text), _TIME.fullmatch(_OFFSET.sub("", time_text.strip()))
    offset = _OFFSET.search(time_text.strip())
    sentence = "Expected %(label)s to be a date and time such as 2026-09-21 09:30, but found %(found)s."
    if day is None or clock is None:
        return _wrong(field, sentence, found=text[:40])
    try:
        moment = datetime(day.year, day.month, day.day, int(clock[1]), int(clock[2]), int(clock[3] or 0), tzinfo=ZONE)
        if offset:  # a typed value sent by a program carries its zone; a person's does not
            aware = datetime.fromisoformat(moment.replace(tzinfo=None).isoformat() + offset[1])
            moment = aware.astimezone(ZONE)
    except (ValueError, OverflowError):
        return _wrong(field, sentence, found=text[:40])
    return Parsed(moment)


def _as_date(text: str) -> date | None:
    match = _DATE.fullmatch(text.replace(" ", ""))
    if not match:
        return None
    year, month, day = (int(part) for part in match.groups() if part)
    try:
        return date(year, month, day) if YEAR_MIN <= year <= YEAR_MAX else None
    except ValueError:
        return None


_TYPED: Mapping[str, Callable[[Field, str], Parsed]] = {"number": _number, "date": _date, "datetime": _datetime}


def _choice(field: Field, text: str, options: Sequence[Option]) -> Parsed:
    for option in options:
        if option.value == text:
            return Parsed(option.kept)
    sentence = "Expected one of the choices of %(label)s, but found %(found)s."
    return _wrong(field, sentence, found=text[:40])


def _checklist(field: Field, raw: Sequence[str], options: Sequence[Option]) -> Parsed:
    wanted = {text for text in raw if text}
    strange = wanted - {option.value for option in options}
    if strange:
        sentence = "Expected only choices of %(label)s, but found %(found)s."
        return _wrong(field, sentence, found=sorted(strange)[0][:40])
    return Parsed([option.kept for option in options if option.value in wanted])


def _checkbox(field: Field, text: str) -> Parsed:
    if text in ("", "false", "0", "off"):
        return Parsed(False)
    if text in ("true", "1", "on"):
        return Parsed(True)
    return _wrong(field, "Expected %(label)s to be ticked or not, but found %(found)s.", found=text[:40])


def _wrong(field: Field, template: str, **params: Any) -> Parsed:
    return Parsed(problem=Problem(field.key, template, {"label": field.label, **params}))
