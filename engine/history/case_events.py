"""Everything that can happen to a case."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar

from engine.history.event import AtElement, Event


@dataclass(frozen=True, slots=True)
class InstanceStarted(Event):
    """``at`` is the start event that a message (``sent``, its id) began the case at; "" for its plain start."""

    procedure: str
    process: str
    number: str
    tenant: str
    tenant_path: str
    pins: dict[str, str]
    variables: dict[str, Any] = field(default_factory=dict)
    calendar: str = ""
    language: str = ""
    at: str = ""
    sent: str = ""
    sentence: ClassVar[str] = "started case %(number)s"
    personal: ClassVar[frozenset[str]] = frozenset({"number", "variables"})
    kept: ClassVar[frozenset[str]] = frozenset({"number"})


@dataclass(frozen=True, slots=True)
class InstanceDescribed(Event):
    """What a worklist calls this case, computed by the diagram's own expression."""

    title: str
    sentence: ClassVar[str] = "the case is now called %(title)s"
    personal: ClassVar[frozenset[str]] = frozenset({"title"})


@dataclass(frozen=True, slots=True)
class InstanceCompleted(Event):
    """``outcome`` is the id of the top-level end event that was reached last."""

    outcome: str
    name: str = ""
    sentence: ClassVar[str] = "the case ended: %(name)s"


@dataclass(frozen=True, slots=True)
class InstanceCancelled(Event):
    reason: str
    sentence: ClassVar[str] = "cancelled the case: %(reason)s"
    personal: ClassVar[frozenset[str]] = frozenset({"reason"})


# ------------------------------------------------------------------ the path


@dataclass(frozen=True, slots=True)
class ElementCompleted(AtElement):
    """A token passed an element that nobody waits at (event, gateway, script, rule …).

    ``joined`` are the flows of the other tokens that a joining gateway took together with the one of ``via``.
    """

    name: str = ""
    assigned: dict[str, Any] = field(default_factory=dict)
    joined: list[str] = field(default_factory=list)
    sentence: ClassVar[str] = "passed %(name)s"
    personal: ClassVar[frozenset[str]] = frozenset({"assigned"})


@dataclass(frozen=True, slots=True)
class ScopeEntered(AtElement):
    """A call activity or subprocess began; ``inner`` is the scope of what happens inside."""

    inner: str = ""
    called: str = ""
    name: str = ""
    sentence: ClassVar[str] = "began %(name)s"


@dataclass(frozen=True, slots=True)
class ScopeLeft(AtElement):
    """``cancelled`` when it was interrupted rather than finished."""

    inner: str = ""
    name: str = ""
    cancelled: bool = False
    sentence: ClassVar[str] = "left %(name)s"


@dataclass(frozen=True, slots=True)
class DecisionEvaluated(AtElement):
    """A table decided. ``rows`` are the numbers (from 1) of the rules that matched, per decision.

    ``warnings`` is what the expression language had to say, ``calendar`` the version of the calendar in force.
    """

    decision: str = ""
    name: str = ""
    inputs: dict[str, Any] = field(default_factory=dict)
    outputs: Any = None
    rows: dict[str, list[int]] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    calendar: str = ""
    sentence: ClassVar[str] = "%(name)s was decided by table %(decision)s"
    personal: ClassVar[frozenset[str]] = frozenset({"inputs", "outputs", "rows", "warnings"})


# ------------------------------------------------------------------ work for people


@dataclass(frozen=True, slots=True)
class UserTaskCreated(AtElement):
    """Work waits for a person. ``tenant`` and ``role`` say who may do it, ``due_at`` until when (end of day).

    ``calendar`` is the version of the calendar that the due date was counted in.
    """

    task: str = ""
    name: str = ""
    role: str = ""
    tenant: str = ""
    form: str = ""
    due_at: datetime | None = None
    due_provisional: bool = False
    item: Any = None
    calendar: str = ""
    sentence: ClassVar[str] = "%(name)s is waiting"
    personal: ClassVar[frozenset[str]] = frozenset({"item"})


@dataclass(frozen=True, slots=True)
class UserTaskClaimed(Event):
    task: str
    user: str
    name: str = ""
    sentence: ClassVar[str] = "took on %(name)s"


@dataclass(frozen=True, slots=True)
class UserTaskReleased(Event):
    task: str
    name: str = ""
    sentence: ClassVar[str] = "put %(name)s back"


@dataclass(frozen=True, slots=True)
class UserTaskReassigned(Event):
    task: str
    user: str
    reason: str
    name: str = ""
    sentence: ClassVar[str] = "gave %(name)s to %(user)s: %(reason)s"
    personal: ClassVar[frozenset[str]] = frozenset({"reason"})


@dataclass(frozen=True, slots=True)
class UserTaskCompleted(AtElement):
    """``answers`` are the typed answers as recorded; ``form`` is the form's key, ``language`` the page's."""

    task: str = ""
    name: str = ""
    form: str = ""
    answers: dict[str, Any] = field(default_factory=dict)
    language: str = ""
    sentence: ClassVar[str] = "completed %(name)s"
    personal: ClassVar[frozenset[str]] = frozenset({"answers"})


@dataclass(frozen=True, slots=True)
class UserTaskCancelled(AtElement):
    """The work was taken away because the diagram moved on without it."""

    task: str = ""
    name: str = ""
    sentence: ClassVar[str] = "%(name)s is no longer needed"


