"""Closures for unary tests: the cells of a table and what follows ``in`` (DMN 1.5, clauses 7.3.3 and 10.3.2.8)."""

from __future__ import annotations

from engine.feel.comparison import compare, contains, equal, negated
from engine.feel.compile.frame import Closure, Compiler, Frame, TestClosure
from engine.feel.limits import Budget
from engine.feel.syntax import ComparisonTest, In, Test, UnaryTests, mentions
from engine.feel.values import FeelFunction, Range, Value


def fits(value: Value, expected: Value, budget: Budget | None = None, *, is_truth: bool = False) -> bool | None:
    """Whether a value passes one test: it equals, lies in the range, or is an entry of the list.

    ``is_truth``: the test spoke of ``?``, so a truth value is already the answer.
    """
    kind = type(expected)
    if is_truth and (kind is bool or expected is None):
        return None if expected is None else bool(expected)
    if kind is Range:
        return equal(value, expected, budget) if type(value) is Range else contains(expected, value)
    if kind is list:
        if budget is not None:
            budget.tick(1 + len(expected) // 4)
        if type(value) is list and equal(value, expected, budget) is True:
            return True
        return any(_is_or_contains(item, value, budget) is True for item in expected)
    return None if kind is FeelFunction else equal(value, expected, budget)


def _is_or_contains(item: Value, value: Value, budget: Budget | None) -> bool | None:
    if type(item) is Range and type(value) is not Range:
        return contains(item, value)
    return equal(value, item, budget)


def compile_test(test: Test, compiler: Compiler) -> TestClosure:
    """The closure of one test; it takes the frame and the value to test."""
    if isinstance(test, ComparisonTest):
        return _comparison_test(test, compiler)
    expected = compiler.compile(test.expression)
    is_truth = mentions(test.expression, "?")
    return lambda frame, value: fits(value, expected(frame), frame.evaluation, is_truth=is_truth)


def _comparison_test(test: ComparisonTest, compiler: Compiler) -> TestClosure:
    operand, symbol = compiler.compile(test.operand), test.operator
    if symbol == "=":
        return lambda frame, value: equal(value, operand(frame), frame.evaluation)
    if symbol == "!=":
        return lambda frame, value: negated(equal(value, operand(frame), frame.evaluation))
    return lambda frame, value: compare(symbol, value, operand(frame))


def _any_fits(tests: tuple[TestClosure, ...], frame: Frame, value: Value) -> bool | None:
    answer: bool | None = False
    for test in tests:
        truth = test(frame, value)
        if truth is True:
            return True
        if truth is None:
            answer = None
    return answer


def compile_unary_tests(node: UnaryTests, compiler: Compiler) -> TestClosure:
    """The closure of a whole cell. It runs inside a frame in which ``?`` is bound."""
    if not node.tests:
        return lambda frame, value: True
    with compiler.binding(("?",)):
        tests = tuple(compile_test(test, compiler) for test in node.tests)
    if node.negated:
        return lambda frame, value: negated(_any_fits(tests, frame, value))
    if len(tests) == 1:
        return tests[0]
    return lambda frame, value: _any_fits(tests, frame, value)


def in_(node: In, compiler: Compiler) -> Closure:
    """``operand in tests``."""
    operand = compiler.compile(node.operand)
    with compiler.binding(("?",)):
        tests = tuple(compile_test(test, compiler) for test in node.tests)

    def is_in(frame: Frame) -> bool | None:
        value = operand(frame)
        return _any_fits(tests, Frame({"?": value}, frame, frame.evaluation), value)

    return is_in
