"""Syntax trees into closures: one maker per kind of node."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from engine.feel import syntax
from engine.feel.compile import calls, loops, operators, structures, unary_tests
from engine.feel.compile.frame import Closure, Compiler, Frame, TestClosure
from engine.feel.syntax import Node, UnaryTests

__all__ = ["Closure", "Frame", "TestClosure", "compile_tests_tree", "compile_tree"]

_MAKERS: Mapping[type[Node], Callable[[Any, Compiler], Closure]] = MappingProxyType(
    {
        syntax.NumberLiteral: operators.number_literal,
        syntax.StringLiteral: operators.constant,
        syntax.BooleanLiteral: operators.constant,
        syntax.NullLiteral: operators.null,
        syntax.AtLiteral: operators.at_literal,
        syntax.Name: operators.name,
        syntax.Negation: operators.negation,
        syntax.Arithmetic: operators.arithmetic,
        syntax.Comparison: operators.comparison,
        syntax.Logic: operators.logic,
        syntax.Between: operators.between,
        syntax.If: operators.conditional,
        syntax.ListLiteral: structures.list_literal,
        syntax.ContextLiteral: structures.context_literal,
        syntax.RangeLiteral: structures.range_literal,
        syntax.UnaryRange: structures.unary_range,
        syntax.Path: structures.path,
        syntax.Filter: structures.filter_,
        syntax.Iteration: loops.iteration,
        syntax.For: loops.for_,
        syntax.Quantified: loops.quantified,
        syntax.FunctionDefinition: calls.function_definition,
        syntax.ExternalFunction: calls.external_function,
        syntax.Call: calls.call,
        syntax.NamedCall: calls.named_call,
        syntax.InstanceOf: calls.instance_of,
        syntax.In: unary_tests.in_,
    }
)


def compile_tree(tree: Node, text: str = "") -> tuple[Closure, frozenset[str]]:
    """The closure of an expression, and the names it reads from outside. Raises ``FeelSyntaxError``."""
    compiler = Compiler(_MAKERS, text)
    return compiler.compile(tree), frozenset(compiler.reads)


def compile_tests_tree(tree: UnaryTests, text: str = "") -> tuple[TestClosure, frozenset[str]]:
    """The closure of unary tests, and the names they read from outside. Raises ``FeelSyntaxError``."""
    compiler = Compiler(_MAKERS, text)
    return unary_tests.compile_unary_tests(tree, compiler), frozenset(compiler.reads)