@dataclass(frozen=True, slots=True)
class FileAttached(Event):
    """``digest`` is the SHA-256 of the content; the content lies beside."""

    digest: str
    name: str
    media_type: str
    size: int
    task: str = ""
    sentence: ClassVar[str] = "added the file %(name)s"
    personal: ClassVar[frozenset[str]] = frozenset({"digest", "name"})


@dataclass(frozen=True, slots=True)
class PaperIssued(Event):
    """A paper that the procedure issues, made from a document template."""

    digest: str
    name: str
    media_type: str
    size: int
    document: str = ""
    sentence: ClassVar[str] = "issued the paper %(name)s"
    personal: ClassVar[frozenset[str]] = frozenset({"digest", "name"})


# ------------------------------------------------------------------ work for the machine


@dataclass(frozen=True, slots=True)
class TimerScheduled(AtElement):
    job: str = ""
    name: str = ""
    due_at: datetime | None = None
    provisional: bool = False
    calendar: str = ""
    sentence: ClassVar[str] = "%(name)s waits until %(due_at)s"


@dataclass(frozen=True, slots=True)
class TimerFired(AtElement):
    job: str = ""
    name: str = ""
    sentence: ClassVar[str] = "%(name)s: the time came"


@dataclass(frozen=True, slots=True)
class TimerCancelled(AtElement):
    job: str = ""
    name: str = ""
    sentence: ClassVar[str] = "%(name)s is no longer awaited"


@dataclass(frozen=True, slots=True)
class ConnectorRequested(AtElement):
    job: str = ""
    name: str = ""
    connector: str = ""
    inputs: dict[str, Any] = field(default_factory=dict)
    sentence: ClassVar[str] = "%(name)s was handed to the machine"
    personal: ClassVar[frozenset[str]] = frozenset({"inputs"})


@dataclass(frozen=True, slots=True)
class ConnectorFinished(AtElement):
    job: str = ""
    name: str = ""
    result: dict[str, Any] = field(default_factory=dict)
    sentence: ClassVar[str] = "the machine finished %(name)s"
    personal: ClassVar[frozenset[str]] = frozenset({"result"})


@dataclass(frozen=True, slots=True)
class ConnectorCancelled(AtElement):
    job: str = ""
    name: str = ""
    sentence: ClassVar[str] = "%(name)s was taken back from the machine"


@dataclass(frozen=True, slots=True)
class IncidentRaised(AtElement):
    """Something the machine could not do. ``template`` and ``params`` are the sentence that says what and why."""

    incident: str = ""
    name: str = ""
    template: str = ""
    params: dict[str, str] = field(default_factory=dict)
    job: str = ""
    sentence: ClassVar[str] = "%(name)s is stuck: a person must look"
    personal: ClassVar[frozenset[str]] = frozenset({"params"})


@dataclass(frozen=True, slots=True)
class IncidentResolved(Event):
    incident: str
    how: str
    reason: str = ""
    name: str = ""
    sentence: ClassVar[str] = "resolved what was stuck at %(name)s: %(reason)s"
    personal: ClassVar[frozenset[str]] = frozenset({"reason"})


# ------------------------------------------------------------------ erasure under the law


@dataclass(frozen=True, slots=True)
class ErasureRequested(Event):
    """Somebody asks that the personal data of the case be erased; somebody else must do it."""

    request: str
    reason: str
    legal_basis: str
    sentence: ClassVar[str] = "asked for the erasure of the personal data, legal basis %(legal_basis)s: %(reason)s"
    personal: ClassVar[frozenset[str]] = frozenset({"reason", "legal_basis"})
    kept: ClassVar[frozenset[str]] = frozenset({"reason", "legal_basis"})


@dataclass(frozen=True, slots=True)
class ErasureDeclined(Event):
    """The data stay."""

    request: str
    reason: str
    sentence: ClassVar[str] = "declined the erasure: %(reason)s"
    personal: ClassVar[frozenset[str]] = frozenset({"reason"})
    kept: ClassVar[frozenset[str]] = frozenset({"reason"})


@dataclass(frozen=True, slots=True)
class AnswersErased(Event):
    """Personal data of earlier facts (``seqs``) were erased under the law; their digests stay.

    ``kept_files`` counts contents that stayed because another case has the same file.
    """

    seqs: list[int]
    reason: str
    legal_basis: str
    request: str = ""
    kept_files: int = 0
    sentence: ClassVar[str] = "erased the personal data on the legal basis %(legal_basis)s: %(reason)s"
    personal: ClassVar[frozenset[str]] = frozenset({"reason", "legal_basis"})
    kept: ClassVar[frozenset[str]] = frozenset({"reason", "legal_basis"})


@dataclass(frozen=True, slots=True)
class InstanceHandedOver(Event):
    """``former`` became part of ``tenant``, and what it had to do with this case is that unit's now.

    ``place`` and ``place_path`` say whose case it is from here on; ``tasks`` are the open tasks handed over.
    """

    former: str
    former_name: str
    tenant: str
    name: str
    place: str
    place_path: str
    tasks: list[str] = field(default_factory=list)
    sentence: ClassVar[str] = "handed the case over: %(former_name)s became part of %(name)s"


@dataclass(frozen=True, slots=True)
class InstancePlaced(Event):
    """The unit of the case has another organisation above it, so the case lies at another place in the tree."""

    place: str
    place_path: str
    name: str
    above: str
    sentence: ClassVar[str] = "placed the case with %(name)s below %(above)s"
