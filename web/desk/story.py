"""What happened in a case, in plain words and on its diagrams."""

from __future__ import annotations

from dataclasses import dataclass

from engine.definition.diagram import Diagram
from engine.history.replay import Frame
from engine.queries.cases import CasePage
from web.render.figures import Figure, figures_of
from web.render.outline import Marks
from web.render.sentences import Line, names_in, tell_staff


@dataclass(frozen=True)
class Picture:
    """One diagram with the way of the case marked. ``is_present``: something waits in it."""

    diagram: Diagram
    marks: Marks
    key: str
    is_present: bool
    caption: str


def lines_of(page: CasePage) -> list[Line]:
    """The staff's history, newest first."""
    names = names_in(page.definition, page.names, page.former)
    return list(reversed(tell_staff(page.facts, names)))


def picture_of_task(page: CasePage, element: str) -> Picture | None:
    """The diagram in which ``element`` is waiting."""
    for visit in page.frame.open_visits():
        if visit.element == element:
            found = [figure for figure in _figures(page) if visit.scope in figure.scopes]
            return _picture(found[0], page.frame) if found else None
    return None


def pictures_of_case(page: CasePage) -> list[Picture]:
    """The main diagram, and every other that the case stands in or went through, in the order of entering."""
    return [_picture(figure, page.frame) for figure in _figures(page)]


def _figures(page: CasePage) -> list[Figure]:
    return figures_of(page.definition.main, page.definition.processes, page.facts)


def _picture(figure: Figure, frame: Frame) -> Picture:
    return Picture(figure.diagram, figure.marks(frame), figure.key, figure.is_present(frame), figure.caption)
