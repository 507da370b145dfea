"""A token game of its own, written from BPMN 2.0.2 chapter 13 without a look at the engine: nodes, flows, tokens.

A token is on a flow (at the node it leads to) or in a task. Subprocesses are drawn flat: a *box* is a task-less
node in the game, because generated boxes are sound inside.
"""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field


@dataclass
class Net:
    """``nodes``: id → kind (start, end, user, xor, and, or). ``flows``: (source, target), first is first; the last
    flow out of an xor or or is its default."""

    nodes: dict[str, str] = field(default_factory=dict)
    flows: list[tuple[str, str]] = field(default_factory=list)
    boxes: dict[str, list[str]] = field(default_factory=dict)

    def out(self, node: str) -> list[tuple[str, str]]:
        return [flow for flow in self.flows if flow[0] == node]

    def into(self, node: str) -> list[tuple[str, str]]:
        return [flow for flow in self.flows if flow[1] == node]

    def add(self, kind: str) -> str:
        key = f"{kind}{len(self.nodes)}"
        self.nodes[key] = kind
        return key

    def drawing(self) -> str:
        """The same net in the words of ``drawing.Drawing``."""
        lines = [f"{kind} {key}" for key, kind in self.nodes.items()]
        for source, target in self.flows:
            ways = self.out(source)
            number = ways.index((source, target))
            if self.nodes[source] == "xor" and len(ways) > 1:
                last = number == len(ways) - 1
                lines.append(f"{source} > {target} " + ("default" if last else f"if {source} = {number}"))
            elif self.nodes[source] == "or" and len(ways) > 1:
                last = number == len(ways) - 1
                lines.append(f"{source} > {target} " + ("default" if last else f"if {source}_{number}"))
            else:
                lines.append(f"{source} > {target}")
        return "\n".join(lines)

    def choices(self, dice: random.Random) -> dict[str, object]:
        """Values for all gateways until the next choice."""
        found: dict[str, object] = {}
        ways = Counter(source for source, _ in self.flows)
        for key, kind in self.nodes.items():
            count = ways[key]
            if kind == "xor" and count > 1:
                found[key] = dice.randrange(count)
            if kind == "or" and count > 1:
                found.update({f"{key}_{n}": dice.random() < 0.5 for n in range(count - 1)})
        return found


class Unbounded(Exception):
    """The net makes more tokens, or moves more often, than a test wants to follow."""


class Game:
    """Tokens waiting at nodes by flow, in order of arrival; and how many stand in each task."""

    def __init__(self, net: Net, choices: dict[str, object]) -> None:
        self.net = net
        self.waiting: list[tuple[str, str]] = []
        self.tasks: Counter[str] = Counter()
        self.moving: list[tuple[str, tuple[str, str] | None]] = []
        start = next(key for key, kind in net.nodes.items() if kind == "start")
        self.moving.append((start, None))
        self.run(choices)

    def complete(self, task: str, choices: dict[str, object]) -> None:
        assert self.tasks[task] > 0
        self.tasks[task] -= 1
        self.send(self.net.out(task))
        self.run(choices)

    def open(self) -> list[str]:
        return sorted(self.tasks.elements())

    @property
    def over(self) -> bool:
        return not self.waiting and not self.open()

    def send(self, flows: list[tuple[str, str]]) -> None:
        self.moving += [(target, (source, target)) for source, target in flows]

    def run(self, choices: dict[str, object]) -> None:
        for _ in range(400):
            if self.moving:
                node, flow = self.moving.pop(0)
                self.step(node, flow, choices)
            elif not self.inclusive(choices):
                return
            if len(self.waiting) + len(self.moving) + sum(self.tasks.values()) > 40:
                raise Unbounded
        raise Unbounded

    def step(self, node: str, flow: tuple[str, str] | None, choices: dict[str, object]) -> None:
        kind, ways = self.net.nodes[node], self.net.out(node)
        if kind == "user":
            self.tasks[node] += 1
        elif kind in ("and", "or") and flow is not None and len(self.net.into(node)) > 1:
            self.waiting.append(flow)
            if kind == "and" and all(way in self.waiting for way in self.net.into(node)):
                for way in self.net.into(node):
                    self.waiting.remove(way)
                self.send(ways)
        else:
            self.send(self.chosen(node, choices))

    def chosen(self, node: str, choices: dict[str, object]) -> list[tuple[str, str]]:
        kind, ways = self.net.nodes[node], self.net.out(node)
        if kind == "xor" and len(ways) > 1:
            number = choices[node]
            assert isinstance(number, int)
            return [ways[number]]
        if kind == "or" and len(ways) > 1:
            return [way for n, way in enumerate(ways[:-1]) if choices[f"{node}_{n}"]] or [ways[-1]]
        return ways

    def inclusive(self, choices: dict[str, object]) -> bool:
        """Fire one inclusive join that nothing can still reach; the one that has waited longest."""
        for flow in self.waiting:
            node = flow[1]
            if self.net.nodes[node] == "or" and self.enabled(node):
                full = list(dict.fromkeys(way for way in self.waiting if way[1] == node))
                for way in full:
                    self.waiting.remove(way)
                self.send(self.chosen(node, choices))
                return True
        return False

    def enabled(self, node: str) -> bool:
        full = {way for way in self.waiting if way[1] == node}
        places = {way[1] for way in self.waiting if way[1] != node} | {t for t, n in self.tasks.items() if n}
        for place in places:
            ways = self.reachable(place, node)
            if ways - full and not ways & full:
                return False
        return True

    def reachable(self, place: str, node: str) -> set[tuple[str, str]]:
        """The flows into ``node`` at the end of some path from ``place`` that does not visit ``node`` before."""
        seen, stack, found = set(), [place], set()
        while stack:
            at = stack.pop()
            if at in seen:
                continue
            seen.add(at)
            for way in self.net.out(at):
                if way[1] == node:
                    found.add(way)
                else:
                    stack.append(way[1])
        return found


