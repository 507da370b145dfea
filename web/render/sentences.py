"""Facts as the sentences that people read: when, who of which organisation, what happened.

Every kind of event has its English sentence beside its class; the catalogue has the Chinese. Ids never
reach a reader: users, organisations, roles and steps are called by their names.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from typing import Any, Final, TypeAlias

from engine.history import events as e
from engine.history.facts import ERASED, Fact
from engine.model import SYSTEM_USER
from engine.runtime.interpreter import ProcessDefinition
from web.language import gettext, translate, word
from web.render.outline import KINDS
from web.render.words import role_name

QUIET: Final = (
    e.ElementCompleted,
    e.ScopeEntered,
    e.ScopeLeft,
    e.TimerScheduled,
    e.TimerCancelled,
    e.ConnectorRequested,
    e.ConnectorCancelled,
    e.MessageAwaited,
    e.MessageWaitEnded,
    e.EventAwaited,
    e.EventWaitEnded,
    e.InstanceDescribed,
    e.CaseViewed,
    e.CasesListed,
    e.CasesSearched,
    e.LoggedIn,
    e.LoggedOut,
    e.LogInFailed,
)
"""What the machine did in passing: an auditor reads it, the staff's short history leaves it out."""

FormerNames: TypeAlias = Mapping[str, Sequence[tuple[datetime, str]]]
"""Unit id → (the moment it was renamed, its name before), in order."""
_NONE: Final[FormerNames] = {}

_BY_PEOPLE: Final = (e.MessageReceived, e.IncidentResolved, e.FileAttached)


@dataclass(frozen=True, slots=True)
class Names:
    """What ids are called. Anything unknown is shown as it is.

    ``role`` says a role's name; ``elements`` the kind (a BPMN tag) of an element without a name;
    ``decisions`` the name of a decision. ``former``: what units were called before, and until when.
    """

    users: Mapping[str, str] = field(default_factory=dict)
    tenants: Mapping[str, str] = field(default_factory=dict)
    role: Callable[[str], str] = word
    elements: Mapping[str, str] = field(default_factory=dict)
    decisions: Mapping[str, str] = field(default_factory=dict)
    former: FormerNames = field(default_factory=dict)

    def then(self, at: datetime) -> Names:
        """With the names that units had at a moment: what was done is told in the words of its time."""
        old = {unit: next((name for until, name in known if at < until), None) for unit, known in self.former.items()}
        there = {unit: name for unit, name in old.items() if name is not None}
        return replace(self, tenants={**self.tenants, **there}) if there else self


@dataclass(frozen=True, slots=True)
class Line:
    """One sentence of a history. ``machine`` when no person acted."""

    seq: int
    at: datetime
    who: str
    unit: str
    text: str
    machine: bool
    event: e.Event
    erased: bool = False


def names_in(definition: ProcessDefinition, names: Mapping[str, str], former: FormerNames = _NONE) -> Names:
    """What everything in a case is called: ``names`` are those of its people and organisations now."""
    elements = {e.id: e.kind for diagram in definition.processes.values() for e in diagram.elements.values()}
    decisions = {d.id: d.name for model in definition.decisions.values() for d in model.decisions}
    return Names(names, names, role_name, elements, decisions, former)


def tell(facts: Iterable[Fact], names: Names) -> list[Line]:
    """All facts as lines, in their order."""
    return [tell_one(fact, names) for fact in facts]


def tell_staff(facts: Iterable[Fact], names: Names) -> list[Line]:
    """What staff want to know of the past: without what the machine did in passing."""
    return [tell_one(fact, names) for fact in facts if not isinstance(fact.event, QUIET)]


def tell_one(fact: Fact, names: Names) -> Line:
    """One fact as a line."""
    names = names.then(fact.at)
    machine = fact.actor in {"", SYSTEM_USER} or _is_consequence(fact.event)
    who = gettext("the machine") if machine else who_acted(fact, names.users)
    unit = "" if machine else names.tenants.get(fact.tenant, fact.tenant)
    return Line(fact.seq, fact.at, who, unit, sentence(fact.event, names), machine, fact.event, fact.erased)


def who_acted(fact: Fact, users: Mapping[str, str]) -> str:
    """Who did something, and for whom where a deputy did it."""
    who = users.get(fact.actor, fact.actor)
    if not fact.on_behalf_of:
        return who
    return gettext("%(who)s for %(principal)s", who=who, principal=users.get(fact.on_behalf_of, fact.on_behalf_of))


def sentence(event: e.Event, names: Names) -> str:
    """What happened, without when and who."""
    return translate(event.sentence, {f.name: _said(event, f.name, names) for f in fields(event)})


def _is_consequence(event: e.Event) -> bool:
    """Whether this followed by itself from what a person did: then it is the machine that "acts"."""
    if isinstance(event, _BY_PEOPLE):
        return False
    if isinstance(event, e.InstanceDescribed | e.InstanceCompleted):
        return True
    return isinstance(event, e.AtElement) and not isinstance(event, e.UserTaskCompleted)


def _said(event: e.Event, name: str, names: Names) -> Any:
    value = getattr(event, name)
    if value == ERASED:
        return gettext("(erased)")
    match name:
        case "user":
            return names.users.get(value, value)
        case "tenant":
            return names.tenants.get(value, value)
        case "role":
            return names.role(value)
        case "name":
            return _name(event, value, names)
        case "decision":
            return word(names.decisions.get(value, value))
        case "params" if isinstance(event, e.IncidentRaised):
            return ""
    return value


def _name(event: e.Event, value: str, names: Names) -> str:
    if value:
        return word(" ".join(value.split()))
    element = getattr(event, "element", "")
    tag = names.elements.get(element, "")
    return gettext(KINDS[tag]) if tag in KINDS else element
