"""The pictures of a case: its own process, and every process that it called, once for each call.

A subprocess is drawn inside its process, so what happened in it belongs to that picture; a called process
is a picture of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from engine.definition.diagram import Diagram
from engine.history import events as e
from engine.history.facts import Fact
from engine.history.replay import Frame
from web.language import gettext, word
from web.render.diagram import marks_of
from web.render.outline import Marks

MAIN = ""
"""The key of the case's own process; a call's key is the scope that it opened."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One process as one call of it was carried out. ``scopes`` are all that happen in this picture.

    A case that was moved has pictures of each ``version`` (from 0) that it followed.
    """

    key: str
    diagram: Diagram
    caption: str
    scopes: frozenset[str]
    version: int = 0

    @property
    def is_main(self) -> bool:
        """Whether it shows the case's own process."""
        return self.key.partition("~")[0] == MAIN

    def marks(self, frame: Frame) -> Marks:
        """What the picture shows at this moment."""
        return marks_of(frame, self.diagram.process, self.scopes)

    def is_present(self, frame: Frame) -> bool:
        """Whether the case waits somewhere in this picture."""
        return any(visit.scope in self.scopes for visit in frame.open_visits())


def key_of(scope: str, version: int) -> str:
    """The key of a picture in a version."""
    return f"{scope}~{version}" if version else scope


def figures_of(
    main: str, processes: Mapping[str, Diagram], facts: Iterable[Fact], version: int = 0, began: str = ""
) -> list[Figure]:
    """The pictures in the order in which the case came to them. ``began`` is the day of a later ``version``."""
    homes, called, calls = {MAIN: MAIN}, {MAIN: main}, {MAIN: ""}
    for fact in facts:
        event = fact.event
        if isinstance(event, e.ScopeEntered):
            homes[event.inner] = event.inner if event.called else homes.get(event.scope, MAIN)
            if event.called:
                called[event.inner], calls[event.inner] = event.called, event.name
    figures: list[Figure] = []
    for key, process in called.items():
        diagram = processes.get(process)
        if diagram is None:
            continue
        times = 1 + sum(figure.diagram.process == process for figure in figures)
        caption = word(calls[key] or diagram.name or process)
        if times > 1:
            caption = gettext("%(name)s, time %(count)s", name=caption, count=times)
        if began:
            caption = gettext("%(name)s, version since %(day)s", name=caption, day=began)
        scopes = frozenset(scope for scope, home in homes.items() if home == key)
        figures.append(Figure(key_of(key, version), diagram, caption, scopes, version))
    return figures
