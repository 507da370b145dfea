"""Reading type names: after ``instance of`` and in function parameters (DMN 1.5, clause 10.3.1.2, rule 54)."""

from __future__ import annotations

from engine.feel.cursor import Cursor
from engine.feel.lexer import Token
from engine.feel.syntax import CollectionType, ContextType, FunctionType, Type

_LONG_NAMES = (
    ("years", "and", "months", "duration"),
    ("days", "and", "time", "duration"),
    ("date", "and", "time"),
)


class TypeParser(Cursor):
    """A cursor that can read a type."""

    def type_(self) -> Type:
        """The type that stands here. Raises ``FeelSyntaxError``."""
        self.deeper()
        found = self._type()
        self.shallower()
        return found

    def _type(self) -> Type:
        token = self.token
        if token.kind != "name":
            raise self.error("Expected a type, but found %(found)s.", found=self.describe())
        if self.shows("<", ahead=1):
            if token.text in ("list", "range"):
                return self._collection_type()
            if token.text == "context":
                return self._context_type()
            if token.text == "function":
                return self._function_type()
        for words in _LONG_NAMES:
            if all(self.shows(word, ahead) for ahead, word in enumerate(words)):
                self.index += len(words)
                return Type(token.at, " ".join(words))
        name = self.any_name()
        while self.accept("."):
            name += "." + self.any_name()
        return Type(token.at, name)

    def _collection_type(self) -> CollectionType:
        token = self.token
        self.index += 2
        element = self.type_()
        self._close_angle()
        return CollectionType(token.at, token.text, element)

    def _context_type(self) -> ContextType:
        token = self.token
        self.index += 2
        members = []
        while True:
            name = self.new_name(":")
            self.expect(":")
            members.append((name, self.type_()))
            if not self.accept(","):
                break
        self._close_angle()
        return ContextType(token.at, token.text, tuple(members))

    def _function_type(self) -> FunctionType:
        token = self.token
        self.index += 2
        parameters = []
        while not self.shows(">"):
            parameters.append(self.type_())
            if not self.accept(","):
                break
        self._close_angle()
        self.expect("->")
        return FunctionType(token.at, token.text, tuple(parameters), self.type_())

    def _close_angle(self) -> None:
        token = self.token
        if token.kind == "operator" and token.text == ">=":  # "list<number>=…": the lexer took both characters
            self.tokens[self.index] = Token("operator", "=", token.at + 1, "=")
            return
        self.expect(">")
