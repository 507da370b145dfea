"""What of a fact may leave the house without saying whom it concerns: a list of what may, everything else may not.

Texts that people typed, answers, names, numbers, files and what tables found are not on it; elements, times, units
and versions are. A new field is not on the list until somebody has thought about it, and a fact with such a field in
its sealed bytes leaves without its bytes: its seal and its place under the signed head stay.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any, Final

from engine.history.event import AtElement
from engine.history.facts import ERASED, Fact, personal_fields

_WHERE: Final = frozenset({"element", "process", "scope", "via"})

PUBLIC: Final[Mapping[str, frozenset[str]]] = {
    "InstanceStarted": frozenset(
        {"procedure", "process", "tenant", "tenant_path", "pins", "calendar", "language", "at", "sent"}
    ),
    "InstanceDescribed": frozenset(),
    "InstanceCompleted": frozenset({"outcome", "name"}),
    "InstanceCancelled": frozenset(),
    "ElementCompleted": _WHERE | {"name", "joined"},
    "ScopeEntered": _WHERE | {"inner", "called", "name"},
    "ScopeLeft": _WHERE | {"inner", "name", "cancelled"},
    "DecisionEvaluated": _WHERE | {"decision", "name", "calendar"},
    "UserTaskCreated": _WHERE | {"task", "name", "role", "tenant", "form", "due_at", "due_provisional", "calendar"},
    "UserTaskClaimed": frozenset({"task", "user", "name"}),
    "UserTaskReleased": frozenset({"task", "name"}),
    "UserTaskReassigned": frozenset({"task", "user", "name"}),
    "UserTaskCompleted": _WHERE | {"task", "name", "form", "language"},
    "UserTaskCancelled": _WHERE | {"task", "name"},
    "FileAttached": frozenset({"media_type", "size", "task"}),
    "PaperIssued": frozenset({"media_type", "size", "document"}),
    "PlaceReserved": frozenset({"reservation", "procedure", "element", "name", "place", "capacity"}),
    "PlaceReleased": frozenset({"reservation", "element", "name"}),
    "TimerScheduled": _WHERE | {"job", "name", "due_at", "provisional", "calendar"},
    "TimerFired": _WHERE | {"job", "name"},
    "TimerCancelled": _WHERE | {"job", "name"},
    "ConnectorRequested": _WHERE | {"job", "name", "connector"},
    "ConnectorFinished": _WHERE | {"job", "name"},
    "ConnectorCancelled": _WHERE | {"job", "name"},
    "MessageAwaited": _WHERE | {"wait", "name", "message", "roles", "form"},
    "MessageReceived": _WHERE | {"wait", "name", "message", "language", "sent"},
    "MessageWaitEnded": _WHERE | {"wait", "name"},
    "MessageThrown": _WHERE | {"thrown", "name", "message", "tenant", "tenant_path", "expires_at"},
    "SignalThrown": _WHERE | {"thrown", "name", "signal", "tenant", "tenant_path"},
    "EventAwaited": _WHERE | {"wait", "name", "kind", "about"},
    "EventCame": _WHERE | {"wait", "name", "kind", "about", "sent"},
    "EventWaitEnded": _WHERE | {"wait", "name"},
    "IncidentRaised": _WHERE | {"incident", "name", "template", "job"},
    "IncidentResolved": frozenset({"incident", "how", "name"}),
    "InstanceMigrated": frozenset({"former", "pins", "process", "mapping", "label", "since", "batch", "undoes"}),
    "UserTaskMoved": _WHERE
    | {"task", "name", "form", "reassigned", "role", "tenant", "rescheduled", "due_at", "due_provisional", "calendar"},
    "WaitMoved": _WHERE | {"kind", "wait", "name"},
    "InstanceHandedOver": frozenset({"former", "former_name", "tenant", "name", "place", "place_path", "tasks"}),
    "InstancePlaced": frozenset({"place", "place_path", "name", "above"}),
    "ErasureRequested": frozenset({"request"}),
    "ErasureDeclined": frozenset({"request"}),
    "AnswersErased": frozenset({"seqs", "request", "kept_files"}),
    # Facts that a case rests on; those of people and of reading never leave in a masked file.
    "DeploymentPublished": frozenset(
        {"deployment", "tenant", "procedure", "title", "resources", "effective_at", "proposal", "authors"}
    ),
    "TenantAdded": frozenset({"tenant", "path", "name", "level", "code", "since", "change"}),
    "TenantRenamed": frozenset({"tenant", "name", "former", "since", "change"}),
    "TenantMoved": frozenset({"tenant", "name", "path", "former", "since", "below", "change", "above"}),
    "TenantClosed": frozenset({"tenant", "name", "since", "heir", "heir_name", "change", "path"}),
    "CalendarDaySet": frozenset({"day", "working", "name", "source"}),
    "CalendarImported": frozenset({"years", "source", "days"}),
}
"""Kind of fact → its fields that name nobody: places in the diagram, units, times, versions, ids made at random."""


def may_leave(raw: Mapping[str, Any]) -> bool:
    """Whether the sealed bytes of a fact (as data) hold nothing but digests and fields of the list."""
    told = {name for name, value in raw["data"].items() if value is not None}
    return told - personal_fields(raw) <= PUBLIC.get(raw["type"], frozenset())


def masked(fact: Fact) -> Fact:
    """A fact with every field that is not on the list reading as erased, unless there is nothing in it."""
    public = PUBLIC.get(type(fact.event).__name__, frozenset())
    if isinstance(fact.event, AtElement):
        public |= _WHERE
    hidden = {field.name: ERASED for field in fields(fact.event) if field.name not in public}
    kept = {name: value for name, value in hidden.items() if getattr(fact.event, name) is not None}
    return replace(fact, event=replace(fact.event, **kept), erased=bool(kept))
