"""Where cases go and where they wait, element by element: what a diagram can be coloured with.

Personal values are not even read: ids, kinds and moments stand in the sealed bodies.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from sqlalchemy import Connection, select

from engine.errors import Rejected
from engine.history import events as e
from engine.history.facts import Fact, open_fact
from engine.model import Actor
from engine.queries.mining import share
from engine.queries.passages import CLOSES, MOVES, OPENS, paired
from engine.queries.traces import CASES_MAX, Wanted, is_told_before
from engine.store import tables as t

LEVELS: Final = 4
_CHUNK: Final = 200
_KINDS: Final = tuple(
    sorted({kind.__name__ for kind in (*OPENS, *CLOSES, e.ElementCompleted, e.DecisionEvaluated, e.InstanceCancelled)})
)
Place = tuple[str, str]
"""Process and element, or process and sequence flow."""


@dataclass(frozen=True, slots=True)
class Spot:
    """One element: how many visits in how many cases, how many last still, the median stay of the finished ones.

    ``total`` is the time of all finished visits. ``level`` is 1 to 4 for people's work, by the median's share of the
    longest median of all; 0 for everything else: what listens or surrounds lasts long without holding anything up.
    """

    visits: int
    cases: int
    open: int
    typical: timedelta | None
    level: int = 0
    total: timedelta = timedelta()


@dataclass(frozen=True)
class Heat:
    """``spots`` by process and element, ``flows`` how often each sequence flow was taken."""

    cases: int = 0
    spots: Mapping[Place, Spot] = field(default_factory=dict)
    flows: Mapping[Place, int] = field(default_factory=dict)


def heat(connection: Connection, actor: Actor, wanted: Wanted) -> Heat:
    """Of the wanted cases that the actor may see. Raises ``Rejected`` for more than 5,000."""
    query = select(t.instance.c.id).where(*wanted.where(actor)).order_by(t.instance.c.started_at, t.instance.c.id)
    ids = list(connection.execute(query.limit(CASES_MAX + 1)).scalars())
    if len(ids) > CASES_MAX:
        raise Rejected(
            "Expected at most %(limit)s cases at once, but found more. Choose a procedure or a shorter time.",
            limit=CASES_MAX,
        )
    return heat_of(_histories(connection, ids))


def heat_of(histories: Iterable[Sequence[Fact]]) -> Heat:
    """The same of histories at hand."""
    stays: dict[Place, list[timedelta]] = {}
    visits: dict[Place, int] = {}
    seen: dict[Place, set[int]] = {}
    lasting: dict[Place, int] = {}
    flows: dict[Place, int] = {}
    work: set[Place] = set()
    count = 0
    for count, facts in enumerate(histories, 1):
        ends, _ = paired(tuple(facts))
        for at, fact in enumerate(facts):
            event = fact.event
            if not isinstance(event, e.AtElement) or isinstance(event, (*CLOSES, *MOVES, e.IncidentRaised)):
                continue
            if at and isinstance(event, e.ElementCompleted) and is_told_before(facts[at - 1].event, event):
                continue
            place = (event.process, event.element)
            visits[place] = visits.get(place, 0) + 1
            seen.setdefault(place, set()).add(count)
            if isinstance(event, e.UserTaskCreated):
                work.add(place)
            if event.via:
                flows[event.process, event.via] = flows.get((event.process, event.via), 0) + 1
            if isinstance(event, e.MessageAwaited):
                continue  # it may come or not: nothing waits for it
            if isinstance(event, OPENS) and at in ends:
                stays.setdefault(place, []).append(facts[ends[at]].at - fact.at)
            elif isinstance(event, OPENS):
                lasting[place] = lasting.get(place, 0) + 1
    typical = {place: share(times, 50) for place, times in stays.items()}
    longest = max((span for place, span in typical.items() if span and place in work), default=timedelta())
    spots = {}
    for place, number in visits.items():
        stay = typical.get(place)
        spots[place] = Spot(
            number,
            len(seen[place]),
            lasting.get(place, 0),
            stay,
            _level(stay, longest) if place in work else 0,
            sum(stays.get(place, ()), timedelta()),
        )
    return Heat(count, spots, flows)


def _level(span: timedelta | None, longest: timedelta) -> int:
    if not span or not longest:
        return 0
    return max(1, min(LEVELS, -int(-(span / longest) * LEVELS // 1)))


def _histories(connection: Connection, ids: Sequence[str]) -> Iterable[list[Fact]]:
    h = t.history.c
    for start in range(0, len(ids), _CHUNK):
        streams = [f"case:{id_}" for id_ in ids[start : start + _CHUNK]]
        found: dict[str, list[Fact]] = {stream: [] for stream in streams}
        query = select(h.stream, h.body).where(h.stream.in_(streams), h.type.in_(_KINDS)).order_by(h.stream, h.seq)
        for row in connection.execute(query):
            found[row.stream].append(open_fact(row.body, {}))
        yield from found.values()
