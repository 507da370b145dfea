"""Compiling a syntax tree into closures: what a closure gets, and the compiler that hands nodes to their makers.

A closure takes the frame it runs in and answers a value. Frames hold the names bound at one place
(a loop's variable, a context's earlier entries, …); the outermost one holds the variables.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeAlias

from engine.feel.environment import Evaluation
from engine.feel.errors import FeelSyntaxError
from engine.feel.syntax import Node
from engine.feel.values import Value

_TREE_DEPTH_MAX = 150


class Frame:
    """Names bound at one place, the frame around it, and the running evaluation."""

    __slots__ = ("evaluation", "parent", "values")

    def __init__(self, values: dict[str, Value], parent: Frame | None, evaluation: Evaluation) -> None:
        self.values = values
        self.parent = parent
        self.evaluation = evaluation


Closure: TypeAlias = Callable[[Frame], Value]
TestClosure: TypeAlias = Callable[[Frame, Value], bool | None]


class Compiler:
    """Compiles one expression, and notes which names it reads from outside.

    ``frames`` is how many frames lie between the variables and the place being compiled.
    """

    def __init__(self, makers: Mapping[type[Node], Callable[[Any, Compiler], Closure]], text: str = "") -> None:
        self._makers = makers
        self._text = text
        self._depth = 0
        self._bound: list[frozenset[str]] = []
        self.reads: set[str] = set()

    @property
    def frames(self) -> int:
        """How many frames lie between the variables and this place."""
        return len(self._bound)

    def compile(self, node: Node) -> Closure:
        """The closure of a node. Raises ``FeelSyntaxError`` for a tree that is too deep."""
        self._depth += 1
        if self._depth > _TREE_DEPTH_MAX:
            raise FeelSyntaxError(
                "Expected an expression at most %(deepest)s operations deep.",
                hint="Give the inner parts names in a context.",
                text=self._text,
                position=node.at,
                deepest=_TREE_DEPTH_MAX,
            )
        closure = self._makers[type(node)](node, self)
        self._depth -= 1
        return closure

    def compile_all(self, nodes: Iterable[Node]) -> tuple[Closure, ...]:
        """The closures of several nodes."""
        return tuple(self.compile(node) for node in nodes)

    @contextmanager
    def binding(self, names: Iterable[str] = ()) -> Iterator[None]:
        """While compiling inside, there is one more frame, in which these names are certainly bound."""
        self._bound.append(frozenset(names))
        try:
            yield
        finally:
            self._bound.pop()

    def note_read(self, name: str) -> None:
        """Remember that a name is read, unless a frame in between certainly binds it."""
        if not any(name in names for names in self._bound):
            self.reads.add(name)
