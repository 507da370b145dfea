"""What changed between two versions of a form, in words: one sentence a change, in reading order of the new one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from forms.schema import Field, Form, Section, Text

_CHANGED = {
    "unit": "The unit of “%(label)s” has changed.",
    "check": "The format check of “%(label)s” has changed.",
    "check_suffix": "The format check of “%(label)s” has changed.",
    "fresh": "Whether “%(label)s” opens with an earlier answer has changed.",
    "accept": "The file types that “%(label)s” accepts have changed.",
    "options_from": "Where the choices of “%(label)s” come from has changed.",
    "options_within": "Where the choices of “%(label)s” come from has changed.",
    "readonly": "Whether “%(label)s” can be changed has changed.",
}
_EXPRESSIONS = {
    "hide": "When “%(label)s” is hidden was %(before)s and is %(after)s.",
    "required_when": "When “%(label)s” must be answered was %(before)s and is %(after)s.",
    "computed": "How “%(label)s” is computed was %(before)s and is %(after)s.",
    "rule": "The rule of “%(label)s” was %(before)s and is %(after)s.",
    "default": "The default of “%(label)s” was %(before)s and is %(after)s.",
    "description": "The hint of “%(label)s” was “%(before)s” and is “%(after)s”.",
    "rule_message": "What people are told by the rule of “%(label)s” was “%(before)s” and is “%(after)s”.",
}
"""What is told with its words: the second person who agrees must know them."""
_LIMITS = {
    "length_min": "The shortest text of “%(label)s” was %(before)s and is %(after)s.",
    "length_max": "The longest text of “%(label)s” was %(before)s and is %(after)s.",
    "number_min": "The smallest number of “%(label)s” was %(before)s and is %(after)s.",
    "number_max": "The largest number of “%(label)s” was %(before)s and is %(after)s.",
    "decimals_max": "The decimals of “%(label)s” were %(before)s and are %(after)s.",
    "pattern": "The pattern of “%(label)s” was %(before)s and is %(after)s.",
    "bytes_max": "The largest file of “%(label)s” was %(before)s bytes and is %(after)s bytes.",
    "files_max": "“%(label)s” took %(before)s files and takes %(after)s.",
}
_ROLES = {
    "write": "Who may answer “%(label)s”: before %(before)s, now %(after)s.",
    "see": "Who may see “%(label)s”: before %(before)s, now %(after)s.",
}


TELL_ROLES = frozenset(_ROLES.values())
"""The sentences of which the values are keys of roles, with ", " between them."""


@dataclass(frozen=True, slots=True)
class Change:
    """One change: its field ("" = the form), an English sentence and the sentence's values."""

    field: str
    template: str
    params: dict[str, Any]

    def __str__(self) -> str:
        return self.template % self.params


def diff(before: Form, after: Form) -> list[Change]:
    """Everything that is different for somebody who fills in the form; the same form gives an empty list."""
    old = {field.key: field for field in before.fields}
    new = {field.key: field for field in after.fields}
    changes = list(_form(before, after))
    for key, field in new.items():
        if key not in old:
            changes.append(Change(key, "“%(label)s” is asked now.", {"label": field.label}))
        else:
            changes += _field(old[key], field, before, after)
    for key, field in old.items():
        if key not in new:
            changes.append(Change(key, "“%(label)s” is no longer asked.", {"label": field.label}))
    return [*changes, *_order(list(old), list(new), new)]


def _form(before: Form, after: Form) -> Iterator[Change]:
    if before.title != after.title:
        yield Change("", "The title was “%(before)s” and is “%(after)s”.",
                     {"before": before.title, "after": after.title})  # fmt: skip
    if before.description != after.description:
        yield Change("", "The introduction has changed.", {})
    if before.submit_label != after.submit_label:
        yield Change("", "The words on the button have changed.", {})
    if _words(before) != _words(after):
        yield Change("", "The texts or groups between the questions have changed.", {})


def _words(form: Form) -> list[tuple[str, str]]:
    """Texts and titles of groups, in order; their conditions show at the fields they hide."""
    found: list[tuple[str, str]] = []
    stack = list(reversed(form.items))
    while stack:
        item = stack.pop()
        match item:
            case Text():
                found.append((item.text, item.hide))
            case Section():
                found.append((item.label, item.description))
                stack += reversed(item.items)
    return found


def _field(old: Field, new: Field, before: Form, after: Form) -> Iterator[Change]:
    def change(template: str, **params: Any) -> Change:
        return Change(new.key, template, {"label": new.label, **params})

    if old.label != new.label:
        yield change("“%(before)s” is now called “%(label)s”.", before=old.label)
    if old.kind != new.kind:
        yield change("“%(label)s” was of kind %(before)s and is of kind %(after)s.", before=old.kind, after=new.kind)
    if old.limits.required != new.limits.required:
        yield change("“%(label)s” must be answered now." if new.limits.required else "“%(label)s” is optional now.")
    yield from _choices(old, new)
    for name, template in _ROLES.items():
        if getattr(old, name) != getattr(new, name):
            yield change(template, before=_roles(getattr(old, name)), after=_roles(getattr(new, name)))
    for name, template in _LIMITS.items():
        was, is_ = getattr(old.limits, name), getattr(new.limits, name)
        if was != is_:
            yield change(template, before=_some(was), after=_some(is_))
    for name, template in _EXPRESSIONS.items():
        was, is_ = (
            (before.hides[old.key], after.hides[new.key])
            if name == "hide"
            else (getattr(old, name), getattr(new, name))
        )
        if was != is_:
            yield change(template, before=_some(was), after=_some(is_))
    changed = [words for name, words in _CHANGED.items() if getattr(old, name) != getattr(new, name)]
    for words in dict.fromkeys(changed):
        yield change(words)


def _choices(old: Field, new: Field) -> Iterator[Change]:
    was, is_ = ({option.value: option.label for option in field.options} for field in (old, new))
    for value, label in is_.items():
        if value not in was:
            yield Change(new.key, "“%(label)s” offers “%(choice)s” now.", {"label": new.label, "choice": label})
        elif was[value] != label:
            params = {"label": new.label, "before": was[value], "choice": label}
            yield Change(new.key, "In “%(label)s”, “%(before)s” is now called “%(choice)s”.", params)
    for value, label in was.items():
        if value not in is_:
            yield Change(new.key, "“%(label)s” no longer offers “%(choice)s”.", {"label": new.label, "choice": label})


def _order(old: list[str], new: list[str], fields: dict[str, Field]) -> list[Change]:
    both = [key for key in new if key in old]
    was = [key for key in old if key in new]
    if both == was:
        return []
    first = next(key for n, key in enumerate(both) if was[n] != key)
    return [Change(first, "The order of the questions has changed, from “%(label)s” on.",
                   {"label": fields[first].label})]  # fmt: skip


def _roles(roles: frozenset[str]) -> str:
    return ", ".join(sorted(roles)) or "*"


def _some(value: Any) -> str:
    if isinstance(value, tuple):
        value = "; ".join(value)
    return "–" if value in (None, "") else str(value)
