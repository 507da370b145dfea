"""What a form document may say: the names it may use, the size it may have, and how its mistakes are told."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

import re2

SCHEMA_VERSION = 19
BYTES_MAX = 1_000_000
COMPONENTS_MAX = 500
DEPTH_MAX = 6
KEY = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}")
_FEEL_WORDS = "and or not in if then else for return some every satisfies between instance of function true false null"
RESERVED_KEYS = frozenset({"profile", "csrf_token", "main", "diagram", *_FEEL_WORDS.split()})
"""A variable of every case, names and ids of the page itself, and words that no expression can use as a name."""

_COMMON = {"type", "id", "key", "label", "description", "properties", "conditional", "layout", "validate", "readonly",
           "disabled", "defaultValue", "appearance", "source"}  # fmt: skip
COMPONENTS: Mapping[str, frozenset[str]] = {
    "textfield": frozenset(_COMMON),
    "textarea": frozenset(_COMMON),
    "number": frozenset(_COMMON | {"decimalDigits", "increment", "serializeToString"}),
    "datetime": frozenset(_COMMON | {"subtype", "dateLabel", "use24h"}),
    "select": frozenset(_COMMON | {"values", "searchable"}),
    "radio": frozenset(_COMMON | {"values"}),
    "checklist": frozenset(_COMMON | {"values"}),
    "checkbox": frozenset(_COMMON),
    "filepicker": frozenset(_COMMON | {"accept", "multiple"}),
    "group": frozenset(_COMMON | {"components", "showOutline", "path", "verticalAlignment"}),
    "text": frozenset({"type", "id", "text", "conditional", "layout", "properties"}),
    "separator": frozenset({"type", "id", "conditional", "layout", "properties"}),
    "spacer": frozenset({"type", "id", "conditional", "layout", "height", "properties"}),
}
PROPERTIES = frozenset({"write", "see", "check", "check_suffix", "options_from", "options_within", "required_when",
                        "computed", "rule", "rule_message", "default", "fresh", "unit", "files_max", "bytes_max",
                        "after"})  # fmt: skip
FORM_PROPERTIES = frozenset({"title", "submit", "description", "extends", "remove"})
VALIDATE = frozenset({"required", "minLength", "maxLength", "min", "max", "pattern", "patternErrorMessage",
                       "validationType"})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Mistake:
    """One thing wrong with the document: where (``/components/3/key``) and a sentence with its values."""

    path: str
    template: str
    params: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.path or '/'}: {self.template % dict(self.params)}"


class FormError(ValueError):
    """The document is no usable form; ``mistakes`` says everything that is wrong, each with its JSON path."""

    def __init__(self, mistakes: Sequence[Mistake]) -> None:
        super().__init__("; ".join(str(mistake) for mistake in mistakes))
        self.mistakes = tuple(mistakes)


def read_json(content: bytes) -> dict[str, Any]:
    """The JSON object in ``content``: bounded in size, no key twice, no NaN. Raises ``FormError``."""
    if len(content) > BYTES_MAX:
        raise FormError([Mistake("", "Expected at most %(limit)s bytes, but found %(count)s.",
                                 {"limit": BYTES_MAX, "count": len(content)})])  # fmt: skip
    try:
        document = json.loads(content, object_pairs_hook=_object, parse_constant=_no_constant, parse_float=Decimal)
    except (ValueError, RecursionError) as error:
        raise FormError([Mistake("", "This is not JSON: %(error)s.", {"error": str(error)[:200]})]) from None
    if not isinstance(document, dict):
        raise FormError([Mistake("", "Expected a JSON object with a list of components.")])
    return document


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice in one object")
    return found


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not allowed")


class DocumentReader:
    """Reads single values of a document, collecting mistakes (each with its JSON path) instead of stopping."""

    def __init__(self) -> None:
        self.mistakes: list[Mistake] = []

    def wrong(self, path: str, template: str, **params: Any) -> None:
        self.mistakes.append(Mistake(path, template, params))

    def known_names(self, data: Mapping[str, Any], path: str, names: frozenset[str]) -> None:
        for name in data.keys() - names:
            self.wrong(f"{path}/{name}", "%(name)s is not supported here.", name=brief(name))

    def properties(self, data: Mapping[str, Any], path: str, names: frozenset[str]) -> dict[str, str]:
        found = data.get("properties", {})
        if not isinstance(found, dict) or not all(isinstance(value, str) for value in found.values()):
            self.wrong(f"{path}/properties", "Expected an object whose values are texts.")
            return {}
        self.known_names(found, f"{path}/properties", names)
        return found

    def feel(self, text: Any, path: str) -> str:
        """FEEL without its leading "="; only its presence is checked here, its grammar by the evaluator's owner."""
        if not isinstance(text, str):
            self.wrong(path, "Expected an expression, but found %(found)s.", found=brief(text))
            return ""
        return text.strip().removeprefix("=").strip()

    def words(self, component: Mapping[str, Any], name: str, path: str) -> str:
        found = component.get(name, "")
        if not isinstance(found, str):
            self.wrong(f"{path}/{name}", "Expected a text, but found %(found)s.", found=brief(found))
            return ""
        if found.strip().startswith("="):
            self.wrong(f"{path}/{name}", "Expected a fixed text, not an expression.")
        return found.strip()

    def pattern(self, text: Any, path: str) -> str:
        """A regular expression that runs in linear time (RE2), or "" and a mistake."""
        try:
            if text:
                re2.compile(text)
            return str(text)
        except (re2.error, TypeError) as error:
            self.wrong(path, "This regular expression cannot be used: %(error)s.", error=str(error)[:120])
            return ""

    def flag(self, data: Mapping[str, Any], name: str, path: str) -> bool:
        value = data.get(name, False)
        if not isinstance(value, bool):
            self.wrong(f"{path}/{name}", "Expected true or false, but found %(found)s.", found=brief(value))
            return False
        return value

    def whole(self, value: Any, path: str) -> int | None:
        number = self.bound(value, path)
        if number is None:
            return None
        if not number.isdigit():
            self.wrong(path, "Expected a whole number from 0 up, but found %(found)s.", found=brief(value))
            return None
        return int(number)

    def bound(self, value: Any, path: str) -> str | None:
        if value is None or value == "":
            return None
        try:
            number = Decimal(str(value))
        except InvalidOperation:
            number = Decimal("NaN")
        if isinstance(value, bool) or not number.is_finite():
            self.wrong(path, "Expected a number, but found %(found)s.", found=brief(value))
            return None
        return str(value)


def brief(value: Any) -> str:
    """A value as a mistake quotes it: short, and with its quotation marks."""
    return repr(value)[:60]
