"""What happened in a case, in plain words and on its diagrams."""

from __future__ import annotations

from dataclasses import dataclass

from engine.definition.diagram import Diagram
from engine.history.replay import Frame
from engine.queries.cases import CasePage
from engine.runtime.interpreter import ProcessDefinition
from web.render.diagram import marks_of
from web.render.outline import Marks
from web.render.sentences import Line, Names, tell_staff
from web.render.words import role_name


@dataclass(frozen=True)
class Picture:
    """One diagram with the way of the case marked. ``is_present``: something waits in it."""

    diagram: Diagram
    marks: Marks
    key: str
    is_present: bool


def lines_of(page: CasePage) -> list[Line]:
    """The staff's history, newest first."""
    diagrams = page.definition.processes.values()
    elements = {element.id: element.kind for diagram in diagrams for element in diagram.elements.values()}
    names = Names(page.names, page.names, role_name, elements)
    return list(reversed(tell_staff(page.facts, names)))


def picture_of_task(page: CasePage, element: str) -> Picture | None:
    """The diagram in which ``element`` is waiting."""
    for visit in page.frame.open_visits():
        if visit.element == element:
            return _picture(page.definition, page.frame, visit.process, visit.scope)
    return None


def pictures_of_case(page: CasePage) -> list[Picture]:
    """The main diagram, and every other that the case stands in or went through, in the order of entering."""
    places = [(page.definition.main, "")]
    for visit in page.frame.visits:
        if (visit.process, visit.scope) not in places:
            places.append((visit.process, visit.scope))
    found = [_picture(page.definition, page.frame, process, scope) for process, scope in places]
    return [picture for picture in found if picture is not None]


def _picture(definition: ProcessDefinition, frame: Frame, process: str, scope: str) -> Picture | None:
    diagram = definition.processes.get(process)
    if diagram is None:
        return None
    is_present = any((v.process, v.scope) == (process, scope) for v in frame.open_visits())
    return Picture(diagram, marks_of(frame, process, scope), f"{process}-{scope}".strip("-"), is_present)
