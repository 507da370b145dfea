"""The values a case can hold, and their one exact form in JSON.

A value is ``None``, ``bool``, ``str``, ``int``, ``Decimal``, ``date``, ``datetime`` (aware), a list of
values or a dict with string keys. JSON knows neither decimals nor dates, so these travel as
one-key objects: ``{"$decimal": "0.05"}``, ``{"$date": "2026-09-21"}``,
``{"$datetime": "2026-09-21T09:00:00+08:00"}``. A dict of a user's own whose only key begins with
``$`` is wrapped as ``{"$dict": …}``, so no answer can pretend to be anything else.

``float`` is accepted on the way in (a JSON number with a fraction) and becomes ``Decimal``.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from math import isfinite
from typing import Any, TypeAlias

Value: TypeAlias = Any  # None | bool | str | int | Decimal | date | datetime | list[Value] | dict[str, Value]

_INTEGER_MAX = 2**53 - 1  # beyond this JSON numbers are not exact everywhere
PLAIN = frozenset({str, int, bool, float, type(None)})
"""What is the same in JSON and as a value."""

_TAGS = ("$decimal", "$date", "$datetime", "$dict")


def encode(value: Value) -> Any:
    """A value as plain JSON data. Raises ``TypeError`` for anything that is not a value."""
    if value is None or type(value) is str or type(value) is bool:  # nearly all there is
        return value
    match value:
        case bool() | str():
            return value
        case int():
            return value if abs(value) <= _INTEGER_MAX else {"$decimal": str(value)}
        case float():
            if not isfinite(value):
                raise TypeError("a number in a case must be finite")
            return {"$decimal": str(Decimal(repr(value)))}
        case Decimal():
            if not value.is_finite():
                raise TypeError("a number in a case must be finite")
            return {"$decimal": str(value)}
        case datetime():
            if value.tzinfo is None:
                raise TypeError("a moment in a case carries its zone")
            return {"$datetime": value.isoformat()}
        case date():
            return {"$date": value.isoformat()}
        case list() | tuple():
            return [encode(item) for item in value]
        case Mapping():
            return _encode_dict(value)
    raise TypeError(f"{type(value).__name__} is not a value a case can hold")


def _encode_dict(value: Mapping[Any, Value]) -> dict[str, Any]:
    if not all(isinstance(key, str) for key in value):
        raise TypeError("the keys of a value are strings")
    plain = {key: encode(item) for key, item in value.items()}
    looks_tagged = len(plain) == 1 and next(iter(plain)).startswith("$")
    return {"$dict": plain} if looks_tagged else plain


def decode(data: Any) -> Value:
    """The value that ``encode`` made this JSON data from. Raises ``ValueError`` for a bad tag."""
    if type(data) in PLAIN:
        return data
    match data:
        case list():
            return [decode(item) for item in data]
        case dict() if len(data) == 1 and next(iter(data)) in _TAGS:
            ((tag, inner),) = data.items()
            return _decode_tagged(tag, inner)
        case dict():
            return {key: decode(item) for key, item in data.items()}
    return data


def _decode_tagged(tag: str, inner: Any) -> Value:
    match tag:
        case "$decimal":
            return Decimal(inner)
        case "$date":
            return date.fromisoformat(inner)
        case "$datetime":
            return datetime.fromisoformat(inner)
    return {key: decode(item) for key, item in inner.items()}


def apart(values: Mapping[str, Value]) -> dict[str, Value]:
    """The same values in lists and dicts of their own: what is done to one leaves the other as it was."""
    return {name: _apart(value) if isinstance(value, list | dict) else value for name, value in values.items()}


def _apart(value: Value) -> Value:
    if isinstance(value, list):
        return [_apart(item) for item in value]
    return apart(value) if isinstance(value, dict) else value
