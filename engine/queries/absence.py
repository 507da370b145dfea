"""Why a case has not come to an element, or waits at a joining gateway: from the ways that lead there.

Nothing is recorded about what did not happen. So the diagram says how one comes to the element, and the recorded
passages say how far the case came on each of these ways. Whether it can still come is a search along the drawn ways
from where it stands; what conditions will say is not guessed, so "still" means "on some way".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from engine.definition.diagram import Diagram, Element, Flow
from engine.history import events as e
from engine.queries.explain import Explainer, Visit, Way

_BROKEN_OFF = (
    e.UserTaskCancelled,
    e.TimerCancelled,
    e.ConnectorCancelled,
    e.MessageWaitEnded,
    e.EventWaitEnded,
    e.InstanceCancelled,
)
JOINS = frozenset({"parallelGateway", "inclusiveGateway", "complexGateway"})


@dataclass(frozen=True, slots=True)
class Arrival:
    """One flow that leads to the element. ``times`` is how often the case went on from its source.

    ``is_open``: the case is at the source now. ``moment`` (from 1) is that of the last passage there, 0 for none, and
    ``way`` what the flow's condition came to then (None where the source has no choice). ``waiting`` is how many
    times the case came along the flow and was not let on yet.
    """

    flow: Flow
    source: Element
    times: int
    is_open: bool
    broken_off: int
    moment: int
    way: Way | None
    waiting: int


@dataclass(frozen=True)
class Absence:
    """``not_entered`` are the activities around the element that the case never entered, the outermost ones.

    ``host`` is what a boundary event is attached to, ``host_times`` how often the case was there. ``ahead`` says
    whether the case can still come to the element, None for one that has ended.
    """

    element: Element
    diagram: Diagram
    not_entered: tuple[Element, ...]
    arrivals: tuple[Arrival, ...]
    host: Element | None
    host_times: int
    ahead: bool | None

    @property
    def is_waiting(self) -> bool:
        """Whether the case stands before this joining gateway, which lets nobody on yet."""
        return self.ahead is not None and any(arrival.waiting for arrival in self.arrivals)


def absence(explainer: Explainer, element_id: str) -> Absence | None:
    """Why the case is not (or no further than) here; None for an element that there is not."""
    place = explainer.place(element_id)
    if place is None:
        return None
    diagram, element = place
    host = diagram.elements.get(element.attached_to or "")
    return Absence(
        element,
        diagram,
        tuple(_not_entered(explainer, diagram, element)),
        tuple(_arrival(explainer, diagram, diagram.flows[flow], element) for flow in element.incoming),
        host,
        _times(explainer, host) if host else 0,
        None if explainer.film.frames[-1].standing.ended else (diagram.process, element.id) in _ahead(explainer),
    )


def _times(explainer: Explainer, element: Element) -> int:
    return sum(1 for _ in explainer.visits(element.id))


def _arrival(explainer: Explainer, diagram: Diagram, flow: Flow, element: Element) -> Arrival:
    source = diagram.elements[flow.source]
    visits = list(explainer.visits(source.id))
    left = [visit for visit in visits if _went_on(visit)]
    last = left[-1] if left else None
    ways = [next((way for way in visit.ways if way.flow.id == flow.id), None) for visit in left]
    through = sum(way is None or _let_through(way, visit) for way, visit in zip(ways, left, strict=True))
    joins = element.kind in JOINS and len(element.incoming) > 1
    return Arrival(
        flow,
        source,
        len(left),
        any(visit.is_open for visit in visits),
        sum(not visit.is_open for visit in visits) - len(left),
        explainer.film.facts.index(last.until or last.since) + 1 if last else 0,
        ways[-1] if ways else None,
        max(0, through - _let_on(explainer, element, flow)) if joins else 0,
    )


def _went_on(visit: Visit) -> bool:
    """Whether the case left the element by its flows: it was neither broken off nor is it still there."""
    if visit.until is None or isinstance(visit.until.event, _BROKEN_OFF):
        return False
    return not (isinstance(visit.until.event, e.ScopeLeft) and visit.until.event.cancelled)


def _let_through(way: Way, visit: Visit) -> bool:
    if way.taken or way.holds is True or (way.flow.condition is None and not way.is_default):
        return True
    return way.is_default and not any(other.holds for other in visit.ways)


def _let_on(explainer: Explainer, element: Element, flow: Flow) -> int:
    """How often the gateway took a token that came by this flow."""
    passed = (fact.event for fact in explainer.film.facts if isinstance(fact.event, e.ElementCompleted))
    return sum(one.element == element.id and flow.id in (one.via, *one.joined) for one in passed)


def _not_entered(explainer: Explainer, diagram: Diagram, element: Element) -> Iterator[Element]:
    entered = [fact.event for fact in explainer.film.facts if isinstance(fact.event, e.ScopeEntered)]
    seen = {event.element for event in entered}
    around, parent = [], element.parent
    while parent is not None:
        around.append(diagram.elements[parent])
        parent = diagram.elements[parent].parent
    version = explainer.film.versions[-1].definition if explainer.film.versions else explainer.film.definition
    if diagram.process != version.main and diagram.process not in {event.called for event in entered}:
        yield from _callers(version.processes, diagram.process)
    else:
        yield from [one for one in reversed(around) if one.id not in seen][:1]


def _callers(processes: Mapping[str, Diagram], process: str) -> Iterator[Element]:
    for diagram in processes.values():
        yield from (one for one in diagram.elements.values() if process in one.callable)


# -------------------------------------------------------------- what is still ahead


def _ahead(explainer: Explainer) -> set[tuple[str, str]]:
    """(process, element) of everything that can come, on some way, after where the case stands."""
    film = explainer.film
    processes = (film.versions[-1].definition if film.versions else film.definition).processes
    here = {(visit.process, visit.element) for visit in film.frames[-1].open_visits()}
    found: set[tuple[str, str]] = set()
    todo = [(place, True) for place in here]
    while todo:
        (process, id_), is_here = todo.pop()
        diagram = processes.get(process)
        if diagram is None or id_ not in diagram.elements:
            continue
        for target, other in _next(processes, diagram, diagram.elements[id_], is_here):
            if (target, other) not in found:
                found.add((target, other))
                todo.append(((target, other), False))
    return found


def _next(
    processes: Mapping[str, Diagram], diagram: Diagram, element: Element, is_here: bool
) -> Iterator[tuple[str, str]]:
    """Where one can come from an element; what is inside counts for one that is yet to be entered."""
    for flow in diagram.flows_out(element.id):
        yield diagram.process, flow.target
    for event in diagram.boundary_events(element.id):
        yield diagram.process, event.id
        if event.compensation:
            yield diagram.process, event.compensation
    for thrown in element.definitions:
        if thrown.kind == "link" and element.kind != "intermediateCatchEvent":
            yield from (
                (diagram.process, other.id)
                for other in diagram.children(element.parent)
                if other.kind == "intermediateCatchEvent" and _link(other) == thrown.name
            )
    if is_here:
        return
    if element.is_subprocess:
        yield from _inside(diagram, element.id)
    for key in element.callable if element.kind == "callActivity" else ():
        if key in processes:
            yield from _inside(processes[key], None)


def _inside(diagram: Diagram, parent: str | None) -> Iterator[tuple[str, str]]:
    yield from ((diagram.process, start.id) for start in diagram.starts(parent))
    handlers = (child for child in diagram.children(parent) if child.triggered_by_event)
    yield from ((diagram.process, handler.id) for handler in handlers)


def _link(element: Element) -> str:
    found = element.definition("link")
    return found.name if found else ""
