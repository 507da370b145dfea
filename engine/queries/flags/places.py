"""Two places of one case that should be one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import asin, cos, radians, sin, sqrt
from typing import Any, Final

from engine.definition.oversight import Rule
from engine.queries.flags.flag import Flag, comes_out_so
from engine.queries.past_cases import PastCase

EARTH_RADIUS_METRES: Final = 6_371_000

Point = tuple[float, float]
"""Degrees of latitude and longitude."""


def far_apart(rule: Rule, cases: Sequence[PastCase]) -> Iterator[Flag]:
    """Two answers that are places and lie farther apart than they may, where ``variable`` is one of ``values``."""
    for case in cases:
        first, second = (_point(case.variables.get(rule.given[key])) for key in ("place", "other"))
        if first is None or second is None or not comes_out_so(rule, case):
            continue
        metres = distance(first, second)
        if metres > rule.given["metres"]:
            params = {"variable": rule.given["other"], "other": rule.given["place"], "metres": int(round(metres, -1))}
            yield Flag(rule, "“%(variable)s” and “%(other)s” are about %(metres)s metres apart.", params, (case,))


def distance(first: Point, second: Point) -> float:
    """Metres between two points on the earth taken as a ball (haversine): wrong by at most half a percent."""
    latitude, longitude, other_latitude, other_longitude = map(radians, (*first, *second))
    half = sin((other_latitude - latitude) / 2) ** 2
    half += cos(latitude) * cos(other_latitude) * sin((other_longitude - longitude) / 2) ** 2
    return 2 * EARTH_RADIUS_METRES * asin(min(1.0, sqrt(half)))


def _point(value: Any) -> Point | None:
    """A place as forms keep it (``35.1234,113.0567``), None for anything else."""
    parts = value.split(",") if isinstance(value, str) and len(value) < 40 else ()
    try:
        latitude, longitude = map(float, parts)
    except ValueError:
        return None
    return (latitude, longitude) if abs(latitude) <= 90 and abs(longitude) <= 180 else None
