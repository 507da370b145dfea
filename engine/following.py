"""When the day of a planned change of units has come it is carried out, and the cases follow: a worker sees to it.

Nothing is told to a queue: what is due and who was left behind stands in the rows, so that nothing is lost.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from typing import Any

from engine.commands import organisations
from engine.commands.jobs import MACHINE
from engine.model import acting_unit
from engine.store.known import find_tenant
from engine.store.run import Platform
from engine.store.unit_of_work import UnitOfWork
from engine.store.unit_rows import due_changes, left_behind, settle, unsettled_changes

log = logging.getLogger("shangmen.worker")


def tend_units(platform: Platform, now: datetime) -> int:
    """Carry out the planned changes of units whose day has come, and let cases follow. Returns how many there were.

    Every change and every case has a transaction of its own; one that fails keeps no other back.
    """
    with platform.database.read() as connection:
        due = list(due_changes(connection, organisations.today(now)))
    for change in due:
        _alone(platform, partial(organisations.carry_out_planned, change_id=change), now, change)
    with platform.database.read() as connection:
        unsettled = unsettled_changes(connection)
    return len(due) + sum(_follow(platform, change, now) for change in unsettled)


def _follow(platform: Platform, change: Mapping[str, Any], now: datetime) -> int:
    """Let every case follow one change."""
    tried: set[str] = set()
    while True:
        with platform.database.read() as connection:
            heir = acting_unit(partial(find_tenant, connection), change["tenant_id"])
            left = left_behind(connection, change, heir if change["kind"] == "merge" else None, tried)
        if not left:
            break
        for case in left:
            step = partial(organisations.hand_over, instance_id=case, former_id=change["tenant_id"])
            _alone(platform, step, now, case)
        tried |= set(left)
    if not tried:
        with platform.database.write() as connection:
            settle(connection, change, now)
    return len(tried)


def _alone(platform: Platform, command: Callable[[UnitOfWork], None], now: datetime, what: str) -> None:
    try:
        platform.run(command, MACHINE, now)
    except Exception:
        log.exception("%s could not follow a change of units; it is tried again", what)
