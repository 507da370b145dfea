"""Everything that can happen to organisations after they were added."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any, ClassVar

from engine.history.event import Event


@dataclass(frozen=True, slots=True)
class UnitChangePlanned(Event):
    """From ``since`` on something else shall hold of a unit. ``kind``: add, rename, move, close, merge.

    ``details`` are the words of the change: ``name``, ``parent``, ``heir``, ``level``, ``code``.
    """

    change: str
    kind: str
    tenant: str
    since: date
    details: dict[str, str] = field(default_factory=dict)
    name: str = ""
    sentence: ClassVar[str] = "planned a change of %(name)s for %(since)s"


@dataclass(frozen=True, slots=True)
class UnitChangeCalledOff(Event):
    change: str
    name: str = ""
    sentence: ClassVar[str] = "called off the planned change of %(name)s"


@dataclass(frozen=True, slots=True)
class UnitChangeFailed(Event):
    """When its day had come, the change could not be right any more; ``template`` and ``params`` say why."""

    change: str
    template: str
    params: dict[str, Any] = field(default_factory=dict)
    name: str = ""
    sentence: ClassVar[str] = "could not carry out the planned change of %(name)s"


@dataclass(frozen=True, slots=True)
class TenantRenamed(Event):
    tenant: str
    name: str
    former: str
    since: date
    change: str = ""
    sentence: ClassVar[str] = "renamed %(former)s to %(name)s"


@dataclass(frozen=True, slots=True)
class TenantMoved(Event):
    """A unit with all that is below it has another organisation above it. ``below``: unit id → its path from now on."""

    tenant: str
    name: str
    path: str
    former: str
    since: date
    below: dict[str, str] = field(default_factory=dict)
    change: str = ""
    above: str = ""
    sentence: ClassVar[str] = "moved %(name)s to %(above)s"


@dataclass(frozen=True, slots=True)
class TenantClosed(Event):
    """From ``since`` on nobody acts for the unit. ``heir`` is the unit that it became part of, "" for none."""

    tenant: str
    name: str
    since: date
    heir: str = ""
    heir_name: str = ""
    change: str = ""
    path: str = ""
    sentence: ClassVar[str] = "closed %(name)s (taken over by: %(heir_name)s)"
