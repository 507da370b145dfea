"""The film of a case as an auditor reads it: moments with their sentences, pictures and changed answers."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from engine.history import events as e
from engine.history.facts import Fact
from engine.history.replay import Frame
from engine.queries.audit import Film
from web.audit.labels import Labels
from web.language import day
from web.render.figures import MAIN, Figure, figures_of, key_of
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
    """One fact of the film. ``number`` counts from 1; ``figure`` is the picture it happened in.

    ``version`` is the number (from 0) of the version that the case followed then.
    """

    number: int
    line: Line
    figure: str
    via: str | None
    changes: tuple[Change, ...]
    version: int = 0


@dataclass(frozen=True)
class Reel:
    """A film cut into moments, and the pictures they happen in."""

    moments: tuple[Moment, ...]
    figures: tuple[Figure, ...]
    frames: tuple[Frame, ...]

    def marks(self, figure: Figure, number: int) -> Marks:
        """What ``figure`` shows after moment ``number``."""
        return figure.marks(self.frames[number - 1])

    def is_shown(self, figure: Figure, moment: Moment) -> bool:
        """Whether a picture is on the page at a moment: the case's own process, and the one it happened in."""
        return figure.version == moment.version and (figure.is_main or figure.key == moment.figure)

    def last_of(self, figure: Figure) -> int:
        """The number of the last moment of a picture's version."""
        return max((one.number for one in self.moments if one.version == figure.version), default=len(self.moments))

    def script(self) -> dict[str, Any]:
        """The same for the page's script: each frame with those pictures that changed with it."""
        shown: dict[str, Any] = {}
        frames = []
        for moment in self.moments:
            changed = {}
            for figure in self.figures:
                if figure.version != moment.version:
                    continue
                marks = self.marks(figure, moment.number)
                nodes = {element: [mark.state, mark.visits] for element, mark in marks.nodes.items()}
                plain = {"nodes": nodes, "flows": sorted(marks.flows)}
                if shown.get(figure.key) != plain:
                    shown[figure.key] = changed[figure.key] = plain
            line, element = moment.line, getattr(moment.line.event, "element", "")
            here = {"seq": line.seq, "figure": moment.figure, "element": element, "via": moment.via}
            frames.append({**here, "main": key_of(MAIN, moment.version), "marks": changed})
        return {"frames": frames}


def cut(film: Film) -> Reel:
    """A film as moments and pictures, in the reader's language."""
    figures = _figures(film)
    homes = {(scope, figure.version): figure.key for figure in figures for scope in figure.scopes}
    names = names_in(film.definition, film.names)
    labels = Labels(film)
    moments = []
    scope, before = MAIN, Frame()
    begins = [version.since for version in film.versions]
    for number, (fact, frame) in enumerate(zip(film.facts, film.frames, strict=True), 1):
        if isinstance(fact.event, e.AtElement):
            scope = fact.event.scope
        version = max(0, bisect_right(begins, number - 1) - 1)
        figure = homes.get((scope, version), key_of(MAIN, version))
        changes = tuple(_changes(before, frame, labels))
        moments.append(Moment(number, tell_one(fact, names), figure, _via(fact), changes, version))
        before = frame
    return Reel(tuple(moments), tuple(figures), film.frames)


def _figures(film: Film) -> list[Figure]:
    """The pictures of each version that the case followed; of a later one without calls that were over by then."""
    found: list[Figure] = []
    for number, version in enumerate(film.versions):
        until = film.versions[number + 1].since if number + 1 < len(film.versions) else len(film.facts)
        began = day(film.facts[version.since].at) if number else ""
        made = figures_of(version.definition.main, version.definition.processes, film.facts[:until], number, began)
        over = _left_before(film.facts[: version.since])
        found += [figure for figure in made if figure.is_main or not over & {figure.key.partition("~")[0]}]
    return found


def _left_before(facts: tuple[Fact, ...]) -> set[str]:
    return {fact.event.inner for fact in facts if isinstance(fact.event, e.ScopeLeft)}


def _via(fact: Fact) -> str | None:
    event = fact.event
    opens = isinstance(event, e.AtElement) and not isinstance(event, e.UserTaskCompleted | e.TimerFired | e.ScopeLeft)
    return event.via if opens and isinstance(event, e.AtElement) else None


def _changes(before: Frame, after: Frame, labels: Labels) -> Iterator[Change]:
    for key in after.changed:
        then, now = before.variables.get(key), after.variables.get(key)
        yield Change(labels.label(key), labels.value(key, then), labels.value(key, now))
