"""What a step must know of the world around the case: time, organisations, calendar. All values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from engine.calendar import PLAIN, Calendar
from engine.model import Tenant

ZONE = ZoneInfo("Asia/Shanghai")


def _nobody(_: str) -> Tenant | None:
    return None


@dataclass(frozen=True)
class Surroundings:
    """``lineage``: the case's tenant and all above it, nearest first. ``units``: tenants that lanes may
    name by level (children of the lineage). ``steps_max``: automatic steps allowed per command."""

    instance_id: str
    now: datetime
    lineage: tuple[Tenant, ...] = ()
    units: tuple[Tenant, ...] = ()
    calendar: Calendar = PLAIN
    find_tenant: Callable[[str], Tenant | None] = field(default=_nobody)
    steps_max: int = 1000
    broken: Mapping[int, str] = field(default_factory=dict)
    """Moves of this command that are known to break the engine, by number, and how (``engine.runtime.mending``)."""
