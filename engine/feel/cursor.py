"""Walking over the tokens: looking ahead, expecting, recognising known names, and saying what is wrong."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from engine.feel.errors import FeelSyntaxError
from engine.feel.lexer import Token, normal_name, tokenize
from engine.feel.names import Names

_NESTING_MAX = 60
_IN_NAMES = (".", "/", "-", "'", "+", "*", "**")


class Cursor:
    """A position in the tokens of a text, and the names known there."""

    def __init__(self, text: str, names: Names) -> None:
        self.text = text
        self.tokens = tokenize(text)
        self.index = 0
        self.names = Names(parent=names)
        self._nesting = 0

    @property
    def token(self) -> Token:
        """The token at the cursor."""
        return self.tokens[self.index]

    def shows(self, text: str, ahead: int = 0) -> bool:
        """Whether the token at the cursor, or some places ahead, is this operator or word."""
        index = self.index + ahead
        token = self.tokens[index] if index < len(self.tokens) else self.tokens[-1]
        return token.text == text and (token.kind == "operator" or token.kind == "name")

    def accept(self, text: str) -> bool:
        """Step over this operator or word if it is there."""
        if self.shows(text):
            self.index += 1
            return True
        return False

    def expect(self, text: str) -> None:
        """Step over this operator or word. Raises ``FeelSyntaxError`` if something else is there."""
        if not self.accept(text):
            raise self.error("Expected “%(expected)s”, but found %(found)s.", expected=text, found=self.describe())

    def describe(self) -> str:
        """The token at the cursor as a message shows it."""
        return "the end" if self.token.kind == "end" else f"“{self.token.text[:30]}”"

    def error(self, template: str, *, hint: str = "", **params: Any) -> FeelSyntaxError:
        """An error at the cursor."""
        return FeelSyntaxError(template, text=self.text, position=self.token.at, hint=hint, **params)

    def unexpected(self) -> FeelSyntaxError:
        """An error saying that this token cannot stand here, with a guess why."""
        hint, params = "", {}
        previous = self.tokens[self.index - 1] if self.index else None
        if previous and previous.kind == self.token.kind == "name":
            hint = "Is “%(name)s” a variable that does not exist here?"
            params["name"] = f"{previous.text} {self.token.text}"
        elif self.token.text == "==":
            hint = "Write = instead."
        return self.error("Did not expect %(found)s here.", hint=hint, found=self.describe(), **params)

    def expect_end(self) -> None:
        """Raises ``FeelSyntaxError`` when anything is left."""
        if self.token.kind != "end":
            raise self.unexpected()

    @contextmanager
    def own_names(self) -> Iterator[Names]:
        """Names added in this block are forgotten after it."""
        outer, self.names = self.names, Names(parent=self.names)
        try:
            yield self.names
        finally:
            self.names = outer

    def deeper(self) -> None:
        """Count one level of nesting. Raises ``FeelSyntaxError`` beyond sixty."""
        self._nesting += 1
        if self._nesting > _NESTING_MAX:
            raise self.error(
                "Expected at most %(deepest)s levels of nesting.",
                hint="Give the inner parts names in a context.",
                deepest=_NESTING_MAX,
            )

    def shallower(self) -> None:
        """Leave one level of nesting."""
        self._nesting -= 1

    def known_name(self) -> str | None:
        """Step over the longest known name of several tokens that starts here, if there is one."""
        token = self.tokens[self.index]
        if token.kind != "name":
            return None
        for parts, name in self.names.starting_with(token.value):
            found = self.tokens[self.index : self.index + len(parts)]
            if len(found) == len(parts) and all(
                token.value == part and token.kind in ("name", "operator", "number")
                for token, part in zip(found, parts, strict=True)
            ):
                self.index += len(parts)
                return name
        return None

    def any_name(self) -> str:
        """Step over a name that is read. Raises ``FeelSyntaxError``."""
        known = self.known_name()
        if known is not None:
            return known
        if self.token.kind != "name":
            raise self.error("Expected a name, but found %(found)s.", found=self.describe())
        self.index += 1
        return self.tokens[self.index - 1].value

    def new_name(self, *stops: str) -> str:
        """Step over a name that is given here: all tokens up to one of ``stops``, or a string."""
        start = self.index
        if self.token.kind == "string":
            self.index += 1
            return self.tokens[start].value
        if self.token.kind != "name":
            raise self.error("Expected a name, but found %(found)s.", found=self.describe())
        while self._continues_name(self.index > start, stops):
            self.index += 1
        last = self.tokens[self.index - 1]
        return normal_name(self.text[self.tokens[start].at : last.at + len(last.text)])

    def new_variable(self, *stops: str) -> str:
        """Step over a name given to a variable. Raises ``FeelSyntaxError`` when it is a built-in function's."""
        start = self.index
        name = self.new_name(*stops)
        if name in self.names.reserved:
            self.index = start
            raise self.error(
                "Expected a name of your own, but “%(name)s” is a built-in function.",
                hint="Choose another name.",
                name=name,
            )
        return name

    def _continues_name(self, may_stop: bool, stops: tuple[str, ...]) -> bool:
        token = self.token
        if may_stop and token.kind in ("operator", "name") and token.text in stops:
            return False
        return token.kind in ("name", "number") or (token.kind == "operator" and token.text in _IN_NAMES)

    def is_named_argument(self) -> bool:
        """Whether ``name :`` starts here."""
        index = self.index
        if self.tokens[index].kind not in ("name", "string"):
            return False
        if self.tokens[index].kind == "string":
            index += 1
        else:
            while self.tokens[index].kind in ("name", "number") or (
                self.tokens[index].kind == "operator" and self.tokens[index].text in _IN_NAMES
            ):
                index += 1
        return self.tokens[index].kind == "operator" and self.tokens[index].text == ":"
