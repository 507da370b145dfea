"""Every state that the composed process can be in, and the ways through them.

``explore`` visits all states breadth first, so that witnesses are short; beyond ``STATES_MAX`` it refuses.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Set
from dataclasses import dataclass
from functools import cached_property

from engine.definition.floor.choices import Values
from engine.definition.floor.composed import Net, TooLarge
from engine.definition.floor.moves import Moves
from engine.definition.floor.state import Label, State

STATES_MAX = 30_000
EDGES_MAX = 100_000
Edge = tuple[tuple[Label, ...], int]
"""What is visited on the way, in order, and the number of the next state."""
Trace = tuple[Label, ...]


@dataclass(frozen=True)
class Space:
    """``edges[n]``: the steps from state ``n``; state 0 is the first. ``halting``: data may stop the case there."""

    net: Net
    states: tuple[State, ...]
    edges: tuple[tuple[Edge, ...], ...]
    halting: frozenset[int]

    @cached_property
    def visited(self) -> frozenset[str]:
        """The keys of all nodes that any path enters."""
        return frozenset(key for what, key in self._leaving if what == "enter")

    def final(self, number: int) -> bool:
        return not self.states[number].tokens

    @cached_property
    def tree(self) -> dict[int, tuple[int, Trace] | None]:
        """The first way found to each state: the state before it, and what is visited in between."""
        before: dict[int, tuple[int, Trace] | None] = {0: None}
        queue = deque([0])
        while queue:
            number = queue.popleft()
            for labels, target in self.edges[number]:
                if target not in before:
                    before[target] = (number, labels)
                    queue.append(target)
        return before

    @cached_property
    def targets(self) -> tuple[tuple[int, ...], ...]:
        """Of each state, those that may come next."""
        return tuple(tuple(dict.fromkeys(target for _, target in edges)) for edges in self.edges)

    def labels(self, number: int, target: int) -> Trace:
        """What is visited on a step from one state to another."""
        return next(labels for labels, found in self.edges[number] if found == target)

    def visiting(self, visits: Set[Label]) -> Set[int]:
        """The states from which some step visits one of these."""
        return frozenset[int]().union(*(self._leaving.get(label, ()) for label in visits))

    @cached_property
    def _leaving(self) -> dict[Label, list[int]]:
        found: dict[Label, list[int]] = {}
        for number, edges in enumerate(self.edges):
            for labels, _ in edges:
                for label in labels:
                    found.setdefault(label, []).append(number)
        return found

    def after(self, visits: Set[Label]) -> Iterator[tuple[int, int, int]]:
        """Every (state, edge, place in its labels) where one of these visits has just happened."""
        for number in sorted(self.visiting(visits)):
            for n, (labels, _) in enumerate(self.edges[number]):
                if not visits.isdisjoint(labels):
                    yield from ((number, n, place + 1) for place, found in enumerate(labels) if found in visits)


def explore(net: Net, moves: Moves, values: Values, by_message: bool = True, limit: int = STATES_MAX) -> Space:
    """All states from the start on, or only from a person's start. Raises ``TooLarge``."""
    first = moves.first(values, by_message)
    numbers = {first: 0}
    states, edges, halting = [first], list[tuple[Edge, ...]](), set[int]()
    done = count = 0
    while done < len(states):
        steps, halts = moves.of(states[done])
        if halts:
            halting.add(done)
        found: dict[Edge, None] = {}
        for step in steps:
            state = moves.settled(step)
            number = numbers.setdefault(state, len(states))
            if number == len(states):
                states.append(state)
            found[(tuple(step.labels), number)] = None
        edges.append(tuple(found))
        count += len(found)
        if len(states) > limit or count > EDGES_MAX:
            raise TooLarge(
                "Expected a procedure small enough to check but it has more than %(limit)s states. "
                "Draw fewer things at the same time.",
                limit=limit,
            )
        done += 1
    return Space(net, tuple(states), tuple(edges), frozenset(halting))


