"""Case numbers that people can read out on the telephone: prefix, year, unit, serial."""

from __future__ import annotations

from engine.store import tables as t
from engine.store.rows import insert_ignoring
from engine.store.unit_of_work import UnitOfWork

_UNIT_CODE_LENGTH = 6


def next_number(uow: UnitOfWork, prefix: str) -> str:
    """The next number, e.g. ``PC2026-410825-00017``. Without gaps: a refused start gives its number back."""
    tenant = uow.actor.tenant
    unit = (tenant.code or tenant.id)[:_UNIT_CODE_LENGTH]
    series = f"{prefix}{uow.now.year}-{unit}"
    insert_ignoring(uow.connection, t.counter, [{"name": series, "value": 0}])
    serial = uow.connection.execute(
        t.counter.update()
        .where(t.counter.c.name == series)
        .values(value=t.counter.c.value + 1)
        .returning(t.counter.c.value)
    ).scalar_one()
    return f"{series}-{serial:05d}"
