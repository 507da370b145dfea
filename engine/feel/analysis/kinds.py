"""What can be known of a value before there is one: its kind, whether it may be null, what is in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Kind:
    """``name``: a FEEL type, "null", or "Any" when nothing is known.

    ``element``: of a list's entries or a range's ends. ``members``: of a context, ``None`` when they are unknown.
    ``whole``: a number without fraction; ``exact``: a number that binary floating point writes the same way,
    as it is when it was typed in and is not when it was computed from fractions.
    ``is_variable``: read from a case as it is; ``nullable``: may be null.
    """

    name: str = "Any"
    nullable: bool = True
    element: Kind | None = None
    members: Mapping[str, Kind] | None = None
    whole: bool = False
    exact: bool = True
    is_variable: bool = False

    def certain(self) -> Kind:
        """The same kind, never null."""
        return replace(self, nullable=False)

    def possible(self) -> Kind:
        """The same kind, perhaps null."""
        return replace(self, nullable=True)

    @property
    def is_known(self) -> bool:
        """Whether anything is known of it."""
        return self.name != "Any"


ANY = Kind()
NULL = Kind("null")
NUMBER = Kind("number")
INTEGER = Kind("number", whole=True)
COMPUTED = Kind("number", exact=False)
STRING = Kind("string")
BOOLEAN = Kind("boolean")
DATE = Kind("date")
TIME = Kind("time")
DATE_TIME = Kind("date and time")
MONTHS = Kind("years and months duration")
SECONDS = Kind("days and time duration")
FUNCTION = Kind("function", nullable=False)

_NAMED: Mapping[str, Kind] = MappingProxyType(
    {kind.name: kind for kind in (ANY, NULL, NUMBER, STRING, BOOLEAN, DATE, TIME, DATE_TIME, MONTHS, SECONDS)}
    | {
        "integer": INTEGER,
        "list": Kind("list"),
        "context": Kind("context"),
        "range": Kind("range"),
        "function": FUNCTION,
    }
)


def list_of(element: Kind, *, nullable: bool = True) -> Kind:
    """A list of these."""
    return Kind("list", nullable, element)


def kind_named(name: str) -> Kind:
    """The kind a caller names: ``number``, ``integer``, ``list<string>``, …; unknown names know nothing."""
    if name.startswith("list<") and name.endswith(">"):
        return list_of(kind_named(name[5:-1]).certain())
    return _NAMED.get(name, ANY)


def joined(left: Kind, right: Kind) -> Kind:
    """What a value is that may be the one or the other."""
    if left.name == "null":
        return right.possible()
    if right.name == "null":
        return left.possible()
    nullable = left.nullable or right.nullable
    if left.name != right.name:
        return Kind(nullable=nullable)
    element = joined(left.element, right.element) if left.element and right.element else None
    members = left.members if left.members == right.members else None
    return Kind(left.name, nullable, element, members, left.whole and right.whole, left.exact and right.exact)


_DURATIONS = ("years and months duration", "days and time duration")
_MOMENTS = ("date", "date and time", "time")


def temporal_result(operator: str, left: str, right: str) -> Kind | None:
    """What arithmetic with dates, times and durations yields; ``None`` where it is always null."""
    if operator in ("+", "-") and right in _DURATIONS and left in (*_MOMENTS, right):
        return Kind(left)
    if operator == "+" and left in _DURATIONS and right in _MOMENTS:
        return Kind(right)
    if operator == "-" and left in _MOMENTS and right in _MOMENTS:
        return SECONDS
    if operator in ("*", "/") and left in _DURATIONS and right == "number":
        return Kind(left)
    if operator == "*" and left == "number" and right in _DURATIONS:
        return Kind(right)
    return NUMBER if operator == "/" and left == right and left in _DURATIONS else None


# What the built-in functions answer. A function that is not here answers something unknown.
RESULTS: Mapping[str, Kind] = MappingProxyType(
    dict.fromkeys(("count", "string length", "day of year", "week of year", "working days between"), INTEGER)
    | {"工作日间隔": INTEGER}
    | dict.fromkeys(("number", "abs", "min", "max"), NUMBER)
    | dict.fromkeys(("decimal", "round up", "round down", "round half up", "round half down"), NUMBER)
    | dict.fromkeys(("floor", "ceiling"), NUMBER)
    | dict.fromkeys(("sum", "mean", "median", "stddev", "product", "modulo", "sqrt", "log", "exp"), COMPUTED)
    | dict.fromkeys(("string", "substring", "upper case", "lower case", "substring before"), STRING)
    | dict.fromkeys(("substring after", "replace", "string join", "day of week", "month of year"), STRING)
    | dict.fromkeys(("not", "is", "contains", "starts with", "ends with", "matches", "list contains"), BOOLEAN)
    | dict.fromkeys(("all", "any", "odd", "even", "is working day", "是工作日", "before", "after", "meets"), BOOLEAN)
    | dict.fromkeys(("met by", "overlaps", "overlaps before", "overlaps after", "finishes", "finished by"), BOOLEAN)
    | dict.fromkeys(("includes", "during", "starts", "started by", "coincides"), BOOLEAN)
    | dict.fromkeys(("date", "today", "add working days", "加工作日"), DATE)
    | dict.fromkeys(("date and time", "now"), DATE_TIME)
    | {"time": TIME, "years and months duration": MONTHS, "range": Kind("range"), "split": list_of(STRING.certain())}
    | dict.fromkeys(("index of", "mode"), list_of(NUMBER.certain()))
    | dict.fromkeys(("get entries", "union", "flatten"), Kind("list"))
    | dict.fromkeys(("context", "context put", "context merge"), Kind("context"))
)

# These answer a list of what they were given, and the first is their list.
SAME_LIST = frozenset(
    {
        "sublist",
        "append",
        "concatenate",
        "insert before",
        "remove",
        "list replace",
        "reverse",
        "distinct values",
        "sort",
    }
)

PROPERTIES: Mapping[str, Mapping[str, Kind]] = MappingProxyType(
    {
        "date": dict.fromkeys(("year", "month", "day", "weekday"), INTEGER),
        "time": dict.fromkeys(("hour", "minute"), INTEGER) | {"second": NUMBER, "time offset": SECONDS},
        "date and time": dict.fromkeys(("year", "month", "day", "weekday", "hour", "minute"), INTEGER)
        | {"second": NUMBER, "time offset": SECONDS, "timezone": STRING},
        "years and months duration": dict.fromkeys(("years", "months"), INTEGER),
        "days and time duration": dict.fromkeys(("days", "hours", "minutes"), INTEGER) | {"seconds": NUMBER},
        "range": dict.fromkeys(("start included", "end included"), BOOLEAN) | {"start": ANY, "end": ANY},
    }
)
