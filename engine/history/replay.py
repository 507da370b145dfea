"""Fold facts into what a case looked like: for auditors, for the check of every command, for nightly verification.

Two folds with one rule each per event. ``Standing`` is what a command needs to know of the past (who
did which step, what is open); it is kept beside the state, so its size follows the open work, not the
age of the case. ``Frame`` is one still of the film: a standing and the whole path that led to it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from engine.history import events as e
from engine.history.facts import Fact
from engine.history.trail import Flow, Flows, Trail, Visit, Visits


@dataclass(frozen=True, slots=True)
class Standing:
    """What is open in a case, and who completed which element (``done``: element → its users, each once, in order).

    Who had it done by a deputy stands there after the deputy.
    """

    tasks: Mapping[str, str] = field(default_factory=dict)
    timers: Mapping[str, str] = field(default_factory=dict)
    connectors: Mapping[str, str] = field(default_factory=dict)
    messages: Mapping[str, str] = field(default_factory=dict)
    awaited: Mapping[str, str] = field(default_factory=dict)
    incidents: Mapping[str, str] = field(default_factory=dict)
    scopes: Mapping[str, str] = field(default_factory=dict)
    done: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    places: Mapping[str, str] = field(default_factory=dict)
    tenants: tuple[str, ...] = ()
    ended: bool = False

    def as_json(self) -> dict[str, Any]:
        """Plain data for storage."""
        return {
            "tasks": dict(self.tasks),
            "timers": dict(self.timers),
            "connectors": dict(self.connectors),
            "messages": dict(self.messages),
            **({"awaited": dict(self.awaited)} if self.awaited else {}),
            **({"places": dict(self.places)} if self.places else {}),
            "incidents": dict(self.incidents),
            "scopes": dict(self.scopes),
            "done": {k: list(v) for k, v in self.done.items()},
            "tenants": list(self.tenants),
            "ended": self.ended,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Standing:
        """The standing that ``as_json`` wrote."""
        return cls(
            **{
                **data,
                "done": {k: tuple(dict.fromkeys(v)) for k, v in data["done"].items()},
                "tenants": tuple(data["tenants"]),
            }
        )


def _with(known: Mapping[str, str], key: str, value: str) -> dict[str, str]:
    return {**known, key: value}


def _without(known: Mapping[str, str], key: str) -> dict[str, str]:
    return {k: v for k, v in known.items() if k != key}


def _joined(tenants: tuple[str, ...], tenant: str) -> tuple[str, ...]:
    return tenants if tenant in tenants else (*tenants, tenant)


def stand(now: Standing, fact: Fact) -> Standing:
    """The standing after one more fact."""
    match fact.event:
        case e.InstanceStarted(tenant=tenant):
            return replace(now, tenants=_joined(now.tenants, tenant))
        case e.UserTaskCreated(task=task, element=element, tenant=tenant):
            return replace(now, tasks=_with(now.tasks, task, element), tenants=_joined(now.tenants, tenant))
        case e.UserTaskCompleted(task=task, element=element):
            users = tuple(dict.fromkeys((*now.done.get(element, ()), *fact.persons)))
            return replace(now, tasks=_without(now.tasks, task), done={**now.done, element: users})
        case e.UserTaskCancelled(task=task):
            return replace(now, tasks=_without(now.tasks, task))
        case e.TimerScheduled(job=job, element=element):
            return replace(now, timers=_with(now.timers, job, element))
        case e.TimerFired(job=job) | e.TimerCancelled(job=job):
            return replace(now, timers=_without(now.timers, job))
        case e.ConnectorRequested(job=job, element=element):
            return replace(now, connectors=_with(now.connectors, job, element))
        case e.ConnectorFinished(job=job) | e.ConnectorCancelled(job=job):
            return replace(now, connectors=_without(now.connectors, job))
        case e.MessageAwaited(wait=wait, message=message):
            return replace(now, messages=_with(now.messages, wait, message))
        case e.MessageReceived(wait=wait) | e.MessageWaitEnded(wait=wait):
            return replace(now, messages=_without(now.messages, wait))
        case e.EventAwaited(wait=wait, about=about):
            return replace(now, awaited=_with(now.awaited, wait, about))
        case e.EventCame(wait=wait) | e.EventWaitEnded(wait=wait):
            return replace(now, awaited=_without(now.awaited, wait))
        case e.IncidentRaised(incident=incident, element=element, job=job):
            incidents = _with(now.incidents, incident, element)
            return replace(now, incidents=incidents, connectors=_without(now.connectors, job))
        case e.IncidentResolved(incident=incident):
            return replace(now, incidents=_without(now.incidents, incident))
        case e.ScopeEntered(inner=inner, element=element):
            return replace(now, scopes=_with(now.scopes, inner, element))
        case e.ScopeLeft(inner=inner):
            return replace(now, scopes=_without(now.scopes, inner))
        case e.PlaceReserved(reservation=reservation, element=element):
            return replace(now, places=_with(now.places, reservation, element))
        case e.PlaceReleased(reservation=reservation):
            return replace(now, places=_without(now.places, reservation))
        case e.InstanceMigrated(mapping=mapping) if mapping:
            return _renamed(now, mapping)
        case e.UserTaskMoved(tenant=tenant) if tenant:
            return replace(now, tenants=_joined(now.tenants, tenant))
        case e.InstanceHandedOver(tenant=tenant):
            return replace(now, tenants=_joined(now.tenants, tenant))
        case e.InstanceCompleted() | e.InstanceCancelled():
            return replace(now, ended=True)
    return now


def _renamed(now: Standing, mapping: Mapping[str, str]) -> Standing:
    """The standing in a version where elements have other ids. Who did the old element counts as having done the new.

    Messages are kept by the name of the message, which no mapping touches.
    """
    done = dict(now.done)
    for old, new in mapping.items():
        before = done.get(new, ())
        done[new] = (*before, *(user for user in now.done.get(old, ()) if user not in before))
    return replace(
        now,
        tasks=_at_new_ids(now.tasks, mapping),
        timers=_at_new_ids(now.timers, mapping),
        connectors=_at_new_ids(now.connectors, mapping),
        incidents=_at_new_ids(now.incidents, mapping),
        scopes=_at_new_ids(now.scopes, mapping),
        places=_at_new_ids(now.places, mapping),
        done={element: users for element, users in done.items() if users},
    )


def _at_new_ids(known: Mapping[str, str], mapping: Mapping[str, str]) -> dict[str, str]:
    return {id_: mapping.get(element, element) for id_, element in known.items()}


@dataclass(frozen=True, slots=True)
class Frame:
    """One still of the film: where the case stood after fact ``seq``. ``visits`` and ``flows`` share one trail."""

    seq: int = 0
    standing: Standing = Standing()
    visits: Sequence[Visit] = ()
    flows: Sequence[Flow] = ()  # in the order they were taken
    scopes: Mapping[str, tuple[str, str, str]] = field(default_factory=dict)  # scope → (element, process, called)
    variables: Mapping[str, Any] = field(default_factory=dict)
    changed: tuple[str, ...] = ()
    title: str = ""
    outcome: str = ""
    process: str = ""  # with ``pins``: the version in force
    pins: Mapping[str, str] = field(default_factory=dict)

    def open_visits(self) -> tuple[Visit, ...]:
        """Where the case is now."""
        return tuple(visit for visit in self.visits if visit.until is None)


_OPENS = (
    e.UserTaskCreated,
    e.TimerScheduled,
    e.ConnectorRequested,
    e.MessageAwaited,
    e.EventAwaited,
    e.ScopeEntered,
    e.IncidentRaised,
)
_CLOSES = (
    e.UserTaskCompleted,
    e.UserTaskCancelled,
    e.TimerFired,
    e.TimerCancelled,
    e.ConnectorFinished,
    e.ConnectorCancelled,
    e.MessageReceived,
    e.MessageWaitEnded,
    e.EventCame,
    e.EventWaitEnded,
    e.ScopeLeft,
)
_TAKEN_BACK = (e.UserTaskCancelled, e.TimerCancelled, e.ConnectorCancelled, e.MessageWaitEnded, e.EventWaitEnded)


def _walk(trail: Trail, fact: Fact) -> None:
    """Go on along the trail by one fact."""
    event = fact.event
    if isinstance(event, e.InstanceMigrated):
        for here in dict.fromkeys(trail.standing()):
            if here[0] in event.mapping:
                trail.move(here, event.mapping[here[0]], fact.seq)
        return
    if not isinstance(event, e.AtElement) or isinstance(event, e.UserTaskMoved | e.WaitMoved):
        return
    closes = isinstance(event, _CLOSES)
    if event.via and not closes:
        trail.flows.append((event.process, event.scope, event.via))
    here = (event.element, event.process, event.scope)
    if isinstance(event, _OPENS):
        trail.arrive(here, fact.seq)
        return
    cancelled = isinstance(event, _TAKEN_BACK) or (isinstance(event, e.ScopeLeft) and event.cancelled)
    is_left = trail.leave(here, fact.seq, cancelled=cancelled, all_of_them=not closes)
    if closes and is_left:
        return
    if isinstance(event, e.ElementCompleted | e.DecisionEvaluated) or closes:
        last = trail.visits[-1] if trail.visits else None
        if (
            isinstance(event, e.ElementCompleted)
            and last is not None
            and last.since == fact.seq - 1
            and last.here == here
            and last.until is not None
        ):
            return  # the decision just shown and the element it stands on are one visit
        trail.pass_by(here, fact.seq, cancelled=cancelled)


def learned(event: e.Event) -> Mapping[str, Any]:
    """The data that a fact adds to a case or changes in it, as they stand in the fact."""
    match event:
        case (
            e.InstanceStarted(variables=found)
            | e.ElementCompleted(assigned=found)
            | e.UserTaskCompleted(answers=found)
            | e.ConnectorFinished(result=found)
            | e.MessageReceived(payload=found)
            | e.EventCame(payload=found)
        ):
            return found
    return {}


def _advance(frame: Frame, fact: Fact, trail: Trail) -> Frame:
    """The next still: the frame after one more fact."""
    event = fact.event
    _walk(trail, fact)
    new = learned(event)
    if "$erased" in new:
        new = {}
    scopes = frame.scopes
    if isinstance(event, e.ScopeEntered):
        scopes = {**scopes, event.inner: (event.element, event.process, event.called)}
    if isinstance(event, e.InstanceMigrated) and event.mapping:
        scopes = {
            scope: (event.mapping.get(element, element) if scope in frame.standing.scopes else element, process, called)
            for scope, (element, process, called) in scopes.items()
        }
    version = event if isinstance(event, e.InstanceStarted | e.InstanceMigrated) else frame
    return Frame(
        seq=fact.seq,
        standing=stand(frame.standing, fact),
        visits=Visits(trail.visits, len(trail.visits), fact.seq),
        flows=Flows(trail.flows, len(trail.flows)),
        scopes=scopes,
        variables={**frame.variables, **new} if new else frame.variables,
        changed=tuple(key for key, value in new.items() if frame.variables.get(key) != value),
        title=event.title if isinstance(event, e.InstanceDescribed) and isinstance(event.title, str) else frame.title,
        outcome=event.outcome if isinstance(event, e.InstanceCompleted) else frame.outcome,
        process=version.process,
        pins=version.pins,
    )


def frames(facts: Iterable[Fact]) -> Iterator[Frame]:
    """One frame per fact, in order."""
    frame, trail = Frame(), Trail()
    for fact in facts:
        frame = _advance(frame, fact, trail)
        yield frame


def fold(facts: Iterable[Fact]) -> Standing:
    """What is open after all these facts."""
    standing = Standing()
    for fact in facts:
        standing = stand(standing, fact)
    return standing
