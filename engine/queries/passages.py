"""Which facts of a case begin a passage of an element, which end it, and which facts happened together."""

from __future__ import annotations

from collections.abc import Iterator

from engine.history import events as e
from engine.history.facts import Fact

OPENS = (
    e.UserTaskCreated,
    e.TimerScheduled,
    e.ConnectorRequested,
    e.MessageAwaited,
    e.EventAwaited,
    e.ScopeEntered,
    e.IncidentRaised,
)
_ENDED_BY: tuple[tuple[str, tuple[type[e.Event], ...]], ...] = (
    ("task", (e.UserTaskCompleted, e.UserTaskCancelled)),
    ("job", (e.TimerFired, e.TimerCancelled, e.ConnectorFinished, e.ConnectorCancelled, e.IncidentRaised)),
    ("wait", (e.MessageReceived, e.MessageWaitEnded, e.EventCame, e.EventWaitEnded)),
    ("inner", (e.ScopeLeft,)),
    ("incident", (e.IncidentResolved,)),
)
"""What a visit is known by → the facts that end it."""
_ENDS: dict[type[e.Event], str] = {kind: key for key, kinds in _ENDED_BY for kind in kinds}
CLOSES = tuple(kind for _, kinds in _ENDED_BY for kind in kinds if kind is not e.IncidentRaised)
BESIDE = (e.FileAttached, e.PaperIssued, e.PlaceReserved, e.PlaceReleased)
MOVES = (e.UserTaskMoved, e.WaitMoved)
"""What goes on in another version of the procedure: neither an end nor a beginning."""


def paired(facts: tuple[Fact, ...]) -> tuple[dict[int, int], dict[int, int]]:
    """Which fact ends what another began: index of the beginning → of the end, and the other way round."""
    waiting: dict[tuple[str, str], int] = {}
    ends: dict[int, int] = {}
    begins: dict[int, int] = {}
    for at, fact in enumerate(facts):
        event = fact.event
        key = _ENDS.get(type(event), "")
        if key and (begun := waiting.pop((key, getattr(event, key)), None)) is not None:
            ends[begun], begins[at] = at, begun
        if isinstance(event, MOVES):
            moved = {getattr(event, "task", ""), getattr(event, "wait", "")} - {""}
            for (_, name), begun in waiting.items():
                if name in moved:
                    begins[at] = begun
        elif isinstance(event, OPENS):
            known_by = "incident" if isinstance(event, e.IncidentRaised) else _known_by(event)
            waiting[(known_by, getattr(event, known_by))] = at
        elif isinstance(event, e.InstanceCancelled):
            ends.update(dict.fromkeys(waiting.values(), at))
            waiting.clear()
    return ends, begins


def _known_by(event: e.Event) -> str:
    return next(key for key, _ in _ENDED_BY if getattr(event, key, ""))


def first_of_command(facts: tuple[Fact, ...]) -> Iterator[int]:
    """For each fact the index of the first fact of its command; a command's last fact has the state's digest."""
    first = 0
    for at, fact in enumerate(facts):
        yield first
        if fact.state:
            first = at + 1
