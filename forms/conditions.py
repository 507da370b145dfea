"""Which fields show, and what is computed: conditions settled to a fixpoint, and as far as can be for browsers too.

``settle`` asks the evaluator (the engine's FEEL). ``tree`` translates the simple shapes that most conditions have into
nested JSON lists which forty lines of JavaScript evaluate with the same three-valued logic, so a page can show and hide
without asking; whatever it cannot translate stays visible with a hint, and the server decides.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from forms.schema import Evaluate, Field, Form

_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
UNKNOWN = object()
"""What an expression is worth that the evaluator could not tell."""


@dataclass(frozen=True, slots=True)
class Settled:
    """``hidden``: the keys of fields not asked in this state; ``values``: all variables with the answers laid over."""

    hidden: frozenset[str]
    values: Mapping[str, Any]


def ask(evaluate: Evaluate, text: str, values: Mapping[str, Any]) -> Any:
    """The value of a FEEL text, or ``UNKNOWN``: the evaluator is a guest here, and none of its errors gets past."""
    try:
        return evaluate(text, values)
    except Exception:  # any error of a guest means the same: it cannot tell
        return UNKNOWN


def mentions(text: str) -> frozenset[str]:
    """The plain names that stand in a FEEL text, outside its string literals (words of the language included)."""
    return frozenset(_NAME.findall(_STRING.sub(" ", text)))


def blank(field: Field) -> Any:
    """What "no answer" looks like for this kind of field: conditions read it, so an unticked box is ``False``."""
    if field.kind in ("checklist", "file"):
        return []
    return False if field.kind == "checkbox" else None


def settle(
    form: Form, roles: frozenset[str], answers: Mapping[str, Any], variables: Mapping[str, Any], evaluate: Evaluate
) -> Settled:
    """The state in which every condition and computed field agrees with all others.

    ``answers`` are the typed values of fields that ``roles`` may write; other fields keep their variable. Going through
    the fields in reading order is repeated until nothing changes; a circle of conditions is cut after one round per
    field, and stays as it then is.
    """
    fields, hides = form.fields, form.hides
    open_ = frozenset(field.key for field in fields if field.may_write(roles))
    values = dict(variables)
    for field in fields:
        if field.key in open_:
            values[field.key] = answers.get(field.key, blank(field))
        elif field.computed or field.key not in values:
            values[field.key] = blank(field)
    depends = [field for field in fields if hides[field.key] or field.computed]
    hidden: set[str] = set()
    for _ in range(len(fields) + 1):
        settled = True
        known: dict[str, Any] = {}
        for field in depends:
            gone = any(_remembered(known, evaluate, text, values) is True for text in hides[field.key])
            if gone is not (field.key in hidden):
                (hidden.add if gone else hidden.discard)(field.key)
                settled = False
            value = _value(field, gone, field.key in open_, answers, values, evaluate)
            if value != values[field.key] or type(value) is not type(values[field.key]):
                values[field.key] = value
                known.clear()
                settled = False
        if settled:
            break
    return Settled(frozenset(hidden), values)


def _remembered(known: dict[str, Any], evaluate: Evaluate, text: str, values: Mapping[str, Any]) -> Any:
    if text not in known:
        known[text] = ask(evaluate, text, values)
    return known[text]


def _value(
    field: Field,
    gone: bool,
    is_open: bool,
    answers: Mapping[str, Any],
    values: Mapping[str, Any],
    evaluate: Evaluate,
) -> Any:
    if field.computed:
        found = UNKNOWN if gone else ask(evaluate, field.computed, values)
        return blank(field) if found is UNKNOWN else found
    if is_open:
        return blank(field) if gone else answers.get(field.key, blank(field))
    return values[field.key]


def initial(form: Form, roles: frozenset[str], variables: Mapping[str, Any], evaluate: Evaluate) -> dict[str, Any]:
    """What a form opens with: the case's own values (not in fresh fields), else the default of a writable field."""
    found: dict[str, Any] = {}
    for field in form.fields:
        value = None if field.fresh and field.may_write(roles) else variables.get(field.key)
        if value is None and field.default is not None and field.may_write(roles):
            value = field.default
            if isinstance(value, str) and value.startswith("="):
                value = ask(evaluate, value[1:].strip(), {**variables, **found})
            value = list(value) if isinstance(value, tuple) else value
        found[field.key] = None if value is UNKNOWN else value
    return found


# --- conditions for the browser -----------------------------------------------------------------------------------

Tree = list[Any]
"""``["=", key, literal]`` (also != < <= > >=), ``["in", key, [literals]]``, ``["contains", key, literal]``,
``["true", key]``, ``["not", tree]``, ``["and", tree, …]``, ``["or", tree, …]``, ``["const", value]``."""

_TOKEN = re.compile(
    r'\s*(?:(?P<string>"(?:[^"\\]|\\.)*")|(?P<number>-?[0-9]+(?:\.[0-9]+)?)|(?P<contains>list\s+contains\b)'
    r"|(?P<name>[A-Za-z_][A-Za-z0-9_]*)|(?P<sign><=|>=|!=|[=<>(),\[\]]))"
)
_SIGNS = ("=", "!=", "<", "<=", ">", ">=")
_WORDS = {"and", "or", "not", "in", "true", "false", "null"}


class _NotSimple(Exception):
    """The condition has a shape that the browser is not told."""


def tree(text: str, known: Mapping[str, Any], asked: frozenset[str]) -> Tree | None:
    """A condition as nested lists, or ``None`` when it has another shape than the simple ones.

    ``asked`` are the keys whose answers the page holds; any other name is read from ``known`` once and for all.
    """
    try:
        parser = _Parser(_tokens(text), known, asked)
        found = parser.either()
        parser.expect_end()
    except _NotSimple:
        return None
    return found


