"""Who read what: the auditors' own reading leaves a trace, too."""

from __future__ import annotations

from engine.history import events as e
from engine.store.unit_of_work import UnitOfWork

READING = "reading"


def note_reading(uow: UnitOfWork, instance_id: str, number: str, page: str) -> None:
    """Record that the actor looked at a case. The query before has found that they may."""
    uow.record_in(READING, [e.CaseViewed(instance=instance_id, number=number, page=page)])
