"""Tokens into the syntax tree: a Pratt parser that knows which names exist (DMN 1.5, clause 10.3.1.2)."""

from __future__ import annotations

from engine.feel.lexer import Token
from engine.feel.names import KEYWORDS, Names
from engine.feel.operand_parser import AND, COMPARISON, COMPARISONS, INSTANCE, OR, POWER, PRODUCT, SUM, OperandParser
from engine.feel.syntax import (
    Arithmetic,
    Between,
    Call,
    Comparison,
    ComparisonTest,
    ExpressionTest,
    Filter,
    In,
    InstanceOf,
    Logic,
    NamedCall,
    Node,
    Path,
    Test,
    UnaryRange,
    UnaryTests,
)

_ARITHMETIC = {"+": SUM, "-": SUM, "*": PRODUCT, "/": PRODUCT, "**": POWER}
_STARTS_EXPRESSION = frozenset(("true", "false", "null", "if", "for", "some", "every", "function"))


def parse_expression(text: str, names: Names) -> Node:
    """The tree of an expression. Raises ``FeelSyntaxError``."""
    parser = Parser(text, names)
    if parser.token.kind == "end":
        raise parser.error("Expected an expression, but found nothing.")
    tree = parser.expression(0)
    parser.expect_end()
    return tree


def parse_unary_tests(text: str, names: Names) -> UnaryTests:
    """The tree of the unary tests of a table cell; empty and ``-`` mean anything. Raises ``FeelSyntaxError``."""
    parser = Parser(text, names)
    if parser.token.kind == "end" or (parser.shows("-") and parser.tokens[1].kind == "end"):
        return UnaryTests(0, (), False)
    if parser.shows("not") and parser.shows("(", ahead=1):
        parser.index += 2
        tests = parser.tests()
        parser.expect(")")
        if parser.token.kind == "end":
            return UnaryTests(0, tests, True)
        parser.index = 0  # "not(a) and b": an expression after all
    tests = parser.tests()
    parser.expect_end()
    return UnaryTests(0, tests, False)


class Parser(OperandParser):
    """Reads expressions and unary tests."""

    def expression(self, strength: int) -> Node:
        """The expression that stands here, as far as operators bind more strongly than ``strength``."""
        self.deeper()
        tree = self._continue(self.operand(), strength)
        self.shallower()
        return tree

    def tests(self) -> tuple[Test, ...]:
        """Unary tests separated by commas."""
        tests = [self._test()]
        while self.accept(","):
            tests.append(self._test())
        return tuple(tests)

    def _test(self) -> Test:
        token = self.token
        if token.kind == "operator" and token.text in COMPARISONS:
            self.index += 1
            return ComparisonTest(token.at, token.text, self.expression(COMPARISON))
        return ExpressionTest(token.at, self.expression(0))

    # What may follow an operand.

    def _continue(self, left: Node, strength: int) -> Node:
        while True:
            token = self.tokens[self.index]
            if token.kind == "operator":
                following = self._after_operator(left, token, strength)
            elif token.kind == "name":
                following = self._after_word(left, token, strength)
            else:
                return left
            if following is None:
                return left
            left = following

    def _after_operator(self, left: Node, token: Token, strength: int) -> Node | None:
        operator, at = token.text, token.at
        binds = _ARITHMETIC.get(operator)
        if binds is not None:
            if binds <= strength:
                return None
            self.index += 1
            return Arithmetic(at, operator, left, self.expression(binds))
        if operator in COMPARISONS:
            if strength >= COMPARISON:
                return None
            self.index += 1
            return Comparison(at, operator, left, self.expression(COMPARISON))
        if operator == "(":
            return self._call(left)
        if operator == ".":
            self.index += 1
            at = self.token.at
            return Path(at, left, self.any_name())
        if operator == "[" and not self._closes_range():
            self.index += 1
            condition = self.inside()
            self.expect("]")
            return Filter(at, left, condition)
        return None

    def _after_word(self, left: Node, token: Token, strength: int) -> Node | None:
        word, at = token.text, token.at
        if word == "and" and strength < AND:
            return self._logic(left, word, AND)
        if word == "or" and strength < OR:
            return self._logic(left, word, OR)
        if word == "between" and strength < COMPARISON:
            self.index += 1
            low = self.expression(COMPARISON)
            self.expect("and")
            return Between(at, left, low, self.expression(COMPARISON))
        if word == "in" and strength < COMPARISON:
            self.index += 1
            return self._in(left, at)
        if word == "instance" and self.shows("of", ahead=1) and strength < INSTANCE:
            self.index += 2
            return InstanceOf(at, left, self.type_())
        return None

    def _logic(self, left: Node, word: str, strength: int) -> Node:
        at = self.token.at
        operands = [left]
        while self.accept(word):
            operands.append(self.expression(strength))
        return Logic(at, word, tuple(operands))

    def _closes_range(self) -> bool:
        """In ``]1..5[`` the last bracket closes; in ``]1..a[1][`` the first of the two opens a filter."""
        if not self.ends_range:
            return False
        following = self.tokens[self.index + 1]
        if following.kind == "operator":
            return following.text not in ("-", "(", "[", "{")
        if following.kind == "name":
            return following.text in KEYWORDS and following.text not in _STARTS_EXPRESSION
        return following.kind == "end"

    def _in(self, left: Node, at: int) -> Node:
        """What follows ``in``: tests in parentheses, an open interval, or one operand. One pass, no going back."""
        token = self.token
        if not self.accept("("):
            if token.kind == "operator" and token.text in COMPARISONS:
                self.index += 1
                return In(at, left, (ComparisonTest(token.at, token.text, self.expression(COMPARISON)),))
            return In(at, left, (ExpressionTest(token.at, self.expression(COMPARISON)),))
        outer, self.ends_range = self.ends_range, False
        first = self._test()
        self.ends_range = outer
        if isinstance(first, ExpressionTest) and self.accept(".."):
            interval = self._continue(self.range_end(token.at, first.expression, False), COMPARISON)
            return In(at, left, (ExpressionTest(token.at, interval),))
        tests = [first]
        while self.accept(","):
            tests.append(self._test())
        self.expect(")")
        following = self.token
        if len(tests) == 1 and following.kind == "operator" and following.text in (*_ARITHMETIC, ".", "[", "("):
            operand = (
                first.expression
                if isinstance(first, ExpressionTest)
                else UnaryRange(first.at, first.operator, first.operand)
            )
            return In(at, left, (ExpressionTest(token.at, self._continue(operand, COMPARISON)),))
        return In(at, left, tuple(tests))

    def _call(self, function: Node) -> Node:
        at = self.token.at
        self.index += 1
        outer, self.ends_range = self.ends_range, False
        tree = self._arguments(at, function)
        self.ends_range = outer
        return tree

    def _arguments(self, at: int, function: Node) -> Node:
        if self.accept(")"):
            return Call(at, function, ())
        if self.is_named_argument():
            entries = [self.entry()]
            while self.accept(","):
                entries.append(self.entry())
            self.expect(")")
            return NamedCall(at, function, tuple(entries))
        arguments = [self.expression(0)]
        while self.accept(","):
            arguments.append(self.expression(0))
        self.expect(")")
        return Call(at, function, tuple(arguments))
