"""How the marks of a film's pictures change from moment to moment, once for the whole film.

For the page's script: by picture and element the moments at which its mark became another one, and by flow the
moment at which it was first taken. So a film of n facts weighs as much as n changes, and any moment is found at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from engine.history.replay import Frame
from web.render.figures import Figure


@dataclass(slots=True)
class _Mark:
    """An element of a picture: how often it was visited, how many are there, and how the visit begun last ended."""

    visits: int = 0
    present: int = 0
    newest: int = -1
    ended: str = "done"

    def follow(self, index: int, *, is_end: bool, cancelled: bool) -> None:
        """The visit with this number begins or ends."""
        if not is_end:
            self.visits, self.present, self.newest = self.visits + 1, self.present + 1, index
            return
        self.present -= 1
        if index == self.newest:
            self.ended = "cancelled" if cancelled else "done"

    def state(self, *, is_stuck: bool) -> str:
        """As ``web.render.diagram.marks_of`` has it: who is there counts more than who was."""
        if self.present:
            return "stuck" if is_stuck else "now"
        return self.ended


def course(figures: Sequence[Figure], frames: Sequence[Frame]) -> dict[str, Any]:
    """By the key of a picture: ``nodes`` (element → [moment, state, visits] …) and ``flows`` (flow → moment)."""
    homes: dict[tuple[str, str], list[str]] = {}  # several when the case followed several versions
    for figure in figures:
        for scope in figure.scopes:
            homes.setdefault((figure.diagram.process, scope), []).append(figure.key)
    found: dict[str, Any] = {figure.key: {"nodes": {}, "flows": _flows(figure, frames)} for figure in figures}
    marks: dict[tuple[str, str], _Mark] = {}
    turns = _turns(frames)
    stuck: set[str] = set()
    for frame in frames:
        before, stuck = stuck, set(frame.standing.incidents.values())
        changed = {key for key in marks if key[1] in before ^ stuck} if before != stuck else set()
        for index, is_end in turns.get(frame.seq, ()):
            visit = frames[-1].visits[index]
            for home in homes.get((visit.process, visit.scope), ()):
                changed.add((home, visit.element))
                mark = marks.setdefault((home, visit.element), _Mark())
                mark.follow(index, is_end=is_end, cancelled=visit.cancelled)
        for home, element in changed:
            mark = marks[home, element]
            steps = found[home]["nodes"].setdefault(element, [])
            now = [frame.seq, mark.state(is_stuck=element in stuck), mark.visits]
            if not steps or steps[-1][1:] != now[1:]:
                steps.append(now)
    return found


def _turns(frames: Sequence[Frame]) -> dict[int, list[tuple[int, bool]]]:
    """What begins and ends at each fact: the number of the visit, and whether it ends."""
    turns: dict[int, list[tuple[int, bool]]] = {}
    for index, visit in enumerate(frames[-1].visits):
        turns.setdefault(visit.since, []).append((index, False))
        if visit.until is not None:
            turns.setdefault(visit.until, []).append((index, True))
    return turns


def _flows(figure: Figure, frames: Sequence[Frame]) -> dict[str, int]:
    """When each flow of a picture was first taken."""
    first: dict[str, int] = {}
    all_flows, known = frames[-1].flows, 0
    for frame in frames:
        for process, scope, flow in all_flows[known : len(frame.flows)]:
            if process == figure.diagram.process and scope in figure.scopes:
                first.setdefault(flow, frame.seq)
        known = len(frame.flows)
    return first
