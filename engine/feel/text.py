"""The text of a value: what ``string()`` answers (DMN 1.5, clause 10.3.4.1)."""

from __future__ import annotations

import re
from decimal import Decimal

from engine.feel.numbers import number_text
from engine.feel.temporal import Date, DateTime, DaysTimeDuration, Time, YearsMonthsDuration
from engine.feel.values import Range, Value

_PLAIN_KEY = re.compile(r"[^\W\d][\w ]*\Z")


def quoted(text: str) -> str:
    """The text as a FEEL string literal."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def value_text(value: Value) -> str:
    """The value as FEEL would write it inside a list: strings are quoted. Charge for its size before calling this."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case str():
            return quoted(value)
        case Decimal():
            return number_text(value)
        case Date() | Time() | DateTime() | YearsMonthsDuration() | DaysTimeDuration():
            return str(value)
        case list():
            return "[" + ", ".join(map(value_text, value)) + "]"
        case dict():
            entries = (
                f"{key if _PLAIN_KEY.match(key) else quoted(key)}: {value_text(item)}" for key, item in value.items()
            )
            return "{" + ", ".join(entries) + "}"
        case Range():
            start = "" if value.start is None else value_text(value.start)
            end = "" if value.end is None else value_text(value.end)
            return f"{'[' if value.start_included else '('}{start}..{end}{']' if value.end_included else ')'}"
    return "function"
