"""Expressions and unary tests ready to run, cached by their text and the names known to it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import DecimalException
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from engine.feel.builtins import BUILTINS
from engine.feel.compile import Frame, compile_tests_tree, compile_tree
from engine.feel.environment import NOWHERE, Environment, Evaluation
from engine.feel.errors import FeelError, FeelLimit, FeelWarning
from engine.feel.names import Names
from engine.feel.parser import parse_expression, parse_unary_tests
from engine.feel.values import UNCHANGED, Value, to_feel, to_python

_CACHED = 4096
_BUILTIN_NAMES = Names((*BUILTINS, "time offset", "start included", "end included"), reserved=frozenset(BUILTINS))
_NOTHING: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Outcome:
    """A value in Python form, and why parts of it may be null."""

    value: Any
    warnings: tuple[FeelWarning, ...]


class Expression:
    """A compiled expression. ``names`` are the variables it reads, ``tree`` its syntax tree. Immutable."""

    __slots__ = ("_closure", "_reads", "names", "text", "tree")

    def __init__(self, text: str, names: Names) -> None:
        self.text = text
        # A leading "=" is the habit of other modellers; a blank in its place keeps the columns right.
        body = text.lstrip()
        source = " " * (len(text) - len(body) + 1) + body[1:] if body.startswith("=") else text
        self.tree = parse_expression(source, names)
        self._closure, reads = compile_tree(self.tree, source)
        self._reads = tuple(reads)
        self.names = reads - BUILTINS.keys()

    def evaluate(self, variables: Mapping[str, Any] = _NOTHING, environment: Environment = NOWHERE) -> Any:
        """The value for these variables, in the form a case can hold. Raises ``FeelLimit``.

        What the standard leaves undefined is ``None``; ``explain`` says why.
        """
        value = self.run(_scope(self._reads, variables), Evaluation(environment))
        return value if value is None or type(value) is bool else _plain(value, environment)

    def explain(self, variables: Mapping[str, Any] = _NOTHING, environment: Environment = NOWHERE) -> Outcome:
        """The value as ``evaluate`` gives it, with the warnings. Raises ``FeelLimit``."""
        evaluation = Evaluation(environment)
        value = self.run(_scope(self._reads, variables), evaluation)
        return Outcome(_plain(value, environment), tuple(evaluation.warnings))

    def run(self, scope: dict[str, Value], evaluation: Evaluation) -> Value:
        """The value in its inside form, for variables in theirs, within a running evaluation. Raises ``FeelLimit``."""
        try:
            value = self._closure(Frame(scope, None, evaluation))
        except RecursionError:
            raise _too_deep() from None
        except DecimalException:  # a variable that is not a finite number
            raise FeelError("Expected finite numbers.") from None
        if type(value) is list or type(value) is dict:
            evaluation.check_result(value)
        return value

    def __repr__(self) -> str:
        return f"Expression({self.text!r})"


class UnaryTests:
    """The compiled tests of a table cell. ``names`` are the variables they read besides ``?``. Immutable."""

    __slots__ = ("_closure", "_reads", "_speaks_of_value", "names", "text", "tree")

    def __init__(self, text: str, names: Names) -> None:
        self.text = text
        self.tree = parse_unary_tests(text, names)
        self._closure, reads = compile_tests_tree(self.tree, text)
        self._reads = tuple(reads)
        self._speaks_of_value = "?" in text
        self.names = reads - BUILTINS.keys()

    def matches(self, value: Any, variables: Mapping[str, Any] = _NOTHING, environment: Environment = NOWHERE) -> bool:
        """Whether a value passes; a test that cannot be decided does not pass. Raises ``FeelLimit``."""
        return self.test(to_feel(value), _scope(self._reads, variables), Evaluation(environment)) is True

    def test(self, value: Value, scope: dict[str, Value], evaluation: Evaluation) -> bool | None:
        """The three-valued answer, for values in their inside form, in a running evaluation. Raises ``FeelLimit``."""
        evaluation.tick()
        frame = Frame(scope, None, evaluation)
        try:
            return self._closure(Frame({"?": value}, frame, evaluation), value)
        except RecursionError:
            raise _too_deep() from None
        except DecimalException:
            raise FeelError("Expected finite numbers.") from None

    def __repr__(self) -> str:
        return f"UnaryTests({self.text!r})"


def compile_expression(text: str, names: Iterable[str] = ()) -> Expression:
    """The expression of a text; a leading ``=`` is allowed. ``names``: the known names, needed for those with spaces.

    Raises ``FeelError`` with line, column and a hint. The same text and names give the same object.
    """
    return _compile_expression(text, frozenset(names))


def compile_unary_tests(text: str, names: Iterable[str] = ()) -> UnaryTests:
    """The unary tests of a table cell. Raises ``FeelError`` with line, column and a hint."""
    return _compile_unary_tests(text, frozenset(names))


@lru_cache(_CACHED)
def _compile_expression(text: str, names: frozenset[str]) -> Expression:
    try:
        return Expression(text, known_names(names))
    except RecursionError:
        raise _too_deep() from None


@lru_cache(_CACHED)
def _compile_unary_tests(text: str, names: frozenset[str]) -> UnaryTests:
    try:
        return UnaryTests(text, known_names(names))
    except RecursionError:
        raise _too_deep() from None


@lru_cache(256)
def known_names(names: frozenset[str] = frozenset()) -> Names:
    """The names the parser must know: these and the built-ins'."""
    return Names(sorted(names), parent=_BUILTIN_NAMES) if names else _BUILTIN_NAMES


def _scope(reads: tuple[str, ...], variables: Mapping[str, Any]) -> dict[str, Value]:
    scope = {}
    try:
        for name in reads:
            if name in variables:
                value = variables[name]
                scope[name] = value if type(value) in UNCHANGED else to_feel(value)
        return scope
    except RecursionError:
        raise _too_deep() from None


def _plain(value: Value, environment: Environment) -> Any:
    return to_python(value, None if environment.now is None else environment.now.tzinfo)


def _too_deep() -> FeelError:
    return FeelLimit("Expected values and calls of moderate depth, but these are nested too deeply.")
