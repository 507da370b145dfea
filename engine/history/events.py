"""Everything that can have happened, in the past tense. Events are the only things that change rows.

Each class is one kind of fact: its fields, and the sentence an auditor reads (an English template,
the key of the catalogue). Events only grow: a field is never renamed or removed, a new one has a
default. Fields named in ``personal`` hold personal data: the sealed fact holds only their salted
digest, the values lie beside it, so that erasing them leaves the seal whole.

Where an element is: ``element`` is the BPMN id, ``process`` the id of the process it is drawn in,
``scope`` the visit of the call activity or subprocess around it ("" for the case itself), and
``via`` the id of the sequence flow that led to it (None for a start or an event's own path).
"""

from __future__ import annotations

from dataclasses import MISSING, fields
from typing import Any

from engine.errors import Corrupt
from engine.history.access_events import CasesListed, CasesSearched, LoggedIn, LoggedOut, LogInFailed
from engine.history.case_events import (
    AnswersErased,
    ConnectorCancelled,
    ConnectorFinished,
    ConnectorRequested,
    DecisionEvaluated,
    ElementCompleted,
    ErasureDeclined,
    ErasureRequested,
    FileAttached,
    IncidentRaised,
    IncidentResolved,
    InstanceCancelled,
    InstanceCompleted,
    InstanceDescribed,
    InstanceHandedOver,
    InstancePlaced,
    InstanceStarted,
    PaperIssued,
    ScopeEntered,
    ScopeLeft,
    TimerCancelled,
    TimerFired,
    TimerScheduled,
    UserTaskCancelled,
    UserTaskClaimed,
    UserTaskCompleted,
    UserTaskCreated,
    UserTaskReassigned,
    UserTaskReleased,
)
from engine.history.delegation_events import DelegationEnded, DelegationGiven
from engine.history.event import AtElement, Event
from engine.history.message_events import (
    MessageArrived,
    MessageDelivered,
    MessageDiscarded,
    MessageExpired,
    MessageHeld,
    SignalBroadcast,
    SignalDelivered,
    SignalSpread,
)
from engine.history.migration_events import InstanceMigrated, UserTaskMoved, WaitMoved
from engine.history.organisation_events import (
    TenantClosed,
    TenantMoved,
    TenantRenamed,
    UnitChangeCalledOff,
    UnitChangeFailed,
    UnitChangePlanned,
)
from engine.history.place_events import PlaceReleased, PlaceReserved
from engine.history.public_events import (
    CalendarDaySet,
    CalendarImported,
    CasesExported,
    CaseViewed,
    DeploymentPublished,
    DossierMade,
    PasswordSet,
    RoleGranted,
    RoleRevoked,
    SampleDrawn,
    TenantAdded,
    UserAdded,
    UserDisabled,
    UserEnabled,
)
from engine.history.studio_events import (
    OverrideLeftBehind,
    OverrideLookedAt,
    ProposalApproved,
    ProposalRejected,
    ProposalWithdrawn,
    PublicationProposed,
)
from engine.history.wait_events import (
    EventAwaited,
    EventCame,
    EventWaitEnded,
    MessageAwaited,
    MessageReceived,
    MessageThrown,
    MessageWaitEnded,
    SignalThrown,
)
from engine.values import PLAIN, decode, encode

__all__ = [
    "TYPES",
    "AnswersErased",
    "AtElement",
    "CalendarDaySet",
    "CalendarImported",
    "CaseViewed",
    "CasesExported",
    "CasesListed",
    "CasesSearched",
    "ConnectorCancelled",
    "ConnectorFinished",
    "ConnectorRequested",
    "DecisionEvaluated",
    "DelegationEnded",
    "DelegationGiven",
    "DeploymentPublished",
    "DossierMade",
    "ElementCompleted",
    "ErasureDeclined",
    "ErasureRequested",
    "Event",
    "EventAwaited",
    "EventCame",
    "EventWaitEnded",
    "FileAttached",
    "IncidentRaised",
    "IncidentResolved",
    "InstanceCancelled",
    "InstanceCompleted",
    "InstanceDescribed",
    "InstanceHandedOver",
    "InstanceMigrated",
    "InstancePlaced",
    "InstanceStarted",
    "LogInFailed",
    "LoggedIn",
    "LoggedOut",
    "MessageArrived",
    "MessageAwaited",
    "MessageDelivered",
    "MessageDiscarded",
    "MessageExpired",
    "MessageHeld",
    "MessageReceived",
    "MessageThrown",
    "MessageWaitEnded",
    "OverrideLeftBehind",
    "OverrideLookedAt",
    "PaperIssued",
    "PasswordSet",
    "PlaceReleased",
    "PlaceReserved",
    "ProposalApproved",
    "ProposalRejected",
    "ProposalWithdrawn",
    "PublicationProposed",
    "RoleGranted",
    "RoleRevoked",
    "SampleDrawn",
    "ScopeEntered",
    "ScopeLeft",
    "SignalBroadcast",
    "SignalDelivered",
    "SignalSpread",
    "SignalThrown",
    "TenantAdded",
    "TenantClosed",
    "TenantMoved",
    "TenantRenamed",
    "TimerCancelled",
    "TimerFired",
    "TimerScheduled",
    "UnitChangeCalledOff",
    "UnitChangeFailed",
    "UnitChangePlanned",
    "UserAdded",
    "UserDisabled",
    "UserEnabled",
    "UserTaskCancelled",
    "UserTaskClaimed",
    "UserTaskCompleted",
    "UserTaskCreated",
    "UserTaskMoved",
    "UserTaskReassigned",
    "UserTaskReleased",
    "WaitMoved",
    "dump",
    "load",
]


def _concrete(cls: type[Event]) -> list[type[Event]]:
    return [found for sub in cls.__subclasses__() for found in ([sub] if sub.sentence else _concrete(sub))]


TYPES: dict[str, type[Event]] = {cls.__name__: cls for cls in _concrete(Event)}
"""Every kind of fact by its name."""


def dump(event: Event) -> dict[str, Any]:
    """The fields of an event as plain JSON data (see ``engine.values``)."""
    return {f.name: encode(getattr(event, f.name)) for f in fields(event)}


def _field_names(cls: type[Event]) -> tuple[frozenset[str], frozenset[str]]:
    """All fields of a kind of fact, and those without a default."""
    found = fields(cls)
    required = (f.name for f in found if f.default is MISSING and f.default_factory is MISSING)
    return frozenset(f.name for f in found), frozenset(required)


_FIELD_NAMES = {name: _field_names(cls) for name, cls in TYPES.items()}


def load(name: str, data: dict[str, Any]) -> Event:
    """The event that ``dump`` made this data from. Raises ``Corrupt`` for an unknown type or field."""
    cls = TYPES.get(name)
    if cls is None:
        raise Corrupt("The history holds an event of the unknown type %(type)s.", type=name)
    known, required = _FIELD_NAMES[name]
    if not required <= data.keys() <= known:
        raise Corrupt("The history holds a %(type)s event with the wrong fields.", type=name)
    return cls(**{key: value if type(value) in PLAIN else decode(value) for key, value in data.items()})
