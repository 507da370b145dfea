"""Who holds which place: read in the transaction that takes one. The unique key makes overbooking impossible."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection, select

from engine.runtime.places import Place, Wish
from engine.store import tables as t


def held_around(
    connection: Connection, procedure: str, wish: Wish, instance: str, own: Mapping[str, str]
) -> list[Place]:
    """All places in the slot that is asked for, and all that the case holds.

    ``own``: reservation → step of this case, by the ids of the version that it runs on now.
    """
    r = t.reservation.c
    rows = connection.execute(
        select(t.reservation).where(
            ((r.procedure == procedure) & (r.pool == wish.pool) & (r.slot == wish.slot)) | (r.instance_id == instance)
        )
    )
    return [Place(row.id, row.instance_id, own.get(row.id, row.element), row.pool, row.slot, row.place) for row in rows]
