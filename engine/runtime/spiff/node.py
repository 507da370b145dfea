"""The element of a diagram as a SpiffWorkflow task spec: how a token enters, waits and leaves.

A token passes in two phases. *enter* does what the element is for; *leave* chooses the flows. What
fails in a phase can be retried in that phase: entering twice is never needed to leave once.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from SpiffWorkflow.specs.base import TaskSpec
from SpiffWorkflow.util.task import TaskState

from engine.definition.diagram import Diagram, Element, Flow
from engine.history import events as e
from engine.runtime import expressions
from engine.runtime.stuck import Stuck

if TYPE_CHECKING:
    from engine.runtime.spiff.scope import Scope
    from engine.runtime.spiff.token import Token


class Node(TaskSpec):  # type: ignore[misc]
    """One element of one process. ``name`` (SpiffWorkflow's) is ``process/element``: unique in a definition."""

    def __init__(self, spec: Any, diagram: Diagram, element: Element) -> None:
        super().__init__(spec, f"{diagram.process}/{element.id}")
        self.diagram = diagram
        self.element = element
        self.process = diagram.process
        self.flows: list[Flow] = diagram.flows_out(element.id)

    watches: ClassVar[bool] = False
    """Whether ``at_rest`` has anything to look at."""

    # ------------------------------------------------------------------ SpiffWorkflow's hooks

    def test(self) -> None:
        """SpiffWorkflow would refuse a spec without inputs; ours are checked by lint."""

    def _update_hook(self, my_task: Token) -> bool:
        """A token arrived: may it go on at once?"""
        return self.admits(my_task)

    def _on_ready_hook(self, my_task: Token) -> None:
        my_task.workflow.ready.append(my_task)

    def _run_hook(self, my_task: Token) -> bool | None:
        token = my_task
        if token.note.get("phase", "enter") == "enter":
            if not self.enter(token) or token.id not in token.workflow.tasks:
                return None  # SpiffWorkflow: STARTED, it waits (or what it threw took it away)
            token.note["phase"] = "leave"
        token.note["take"] = [flow.id for flow in self.choose(token)]
        return True

    def _run(self, my_task: Token) -> bool | None:
        return self._run_hook(my_task)  # without SpiffWorkflow's error(): the case makes an incident of it

    def _on_complete_hook(self, my_task: Token) -> None:
        self.leave(my_task)

    def _on_cancel(self, my_task: Token) -> None:
        """Tell that what was waited for is no longer awaited."""

    # ------------------------------------------------------------------ what kinds of elements change

    def admits(self, token: Token) -> bool:
        """Whether a token that arrived may run (a join says no until all have come)."""
        return True

    def at_rest(self, token: Token) -> bool:
        """Nothing moves any more: a waiting join may fire now. True if it did."""
        return False

    def enter(self, token: Token) -> bool:
        """Do what the element is for. False: it waits. Raises ``Stuck`` before anything was changed."""
        token.workflow.tell(e.ElementCompleted, token)
        return True

    def choose(self, token: Token) -> list[Flow]:
        """The flows that a token leaves by: those without a condition or whose condition holds, else the default."""
        conditional = [f for f in self.flows if f.condition is not None and f.id != self.element.default]
        if not conditional:
            return [f for f in self.flows if f.condition is None or f.id == self.element.default]
        return self.matching(token, conditional)

    def matching(self, token: Token, conditional: list[Flow]) -> list[Flow]:
        """All flows whose condition holds, with the unconditional ones; the default if no condition holds."""
        taken = {f.id for f in conditional if self.holds(token, f.condition or "")}
        free = [f for f in self.flows if f.condition is None and f.id != self.element.default]
        if not taken and self.element.default is not None:
            taken = {self.element.default}
        if not taken and not free:
            raise no_way_out(self.element)
        return [f for f in self.flows if f.id in taken or f in free]

    def leave(self, token: Token) -> None:
        """Send a token along each chosen flow."""
        case = token.workflow
        case.room_for(len(token.note.get("take", ())) * max(1, self.element.completion_quantity))
        for _ in range(max(1, self.element.completion_quantity)):
            for flow in token.note.get("take", ()):
                found = self.diagram.flows[flow]
                case.arrive(case.definition.node(f"{self.process}/{found.target}"), token.scope, flow)

    def scope_done(self, token: Token, scope: Scope) -> None:
        """The scope that this token waits for is empty."""

    def enough(self, token: Token, scope: Scope) -> bool:
        """Something in the scope that this token waits for is done: may the rest be taken back?"""
        return False

    def counts(self, token: Token) -> Mapping[str, Any]:
        """What a multi-instance activity tells its iterations about itself."""
        return {}

    # ------------------------------------------------------------------ for subclasses

    def holds(self, token: Token, text: str) -> bool:
        case = token.workflow
        return expressions.condition(text, case.context(token.scope), case.feel)

    def value(self, token: Token, text: str) -> Any:
        case = token.workflow
        return expressions.evaluate(text, case.context(token.scope), case.feel)

    def resume(self, token: Token) -> None:
        """What was waited for has come: the token is ready to leave."""
        token.note["phase"] = "leave"
        token._ready()

    def go_on(self, token: Token) -> None:
        """Resume, then leave before anything else moves."""
        token.note["phase"] = "leave"
        token._set_state(TaskState.READY)
        token.workflow.run_token(token)


def no_way_out(element: Element) -> Stuck:
    """No condition holds and there is no default."""
    return Stuck(
        "Expected one of the conditions after %(element)s to hold but none does, and there is no default flow. "
        "Correct the data or the diagram, then retry.",
        element=element.name or element.id,
    )
