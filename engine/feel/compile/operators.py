"""Closures for literals, names, arithmetic, comparison and logic (DMN 1.5, clauses 10.3.2.13 to 10.3.2.15)."""

from __future__ import annotations

import decimal
import operator
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from engine.feel.arithmetic import OPERATORS, negate
from engine.feel.builtins import BUILTINS
from engine.feel.comparison import compare, equal, negated
from engine.feel.compile.frame import Closure, Compiler, Frame
from engine.feel.literals import read_at_literal
from engine.feel.numbers import CONTEXT
from engine.feel.syntax import (
    Arithmetic,
    AtLiteral,
    Between,
    BooleanLiteral,
    Comparison,
    If,
    Logic,
    Name,
    Negation,
    NullLiteral,
    NumberLiteral,
    Path,
    StringLiteral,
)
from engine.feel.values import Value, kind

_FAST_ARITHMETIC = {"+": CONTEXT.add, "-": CONTEXT.subtract, "*": CONTEXT.multiply}
_FAST_ORDER = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}


def number_literal(node: NumberLiteral, compiler: Compiler) -> Closure:
    """A number; null when it is out of range."""
    try:
        value = CONTEXT.create_decimal(node.digits)
    except decimal.DecimalException:
        at = node.at
        return lambda frame: frame.evaluation.warn(at, "The number is out of range.")
    return lambda frame: value


def constant(node: StringLiteral | BooleanLiteral, compiler: Compiler) -> Closure:
    """A string or a truth value."""
    value = node.value
    return lambda frame: value


def null(node: NullLiteral, compiler: Compiler) -> Closure:
    """Null."""
    return lambda frame: None


def at_literal(node: AtLiteral, compiler: Compiler) -> Closure:
    """A date, time or duration; null when the text names none."""
    value = read_at_literal(node.text)
    if value is None:
        return lambda frame: frame.evaluation.warn(
            node.at, "“%(text)s” is not a date, time or duration.", text=node.text[:80]
        )
    return lambda frame: value


def name(node: Name, compiler: Compiler) -> Closure:
    """The value of a name: bound here, a variable, or a built-in function; null with a warning otherwise."""
    wanted = node.name
    compiler.note_read(wanted)
    missing = _missing_name(node, compiler)
    if compiler.frames == 0:

        def read_variable(frame: Frame) -> Value:
            try:
                return frame.values[wanted]
            except KeyError:
                return missing(frame)

        return read_variable

    def read(frame: Frame) -> Value:
        around: Frame | None = frame
        while around is not None:
            if wanted in around.values:
                return around.values[wanted]
            around = around.parent
        return missing(frame)

    return read


def _missing_name(node: Name, compiler: Compiler) -> Closure:
    found = BUILTINS.get(node.name)
    if found is not None:
        return lambda frame: found
    if "." in node.name:  # "imported.name" that is not known as one name
        first, *rest = node.name.split(".")
        tree: Name | Path = Name(node.at, first)
        for part in rest:
            tree = Path(node.at, tree, part)
        return compiler.compile(tree)
    return lambda frame: frame.evaluation.warn(node.at, "There is no variable “%(name)s”.", name=node.name)


def negation(node: Negation, compiler: Compiler) -> Closure:
    """``-operand``."""
    operand = compiler.compile(node.operand)
    return lambda frame: negate(operand(frame), frame.evaluation)


def arithmetic(node: Arithmetic, compiler: Compiler) -> Closure:
    """``left + right`` and its kin; null with a warning when a number leaves its range."""
    left, right = compiler.compile(node.left), compiler.compile(node.right)
    compute, at = OPERATORS[node.operator], node.at
    fast = _FAST_ARITHMETIC.get(node.operator)

    def calculate(frame: Frame) -> Value:
        one, other = left(frame), right(frame)
        try:
            if fast is not None and type(one) is Decimal and type(other) is Decimal:
                return fast(one, other)
            return compute(one, other, frame.evaluation)
        except decimal.DecimalException:
            return frame.evaluation.warn(at, "The number is out of range.")

    return calculate


def comparison(node: Comparison, compiler: Compiler) -> Closure:
    """``left < right`` and its kin."""
    left, right = compiler.compile(node.left), compiler.compile(node.right)
    if node.operator == "=":
        return lambda frame: equal(left(frame), right(frame), frame.evaluation)
    if node.operator == "!=":
        return lambda frame: negated(equal(left(frame), right(frame), frame.evaluation))
    return _order(node, left, right, _FAST_ORDER[node.operator])


def _order(node: Comparison, left: Closure, right: Closure, fast: Callable[[Any, Any], bool]) -> Closure:
    symbol, at = node.operator, node.at

    def in_order(frame: Frame) -> bool | None:
        one, other = left(frame), right(frame)
        if type(one) is Decimal and type(other) is Decimal:
            return fast(one, other)
        answer = compare(symbol, one, other)
        if answer is None and one is not None and other is not None:
            frame.evaluation.warn(at, "Cannot compare a %(left)s with a %(right)s.", left=kind(one), right=kind(other))
        return answer

    return in_order


def logic(node: Logic, compiler: Compiler) -> Closure:
    """``a and b`` or ``a or b``: decided by the first false (true); null if any operand is neither."""
    decisive = node.operator == "or"
    operands = compiler.compile_all(node.operands)
    if len(operands) == 2:
        left, right = operands

        def both(frame: Frame) -> Value:
            one = left(frame)
            if one is decisive:
                return decisive
            other = right(frame)
            if other is decisive:
                return decisive
            return (not decisive) if type(one) is bool and type(other) is bool else None

        return both

    def several(frame: Frame) -> Value:
        answer: Value = not decisive
        for operand in operands:
            value = operand(frame)
            if value is decisive:
                return decisive
            if type(value) is not bool:
                answer = None
        return answer

    return several


def between(node: Between, compiler: Compiler) -> Closure:
    """``operand between low and high``, both included."""
    operand, low, high = compiler.compile_all((node.operand, node.low, node.high))

    def lies_between(frame: Frame) -> Value:
        value = operand(frame)
        above, below = compare(">=", value, low(frame)), compare("<=", value, high(frame))
        return None if above is None or below is None else above and below

    return lies_between


def conditional(node: If, compiler: Compiler) -> Closure:
    """``if condition then … else …``: anything but true takes the second branch."""
    condition, then, otherwise = compiler.compile_all((node.condition, node.then, node.otherwise))
    at = node.at

    def choose(frame: Frame) -> Value:
        truth = condition(frame)
        if truth is True:
            return then(frame)
        if truth is not False:
            frame.evaluation.warn(at, "The condition is a %(kind)s, not true or false.", kind=kind(truth))
        return otherwise(frame)

    return choose
