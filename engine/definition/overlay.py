"""One organisation's files over those of the organisations above it."""

from __future__ import annotations

from collections.abc import Mapping

from engine.model import JUDGING

Resources = Mapping[tuple[str, str], bytes]


def lay_over(below: Resources, own: Resources) -> dict[tuple[str, str], bytes]:
    """Own files before those below; a profile is put before the others, since each decides its own parameters.

    Stories and rules of oversight judge the whole and are no part of it: they are left out.
    """
    found = dict(below)
    for (kind, key), content in own.items():
        if kind in JUDGING:
            continue
        if kind == "profile":
            others = [found.pop(place) for place in sorted(found) if place[0] == "profile" and _name(place[1]) == key]
            found |= {(kind, f"{key}@{n}"): other for n, other in enumerate(others, 1)}
        found[(kind, key)] = content
    return found


def _name(key: str) -> str:
    return key.partition("@")[0]
