"""A case as a swimlane timeline: who or what had something to do, from when to when, as a table with bars.

A lane is a role at a unit, or the machine. What one element did in one scope is one row, each passage a bar: so
parallel branches lie one under another, and loops and repeated work one beside another; so do visits of a scope
when there are very many. The bars are drawn on the server; every passage also stands in words, so that nothing is
said by a picture alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol

from markupsafe import Markup

from engine.history import events as e
from engine.history.facts import Fact
from engine.queries.passages import OPENS, paired
from web.language import gettext
from web.language import moment as in_words
from web.render.shapes import PAINTS

WIDTH: Final = 1000
_HEIGHT: Final = 18
_NARROWEST: Final = 4
PASSAGES_SHOWN_MAX: Final = 50
VISITS_SHOWN_MAX: Final = 50
_BROKEN_OFF = (e.UserTaskCancelled, e.TimerCancelled, e.ConnectorCancelled, e.MessageWaitEnded, e.InstanceCancelled)


class Telling(Protocol):
    """What the timeline needs said, in the reader's language."""

    def element(self, event: e.AtElement) -> str:
        """What the element is called."""

    def lane(self, event: e.Event) -> str:
        """Whose lane it is."""

    def within(self, scope: str) -> str:
        """In which visit of a called process it happened, "" for the case itself."""

    def span(self, span: timedelta) -> str:
        """A span in words."""


@dataclass(frozen=True, slots=True)
class Passage:
    """One stay: ``begun`` and ``ended`` are moments of the film (from 1), ``ended`` None while it lasts."""

    begun: int
    ended: int | None
    since: datetime
    until: datetime
    state: str
    left: float
    width: float
    telling: Telling

    @property
    def said(self) -> str:
        """The stay in words: from when to when, and how long."""
        span = self.telling.span(self.until - self.since)
        since = in_words(self.since)
        if self.ended is None:
            return gettext("since %(since)s, for %(span)s so far", since=since, span=span)
        return gettext("%(since)s – %(until)s, %(span)s", since=since, until=in_words(self.until), span=span)

    def at(self, moment: int) -> str:
        """Class of the bar at a moment of the film: what is still to come is pale, what lasts is framed."""
        if self.begun > moment:
            return " later"
        return " open" if self.ended is None or self.ended > moment else ""


@dataclass(frozen=True, slots=True)
class Row:
    """What waited at one element in one visit of its surroundings."""

    name: str
    within: str
    passages: tuple[Passage, ...]

    def bars(self, at: int) -> Markup:
        """The passages as a picture at a moment of the film; the words beside it say the same."""
        drawn = "".join(
            f'<rect class="bar is-{one.state}{one.at(at)}" data-begun="{one.begun}" data-ended="{one.ended or ""}" '
            f'x="{one.left:.1f}" y="2" width="{one.width:.1f}" height="{_HEIGHT - 4}" rx="2" '
            f'fill="{PAINTS[one.state].stroke}"/>'
            for one in self.passages
        )
        return Markup(  # noqa: S704 - numbers and states of our own
            f'<svg class="bars" viewBox="0 0 {WIDTH} {_HEIGHT}" preserveAspectRatio="none" aria-hidden="true" '
            f'xmlns="http://www.w3.org/2000/svg">{drawn}</svg>'
        )


@dataclass(frozen=True, slots=True)
class Lane:
    """All rows of one role at one unit, or of the machine."""

    name: str
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Timeline:
    """Everything that lasted, from the beginning of the case to its end or to now."""

    begun: datetime
    ended: datetime
    lanes: tuple[Lane, ...]


def timeline(facts: tuple[Fact, ...], now: datetime, telling: Telling) -> Timeline:
    """The lanes of people in the order in which the case came to them, then the machine's."""
    ended = isinstance(facts[-1].event, e.InstanceCompleted | e.InstanceCancelled)
    begun, end = facts[0].at, facts[-1].at if ended else max(now, facts[-1].at)
    scale = _Scale(begun, end)
    stays = list(_stays(facts))
    folded = _folded(stays)
    lanes: dict[str, dict[tuple[str, str], list[Passage]]] = {}
    names: dict[tuple[str, str], tuple[str, str]] = {}
    machine: set[str] = set()
    for at, until, event in stays:
        visits = folded.get(event.element, 0)
        row = (event.element, "" if visits else event.scope)
        if row not in names:
            within = gettext("%(count)s visits", count=visits) if visits else telling.within(event.scope)
            names[row] = (telling.element(event), within)
        lane = telling.lane(event)
        if not isinstance(event, e.UserTaskCreated):
            machine.add(lane)
        passage = _passage(facts, at, until, end, scale, telling)
        lanes.setdefault(lane, {}).setdefault(row, []).append(passage)
    shown = tuple(
        Lane(name, tuple(Row(*names[row], tuple(passages)) for row, passages in rows.items()))
        for name, rows in sorted(lanes.items(), key=lambda lane: lane[0] in machine)
    )
    return Timeline(begun, end, shown)


@dataclass(frozen=True, slots=True)
class _Scale:
    begun: datetime
    ended: datetime

    def at(self, when: datetime) -> float:
        whole = (self.ended - self.begun).total_seconds() or 1.0
        return WIDTH * (when - self.begun).total_seconds() / whole


def _folded(stays: Iterable[tuple[int, int | None, e.AtElement]]) -> dict[str, int]:
    """Elements whose surroundings were visited so often that a row for each would hide the others: how often."""
    scopes: dict[str, set[str]] = {}
    for _, _, event in stays:
        scopes.setdefault(event.element, set()).add(event.scope)
    return {element: len(visited) for element, visited in scopes.items() if len(visited) > VISITS_SHOWN_MAX}


def _stays(facts: tuple[Fact, ...]) -> Iterator[tuple[int, int | None, e.AtElement]]:
    """What lasted: the indexes of its beginning and its end. Calls and subprocesses are the rows' surroundings."""
    ends, _ = paired(facts)
    for at, fact in enumerate(facts):
        event = fact.event
        if isinstance(event, OPENS) and isinstance(event, e.AtElement) and not isinstance(event, e.ScopeEntered):
            yield at, ends.get(at), event


def _passage(
    facts: tuple[Fact, ...], at: int, until: int | None, end: datetime, scale: _Scale, telling: Telling
) -> Passage:
    since, last = facts[at].at, end if until is None else facts[until].at
    left, right = scale.at(since), scale.at(last)
    width = max(_NARROWEST, right - left)
    stuck = isinstance(facts[at].event, e.IncidentRaised)
    broken = until is not None and isinstance(facts[until].event, _BROKEN_OFF)
    over = isinstance(facts[-1].event, e.InstanceCompleted | e.InstanceCancelled)
    state = "stuck" if stuck else "cancelled" if broken else "done" if until is not None or over else "now"
    return Passage(
        at + 1, None if until is None else until + 1, since, last, state, min(left, WIDTH - width), width, telling
    )