# ------------------------------------------------------------------ generators


def structured(dice: random.Random) -> Net:
    """A block-structured net: sequences, choices, parallel and inclusive blocks, loops, nested."""
    net = Net()
    start = net.add("start")
    last = _block(net, start, dice, 3)
    net.flows.append((last, net.add("end")))
    return net


def _block(net: Net, before: str, dice: random.Random, depth: int) -> str:
    for _ in range(dice.randint(1, 3)):
        kind = dice.choice(["user", "user", "xor", "and", "or", "loop"]) if depth else "user"
        if kind == "user":
            task = net.add("user")
            net.flows.append((before, task))
            before = task
        elif kind == "loop":
            merge = net.add("xor")
            net.flows.append((before, merge))
            inside = _block(net, merge, dice, depth - 1)
            split, again = net.add("xor"), net.add("user")
            net.flows += [(inside, split), (split, again), (again, merge)]
            before = split
        else:
            split, join = net.add(kind), net.add(kind)
            net.flows.append((before, split))
            for _ in range(dice.randint(2, 3)):
                net.flows.append((_block(net, split, dice, depth - 1), join))
            before = join
    return before


def unstructured(dice: random.Random) -> Net:
    """Any wiring: splits and joins that need not match; every loop passes a task."""
    net = Net()
    order = [net.add("start")]
    order += [net.add(dice.choice(["user", "user", "xor", "and", "or"])) for _ in range(dice.randint(4, 12))]
    end = net.add("end")
    for number, node in enumerate(order[1:], 1):
        net.flows.append((order[dice.randrange(max(0, number - 3), number)], node))
    for node in order:
        if not net.out(node):
            later = order[order.index(node) + 1 :]
            net.flows.append((node, dice.choice([*later[:3], end])))
    gates = [n for n in order if net.nodes[n] in ("xor", "and", "or")]
    for _ in range(dice.randint(0, 4)):
        if gates:
            source = dice.choice(gates)
            target = dice.choice([*order[order.index(source) + 1 :], end])
            if (source, target) not in net.flows:
                net.flows.append((source, target))
    for _ in range(dice.randint(0, 2)):
        choices = [n for n in order if net.nodes[n] == "xor"]
        if choices:
            source, target = dice.choice(choices), dice.choice(order[1:])
            task = net.add("user")
            net.flows += [(source, task), (task, target)]
    # the start has one way out and no way in; a start's task may be missing
    first = net.out(order[0])
    for way in first[1:]:
        net.flows.remove(way)
    return _reachable_only(net)


def _reachable_only(net: Net) -> Net:
    seen, stack = set(), [next(iter(net.nodes))]
    while stack:
        at = stack.pop()
        if at not in seen:
            seen.add(at)
            stack += [way[1] for way in net.out(at)]
    net.flows = [way for way in net.flows if way[0] in seen]
    net.nodes = {key: kind for key, kind in net.nodes.items() if key in seen}
    return net
