"""Help a case that is stuck: try again, or go on without what failed, with a reason that everybody can read."""

from __future__ import annotations

from engine.errors import Rejected
from engine.runtime import interpreter
from engine.store.unit_of_work import UnitOfWork

REASON_LENGTH_MAX = 500


def retry_incident(uow: UnitOfWork, incident_id: str, reason: str) -> None:
    """Have the machine try again what failed."""
    _resolve(uow, incident_id, reason, skip=False)


def skip_incident(uow: UnitOfWork, incident_id: str, reason: str) -> None:
    """Go on as if what failed had been done without a result."""
    _resolve(uow, incident_id, reason, skip=True)


def _resolve(uow: UnitOfWork, incident_id: str, reason: str, *, skip: bool) -> None:
    case, row = uow.case_of_incident(incident_id)
    reason = reason.strip()
    if not 0 < len(reason) <= REASON_LENGTH_MAX:
        raise Rejected(
            "Expected a reason of 1 to %(max)s characters. Say what was done about it.", max=REASON_LENGTH_MAX
        )
    if row["row_status"] != "open":
        raise Rejected("Expected an open incident, but this one is resolved.")
    resolve = interpreter.skip_incident if skip else interpreter.retry_incident
    step = resolve(case.definition, case.state, incident_id, uow.around(case), reason)
    uow.record(case, step.events, step.state)
