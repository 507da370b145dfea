"""What happens to a case when it goes on by another version of its procedure."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar

from engine.history.event import AtElement, Event


@dataclass(frozen=True, slots=True)
class InstanceMigrated(Event):
    """From here on the case follows ``pins`` instead of ``former``.

    ``mapping`` says which element took the place of which (old id → new id), ``label`` what is new, in words.
    ``since`` names the open tasks and timers whose due time was counted anew, and since when each waits.
    ``batch`` is the order that the move was part of, ``undoes`` whether it took an earlier move back.
    """

    former: dict[str, str]
    pins: dict[str, str]
    process: str
    reason: str
    mapping: dict[str, str] = field(default_factory=dict)
    label: str = ""
    since: dict[str, datetime] = field(default_factory=dict)
    batch: str = ""
    undoes: bool = False
    sentence: ClassVar[str] = "moved the case to another version (%(label)s): %(reason)s"
    personal: ClassVar[frozenset[str]] = frozenset({"reason"})


@dataclass(frozen=True, slots=True)
class UserTaskMoved(AtElement):
    """An open task as it goes on in the new version.

    ``role`` and ``tenant`` count only when ``reassigned``, the due date only when ``rescheduled``; else the task
    keeps what it had.
    """

    task: str = ""
    name: str = ""
    form: str = ""
    reassigned: bool = False
    role: str = ""
    tenant: str = ""
    rescheduled: bool = False
    due_at: datetime | None = None
    due_provisional: bool = False
    calendar: str = ""
    sentence: ClassVar[str] = "%(name)s goes on in the new version"


@dataclass(frozen=True, slots=True)
class WaitMoved(AtElement):
    """A timer, a job of the machine or something stuck (``kind``) that stands at another element or name now."""

    kind: str = ""
    wait: str = ""
    name: str = ""
    sentence: ClassVar[str] = "%(name)s goes on in the new version"
