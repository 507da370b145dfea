"""One case in motion: SpiffWorkflow's Workflow, with scopes, a queue of ready tokens and events to tell.

The workflow lives for one command only: loaded from state, moved to the next wait, dumped. Tokens move
first in, first out, so parallel branches advance side by side and the order of events is always the same.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from SpiffWorkflow.util.task import TaskState
from SpiffWorkflow.workflow import Workflow

from engine.errors import ShangmenError
from engine.history import events as e
from engine.runtime.expressions import environment
from engine.runtime.spiff import limits
from engine.runtime.spiff.scope import CASE, Scope
from engine.runtime.spiff.token import Token
from engine.runtime.stuck import Broken, Stuck, reason_of
from engine.runtime.surroundings import Surroundings

if TYPE_CHECKING:
    from engine.runtime.compiled import ProcessDefinition
    from engine.runtime.spiff.node import Node


def impossible(token: Token, reason: str) -> Stuck:
    """What cannot be done at an element, as a sentence."""
    return Stuck(
        "Expected %(element)s to compute something but it cannot: %(reason)s. Correct the data or the diagram.",
        element=token.task_spec.element.name or token.task_spec.element.id,
        reason=reason,
    )


_At = TypeVar("_At", bound=e.AtElement)
_RESTING = TaskState.WAITING | TaskState.STARTED


class Case(Workflow):  # type: ignore[misc]
    """``events`` are what happened since loading; ``ended`` is true once nothing can happen any more."""

    def __init__(self, definition: ProcessDefinition, around: Surroundings) -> None:
        super().__init__(definition.spec, deserializing=True)
        self.definition = definition
        self.stand_in(around)
        self.instance = around.instance_id
        self.counter = 0
        self.steps = 0
        self.moves = 0
        self.scales = limits.Scales(self)
        self.tasks: dict[int, Token] = {}
        self.scopes: dict[int, Scope] = {}
        self.variables: dict[str, Any] = {}
        self.ready: deque[Token] = deque()
        self.events: list[e.Event] = []
        self.title = ""
        self.outcome = ("", "")
        self.ended = False
        self.task_tree = Token(self, definition.spec.start, 0, CASE, None, None)
        self.task_tree._set_state(TaskState.COMPLETED)

    def stand_in(self, around: Surroundings) -> None:
        """What the case knows of the world for the next command."""
        self.around = around
        self.feel = environment(around)

    # ------------------------------------------------------------------ names

    def number(self) -> int:
        """The next number of this case: the one source of all its ids."""
        self.counter += 1
        return self.counter

    def public(self, number: int) -> str:
        """The id by which the world knows a token, job or scope; "" is the case itself."""
        return f"{self.instance}.{number}" if number else ""

    # ------------------------------------------------------------------ telling

    def tell(self, event: type[_At], token: Token, **fields: Any) -> None:
        """Add an event at the token's element. The flow that led there is told once, by the first event."""
        told = token.note.get("told")
        token.note["told"] = True
        self.tell_at(event, token.task_spec, token.scope, None if told else token.via, **fields)

    def tell_at(self, event: type[_At], node: Node, scope: int, via: str | None = None, **fields: Any) -> None:
        """Add an event at an element that no token stands on."""
        name = node.element.name
        self.events.append(
            event(node.element.id, node.process, self.public(self.visible(scope)), via, name=name, **fields)  # type: ignore[call-arg]
        )

    def visible(self, scope: int) -> int:
        """The nearest scope that an auditor sees: iterations are not drawn."""
        found = self.scopes[scope]
        while found.kind == "iteration" and found.parent is not None:
            found = self.scopes[found.parent]
        return found.number

    # ------------------------------------------------------------------ variables

    def seen(self, scope: int) -> dict[str, Any]:
        """The variables visible in a scope: the nearest of each name."""
        chain = []
        found: int | None = scope
        while found is not None:
            here = self.scopes[found]
            if here.local is not None:
                chain.append(here)
            found = here.parent
        merged = dict(self.variables)
        for here in reversed(chain):
            merged.update(here.local or {})
            if here.kind == "iteration" and here.owner in self.tasks:
                merged.update(self.tasks[here.owner].task_spec.counts(self.tasks[here.owner]))
        return merged

    def context(self, scope: int) -> dict[str, Any]:
        """The variables visible in a scope, and the profile."""
        return {"profile": self.definition.profile, **self.seen(scope)}

    def assign(self, scope: int, values: Mapping[str, Any]) -> None:
        """Write variables: inside an iteration they stay its own, else the nearest scope that declares the name."""
        self.scales.check(values)
        for name, value in values.items():
            target = self.variables
            found: int | None = scope
            while found is not None:
                here = self.scopes[found]
                if here.local is not None and (here.kind == "iteration" or name in here.local):
                    target = here.local
                    break
                found = here.parent
            target[name] = value

    # ------------------------------------------------------------------ tokens

    def open_scope(
        self, parent: int | None, kind: str, process: str, node: str = "", owner: int | None = None
    ) -> Scope:
        """A new scope. Raises ``Stuck`` when scopes nest too deeply (a process that calls itself for ever)."""
        depth, found = 0, parent
        while found is not None:
            depth, found = depth + 1, self.scopes[found].parent
        if depth > limits.SCOPE_DEPTH_MAX:
            raise limits.too_deep()
        scope = Scope(self.number() if parent is not None else CASE, parent, kind, process, node, owner)
        self.scopes[scope.number] = scope
        return scope

    def arrive(self, node: Node, scope: int, via: str | None, **note: Any) -> Token:
        """A token reaches an element: ready at once, or waiting for its siblings at a join."""
        token = self.place(node, scope, via, **note)
        try:
            node._update(token)
        except Stuck as stuck:  # what fails on arrival fails here, not at the element that the token came from
            self.raise_incident(token, stuck)
        return token

    def place(self, node: Node, scope: int, via: str | None, **note: Any) -> Token:
        """A token that stands at an element without being told to move."""
        self.room_for(1)
        token = Token(self, node, self.number(), scope, via, self.task_tree)
        token.note.update(note)
        if not token.listens:
            self.scopes[scope].tokens += 1
        return token

    def room_for(self, count: int) -> None:
        """Raises ``Stuck`` when ``count`` more tokens would be more than a case may have."""
        if len(self.tasks) + count > limits.TOKENS_MAX:
            raise limits.too_many_tokens()

    def owner(self, scope: Scope) -> Token | None:
        """The token that waits for a scope."""
        return self.tasks.get(scope.owner) if scope.owner else None

    def live(self, scope: int) -> Iterator[Token]:
        """The tokens of a scope, oldest first, without the root."""
        return (token for token in list(self.tasks.values()) if token.scope == scope and token.id)

    def remove(self, token: Token) -> None:
        """Take a token away without a word, and without asking whether its scope is done."""
        if self.tasks.pop(token.id, None) is None:
            return
        self.task_tree._children.remove(token.id)
        if not token.listens:
            self.scopes[token.scope].tokens -= 1

    def hear(self, token: Token) -> None:
        """A listener becomes a token that counts."""
        if token.note.pop("listens", None):
            self.scopes[token.scope].tokens += 1

    def _task_completed_notify(self, task: Token) -> None:
        """SpiffWorkflow's notice that a task completed: the token goes, and its scope may be done."""
        scope = task.scope
        self.remove(task)
        self.settle(scope)

    def settle(self, scope: int) -> None:
        """Close a scope in which no token is left."""
        found = self.scopes.get(scope)
        if found is None or found.kind == "iteration":
            return
        if found.tokens > 0:
            owner = self.owner(found)
            if owner is None or not owner.task_spec.enough(owner, found):
                return
            self.empty_scope(found)
        for token in self.live(scope):
            self.cancel_token(token)
        if scope == CASE:
            self.ended = True
            return
        owner = self.owner(found)
        if owner is not None:
            owner.task_spec.scope_done(owner, found)

    def close_scope(self, scope: Scope, cancelled: bool = False) -> None:
        """Forget a scope, and say so if it is one that auditors see."""
        self.scopes.pop(scope.number, None)
        if scope.kind != "iteration" and scope.parent is not None:
            node = self.definition.node(scope.node)
            self.tell_at(e.ScopeLeft, node, scope.parent, inner=self.public(scope.number), cancelled=cancelled)

    # ------------------------------------------------------------------ taking away

    def cancel_token(self, token: Token) -> None:
        """Take a token away with everything that hangs on it: inner scopes, boundary listeners, incidents."""
        if token.id not in self.tasks:
            return
        for scope in [s for s in self.scopes.values() if s.owner == token.id]:
            self.cancel_scope(scope)
        self.drop_listeners(token)
        if "incident" in token.note:
            self.events.append(
                e.IncidentResolved(self.public(token.note["incident"]), "cancelled", "", token.task_spec.element.name)
            )
        token.cancel()  # SpiffWorkflow: CANCELLED, then the spec's _on_cancel tells what was waited for
        self.remove(token)

    def drop_listeners(self, host: Token) -> None:
        """The boundary events of an activity stop listening."""
        for token in [t for t in self.tasks.values() if t.note.get("host") == host.id and t.listens]:
            self.cancel_token(token)

    def cancel_scope(self, scope: Scope) -> None:
        """Take away all that happens in a scope, then the scope."""
        self.empty_scope(scope)
        if scope.number in self.scopes:
            self.close_scope(scope, cancelled=True)

    def empty_scope(self, scope: Scope, but: Token | None = None) -> None:
        """Take away all that happens in a scope, except one token; the scope stays."""
        for token in self.live(scope.number):
            if token is not but:
                self.cancel_token(token)

    # ------------------------------------------------------------------ moving

    def advance(self) -> None:
        """Run ready tokens until everything waits. What fails becomes an incident; what was done stands."""
        while not self.ended:
            while self.ready and not self.ended:
                token = self.ready.popleft()
                if token.id in self.tasks and token.has_state(TaskState.READY):
                    self.steps += not self._is_item(token)  # the items of a collection have a limit of their own
                    if self.steps > self.around.steps_max:
                        self.raise_incident(token, limits.too_many_steps(self.around.steps_max))
                        return
                    self.run_token(token)
            if self.ended or not self._release_joins():
                break
        if not self.ended:
            self._notice_deadlock()

    def _notice_deadlock(self) -> None:
        """When all that is left waits at joins for tokens that cannot come, a person must know."""
        left = [token for token in self.tasks.values() if token.id]
        if left and all(token.has_state(TaskState.WAITING) for token in left):
            node = left[0].task_spec
            self.raise_incident(
                left[0],
                Stuck(
                    "Expected a token by every flow into %(element)s but nothing can come any more. "
                    "Skip to go on with what has come, and correct the diagram.",
                    element=node.element.name or node.element.id,
                ),
            )

    def _is_item(self, token: Token) -> bool:
        return "of" in token.note and "items" in self.tasks[token.note["of"]].note

    def run_token(self, token: Token) -> None:
        """One move of one token."""
        self.attempt(token, token.run)

    def attempt(self, token: Token, move: Callable[[], object]) -> bool:
        """Do something at a token: an incident if it cannot be done. True if it came to something.

        Raises ``Broken`` when it fails otherwise: half a move cannot be kept (see ``engine.runtime.mending``).
        """
        self.moves += 1
        number = self.moves
        if number in self.around.broken:
            self.raise_incident(token, impossible(token, self.around.broken[number]))
            return True
        try:
            return bool(move())
        except Stuck as stuck:
            self.raise_incident(token, stuck)
            return True
        except Broken:
            raise
        except Exception as error:
            raise Broken(number, reason_of(error)) from error

    def _release_joins(self) -> bool:
        """Nothing moves: let joins look whether what they wait for can still come. True if one fired."""
        for token in list(self.tasks.values()):
            rests = token.id in self.tasks and token.has_state(_RESTING) and token.task_spec.watches
            if rests and self.attempt(token, partial(token.task_spec.at_rest, token)):
                return True
        return False

    def raise_incident(self, token: Token, problem: ShangmenError, job: int | None = None) -> None:
        """The token stands still until a person has looked."""
        if token.id not in self.tasks:  # it was consumed by the very move that failed
            token = self.place(token.task_spec, token.scope, None, **token.note)
        token._set_state(TaskState.ERROR)
        token.note["incident"] = self.number()
        params = {key: str(value)[:200] for key, value in problem.params.items()}
        token.note["problem"] = {"template": problem.template, "params": params}
        self.tell(
            e.IncidentRaised,
            token,
            incident=self.public(token.note["incident"]),
            template=problem.template,
            params=params,
            job=self.public(job) if job else "",
        )
