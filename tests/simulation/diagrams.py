"""Small random diagrams out of nested blocks: each block has one way in and one way out, so every case can end."""

from __future__ import annotations

import random
from itertools import pairwise

from tests.world import flow, process, user_task

DEPTH_MAX = 3
_AFTER = "<timerEventDefinition><timeDuration>P%sD</timeDuration></timerEventDefinition>"
_MESSAGE = '<messageEventDefinition messageRef="news"/>'
MESSAGES = '<message id="news" name="news" sm:roles="clerk" sm:form="note"/>'


class Drawing:
    """A diagram in the making."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.parts: list[str] = []
        self.elements = self.flows = 0

    def new(self, kind: str) -> str:
        self.elements += 1
        return f"{kind}{self.elements}"

    def add(self, part: str) -> None:
        self.parts.append(part)

    def connect(self, source: str, target: str, condition: str = "") -> str:
        self.flows += 1
        self.add(flow(self.flows, source, target, condition))
        return f"f{self.flows}"

    def block(self, depth: int) -> tuple[str, str]:
        """A random block; returns its first and last element."""
        simple = [self.task, self.task, self.timer, self.connector, self.message, self.script]
        nested = [self.sequence, self.parallel, self.choice, self.loop, self.guarded, self.subprocess, self.each]
        return self.random.choice(simple if depth >= DEPTH_MAX else simple + nested * 2)(depth + 1)

    # ---------------------------------------------------------------- simple blocks

    def task(self, _depth: int) -> tuple[str, str]:
        element = self.new("task")
        self.add(user_task(element, self.random.choice(("reviewer", "leader"))))
        return element, element

    def timer(self, _depth: int) -> tuple[str, str]:
        element = self.new("timer")
        definition = _AFTER % self.random.randint(1, 3)
        self.add(f'<intermediateCatchEvent id="{element}">{definition}</intermediateCatchEvent>')
        return element, element

    def connector(self, _depth: int) -> tuple[str, str]:
        element = self.new("call")
        self.add(f'<serviceTask id="{element}" sm:connector="moody" sm:input="{{a: 1}}" sm:result="r"/>')
        return element, element

    def message(self, _depth: int) -> tuple[str, str]:
        element = self.new("news")
        self.add(f'<intermediateCatchEvent id="{element}">{_MESSAGE}</intermediateCatchEvent>')
        return element, element

    def script(self, _depth: int) -> tuple[str, str]:
        """Fails now and then: what people typed decides."""
        element = self.new("script")
        body = '{length: if outcome = "back" then number("no number") else string length(note)}'
        self.add(f'<scriptTask id="{element}" scriptFormat="feel"><script>{body}</script></scriptTask>')
        return element, element

    # ---------------------------------------------------------------- nested blocks

    def sequence(self, depth: int) -> tuple[str, str]:
        blocks = [self.block(depth) for _ in range(self.random.randint(2, 3))]
        for one, other in pairwise(blocks):
            self.connect(one[1], other[0])
        return blocks[0][0], blocks[-1][1]

    def parallel(self, depth: int) -> tuple[str, str]:
        kind = self.random.choice(("parallelGateway", "inclusiveGateway"))
        split, join = self.new("split"), self.new("join")
        self.add(f'<{kind} id="{split}"/><{kind} id="{join}"/>')
        for _ in range(self.random.randint(2, 3)):
            first, last = self.block(depth)
            self.connect(split, first, "true" if kind == "inclusiveGateway" else "")
            self.connect(last, join)
        return split, join

    def choice(self, depth: int) -> tuple[str, str]:
        split, join = self.new("choice"), self.new("merge")
        first, last = self.block(depth)
        other_first, other_last = self.block(depth)
        self.connect(split, first, 'outcome = "forward"')
        default = self.connect(split, other_first)
        self.add(f'<exclusiveGateway id="{split}" default="{default}"/><exclusiveGateway id="{join}"/>')
        self.connect(last, join)
        self.connect(other_last, join)
        return split, join

    def loop(self, depth: int) -> tuple[str, str]:
        """Again as long as the last answer is “back”."""
        merge, again, out = self.new("merge"), self.new("again"), self.new("out")
        task, _ = self.task(depth)
        first, last = self.block(depth)
        self.connect(merge, first)
        self.connect(last, task)
        self.connect(task, again)
        self.connect(again, merge, 'outcome = "back"')
        default = self.connect(again, out)
        self.add(f'<exclusiveGateway id="{merge}"/><exclusiveGateway id="{again}" default="{default}"/>')
        self.add(f'<task id="{out}"/>')
        return merge, out

    def guarded(self, depth: int) -> tuple[str, str]:
        """A task with a boundary event, interrupting or not."""
        task, _ = self.task(depth)
        merge, end = self.new("merge"), self.new("end")
        boundary, interrupting = self.new("boundary"), self.random.random() < 0.5
        trigger = self.random.choice((_AFTER % 2, _MESSAGE))
        self.add(
            f'<boundaryEvent id="{boundary}" attachedToRef="{task}" cancelActivity="{str(interrupting).lower()}">'
            f'{trigger}</boundaryEvent><exclusiveGateway id="{merge}"/>'
        )
        first, last = self.block(depth)
        self.connect(boundary, first)
        self.connect(task, merge)
        if interrupting:
            self.connect(last, merge)
        else:
            self.add(f'<endEvent id="{end}"/>')
            self.connect(last, end)
        return task, merge

    def subprocess(self, depth: int) -> tuple[str, str]:
        element, begin, end = self.new("sub"), self.new("begin"), self.new("end")
        outer, self.parts = self.parts, []
        first, last = self.block(depth)
        self.connect(begin, first)
        self.connect(last, end)
        inner = "".join(self.parts)
        self.parts = outer
        boundary, escape, merge = self.new("boundary"), self.new("task"), self.new("merge")
        self.add(f'<subProcess id="{element}"><startEvent id="{begin}"/>{inner}<endEvent id="{end}"/></subProcess>')
        self.add(f'<boundaryEvent id="{boundary}" attachedToRef="{element}">{_AFTER % 4}</boundaryEvent>')
        self.add(user_task(escape) + f'<exclusiveGateway id="{merge}"/>')
        self.connect(boundary, escape)
        self.connect(escape, merge)
        self.connect(element, merge)
        return element, merge

    def each(self, _depth: int) -> tuple[str, str]:
        """One task for each of a few items."""
        element, sequential = self.new("each"), str(self.random.random() < 0.5).lower()
        many = f'isSequential="{sequential}" sm:collection="=[1, 2]" sm:element="item"'
        self.add(user_task(element).removesuffix("/>") + f"><multiInstanceLoopCharacteristics {many}/></userTask>")
        return element, element


def random_diagram(seed: int) -> bytes:
    """A procedure ``review`` of a few blocks."""
    drawing = Drawing(seed)
    first, last = drawing.sequence(0)
    drawing.add('<startEvent id="begin"/><endEvent id="done"/>')
    drawing.connect("begin", first)
    drawing.connect(last, "done")
    return process("review", "".join(drawing.parts), MESSAGES)
