"""The film of a case as an auditor reads it: moments with their sentences, pictures and changed answers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from engine.history import events as e
from engine.history.facts import Fact
from engine.history.replay import Frame
from engine.queries.audit import Film
from web.audit.labels import Labels
from web.render.figures import MAIN, Figure, figures_of
from web.render.outline import Marks
from web.render.sentences import Line, names_in, tell_one


@dataclass(frozen=True, slots=True)
class Change:
    """An answer or result that became another one, in words; ``before`` is empty for a new one."""

    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Moment:
    """One fact of the film. ``number`` counts from 1; ``figure`` is the picture it happened in."""

    number: int
    line: Line
    figure: str
    via: str | None
    changes: tuple[Change, ...]


@dataclass(frozen=True)
class Reel:
    """A film cut into moments, and the pictures they happen in."""

    moments: tuple[Moment, ...]
    figures: tuple[Figure, ...]
    frames: tuple[Frame, ...]

    def marks(self, figure: Figure, number: int) -> Marks:
        """What ``figure`` shows after moment ``number``."""
        return figure.marks(self.frames[number - 1])

    def script(self) -> dict[str, Any]:
        """The same for the page's script: each frame with those pictures that changed with it."""
        shown: dict[str, Any] = {}
        frames = []
        for moment in self.moments:
            changed = {}
            for figure in self.figures:
                marks = self.marks(figure, moment.number)
                nodes = {element: [mark.state, mark.visits] for element, mark in marks.nodes.items()}
                plain = {"nodes": nodes, "flows": sorted(marks.flows)}
                if shown.get(figure.key) != plain:
                    shown[figure.key] = changed[figure.key] = plain
            line, element = moment.line, getattr(moment.line.event, "element", "")
            here = {"seq": line.seq, "figure": moment.figure, "element": element, "via": moment.via}
            frames.append({**here, "marks": changed})
        return {"frames": frames}


def cut(film: Film) -> Reel:
    """A film as moments and pictures, in the reader's language."""
    figures = figures_of(film.definition.main, film.definition.processes, film.facts)
    homes = {scope: figure.key for figure in figures for scope in figure.scopes}
    names = names_in(film.definition, film.names)
    labels = Labels(film)
    moments = []
    figure, before = MAIN, Frame()
    for number, (fact, frame) in enumerate(zip(film.facts, film.frames, strict=True), 1):
        if isinstance(fact.event, e.AtElement):
            figure = homes.get(fact.event.scope, MAIN)
        changes = tuple(_changes(before, frame, labels))
        moments.append(Moment(number, tell_one(fact, names), figure, _via(fact), changes))
        before = frame
    return Reel(tuple(moments), tuple(figures), film.frames)


def _via(fact: Fact) -> str | None:
    event = fact.event
    opens = isinstance(event, e.AtElement) and not isinstance(event, e.UserTaskCompleted | e.TimerFired | e.ScopeLeft)
    return event.via if opens and isinstance(event, e.AtElement) else None


def _changes(before: Frame, after: Frame, labels: Labels) -> Iterator[Change]:
    for key in after.changed:
        then, now = before.variables.get(key), after.variables.get(key)
        yield Change(labels.label(key), labels.value(key, then), labels.value(key, now))
