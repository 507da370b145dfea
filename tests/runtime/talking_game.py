"""The token game with ears: messages for one, signals for all, and boundary events that hear signals.

Written from BPMN 2.0.2 chapters 10.5 and 13.5, and from one rule of ours: what can happen happens in the order in which
it became possible, so a message goes to who has waited longest.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from tests.runtime.token_game import Game, Net, Unbounded

MESSAGES, SIGNALS = ("ping", "pong"), ("red", "blue")


@dataclass
class TalkingNet(Net):
    """Kinds besides those of ``Net``: catch and throw (a message), hear and cry (a signal), stop and note (boundary
    events that hear a signal: an interrupting one, and one that is not). ``about``: node → name; ``hosts``: boundary
    event → task."""

    about: dict[str, str] = field(default_factory=dict)
    hosts: dict[str, str] = field(default_factory=dict)

    def drawing(self) -> str:
        words = {"catch": "catch {} message {}", "throw": "throw {} message {}"}
        words |= {"hear": "catch {} signal {}", "cry": "throw {} signal {}"}
        words |= {"stop": "boundary {} on {} signal {}", "note": "boundary {} on {} non-interrupting signal {}"}
        lines = []
        for line in super().drawing().splitlines():
            kind, _, key = line.partition(" ")
            if kind in ("stop", "note"):
                line = words[kind].format(key, self.hosts[key], self.about[key])
            elif kind in words:
                line = words[kind].format(key, self.about[key])
            lines.append(line)
        return "\n".join(lines)


@dataclass
class Ear:
    """Somebody who waits: ``number`` is since when; a boundary event belongs to one visit of its task (``host``)."""

    number: int
    node: str
    host: int = 0


class TalkingGame(Game):
    """As ``Game``, with everything numbered in the order in which it became possible."""

    net: TalkingNet

    def __init__(self, net: TalkingNet, choices: dict[str, object]) -> None:
        self.ears: list[Ear] = []
        self.visits: dict[int, str] = {}
        self.count = 0
        self.numbers: list[int] = [0]
        super().__init__(net, choices)

    # ------------------------------------------------------------------ what a test asks

    def messages(self) -> list[str]:
        return sorted(self.net.about[ear.node] for ear in self.ears if self.net.nodes[ear.node] == "catch")

    def listeners(self) -> list[str]:
        return sorted(ear.node for ear in self.ears if self.net.nodes[ear.node] != "catch")

    @property
    def over(self) -> bool:
        return super().over and not any(not ear.host for ear in self.ears)

    def tell(self, message: str, choices: dict[str, object]) -> None:
        assert self.message(message)
        self.run(choices)

    def give(self, signal: str, choices: dict[str, object]) -> None:
        self.signal(signal)
        self.run(choices)

    # ------------------------------------------------------------------ moving

    def complete(self, task: str, choices: dict[str, object]) -> None:
        visit = min(number for number, found in self.visits.items() if found == task)
        self.end_visit(visit)
        self.tasks[task] += 1  # the game below takes it away
        super().complete(task, choices)

    def end_visit(self, visit: int) -> None:
        task = self.visits.pop(visit)
        self.tasks[task] -= 1
        self.ears = [ear for ear in self.ears if ear.host != visit]

    def send(self, flows: list[tuple[str, str]]) -> None:
        for _ in flows:
            self.count += 1
            self.numbers.append(self.count)
        super().send(flows)

    def leave(self, node: str) -> None:
        """What was waited for came: it goes on when its turn comes."""
        self.count += 1
        self.numbers.append(self.count)
        self.moving.append((f"leave {node}", None))

    def step(self, node: str, flow: tuple[str, str] | None, choices: dict[str, object]) -> None:
        number = self.numbers.pop(0)
        if node.startswith("leave "):
            self.send(self.net.out(node.removeprefix("leave ")))
            return
        kind = self.net.nodes[node]
        if kind in ("catch", "hear"):
            self.ears.append(Ear(number, node))
        elif kind == "throw":
            self.message(self.net.about[node])
            self.send(self.net.out(node))
        elif kind == "cry":
            self.signal(self.net.about[node])
            self.send(self.net.out(node))
        else:
            super().step(node, flow, choices)
        if kind == "user":
            self.visits[number] = node
            for boundary, host in self.net.hosts.items():
                if host == node:
                    self.count += 1
                    self.ears.append(Ear(self.count, boundary, number))

    def message(self, name: str) -> bool:
        for ear in sorted(self.ears, key=lambda ear: ear.number):
            if self.net.nodes[ear.node] == "catch" and self.net.about[ear.node] == name:
                self.ears.remove(ear)
                self.leave(ear.node)
                return True
        return False

    def signal(self, name: str) -> None:
        for ear in sorted(self.ears, key=lambda ear: ear.number):
            kind = self.net.nodes[ear.node]
            if kind == "catch" or self.net.about[ear.node] != name or ear not in self.ears:
                continue
            if kind == "hear":
                self.ears.remove(ear)
            elif kind == "stop":
                self.end_visit(ear.host)
            self.leave(ear.node)

    # ------------------------------------------------------------------ inclusive joins see what waits, too

    def enabled(self, node: str) -> bool:
        full = {way for way in self.waiting if way[1] == node}
        places = {way[1] for way in self.waiting if way[1] != node} | {t for t, n in self.tasks.items() if n}
        places |= {ear.node for ear in self.ears if not ear.host}
        for place in places:
            ways = self.reachable(place, node)
            if ways - full and not ways & full:
                return False
        return True

    def reachable(self, place: str, node: str) -> set[tuple[str, str]]:
        found, seen, stack = set(), set(), [place]
        while stack:
            at = stack.pop()
            if at in seen:
                continue
            seen.add(at)
            stack += [boundary for boundary, host in self.net.hosts.items() if host == at]
            for way in self.net.out(at):
                if way[1] == node:
                    found.add(way)
                else:
                    stack.append(way[1])
        return found


def talking(dice: random.Random) -> TalkingNet:
    """A block-structured net whose branches talk to each other; boundary events lead to a task and an end."""
    net = TalkingNet()
    last = _block(net, net.add("start"), dice, 3)
    net.flows.append((last, net.add("end")))
    for task in [key for key, kind in net.nodes.items() if kind == "user"]:
        if dice.random() < 0.25:
            boundary = net.add(dice.choice(["stop", "note"]))
            net.about[boundary], net.hosts[boundary] = dice.choice(SIGNALS), task
            after = net.add("user")
            net.flows += [(boundary, after), (after, net.add("end"))]
    return net


def _block(net: TalkingNet, before: str, dice: random.Random, depth: int) -> str:
    for _ in range(dice.randint(1, 3)):
        kinds = ["user", "user", "catch", "throw", "hear", "cry"]
        kind = dice.choice([*kinds, "xor", "and", "and", "or", "loop"] if depth else kinds)
        if kind in ("user", "catch", "throw", "hear", "cry"):
            node = net.add(kind)
            if kind != "user":
                net.about[node] = dice.choice(MESSAGES if kind in ("catch", "throw") else SIGNALS)
            net.flows.append((before, node))
            before = node
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


__all__ = ["MESSAGES", "SIGNALS", "TalkingGame", "TalkingNet", "Unbounded", "talking"]
