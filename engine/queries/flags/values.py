"""The same file or value in several cases."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from engine.definition.oversight import Rule
from engine.queries.flags.flag import Flag
from engine.queries.past_cases import PastCase


def repeated_file(rule: Rule, cases: Sequence[PastCase]) -> Iterator[Flag]:
    """The very same file, byte for byte, in several cases."""
    found: dict[str, dict[str, PastCase]] = {}
    names: dict[str, str] = {}
    for case in cases:
        for variable in rule.given.get("variables", case.variables):
            value = case.variables.get(variable)
            for entry in value if isinstance(value, list) else ():
                if isinstance(entry, Mapping) and isinstance(entry.get("digest"), str):
                    found.setdefault(entry["digest"], {})[case.id] = case
                    names.setdefault(entry["digest"], str(entry.get("name", "")))
    for digest, own in found.items():
        if len(own) > 1:
            template = "The same file (“%(name)s”) was handed in with %(count)s cases."
            yield Flag(rule, template, {"name": names[digest], "count": len(own)}, tuple(own.values()))


def same_value(rule: Rule, cases: Sequence[PastCase]) -> Iterator[Flag]:
    """One value of several named ones in many cases; the same value under two names counts once a case."""
    found: dict[str, dict[str, PastCase]] = {}
    for case in cases:
        for variable in rule.given["variables"]:
            value = case.variables.get(variable)
            if isinstance(value, str | int | Decimal) and not isinstance(value, bool) and str(value).strip():
                found.setdefault(str(value).strip(), {})[case.id] = case
    for value, own in found.items():
        if len(own) >= rule.given["least"]:
            template = "“%(value)s” stands in %(count)s cases."
            yield Flag(rule, template, {"value": value, "count": len(own)}, tuple(own.values()))
