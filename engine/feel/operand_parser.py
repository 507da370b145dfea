"""Reading operands: literals, names, brackets, contexts, ``if``, ``for``, ``some``, ``every`` and functions."""

from __future__ import annotations

from abc import abstractmethod

from engine.feel.names import KEYWORDS
from engine.feel.syntax import (
    AtLiteral,
    BooleanLiteral,
    ContextLiteral,
    Entry,
    ExternalFunction,
    For,
    FunctionDefinition,
    If,
    Iteration,
    ListLiteral,
    Name,
    Negation,
    Node,
    NullLiteral,
    NumberLiteral,
    Parameter,
    Quantified,
    RangeLiteral,
    StringLiteral,
    UnaryRange,
)
from engine.feel.type_parser import TypeParser

# How strongly an operator binds what stands left of it.
OR, AND, COMPARISON, SUM, PRODUCT, POWER, NEGATION, INSTANCE = 20, 30, 50, 60, 70, 80, 85, 90
COMPARISONS = frozenset(("=", "!=", "<", "<=", ">", ">="))


class OperandParser(TypeParser):
    """Reads what an expression may start with. ``ends_range`` is set where ``[`` may close a range."""

    ends_range = False

    @abstractmethod
    def expression(self, strength: int) -> Node:
        """The expression that stands here, as far as operators bind more strongly than ``strength``."""

    def operand(self) -> Node:
        token = self.token
        if token.kind == "name":
            return self._start_of_name()
        if token.kind == "number":
            self.index += 1
            return NumberLiteral(token.at, token.value)
        if token.kind == "string":
            self.index += 1
            return StringLiteral(token.at, token.value)
        if token.kind == "at":
            self.index += 1
            return AtLiteral(token.at, token.value)
        if token.kind == "end":
            raise self.error("Expected more, but the expression ends here.")
        return self._start_of_operator()

    def _start_of_operator(self) -> Node:
        token = self.token
        match token.text:
            case "-":
                self.index += 1
                return Negation(token.at, self.expression(NEGATION))
            case "(" | "[" | "]":
                return self._bracket()
            case "{":
                return self._context()
        if token.text in COMPARISONS:
            raise self.error("Expected something to compare before “%(operator)s”.", operator=token.text)
        raise self.unexpected()

    def _start_of_name(self) -> Node:
        token = self.token
        word = token.text
        if word not in ("if", "for", "some", "every", "function"):
            known = self.known_name()
            if known is not None:
                return Name(token.at, known)
        if word not in KEYWORDS:
            self.index += 1
            return Name(token.at, token.value)
        match word:
            case "true" | "false":
                self.index += 1
                return BooleanLiteral(token.at, word == "true")
            case "null":
                self.index += 1
                return NullLiteral(token.at)
            case "if":
                return self._if()
            case "for":
                return self._for()
            case "some" | "every" if self.tokens[self.index + 1].kind in ("name", "string"):
                return self._quantified()
            case "function" if self.shows("(", ahead=1):
                return self._function()
        raise self.error("Did not expect the keyword “%(word)s” here.", word=word)

    def _if(self) -> Node:
        at = self.token.at
        self.index += 1
        condition = self.expression(0)
        self.expect("then")
        then = self.expression(0)
        if not self.shows("else"):
            raise self.error(
                "Expected “else”, but found %(found)s.", hint="Every if needs an else.", found=self.describe()
            )
        self.index += 1
        return If(at, condition, then, self.expression(0))

    def _bracket(self) -> Node:
        token = self.token
        self.index += 1
        if token.text == "[" and self.accept("]"):
            return ListLiteral(token.at, ())
        if token.text == "]":
            start = self.expression(COMPARISON)
            self.expect("..")
            return self.range_end(token.at, start, False)
        if token.text == "(" and self.token.kind == "operator" and self.token.text in COMPARISONS:
            operator = self.token.text
            self.index += 1
            bound = self.expression(COMPARISON)
            self.expect(")")
            return UnaryRange(token.at, operator, bound)
        first = self.inside()
        if self.accept(".."):
            return self.range_end(token.at, first, token.text == "[")
        if token.text == "(":
            self.expect(")")
            return first
        items = [first]
        while self.accept(","):
            items.append(self.inside())
        self.expect("]")
        return ListLiteral(token.at, tuple(items))

    def range_end(self, at: int, start: Node, start_included: bool) -> Node:
        outer, self.ends_range = self.ends_range, True
        end = self.expression(COMPARISON)
        self.ends_range = outer
        for closer, end_included in (("]", True), (")", False), ("[", False)):
            if self.accept(closer):
                return RangeLiteral(at, start, end, start_included, end_included)
        raise self.error("Expected ] or ) at the end of the range, but found %(found)s.", found=self.describe())

    def _context(self) -> Node:
        at = self.token.at
        self.index += 1
        outer, self.ends_range = self.ends_range, False
        entries: list[Entry] = []
        with self.own_names() as known:
            while not self.accept("}"):
                if entries:
                    self.expect(",")
                entries.append(self.entry())
                known.add(entries[-1].name)
        self.ends_range = outer
        for entry in entries:  # keys stay known: a path or a filter may follow
            self.names.add(entry.name)
        return ContextLiteral(at, tuple(entries))

    def _iterations(self) -> tuple[Entry, ...]:
        iterations = []
        while True:
            at = self.token.at
            name = self.new_variable("in")
            self.expect("in")
            source = self.expression(0)
            if self.accept(".."):
                source = Iteration(source.at, source, self.expression(0))
            iterations.append(Entry(at, name, source))
            self.names.add(name)
            if not self.accept(","):
                return tuple(iterations)

    def _for(self) -> Node:
        at = self.token.at
        self.index += 1
        with self.own_names():
            iterations = self._iterations()
            self.expect("return")
            return For(at, iterations, self.expression(0))

    def _quantified(self) -> Node:
        token = self.token
        self.index += 1
        with self.own_names():
            iterations = self._iterations()
            self.expect("satisfies")
            return Quantified(token.at, token.text, iterations, self.expression(0))

    def _function(self) -> Node:
        at = self.token.at
        self.index += 2
        with self.own_names() as known:
            parameters: list[Parameter] = []
            while not self.accept(")"):
                if parameters:
                    self.expect(",")
                start = self.token.at
                name = self.new_variable(",", ")", ":")
                parameters.append(Parameter(start, name, self.type_() if self.accept(":") else None))
                known.add(name)
            if self.accept(":"):
                self.type_()
            if self.accept("external"):
                self.expression(0)
                return ExternalFunction(at)
            return FunctionDefinition(at, tuple(parameters), self.expression(0))

    def inside(self) -> Node:
        """An expression between brackets of its own."""
        outer, self.ends_range = self.ends_range, False
        tree = self.expression(0)
        self.ends_range = outer
        return tree

    def entry(self) -> Entry:
        at = self.token.at
        name = self.new_name(":")
        self.expect(":")
        return Entry(at, name, self.expression(0))
