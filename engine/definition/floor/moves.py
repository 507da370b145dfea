"""One step of the composed process: from a state every state that may come next, and what was visited on the way.

A state is a bag of tokens and what the followed variables may be. Tokens: ``f:flow`` waits on a flow, ``a:node`` is an
activity or event under way, ``b:node`` an armed boundary event, ``x:node`` a place from which nothing goes on.
Steps that touch neither data nor the order that a rule asks about are taken at once, one at a time: they commute with
all others, so no order of the visits that matter is lost.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from engine.definition.floor.choices import Followed, Values, outcomes
from engine.definition.floor.composed import Net, Node, TooLarge
from engine.definition.floor.live import live_variables
from engine.definition.floor.state import DONE, ENTER, State, Step
from engine.definition.floor.ways import exclusive, inclusive
from engine.definition.floor.writes import Writes

_PASSING = frozenset({"serviceTask", "scriptTask", "businessRuleTask", "sendTask"})
_AT_ONCE = frozenset({"startEvent", "scriptTask", "businessRuleTask"})
_SPLITS = frozenset({"exclusiveGateway", "inclusiveGateway"})
_REACTING = frozenset({"error", "escalation"})
_FORGOTTEN: frozenset[Any] = frozenset({None})
_UNBEGUN = "s:"


class Moves:
    """The steps of a net. ``writes`` by node key; ``asked``: element id → the variables that rules read there.

    ``together``: node key → what goes together of the writes of a task, where that is known.
    """

    def __init__(
        self,
        net: Net,
        followed: Followed,
        writes: Mapping[str, Writes],
        asked: Mapping[str, frozenset[str]] | None = None,
        together: Mapping[str, Sequence[Writes]] | None = None,
    ) -> None:
        self.net, self.followed, self.writes = net, followed, writes
        self._together = together or {}
        self._opening: Values = ()
        self.live = live_variables(net, writes, asked or {})
        self._read: dict[tuple[str, ...], tuple[bool, ...]] = {}  # tokens → which variables are still read

    def first(self, values: Values, by_message: bool = True) -> State:
        """The state before anything happened; ``by_message``: a message may begin the case as well as a person."""
        if by_message and self.net.begins:
            self._opening = values
            return State((_UNBEGUN,), tuple(_FORGOTTEN for _ in values))
        return self.settled(self._begun_by_a_person(values))

    def _begun_by_a_person(self, values: Values) -> Step:
        step = Step(Counter(), values)
        for start in self.net.starts[None]:
            step.put(f"a:{start}")
        return step

    def _openings(self) -> Iterator[Step]:
        """A person opens the case with the start form's answers, or a message with what its form lets through."""
        if self.net.starts[None]:
            yield self._begun_by_a_person(self._opening)
        for key in self.net.begins:
            node = self.net.nodes[key]
            message = node.diagram.messages.get(node.element.definitions[0].ref or "")
            carries = message is None or not message.form  # without a form, a message may carry anything
            names = self.followed.names
            yield Step(Counter([f"a:{key}"]), tuple(self.followed.domains[n] if carries else _FORGOTTEN for n in names))

    def settled(self, step: Step) -> State:
        """The state after a step; what nobody will read any more is forgotten."""
        tokens = tuple(sorted(step.tokens.elements()))
        read = self._read.get(tokens)
        if read is None:
            names = frozenset[str]().union(*(self.live.get(token, frozenset()) for token in tokens))
            read = self._read[tokens] = tuple(name in names for name in self.followed.names)
        values = tuple(v if kept else _FORGOTTEN for kept, v in zip(read, step.values, strict=True))
        return State(tokens, values)

    def of(self, state: State) -> tuple[list[Step], bool]:
        """The steps from a state; and whether data may also stop the case here with an incident.

        What the machine does by itself it does at once: nobody acts, and no time passes, before it waits again.
        """
        if state.tokens == (_UNBEGUN,):
            return list(self._openings()), False
        found: list[Step] = []
        at_once: list[Step] = []
        halts = goes_on = False
        for token in dict.fromkeys(state.tokens):
            steps, halted = self._of_token(state, token)
            if steps and self._is_quiet(token):
                return steps, False
            if self._is_automatic(token):
                at_once += steps
                goes_on = goes_on or (bool(steps) and not halted)
            else:
                found += steps
            halts = halts or halted
        return (at_once, halts) if goes_on else ([*at_once, *found], halts)

    def _is_automatic(self, token: str) -> bool:
        """Whether neither people nor time are waited for here."""
        mark, key = token[0], token[2:]
        if mark == "f":
            return True
        node = self.net.nodes[key]
        if mark != "a" or node.element.loop is not None:
            return False
        return key in self.net.starts or (node.kind in _AT_ONCE and key not in self.net.boundaries)

    def _of_token(self, state: State, token: str) -> tuple[list[Step], bool]:
        mark, key = token[0], token[2:]
        if mark == "a" and key in self.net.starts and any(self._is_inside(one, key) for one in state.tokens):
            return [], False  # most tokens stand for calls with something still under way inside
        step = Step(Counter(state.tokens), state.values)
        if mark == "f":
            return self._arrive(step, key)
        if mark == "a":
            return list(self._proceed(step, self.net.nodes[key])), False
        if mark == "b":
            return list(self._fire(step, self.net.nodes[key])), False
        return [], False

    def _is_quiet(self, token: str) -> bool:
        """Whether the token's only step commutes with every other."""
        mark, key = token[0], token[2:]
        if mark == "b" or mark == "x":
            return False
        node = self.net.nodes[self.net.flows[key][1]] if mark == "f" else self.net.nodes[key]
        if node.watched or self.writes.get(node.key) or node.element.loop is not None:
            return False
        if mark == "a":
            return node.kind == "startEvent" or (node.kind in _PASSING and node.key not in self.net.boundaries)
        if node.kind in _SPLITS:
            return len(node.element.outgoing) <= 1 and node.kind == "exclusiveGateway"
        if node.kind == "endEvent":
            return not node.element.definitions
        return not node.element.is_activity or node.key not in self.net.boundaries

    # ---- a token on a flow reaches its element

    def _arrive(self, step: Step, flow: str) -> tuple[list[Step], bool]:
        node = self.net.nodes[self.net.flows[flow][1]]
        incoming = self.net.incoming(node)
        joins = node.kind == "parallelGateway" or (node.kind == "inclusiveGateway" and len(incoming) > 1)
        if joins:
            here = [one for one in incoming if step.tokens[f"f:{one}"]]
            missing = [one for one in incoming if not step.tokens[f"f:{one}"]]
            if here[0] != flow or (node.kind == "parallelGateway" and missing):
                return [], False
            if node.kind == "inclusiveGateway" and self._may_come(step, node):
                return [], False
            for one in here:
                step.take(f"f:{one}")
        else:
            step.take(f"f:{flow}")
        step.labels.append((ENTER, node.key))
        if node.kind in _SPLITS and len(node.element.outgoing) > 1:
            step.labels.append((DONE, node.key))
            return self._choose(step, node)
        loop = node.element.loop
        steps = []
        if loop is not None and (loop.kind != "standard" or loop.test_before) and not loop.cardinality.isdigit():
            skipped = step.copy()
            steps.append(self._on(skipped, node))
        self._begin(step, node)
        return [*steps, step], False

    def _may_come(self, step: Step, join: Node) -> bool:
        """Whether a token elsewhere in the scope can still reach the inclusive join."""
        own = {f"f:{one}" for one in self.net.incoming(join)}
        waiting = [token for token in step.tokens if token not in own and token[0] in "fa"]
        seen: set[str] = set()
        stack = [self.net.flows[t[2:]][1] if t[0] == "f" else t[2:] for t in waiting]
        while stack:
            key = stack.pop()
            if key in seen or key == join.key:
                continue
            seen.add(key)
            node = self.net.nodes[key]
            targets = [self.net.flows[one][1] for one in self.net.outgoing(node)]
            if join.key in targets and not all(step.tokens[f"f:{one}"] for one in self._into(node, join)):
                return True
            stack += targets
            if node.scope is not None and node.scope != join.scope:
                stack.append(node.scope)
        return False

    def _into(self, node: Node, join: Node) -> Iterator[str]:
        return (one for one in self.net.outgoing(node) if self.net.flows[one][1] == join.key)

    def _choose(self, step: Step, node: Node) -> tuple[list[Step], bool]:
        flows = node.diagram.flows_out(node.id)
        asked = [flow for flow in flows if flow.id != node.element.default]
        default = next((flow for flow in flows if flow.id == node.element.default), None)
        found, halts = [], False
        for truths, values in outcomes(self.followed, step.values, [flow.condition for flow in asked]):
            worth = [True if f.condition is None else t for f, t in zip(asked, truths, strict=True)]
            if node.kind == "exclusiveGateway":
                ways, stops = exclusive(worth, default is not None)
            else:
                ways, stops = inclusive(worth, default is not None)
            halts = halts or stops
            ids = [flow.id for flow in asked] + ([default.id] if default else [])
            chosen = ([ids[n] for n in way] for way in ways)
            if not ways and not stops:
                found.append(_lost(step.copy(), node, values))
            for way in chosen:
                branch = step.copy()
                branch.values = values
                for one in way:
                    branch.put(f"f:{node.within(one)}")
                found.append(branch)
        return found, halts

    # ---- an element begins, ends, is interrupted

    def _begin(self, step: Step, node: Node) -> None:
        element = node.element
        if node.kind == "endEvent" or (node.kind == "intermediateThrowEvent" and element.definitions):
            step.labels.append((DONE, node.key))
            self._end(step, node)
            return
        waits = element.is_activity or node.kind in ("intermediateCatchEvent", "eventBasedGateway")
        if not waits:
            self._on(step, node)
            step.labels.append((DONE, node.key))
            return
        scoped = element.is_subprocess or node.kind == "callActivity"
        if scoped and step.tokens[f"a:{node.key}"]:
            raise TooLarge(
                "Expected one run of %(what)s at a time but two can be under way. Join the branches before.",
                what=node.id,
            )
        step.put(f"a:{node.key}")
        for boundary in self.net.boundaries.get(node.key, ()):
            if not step.tokens[f"b:{boundary}"]:
                step.put(f"b:{boundary}")
        if scoped:
            for start in self.net.starts[node.key]:
                step.put(f"a:{start}")

    def _end(self, step: Step, node: Node) -> None:
        """An end or throw event: whatever it throws."""
        definition = node.element.definitions[0] if node.element.definitions else None
        kind = definition.kind if definition else ""
        if kind == "terminate":
            for token in list(step.tokens):
                if self._is_inside(token, node.scope):
                    del step.tokens[token]
        elif kind in _REACTING and definition is not None:
            self._throw(step, node, kind, definition.code)
        elif kind == "link" and definition is not None:
            for other in self.net.nodes.values():
                caught = other.element.definition("link")
                catches = other.kind == "intermediateCatchEvent" and other.path == node.path
                if catches and caught is not None and caught.name == definition.name:
                    self._on(step, other)
            return
        if node.kind == "intermediateThrowEvent" and kind != "error":
            self._on(step, node)

    def _throw(self, step: Step, node: Node, kind: str, code: str | None) -> None:
        scope = node.scope
        while scope is not None:
            for key in self.net.boundaries.get(scope, ()):
                caught = self.net.nodes[key].element.definition(kind)
                if caught is not None and caught.code in (None, code):
                    self._interrupt(step, self.net.nodes[key])
                    return
            scope = self.net.nodes[scope].scope
        if kind == "error":
            step.put(f"x:{node.key}")

    def _interrupt(self, step: Step, boundary: Node) -> None:
        host = boundary.within(boundary.element.attached_to or "")
        if boundary.element.interrupting:
            self._leave(step, host)
        step.labels += [(ENTER, boundary.key), (DONE, boundary.key)]
        self._write(step, boundary)
        self._on(step, boundary)

    def _leave(self, step: Step, host: str) -> None:
        """The activity is over: its token, its boundaries, and everything inside."""
        step.take(f"a:{host}")
        if step.tokens[f"a:{host}"]:
            return
        for boundary in self.net.boundaries.get(host, ()):
            step.tokens.pop(f"b:{boundary}", None)
        if host in self.net.starts:
            for token in list(step.tokens):
                if self._is_inside(token, host):
                    del step.tokens[token]

    def _is_inside(self, token: str, scope: str | None) -> bool:
        key = self.net.flows[token[2:]][0] if token[0] == "f" else token[2:]
        return scope in self.net.chains[self.net.nodes[key].scope]

    def _on(self, step: Step, node: Node) -> Step:
        for flow in self.net.outgoing(node):
            step.put(f"f:{flow}")
        return step

    # ---- an element under way is done; a boundary event happens

    def _proceed(self, step: Step, node: Node) -> Iterator[Step]:
        if node.kind == "eventBasedGateway":
            for flow in self.net.outgoing(node):
                target = self.net.nodes[self.net.flows[flow][1]]
                branch = step.copy()
                branch.take(f"a:{node.key}")
                branch.labels += [(DONE, node.key), (ENTER, target.key), (DONE, target.key)]
                self._write(branch, target)
                yield self._on(branch, target)
            return
        if node.kind == "startEvent":
            step.labels.append((ENTER, node.key))
        loop = node.element.loop
        if loop is not None:
            again = step.copy()
            self._leave(again, node.key)
            again.labels.append((DONE, node.key))
            for answered in self._answered(again, node):
                answered.labels.append((ENTER, node.key))
                self._begin(answered, node)
                yield answered
        self._leave(step, node.key)
        step.labels.append((DONE, node.key))
        for answered in self._answered(step, node):
            yield self._on(answered, node)

    def _fire(self, step: Step, boundary: Node) -> Iterator[Step]:
        host = self.net.nodes[boundary.within(boundary.element.attached_to or "")]
        kinds = {definition.kind for definition in boundary.element.definitions}
        if kinds & _REACTING and host.key in self.net.starts:
            return
        if not boundary.element.interrupting:
            step.take(f"b:{boundary.key}")
        self._interrupt(step, boundary)
        yield step

    def _answered(self, step: Step, node: Node) -> Iterator[Step]:
        """The step once for each way in which the task may be answered."""
        for written in self._together.get(node.key, (self.writes.get(node.key, {}),)):
            branch = step.copy()
            self._put(branch, written)
            yield branch

    def _write(self, step: Step, node: Node) -> None:
        self._put(step, self.writes.get(node.key, {}))

    def _put(self, step: Step, written: Writes) -> None:
        if written:
            values = list(step.values)
            for name, allowed in written.items():
                values[self.followed.index(name)] = allowed
            step.values = tuple(values)


def _lost(step: Step, node: Node, values: Values) -> Step:
    """No flow is open for these values: the case stays here."""
    step.values = values
    step.put(f"x:{node.key}")
    return step
