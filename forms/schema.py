"""What a form is: sections of fields, as frozen values. Read from form-js JSON by ``forms.formjs``."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from dataclasses import field as attribute
from typing import Any, Literal, TypeAlias

FieldKind = Literal[
    "text", "textarea", "number", "date", "datetime", "select", "radio", "checklist", "checkbox", "file"
]

Evaluate: TypeAlias = Callable[[str, Mapping[str, Any]], Any]
"""(FEEL text, variables) → value. Handed in by the engine, so that forms stay a leaf. Whatever it raises means
"cannot tell": the callers in this package decide what follows from that, and never let it through."""


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with one field: its key ("" = the form as a whole), an English sentence and its values."""

    field: str
    template: str
    params: Mapping[str, Any] = attribute(default_factory=dict)

    def __str__(self) -> str:
        return self.template % dict(self.params) if self.params else self.template


@dataclass(frozen=True, slots=True)
class Option:
    """One choice: ``value`` is what a browser posts, ``answer`` what the case keeps (``None``: the same text)."""

    value: str
    label: str
    answer: str | int | bool | None = None

    @property
    def kept(self) -> str | int | bool:
        return self.value if self.answer is None else self.answer


@dataclass(frozen=True, slots=True)
class Limits:
    """What a field's answer must keep to. ``None`` means no limit."""

    required: bool = False
    length_min: int | None = None
    length_max: int | None = None
    number_min: str | None = None
    number_max: str | None = None
    decimals_max: int | None = None
    pattern: str | None = None
    pattern_message: str = ""
    bytes_max: int = 10_000_000
    files_max: int = 1


@dataclass(frozen=True, slots=True)
class Field:
    """One question. ``write`` and ``see`` name the roles that may answer or see it; empty means every role.

    ``check`` names a format checker (``resident_id``, ``phone``); ``check_suffix`` is a pattern for what may
    follow the checked part. ``hide``, ``required_when``, ``computed`` and ``rule`` are FEEL without a leading "=".
    ``options_from`` names a level of organisations to choose from instead of fixed ``options``; ``options_within``
    narrows them to those that belong to the nearest organisation of that level themselves, not to one below it.
    ``default`` is a literal, or FEEL when it is a text that begins with "=". A ``fresh`` field never opens with what
    was answered before: a decision, or the day of an act, is given anew each time the form is filled in.
    """

    key: str
    label: str
    kind: FieldKind
    description: str = ""
    unit: str = ""
    options: tuple[Option, ...] = ()
    options_from: str = ""
    options_within: str = ""
    limits: Limits = Limits()
    check: str = ""
    check_suffix: str = ""
    write: frozenset[str] = frozenset()
    see: frozenset[str] = frozenset()
    readonly: bool = False
    hide: str = ""
    required_when: str = ""
    computed: str = ""
    rule: str = ""
    rule_message: str = ""
    default: Any = None
    fresh: bool = False
    accept: tuple[str, ...] = ()

    def may_write(self, roles: frozenset[str]) -> bool:
        """Whether somebody in ``roles`` may answer this field; who may not see it may not answer it either."""
        if self.readonly or self.computed or not self.may_see(roles):
            return False
        return not self.write or bool(self.write & roles)

    def may_see(self, roles: frozenset[str]) -> bool:
        """Whether somebody in ``roles`` may see this field."""
        return not self.see or bool(self.see & roles)


@dataclass(frozen=True, slots=True)
class Text:
    """Words between the questions (a heading when ``level`` is 2 or 3, else a paragraph)."""

    text: str
    level: int = 0
    hide: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """A titled group of items; hidden as a whole when ``hide`` (FEEL) is true."""

    label: str
    items: tuple[Item, ...]
    hide: str = ""
    description: str = ""


Item: TypeAlias = Field | Text | Section


@dataclass(frozen=True, slots=True)
class Form:
    """A whole form. ``extends`` names the form it changes ("" = none; only ``forms.merge`` makes sense of it)."""

    key: str
    title: str
    items: tuple[Item, ...]
    description: str = ""
    submit_label: str = ""
    extends: str = ""
    extra: Mapping[str, Any] = attribute(default_factory=dict)
    fields: tuple[Field, ...] = attribute(init=False, repr=False, compare=False)
    """Every field, in reading order."""
    hides: Mapping[str, tuple[str, ...]] = attribute(init=False, repr=False, compare=False)
    """Field key → the FEEL texts any of which hides it: those of its sections, outermost first, and its own."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "fields", tuple(_fields(self.items)))
        object.__setattr__(self, "hides", dict(_hides(self.items, ())))

    def field(self, key: str) -> Field | None:
        """The field with this key, or ``None``."""
        return next((found for found in self.fields if found.key == key), None)


def _fields(items: tuple[Item, ...]) -> Iterator[Field]:
    for item in items:
        match item:
            case Field():
                yield item
            case Section(items=inner):
                yield from _fields(inner)


def _hides(items: tuple[Item, ...], above: tuple[str, ...]) -> Iterator[tuple[str, tuple[str, ...]]]:
    for item in items:
        own = (*above, item.hide) if item.hide else above
        match item:
            case Field():
                yield item.key, own
            case Section(items=inner):
                yield from _hides(inner, own)
