"""The calendar in force, for pages that reckon with working days."""

from __future__ import annotations

from sqlalchemy import Connection, select

from engine.calendar import Calendar
from engine.store import tables as t
from engine.store.known import Known
from engine.store.unit_of_work import CALENDAR


def calendar_in_force(connection: Connection, known: Known) -> Calendar:
    """The calendar as it stands now; read again only after somebody changed it."""
    version = connection.execute(select(t.stream.c.seq).where(t.stream.c.id == CALENDAR)).scalar()
    return known.calendar(connection, version or 0)
