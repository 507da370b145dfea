"""A token: SpiffWorkflow's Task without its random id, its clock and its copies of data.

All tokens hang directly under one root and go when they are done, so the tree never grows with the
age of the case. Where a token is and what it waits for stands in ``note``, which is saved with it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

if TYPE_CHECKING:
    from engine.runtime.spiff.case import Case
    from engine.runtime.spiff.node import Node


class Token(Task):  # type: ignore[misc]
    """``note`` keys: ``phase`` (enter, leave), ``via``, ``listens`` (does not keep its scope alive), ``host`` (the
    activity a boundary event watches), ``of`` (the multi-instance token it is an iteration of), ``job``, ``due`` …"""

    task_spec: Node
    workflow: Case

    def __init__(self, case: Case, spec: Any, number: int, scope: int, via: str | None, parent: Token | None) -> None:
        # Task.__init__ draws a random id and reads the clock; a token does neither, so that runs repeat exactly.
        self.id = number
        self.workflow = case
        self.task_spec = spec
        self._parent = parent.id if parent is not None else None
        self._children: list[int] = []
        self._state = TaskState.FUTURE
        self.triggered = False
        self.thread_id = 0
        self.data: dict[str, Any] = {}
        self.internal_data: dict[str, Any] = {}
        self.last_state_change = 0.0
        self.scope = scope
        self.via = via
        case.tasks[number] = self
        if parent is not None:
            parent._children.append(number)

    @property
    def note(self) -> dict[str, Any]:
        return self.internal_data

    @property
    def listens(self) -> bool:
        return bool(self.internal_data.get("listens"))

    def _set_state(self, value: int) -> None:
        self._state = value  # no clock, no log line per move
