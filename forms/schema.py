"""What a form is: sections of fields, as frozen values. Read from form-js JSON by ``forms.formjs``."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

FieldKind = Literal[
    "text", "textarea", "number", "date", "datetime", "select", "radio", "checklist", "checkbox", "file"
]

Evaluate: TypeAlias = Callable[[str, Mapping[str, Any]], Any]
"""(FEEL text, variables) → value. Handed in by the engine, so that forms stay a leaf. Raises ``ValueError`` when it cannot."""


@dataclass(frozen=True, slots=True)
class Option:
    value: str
    label: str


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

    ``check`` names a format checker (``resident_id``, ``phone``); ``hide`` and ``rule`` are FEEL.
    ``options_from`` names a level of organisations to choose from instead of fixed ``options``.
    """

    key: str
    label: str
    kind: FieldKind
    description: str = ""
    options: tuple[Option, ...] = ()
    options_from: str = ""
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
    accept: tuple[str, ...] = ()

    def may_write(self, roles: frozenset[str]) -> bool:
        """Whether somebody in ``roles`` may answer this field."""
        return not self.readonly and not self.computed and (not self.write or bool(self.write & roles))

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
    items: tuple[Field | Text | Section, ...]
    hide: str = ""


@dataclass(frozen=True, slots=True)
class Form:
    key: str
    title: str
    items: tuple[Field | Text | Section, ...]
    submit_label: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict)

    @property
    def fields(self) -> Iterator[Field]:
        """Every field, in reading order."""
        return _fields(self.items)


def _fields(items: tuple[Field | Text | Section, ...]) -> Iterator[Field]:
    for item in items:
        match item:
            case Field():
                yield item
            case Section(items=inner):
                yield from _fields(inner)
