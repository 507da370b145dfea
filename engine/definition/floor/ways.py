"""Which flows a gateway takes, given what its conditions are worth: true, false, unknown, or null (an incident)."""

from __future__ import annotations

from typing import Any

from engine.definition.floor.choices import UNKNOWN


def exclusive(worth: list[Any], has_default: bool) -> tuple[list[list[int]], bool]:
    """The ways of an exclusive gateway, by number (the default is last), and whether the case may stop there."""
    ways = []
    for number, truth in enumerate(worth):
        if truth is True or truth is UNKNOWN:
            ways.append([number])
        if truth is True:
            return ways, False
        if truth is None:
            return ways, True
    if has_default:
        return [*ways, [len(worth)]], False
    return ways, bool(ways)


def inclusive(worth: list[Any], has_default: bool) -> tuple[list[list[int]], bool]:
    """The ways of an inclusive gateway: every set that contains what must be taken."""
    if any(truth is None for truth in worth):
        return [], True
    sets: list[list[int]] = [[]]
    for number, truth in enumerate(worth):
        if truth is True:
            sets = [[*chosen, number] for chosen in sets]
        elif truth is UNKNOWN:
            sets = [*sets, *([*chosen, number] for chosen in sets)]
    ways = [chosen for chosen in sets if chosen]
    if [] in sets and has_default:
        ways.append([len(worth)])
    return ways, False
