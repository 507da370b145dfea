"""Gateways: where tokens choose, split and meet. Joins count tokens per flow, so loops are nothing special."""

from __future__ import annotations

from functools import cached_property

from SpiffWorkflow.util.task import TaskState

from engine.definition.diagram import Diagram, Flow
from engine.history import events as e
from engine.runtime import expressions
from engine.runtime.spiff.node import Node, no_way_out
from engine.runtime.spiff.token import Token


class Exclusive(Node):
    """The first flow, in document order, whose condition holds; else the default."""

    def choose(self, token: Token) -> list[Flow]:
        default = self.element.default
        if len(self.flows) <= 1 and all(flow.condition is None for flow in self.flows):
            return self.flows
        for flow in self.flows:
            if flow.id != default and (flow.condition is None or self.holds(token, flow.condition)):
                return [flow]
        if default is None:
            raise no_way_out(self.element)
        return [self.diagram.flows[default]]


class Joining(Node):
    """What parallel, inclusive and complex gateways share: tokens that wait for each other."""

    def waiting(self, token: Token) -> dict[str | None, list[Token]]:
        """The tokens that stand at this gateway in this scope, oldest first, by the flow they came by."""
        found: dict[str | None, list[Token]] = {}
        for other in token.workflow.live(token.scope):
            if other.task_spec is self and (other.has_state(TaskState.WAITING) or other is token):
                found.setdefault(other.via, []).append(other)
        return found

    def fire(self, token: Token, consumed: list[Token]) -> None:
        """One token goes on for all that were consumed."""
        token.note["joined"] = [t.via for t in consumed if t is not token and t.via]
        for other in consumed:
            if other is not token:
                token.workflow.remove(other)

    def give_up(self, token: Token) -> None:
        """A person decided to go on with the tokens that have come."""
        waiting = [t for tokens in self.waiting(token).values() for t in tokens[:1]]
        self.fire(token, waiting)
        self.resume(token)
        token.note["phase"] = "enter"

    def enter(self, token: Token) -> bool:
        token.workflow.tell(e.ElementCompleted, token, joined=token.note.get("joined", []))
        return True


class Parallel(Joining):
    """Fires when a token has come by every incoming flow, taking exactly one from each."""

    def admits(self, token: Token) -> bool:
        if len(self.element.incoming) <= 1:
            return True
        token._set_state(TaskState.WAITING)
        waiting = self.waiting(token)
        if any(flow not in waiting for flow in self.element.incoming):
            return False
        self.fire(token, [token if token.via == flow else waiting[flow][0] for flow in self.element.incoming])
        return True

    def choose(self, token: Token) -> list[Flow]:
        return self.flows


class Inclusive(Joining):
    """Takes every flow whose condition holds; joins when no further token can come by an empty flow."""

    watches = True

    def admits(self, token: Token) -> bool:
        if len(self.element.incoming) <= 1:
            return True
        token._set_state(TaskState.WAITING)
        return False  # asked again when nothing moves: only then is it known who can still come

    def at_rest(self, token: Token) -> bool:
        waiting = self.waiting(token)
        if next(iter(t for tokens in waiting.values() for t in tokens if t.id < token.id), None) is not None:
            return False  # the oldest token asks for all
        if any(self._can_still_come(flow, waiting, token) for flow in self.element.incoming if flow not in waiting):
            return False
        consumed = [tokens[0] for tokens in waiting.values()]
        last = max(consumed, key=lambda t: t.id)
        self.fire(last, consumed)
        last._ready()
        return True

    def _can_still_come(self, flow: str, waiting: dict[str | None, list[Token]], token: Token) -> bool:
        """BPMN 2.0.2 13.4.3: a token elsewhere has a path to this empty flow, and none to a flow that has a token."""
        paths = self._paths
        for other in token.workflow.live(token.scope):
            if other.task_spec is self or (other.listens and "host" not in other.note):
                continue
            if other.listens:
                continue
            reached = paths.get(other.task_spec.element.id, frozenset())
            if flow in reached and not any(full in reached for full in waiting):
                return True
        return False

    @cached_property
    def _paths(self) -> dict[str, frozenset[str]]:
        """For each element, the incoming flows of this gateway it has a path to without passing the gateway."""
        return paths_to(self.diagram, self.element.id)

    def choose(self, token: Token) -> list[Flow]:
        conditional = [f for f in self.flows if f.condition is not None and f.id != self.element.default]
        if not conditional:
            return [f for f in self.flows if f.condition is None or f.id == self.element.default]
        return self.matching(token, conditional)