def _tokens(text: str) -> list[tuple[str, str]]:
    tokens, position = [], 0
    while position < len(text.rstrip()):
        match = _TOKEN.match(text, position)
        if not match or not match.lastgroup:
            raise _NotSimple
        tokens.append((match.lastgroup, match[match.lastgroup]))
        position = match.end()
    if len(tokens) > 200:
        raise _NotSimple
    return tokens


class _Parser:
    """Recursive descent over the simple shapes; raises ``_NotSimple`` at anything else."""

    def __init__(self, tokens: list[tuple[str, str]], known: Mapping[str, Any], asked: frozenset[str]) -> None:
        self.tokens, self.known, self.asked = tokens, known, asked
        self.position = self.depth = 0

    def either(self) -> Tree:
        return self.joined("or", self.both)

    def both(self) -> Tree:
        return self.joined("and", self.single)

    def joined(self, word: str, part: Callable[[], Tree]) -> Tree:
        parts = [part()]
        while self.take("name", word):
            parts.append(part())
        return parts[0] if len(parts) == 1 else [word, *parts]

    def single(self) -> Tree:
        self.depth += 1
        if self.depth > 30:
            raise _NotSimple
        found: Tree
        if self.take("name", "not"):
            self.need("sign", "(")
            found = ["not", self.either()]
            self.need("sign", ")")
        elif self.take("sign", "("):
            found = self.either()
            self.need("sign", ")")
        elif self.take("contains"):
            self.need("sign", "(")
            key = self.need("name")
            self.need("sign", ",")
            found = self.about(key, "contains", self.literal())
            self.need("sign", ")")
        elif self.take("name", "true"):
            found = ["const", True]
        elif self.take("name", "false"):
            found = ["const", False]
        else:
            found = self.comparison()
        self.depth -= 1
        return found

    def comparison(self) -> Tree:
        key = self.need("name")
        if key in _WORDS:
            raise _NotSimple
        if self.take("name", "in"):
            closing = ")" if self.take("sign", "(") else "]"
            if closing == "]":
                self.need("sign", "[")
            choices = [self.literal()]
            while self.take("sign", ","):
                choices.append(self.literal())
            self.need("sign", closing)
            return self.about(key, "in", choices)
        for sign in _SIGNS:
            if self.take("sign", sign):
                return self.about(key, sign, self.literal())
        return self.about(key, "true", None)

    def about(self, key: str, shape: str, literal: Any) -> Tree:
        if key in self.asked:
            return ["true", key] if shape == "true" else [shape, key, literal]
        value = self.known.get(key)
        if value is not None and not isinstance(value, bool | int | str | list):
            raise _NotSimple  # a date or a decimal: let the server compare
        plain = {key: value}
        return ["const", holds(["true", key] if shape == "true" else [shape, key, literal], plain)]

    def literal(self) -> Any:
        kind, text = self.next()
        if kind == "string":
            return re.sub(r"\\(.)", r"\1", text[1:-1])
        if kind == "number":
            return float(text) if "." in text else int(text)
        if kind == "name" and text in ("true", "false", "null"):
            return {"true": True, "false": False, "null": None}[text]
        raise _NotSimple

    def next(self) -> tuple[str, str]:
        if self.position >= len(self.tokens):
            raise _NotSimple
        self.position += 1
        return self.tokens[self.position - 1]

    def take(self, kind: str, text: str | None = None) -> bool:
        if self.position < len(self.tokens):
            found = self.tokens[self.position]
            if found[0] == kind and text in (None, found[1]):
                self.position += 1
                return True
        return False

    def need(self, kind: str, text: str | None = None) -> str:
        found = self.next()
        if found[0] != kind or text not in (None, found[1]):
            raise _NotSimple
        return found[1]

    def expect_end(self) -> None:
        if self.position != len(self.tokens):
            raise _NotSimple


def holds(condition: Tree, values: Mapping[str, Any]) -> bool | None:
    """What the browser's forty lines say, in Python: the same test vectors hold both to FEEL."""
    shape, *rest = condition
    if shape == "const":
        return bool(rest[0]) if isinstance(rest[0], bool) else None
    if shape == "not":
        inner = holds(rest[0], values)
        return None if inner is None else not inner
    if shape in ("and", "or"):
        parts = [holds(part, values) for part in rest]
        decisive: bool = shape == "or"
        if decisive in parts:
            return decisive
        return None if None in parts else not decisive
    value = values.get(rest[0])
    if shape == "true":
        return bool(value) if isinstance(value, bool) else None
    if shape == "contains":
        return any(_same(item, rest[1]) for item in value) if isinstance(value, list) else None
    if shape == "in":
        return any(_same(value, choice) for choice in rest[1])
    return _compared(shape, value, rest[1])


def _same(left: Any, right: Any) -> bool:
    return left == right and isinstance(left, bool) == isinstance(right, bool)


def _compared(sign: str, left: Any, right: Any) -> bool | None:
    if sign in ("=", "!="):
        comparable = left is None or right is None or isinstance(left, str) == isinstance(right, str)
        return _same(left, right) == (sign == "=") if comparable else None
    numbers = all(isinstance(side, int | float) and not isinstance(side, bool) for side in (left, right))
    if not numbers and not (isinstance(left, str) and isinstance(right, str)):
        return None
    return bool({"<": left < right, "<=": left <= right, ">": left > right, ">=": left >= right}[sign])
