"""Where a pretended case stands, on its diagrams: what waits is marked, and clicking it does it.

The tokens are those of the engine itself, moved by real conditions, tables and forms; nothing here simulates.
"""

from __future__ import annotations

from dataclasses import dataclass

from engine.definition.diagram import Diagram
from engine.history.replay import Frame, frames
from engine.scenarios.pretended_case import PretendedCase
from web.language import gettext
from web.render.figures import figures_of
from web.render.outline import Marks, title


@dataclass(frozen=True, slots=True)
class Stage:
    """One diagram with the tokens on it. ``is_present``: something waits in it."""

    key: str
    diagram: Diagram
    marks: Marks
    caption: str
    is_present: bool


def stages(case: PretendedCase) -> list[Stage]:
    """The diagrams that the case has come to, those where something waits first."""
    frame = _now(case)
    figures = figures_of(case.definition.main, case.definition.processes, case.facts)
    found = [
        Stage(figure.key, figure.diagram, figure.marks(frame), figure.caption, figure.is_present(frame))
        for figure in figures
    ]
    return sorted(found, key=lambda stage: not _waits(stage, frame))


def said(case: PretendedCase) -> str:
    """In one sentence, what the case waits at: for people who do not see the picture."""
    names = []
    for visit in _now(case).open_visits():
        diagram = case.definition.processes.get(visit.process)
        element = diagram.elements.get(visit.element) if diagram else None
        if element is not None and element.kind not in ("callActivity", "subProcess", "transaction"):
            names.append(title(element))
    if not names:
        return gettext("The case waits nowhere.")
    return gettext("The case is now at: %(places)s", places=list(dict.fromkeys(names)))


def _now(case: PretendedCase) -> Frame:
    frame = Frame()
    for frame in frames(case.facts):  # noqa: B007 - the last one
        pass
    return frame


def _waits(stage: Stage, frame: Frame) -> bool:
    elements = {visit.element for visit in frame.open_visits() if visit.process == stage.diagram.process}
    calls = {key for key in elements if stage.diagram.elements[key].kind == "callActivity"}
    return bool(stage.is_present and elements - calls)
