"""FEEL as it stands in a decision file: compiled once, run inside the one budget of a decision.

A text that is not FEEL does not stop the file from being read (the linter names every such place at once);
it raises ``DecisionFailed`` when something wants its value.
"""

from __future__ import annotations

from typing import Any, TypeAlias

from engine.errors import ShangmenError
from engine.feel import FeelError, compile_expression, compile_unary_tests, syntax
from engine.feel.environment import Evaluation

Scope: TypeAlias = dict[str, Any]


class DecisionFailed(ShangmenError):
    """An expression of a decision could not be evaluated: which element, and what FEEL says about it."""

    def __init__(self, element: str, problem: FeelError) -> None:
        super().__init__(
            "The expression at %(element)s could not be evaluated: %(problem)s", element=element, problem=str(problem)
        )
        self.element = element
        self.problem = problem


class WrittenExpression:
    """An expression and where it stands. ``problem`` is why it could not be compiled, if so."""

    __slots__ = ("_compiled", "element", "problem", "text")

    def __init__(self, text: str, element: str, names: frozenset[str]) -> None:
        self.text = text
        self.element = element
        self.problem: FeelError | None = None
        try:
            self._compiled = compile_expression(text, names)
        except FeelError as problem:
            self.problem = problem

    def run(self, scope: Scope, evaluation: Evaluation) -> Any:
        """The value, in FEEL's inside form. Raises ``DecisionFailed``."""
        if self.problem is not None:
            raise DecisionFailed(self.element, self.problem)
        try:
            return self._compiled.run(scope, evaluation)
        except FeelError as problem:
            raise DecisionFailed(self.element, problem) from None

    @property
    def reads(self) -> frozenset[str]:
        """The names it reads, built-in functions apart."""
        return frozenset() if self.problem is not None else frozenset(self._compiled.names)

    @property
    def tree(self) -> syntax.Node | None:
        """The syntax tree; ``None`` if the text is not FEEL."""
        return None if self.problem is not None else self._compiled.tree


class WrittenTests:
    """Unary tests and where they stand: a cell of a table, or the allowed values of a type."""

    __slots__ = ("_compiled", "element", "problem", "text")

    def __init__(self, text: str, element: str, names: frozenset[str]) -> None:
        self.text = text
        self.element = element
        self.problem: FeelError | None = None
        try:
            self._compiled = compile_unary_tests(text, names)
        except FeelError as problem:
            self.problem = problem

    def test(self, value: Any, scope: Scope, evaluation: Evaluation) -> bool | None:
        """Whether the value passes, in three-valued logic. Raises ``DecisionFailed``."""
        if self.problem is not None:
            raise DecisionFailed(self.element, self.problem)
        try:
            return self._compiled.test(value, scope, evaluation)
        except FeelError as problem:
            raise DecisionFailed(self.element, problem) from None

    @property
    def reads(self) -> frozenset[str]:
        """The names it reads, built-in functions apart."""
        return frozenset() if self.problem is not None else frozenset(self._compiled.names)

    @property
    def tree(self) -> syntax.UnaryTests | None:
        """The syntax tree; ``None`` if the text is not FEEL."""
        return None if self.problem is not None else self._compiled.tree
