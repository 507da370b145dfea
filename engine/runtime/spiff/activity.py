"""What all activities share: boundary events that listen while it works, and how its work ends."""

from __future__ import annotations

from collections.abc import Iterator

from SpiffWorkflow.util.task import TaskState

from engine.definition.diagram import Association, Element, Flow
from engine.history import events as e
from engine.runtime.spiff import compensation, loops
from engine.runtime.spiff.messages import LISTENING
from engine.runtime.spiff.node import Node
from engine.runtime.spiff.token import Token


class Activity(Node):
    """A task, subprocess or call activity, once or many times."""

    def admits(self, token: Token) -> bool:
        """An activity that needs several tokens waits until they are there."""
        needed = self.element.start_quantity
        if needed <= 1 or "of" in token.note:
            return True
        token._set_state(TaskState.WAITING)
        waiting = [
            t for t in token.workflow.live(token.scope) if t.task_spec is self and t.has_state(TaskState.WAITING)
        ]
        if len(waiting) < needed:
            return False
        for other in waiting[:needed]:
            if other is not token:
                token.workflow.remove(other)
        return True

    def enter(self, token: Token) -> bool:
        if "of" not in token.note:
            self._pass(token, self.element.inputs)
        return self._work(token)

    def _pass(self, token: Token, associations: tuple[Association, ...]) -> None:
        """Data associations: the value of one name (or expression) becomes the value of another."""
        case = token.workflow
        seen = case.seen(token.scope)
        values = {
            to.target: self.value(token, to.source) if to.source.startswith("=") else seen.get(to.source)
            for to in associations
            if to.source and to.target
        }
        if values:
            case.assign(token.scope, values)

    def _work(self, token: Token) -> bool:
        if self.element.loop is not None and "of" not in token.note:
            done = loops.begin(self, token)
        else:
            done = self.begin(token)
        if not done and "of" not in token.note:
            self.listen(token)
        return done

    def begin(self, token: Token) -> bool:
        """Start the work of one token. True: it is done already. Raises ``Stuck`` before anything was changed."""
        token.workflow.tell(e.ElementCompleted, token)
        return True

    def listen(self, token: Token) -> None:
        """The boundary events begin to listen."""
        case = token.workflow
        for boundary in self.boundaries():
            if any(definition.kind in LISTENING for definition in boundary.definitions):
                node = case.definition.node(f"{self.process}/{boundary.id}")
                case.run_token(case.arrive(node, token.scope, None, host=token.id, listens=True))

    def boundaries(self) -> Iterator[Element]:
        return self.diagram.boundary_events(self.element.id)

    def finished(self, token: Token) -> None:
        """The work is done: nobody listens any more, and the token is ready to leave."""
        token.workflow.drop_listeners(token)
        self.resume(token)

    def finish(self, token: Token) -> None:
        """The work was reported done: that stands, whatever becomes of the way on."""
        token.note["phase"] = "leave"
        token.workflow.attempt(token, lambda: self.finished(token))

    def choose(self, token: Token) -> list[Flow]:
        if "of" in token.note:
            return []
        self._pass(token, self.element.outputs)
        return [] if "undoing" in token.note else super().choose(token)

    def leave(self, token: Token) -> None:
        if "of" in token.note:
            loops.iteration_done(self, token)
            return
        compensation.remember(self, token)
        if "undoing" in token.note:
            compensation.handler_done(token)
            return
        super().leave(token)

    def counts(self, token: Token) -> dict[str, object]:
        return loops.counts(token)

    def is_host(self, token: Token) -> bool:
        """Whether this token stands for all iterations rather than for one."""
        return self.element.loop is not None and "of" not in token.note
