"""The film of a case as an auditor reads it: moments with their sentences, pictures and changed answers."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, overload

from engine.history import events as e
from engine.history.facts import Fact
from engine.history.replay import Frame
from engine.queries.audit import Film
from engine.queries.items import Items
from web.audit.labels import Labels
from web.language import day
from web.language import moment as moment_in_words
from web.render.course import course
from web.render.figures import MAIN, Figure, figures_of, key_of
from web.render.outline import Marks
from web.render.sentences import Line, names_in, tell_one

ROWS_MAX: Final = 100
"""So many moments stand in one part of the record: a table of thousands keeps a browser busy for seconds."""


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


class Moments(Sequence[Moment]):
    """The moments of a film; each is put into words when it is asked for."""

    def __init__(self, film: Film, figures: Sequence[Figure]) -> None:
        self._film, self._labels = film, Labels(film.definition, film.names)
        self._names = names_in(film.definition, film.names, film.former)
        self._homes = list(_homes(film, figures))
        self._items = Items(film)
        self._told: dict[int, Moment] = {}

    def __len__(self) -> int:
        return len(self._film.facts)

    @overload
    def __getitem__(self, index: int) -> Moment: ...
    @overload
    def __getitem__(self, index: slice) -> list[Moment]: ...
    def __getitem__(self, index: int | slice) -> Moment | list[Moment]:
        if isinstance(index, slice):
            return [self._moment(at) for at in range(*index.indices(len(self)))]
        return self._moment(range(len(self))[index])

    def _moment(self, at: int) -> Moment:
        if at not in self._told:
            fact = self._film.facts[at]
            changes = tuple(self._changes(at))
            line, (figure, version) = tell_one(fact, self._names), self._homes[at]
            self._told[at] = Moment(at + 1, line, figure, _via(fact), changes, version)
        return self._told[at]

    def _changes(self, at: int) -> Iterator[Change]:
        labels, now = self._labels, self._film.frames[at].variables
        for key, then in self._items.changed(at):
            yield Change(labels.label(key), labels.value(key, then), labels.value(key, now.get(key)))

    def script(self) -> dict[str, Any]:
        """What the page's script must know of each moment: of every kind of thing a list of words and their numbers."""
        facts, homes = self._film.facts, self._homes
        return {
            "main": _numbered(key_of(MAIN, version) for _, version in homes),
            "figure": _numbered(figure for figure, _ in homes),
            "element": _numbered(getattr(fact.event, "element", "") for fact in facts),
            "via": _numbered(_via(fact) or "" for fact in facts),
        }

    def said(self, first: int) -> list[str]:
        """The moments of one part of the record, from number ``first`` on, each in one breath."""
        return [_said(tell_one(fact, self._names)) for fact in self._film.facts[first - 1 : first - 1 + ROWS_MAX]]


@dataclass(frozen=True)
class Reel:
    """A film cut into moments, and the pictures they happen in."""

    moments: Moments
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

    def rows(self, number: int) -> tuple[Sequence[Moment], list[tuple[int, int]]]:
        """The part of the record around a moment, and the first and last moment of every part."""
        last = len(self.moments)
        parts = [(n, min(n + ROWS_MAX - 1, last)) for n in range(1, last + 1, ROWS_MAX)]
        first, until = parts[(number - 1) // ROWS_MAX]
        return self.moments[first - 1 : until], parts


def script(reel: Reel) -> dict[str, Any]:
    """For the page's script: what each moment is, and how the pictures change in the course of them.

    What the moments say stands in the rows of the record, or is asked for part by part.
    """
    marks = course(reel.figures, reel.frames)
    return {"count": len(reel.moments), "part": ROWS_MAX, "frames": reel.moments.script(), "marks": marks}


def sayings(film: Film, first: int) -> list[str]:
    """What the moments of one part of the record say, from number ``first`` on."""
    return Moments(film, ()).said(first)


def _numbered(words: Iterable[str]) -> dict[str, list[Any]]:
    """Each word once, and for each moment the number of its word."""
    numbers: dict[str, int] = {}
    at = [numbers.setdefault(word, len(numbers)) for word in words]
    return {"words": list(numbers), "at": at}


def cut(film: Film) -> Reel:
    """A film as moments and pictures, in the reader's language."""
    figures = _figures(film)
    return Reel(Moments(film, figures), tuple(figures), film.frames)


def _homes(film: Film, figures: Sequence[Figure]) -> Iterator[tuple[str, int]]:
    """The key of the picture that each fact belongs to, and the number of the version then followed."""
    homes = {(scope, figure.version): figure.key for figure in figures for scope in figure.scopes}
    begins = [version.since for version in film.versions]
    scope = MAIN
    for at, fact in enumerate(film.facts):
        if isinstance(fact.event, e.AtElement):
            scope = fact.event.scope
        version = bisect_right(begins, at) - 1 if len(begins) > 1 and at >= begins[0] else 0
        yield homes.get((scope, version), key_of(MAIN, version)), version


def _said(line: Line) -> str:
    """A moment in one breath."""
    who = f"{line.who} ({line.unit})" if line.unit else line.who
    return f"{moment_in_words(line.at)} · {who} · {line.text}"


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
