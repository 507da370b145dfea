"""Places that cases hold in a pool: so many in each slot, and each held by one case at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from engine.history.event import Event


@dataclass(frozen=True, slots=True)
class PlaceReserved(Event):
    """The case holds place number ``place`` of ``capacity`` in a slot of a pool, until it ends or takes another."""

    reservation: str
    procedure: str
    element: str
    pool: str
    slot: str
    place: int
    capacity: int
    name: str = ""
    sentence: ClassVar[str] = "%(name)s: place %(place)s of %(capacity)s in “%(slot)s” is reserved"
    personal: ClassVar[frozenset[str]] = frozenset({"pool", "slot"})


@dataclass(frozen=True, slots=True)
class PlaceReleased(Event):
    """The place is free again for others."""

    reservation: str
    element: str
    name: str = ""
    sentence: ClassVar[str] = "%(name)s: the reserved place is free again"