@dataclass(frozen=True, slots=True)
class Goal:
    """What is looked for: one of these visits, in a step from a state of which ``unless`` is not sure."""

    visits: frozenset[Label]
    unless: Callable[[State], bool] = lambda _: False


def find_way(
    space: Space,
    goal: Goal,
    avoid: frozenset[Label] = frozenset(),
    begin: tuple[tuple[int, int, int], ...] | None = None,
) -> Trace | None:
    """The shortest way (as labels) to the goal, without any visit to ``avoid``.

    ``begin``: places from ``Space.after``; None is the start of the case. Before them, anything may have happened.
    """
    matters = space.visiting(goal.visits | avoid)  # from most states no step visits any of these
    before: dict[int, tuple[int, Trace | None] | None] = {}
    queue: list[int] = []

    def follow(number: int, edge: Edge, place: int) -> Trace | None:
        labels, target = edge
        for n in range(place, len(labels)):
            if labels[n] in goal.visits and not goal.unless(space.states[number]):
                return labels[: n + 1]
            if labels[n] in avoid:
                return None
        if target not in before:
            before[target] = (number, labels)
            queue.append(target)
        return None

    if begin is None:
        before[0] = None
        queue.append(0)
    else:
        for number, n, place in begin:
            found = follow(number, space.edges[number][n], place)
            if found is not None:
                return (*_way(space.tree, number), *found)
    starts = dict(before) if begin is not None else {}
    for number in queue:  # which grows meanwhile
        if number in matters:
            for edge in space.edges[number]:
                found = follow(number, edge, 0)
                if found is not None:
                    return _whole(space, before, starts, number, found)
        else:
            for target in space.targets[number]:
                if target not in before:
                    before[target] = (number, None)
                    queue.append(target)
    return None


_Before = dict[int, tuple[int, Trace | None] | None]
"""State → the state before it and what is visited in between (None: any step from there to here)."""


def _whole(space: Space, before: _Before, starts: _Before, number: int, last: Trace) -> Trace:
    parts = [last]
    at: int | None = number
    while at is not None:
        step = before.get(at)
        if step is None:
            break
        parts.append(space.labels(step[0], at) if step[1] is None else step[1])
        if at in starts:
            parts.append(_way(space.tree, step[0]))
            break
        at = step[0]
    return tuple(label for part in reversed(parts) for label in part)


def _way(before: dict[int, tuple[int, Trace] | None], number: int) -> Trace:
    parts = []
    step = before[number]
    while step is not None:
        parts.append(step[1])
        step = before[step[0]]
    return tuple(label for part in reversed(parts) for label in part)


def way_to(space: Space, number: int) -> Trace:
    """The shortest way to a state."""
    return _way(space.tree, number)


def _breaks_off(net: Net, key: str) -> bool:
    """Whether this is a boundary event by which somebody breaks off a subprocess or a call."""
    event = net.nodes[key].element
    host = net.nodes.get(net.nodes[key].within(event.attached_to)) if event.attached_to else None
    waits = event.definition("timer") is None and event.definition("error") is None
    return host is not None and event.interrupting and waits and host.key in net.starts


def doomed(space: Space) -> tuple[int, ...]:
    """The states from which no end of the case can be reached any more (an incident counts as an end).

    That somebody may break off the whole by a message is no way on: work that waits for ever is still lost.
    """
    back: list[list[int]] = [[] for _ in space.states]
    for number, edges in enumerate(space.edges):
        for labels, target in edges:
            if not (labels and _breaks_off(space.net, labels[0][1])):
                back[target].append(number)
    ends = [n for n in range(len(space.states)) if space.final(n) or n in space.halting]
    seen = set(ends)
    while ends:
        for number in back[ends.pop()]:
            if number not in seen:
                seen.add(number)
                ends.append(number)
    return tuple(number for number in range(len(space.states)) if number not in seen)
