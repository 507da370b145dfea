"""What each kind of rule of ``oversight.toml`` finds among cases. A flag says what was found, not that it is wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

from engine.definition.oversight import Rule
from engine.queries.flags import people, places, time, values
from engine.queries.flags.flag import Flag
from engine.queries.past_cases import PastCase

__all__ = ["Flag", "find"]

_FINDERS: Final[Mapping[str, Callable[[Rule, Sequence[PastCase]], Iterator[Flag]]]] = {
    "share-per-person": people.share_per_person,
    "share-above-percentile": people.share_above_percentile,
    "too-few-people": people.too_few_people,
    "too-fast": time.too_fast,
    "too-recent": time.too_recent,
    "repeated-file": values.repeated_file,
    "same-value": values.same_value,
    "series": people.series,
    "far-apart": places.far_apart,
    "jump": time.jump,
    "opened-again": time.opened_again,
}


def find(rule: Rule, cases: Sequence[PastCase], staff: frozenset[str] = frozenset()) -> Iterator[Flag]:
    """What one rule finds among these cases, oldest first. ``staff``: the names of all who have a role here."""
    if rule.kind == "named-like-staff":
        yield from people.named_like_staff(rule, cases, staff)
    else:
        yield from _FINDERS[rule.kind](rule, cases)
