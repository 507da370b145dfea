"""Taking one of so many places in a slot: what a step may ask for, what it is answered, and when a place is given back.

Pure: who holds what is handed in, by the platform from its rows, by a pretended case from its own facts. A case holds
at most one place for each step that asks: a step that asks again and gets another place gives its former one back, and
one that gets none keeps it. All places are given back when the case ends.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from engine.errors import Rejected
from engine.history import events as e
from engine.history.replay import Standing

CONNECTOR: Final = "reserve"
TEXT_MAX: Final = 200
CAPACITY_MAX: Final = 10_000


@dataclass(frozen=True, slots=True)
class Wish:
    """One of ``capacity`` places in ``slot`` of ``pool``; a pool is shared by all cases of a procedure."""

    pool: str
    slot: str
    capacity: int


@dataclass(frozen=True, slots=True)
class Place:
    """A place that is held, and by which step of which case."""

    reservation: str
    instance: str
    element: str
    pool: str
    slot: str
    number: int


def wish_of(inputs: Mapping[str, Any]) -> Wish:
    """What a step asks for. Raises ``Rejected`` for anything but ``{pool, slot, capacity}``."""
    capacity = inputs.get("capacity")
    if isinstance(capacity, Decimal) and capacity == capacity.to_integral_value():
        capacity = int(capacity)
    if isinstance(capacity, bool) or not isinstance(capacity, int) or not 0 <= capacity <= CAPACITY_MAX:
        raise Rejected(
            "Expected as capacity a whole number from 0 to %(max)s but found %(found)s. Correct it, then retry.",
            max=CAPACITY_MAX,
            found=_shown(capacity),
        )
    return Wish(_text(inputs, "pool"), _text(inputs, "slot"), capacity)


def _text(inputs: Mapping[str, Any], name: str) -> str:
    value = inputs.get(name)
    if isinstance(value, date | datetime):
        return value.isoformat()
    if not isinstance(value, str) or not value.strip() or len(value) > TEXT_MAX:
        raise Rejected(
            "Expected as %(name)s a text of 1 to %(max)s characters or a date but found %(found)s. "
            "Correct it, then retry.",
            name=name,
            max=TEXT_MAX,
            found=_shown(value),
        )
    return value.strip()


def _shown(value: Any) -> str:
    return "null" if value is None else str(value)[:80]


def answer(
    wish: Wish, asked: Place, procedure: str, name: str, held: Collection[Place]
) -> tuple[list[e.Event], dict[str, Any]]:
    """What happens when a step asks, and what it is told: ``{reserved, pool, slot, place}``.

    ``asked`` says who asks (its pool, slot and number say nothing yet); ``held`` are all places in the slot and all
    that the case holds.
    """
    mine = next((one for one in held if (one.instance, one.element) == (asked.instance, asked.element)), None)
    if mine is not None and (mine.pool, mine.slot) == (wish.pool, wish.slot):
        return [], _told(wish, mine.number)
    taken = {one.number for one in held if (one.pool, one.slot) == (wish.pool, wish.slot)}
    number = next((n for n in range(1, wish.capacity + 1) if n not in taken), None)
    if number is None:
        return [], _told(wish, None)
    released = [e.PlaceReleased(mine.reservation, mine.element, name)] if mine is not None else []
    reserved = e.PlaceReserved(
        asked.reservation, procedure, asked.element, wish.pool, wish.slot, number, wish.capacity, name
    )
    return [*released, reserved], _told(wish, number)


def _told(wish: Wish, number: int | None) -> dict[str, Any]:
    return {"reserved": number is not None, "pool": wish.pool, "slot": wish.slot, "place": number}


def given_back(standing: Standing, events: Iterable[e.Event], names: Mapping[str, str]) -> list[e.Event]:
    """The places that a case gives back because it ends with these events; none while it goes on."""
    held, ended = dict(standing.places), False
    for event in events:
        match event:
            case e.PlaceReserved(reservation=reservation, element=element):
                held[reservation] = element
            case e.PlaceReleased(reservation=reservation):
                held.pop(reservation, None)
            case e.InstanceCompleted() | e.InstanceCancelled():
                ended = True
    if not ended:
        return []
    return [e.PlaceReleased(reservation, element, names.get(element, "")) for reservation, element in held.items()]
