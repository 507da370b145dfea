"""Subprocesses and call activities: a scope inside a scope."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.definition.diagram import Diagram
from engine.history import events as e
from engine.runtime import expressions
from engine.runtime.spiff.activity import Activity
from engine.runtime.spiff.messages import LISTENING
from engine.runtime.spiff.scope import Scope
from engine.runtime.spiff.token import Token
from engine.runtime.stuck import Stuck

if TYPE_CHECKING:
    from engine.runtime.spiff.case import Case


def begin_scope(case: Case, scope: Scope, diagram: Diagram, parent: str | None) -> None:
    """Let the event subprocesses of a scope listen, and put a token at each of its plain starts."""
    listen_inside(case, scope, diagram, parent)
    for element in diagram.starts(parent):
        plain = element.kind != "startEvent" or not element.definitions
        if plain and not element.instantiate:
            case.arrive(case.definition.node(f"{diagram.process}/{element.id}"), scope.number, None)


def begin_unasked(case: Case, scope: Scope, diagram: Diagram, parent: str | None) -> None:
    """Put a token at everything that no flow leads to and that is no start event."""
    for element in diagram.starts(parent):
        if element.kind != "startEvent" and not element.instantiate:
            case.arrive(case.definition.node(f"{diagram.process}/{element.id}"), scope.number, None)


def listen_inside(case: Case, scope: Scope, diagram: Diagram, parent: str | None) -> None:
    """The starts of event subprocesses that wait for something begin to listen."""
    for handler in diagram.children(parent):
        if not handler.triggered_by_event:
            continue
        for start in diagram.starts(handler.id):
            if any(definition.kind in LISTENING for definition in start.definitions):
                node = case.definition.node(f"{diagram.process}/{start.id}")
                case.run_token(case.arrive(node, scope.number, None, listens=True, handler=handler.id))


class SubProcess(Activity):
    """An embedded subprocess: shares the variables around it."""

    def begin(self, token: Token) -> bool:
        case = token.workflow
        scope = case.open_scope(token.scope, "subprocess", self.process, self.name, token.id)
        if self.element.properties:
            scope.local = dict.fromkeys(self.element.properties)
        case.tell(e.ScopeEntered, token, inner=case.public(scope.number), called="")
        begin_scope(case, scope, self.diagram, self.element.id)
        if scope.tokens == 0:
            case.close_scope(scope)
            return True
        return False

    def scope_done(self, token: Token, scope: Scope) -> None:
        token.workflow.close_scope(scope)
        if scope.done:
            token.note["inner"] = scope.done
        self.finished(token)


class AdHoc(SubProcess):
    """Activities without an order: each once, side by side or one after the other, until it is enough."""

    def begin(self, token: Token) -> bool:
        case = token.workflow
        scope = case.open_scope(token.scope, "subprocess", self.process, self.name, token.id)
        case.tell(e.ScopeEntered, token, inner=case.public(scope.number), called="")
        listen_inside(case, scope, self.diagram, self.element.id)
        roots = [element.id for element in self.diagram.starts(self.element.id)]
        now = roots[:1] if self.element.ordering == "Sequential" else roots
        token.note["rest"] = roots[len(now) :]
        for root in now:
            case.arrive(case.definition.node(f"{self.process}/{root}"), scope.number, None)
        if not roots:
            case.close_scope(scope)
        return not roots

    def enough(self, token: Token, scope: Scope) -> bool:
        return self.element.cancel_remaining and self._complete(token, scope)

    def _complete(self, token: Token, scope: Scope) -> bool:
        text, case = self.element.completion, token.workflow
        return bool(text) and expressions.condition(text, case.context(scope.number), case.feel)

    def scope_done(self, token: Token, scope: Scope) -> None:
        if token.note["rest"] and not self._complete(token, scope):
            root = token.note["rest"].pop(0)
            case = token.workflow
            case.arrive(case.definition.node(f"{self.process}/{root}"), scope.number, None)
        else:
            super().scope_done(token, scope)


class Handler(SubProcess):
    """An event subprocess at work: its token keeps the scope around it alive."""

    def begin(self, token: Token) -> bool:
        """Undo the completed activity that this event subprocess stands in."""
        start = next(s.id for s in self.diagram.starts(self.element.id) if s.definition("compensate"))
        self.handle(token, start)
        return False

    def handle(self, token: Token, start: str, told: bool = False) -> None:
        """Begin at this start event."""
        case = token.workflow
        scope = case.open_scope(token.scope, "handler", self.process, self.name, token.id)
        scope.done = token.note.pop("done", [])
        case.tell(e.ScopeEntered, token, inner=case.public(scope.number), called="")
        listen_inside(case, scope, self.diagram, self.element.id)
        case.arrive(case.definition.node(f"{self.process}/{start}"), scope.number, None, told=told)
        begin_unasked(case, scope, self.diagram, self.element.id)


class Call(Activity):
    """A call activity: another process of the same case; all variables pass in and out."""

    def _called(self, token: Token) -> str:
        """The key of the process to call. Raises ``Stuck`` for one that is not on the list."""
        text = self.element.called
        if not text.startswith("="):
            return text
        found = self.value(token, text)
        if not isinstance(found, str) or found not in self.element.callable:
            raise Stuck(
                "Expected one of %(expected)s from %(expression)s but found %(found)s. "
                "Correct the data or the diagram, then retry.",
                expected=", ".join(self.element.callable),
                expression=text,
                found=expressions.shown(found),
            )
        return found

    def begin(self, token: Token) -> bool:
        case = token.workflow
        called = case.definition.processes[self._called(token)]
        scope = case.open_scope(token.scope, "call", called.process, self.name, token.id)
        if called.properties:
            scope.local = dict.fromkeys(called.properties)
        case.tell(e.ScopeEntered, token, inner=case.public(scope.number), called=called.process)
        begin_scope(case, scope, called, None)
        if scope.tokens == 0:
            case.close_scope(scope)
            return True
        return False

    def scope_done(self, token: Token, scope: Scope) -> None:
        token.workflow.close_scope(scope)
        if scope.done:
            token.note["inner"] = scope.done
        self.finished(token)