class Complex(Inclusive):
    """Splits like an inclusive gateway; joins as soon as its activation condition holds.

    Having fired, it waits for reset: what still comes by the flows it did not fire for is taken without
    firing again, until nothing more can come by them (BPMN 2.0.2 13.4.5).
    """

    def admits(self, token: Token) -> bool:
        if len(self.element.incoming) <= 1:
            return True
        token._set_state(TaskState.WAITING)
        if self._marker(token) is not None:
            return False
        waiting = self.waiting(token)
        consumed = [tokens[0] for tokens in waiting.values()]
        if not self._active(token, len(consumed)):
            return False
        case = token.workflow
        rest = [flow for flow in self.element.incoming if flow not in waiting]
        if rest:
            marker = case.place(self, token.scope, None, listens=True, rest=rest, told=True)
            marker._set_state(TaskState.WAITING)
        self.fire(token, consumed)
        return True

    def _active(self, token: Token, count: int) -> bool:
        text, case = self.element.activation, token.workflow
        if not text:
            return count == len(self.element.incoming)
        context = {**case.context(token.scope), "activationCount": count}
        return expressions.condition(text, context, case.feel)

    def _marker(self, token: Token) -> Token | None:
        return next((t for t in token.workflow.live(token.scope) if t.task_spec is self and "rest" in t.note), None)

    def at_rest(self, token: Token) -> bool:
        if "rest" not in token.note:
            return False
        waiting = {flow: tokens for flow, tokens in self.waiting(token).items() if flow is not None}
        full: dict[str | None, list[Token]] = {flow: tokens for flow, tokens in waiting.items()}  # noqa: C416
        rest = token.note["rest"]
        if any(self._can_still_come(flow, full, token) for flow in rest if flow not in waiting):
            return False
        case = token.workflow
        late = [waiting[flow][0] for flow in rest if flow in waiting]
        case.remove(token)
        for other in late:
            case.tell(e.ElementCompleted, other)
            case.remove(other)
        for tokens in waiting.values():  # what came for the next round asks again
            for other in tokens:
                if other.id in case.tasks and other not in late:
                    self._update(other)
        case.settle(token.scope)
        return True


def paths_to(diagram: Diagram, gateway: str) -> dict[str, frozenset[str]]:
    """Element → which incoming flows of ``gateway`` can be reached from it without visiting the gateway."""
    reached: dict[str, set[str]] = {}
    for last in diagram.elements[gateway].incoming:
        stack, seen = [diagram.flows[last].source], {gateway}
        while stack:
            found = stack.pop()
            if found in seen:
                continue
            seen.add(found)
            reached.setdefault(found, set()).add(last)
            element = diagram.elements[found]
            stack += [diagram.flows[flow].source for flow in element.incoming]
            if element.attached_to is not None:
                stack.append(element.attached_to)
            link = element.definition("link")
            if link is not None and element.kind == "intermediateCatchEvent":
                stack += [
                    other.id
                    for other in diagram.children(element.parent)
                    if other.kind == "intermediateThrowEvent"
                    and (d := other.definition("link"))
                    and d.name == link.name
                ]
    return {element: frozenset(flows) for element, flows in reached.items()}


class EventBased(Node):
    """The events after it race: the first one wins, the others are no longer awaited."""

    def leave(self, token: Token) -> None:
        case = token.workflow
        for flow in self.flows:
            node = case.definition.node(f"{self.process}/{flow.target}")
            case.arrive(node, token.scope, flow.id, race=token.id)
