"""What is wrong with a form that can be read: names nobody knows, fields nobody can reach, rules nobody can meet.

What cannot be read at all (unsupported components, missing labels) is refused earlier, by ``forms.formjs``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from dataclasses import field as attribute
from decimal import Decimal
from typing import Any, Literal

from forms.conditions import Tree, mentions, tree
from forms.fields import parse, to_raw
from forms.schema import Field, Form, Item, Section, Text

NamesOf = Callable[[str], frozenset[str]]
"""FEEL text → the free names it reads. Raises anything when the text is no FEEL."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found: the rule's name, the field's key ("" = the form), and a sentence. An error stops publishing."""

    rule: str
    field: str
    severity: Literal["error", "warning"]
    template: str
    params: Mapping[str, Any] = attribute(default_factory=dict)

    def __str__(self) -> str:
        return self.template % dict(self.params) if self.params else self.template


def lint(form: Form, names_of: NamesOf = mentions, known: frozenset[str] | None = None) -> list[Finding]:
    """Everything found in ``form``, in reading order.

    ``names_of`` is the expression language's own reader (default: every word that stands in a text).
    ``known`` are the variables that a case may have besides the form's own; ``None`` means that nobody can say, and
    unknown names are not looked for.
    """
    found = [*_whole(form), *_texts(form, names_of, known)]
    for field in form.fields:
        found += _roles(field)
        found += _limits(field)
        found += _defaults(field)
        found += _messages(field)
    found += _choices(form)
    found += _circles(form)
    found += _labels(form.items)
    place = {field.key: n for n, field in enumerate(form.fields)}
    return sorted(found, key=lambda finding: place.get(finding.field, -1))


def _whole(form: Form) -> Iterator[Finding]:
    if not any(True for _ in form.fields) and not form.extends:
        yield Finding("empty-form", "", "warning", "The form asks nothing.")
    if form.extends:
        sentence = "The form still extends %(form)s. Merge the two into one form before publishing."
        yield Finding("not-merged", "", "error", sentence, {"form": form.extends})


def _expressions(form: Form) -> Iterator[tuple[str, str]]:
    """(field key or "", FEEL text) of everything the form evaluates."""
    for item in _items(form.items):
        key = item.key if isinstance(item, Field) else ""
        if item.hide:
            yield key, item.hide
        if isinstance(item, Field):
            default = item.default[1:] if isinstance(item.default, str) and item.default.startswith("=") else ""
            for text in (item.required_when, item.computed, item.rule, default):
                if text:
                    yield key, text


def _items(items: tuple[Item, ...]) -> Iterator[Item]:
    for item in items:
        yield item
        if isinstance(item, Section):
            yield from _items(item.items)


def _texts(form: Form, names_of: NamesOf, known: frozenset[str] | None) -> Iterator[Finding]:
    own = {field.key for field in form.fields}
    for key, text in _expressions(form):
        try:
            names = names_of(text)
        except Exception as error:  # whatever the language's own reader raises, the text is not usable
            sentence = "The expression %(text)s cannot be read: %(error)s."
            yield Finding("expression", key, "error", sentence, {"text": text[:80], "error": str(error)[:160]})
            continue
        for name in sorted(names - own - (known or frozenset()) - {"profile"} if known is not None else ()):
            sentence = "Expected %(name)s in %(text)s to be a field or a variable of the case, but nobody sets it."
            yield Finding("unknown-name", key, "error", sentence, {"name": name, "text": text[:80]})


def _roles(field: Field) -> Iterator[Finding]:
    if field.write and field.see and not field.write & field.see:
        sentence = "Nobody who may write %(label)s may see it. Give at least one role both."
        yield Finding("unreachable-field", field.key, "error", sentence, {"label": field.label})
    if (field.readonly or field.computed) and (field.limits.required or field.required_when):
        sentence = "%(label)s is needed, but nobody can answer it here. Take one of the two away."
        yield Finding("needed-but-fixed", field.key, "error", sentence, {"label": field.label})
    if field.hide in ("true", "(true)"):
        sentence = "%(label)s is always hidden. Take the field or its condition away."
        yield Finding("unreachable-field", field.key, "error", sentence, {"label": field.label})


def _limits(field: Field) -> Iterator[Finding]:
    limits = field.limits
    numbers = limits.number_min is not None and limits.number_max is not None
    impossible = numbers and Decimal(limits.number_min or 0) > Decimal(limits.number_max or 0)
    lengths = limits.length_min is not None and limits.length_max is not None
    impossible = impossible or (lengths and (limits.length_min or 0) > (limits.length_max or 0))
    if impossible:
        sentence = "No answer to %(label)s can keep both limits. Correct the smallest or the largest."
        yield Finding("impossible-limits", field.key, "error", sentence, {"label": field.label})


def _defaults(field: Field) -> Iterator[Finding]:
    value = field.default
    if value is None or field.options_from or (isinstance(value, str) and value.startswith("=")):
        return
    problem = parse(field, to_raw(list(value) if isinstance(value, tuple) else value)).problem
    if problem is not None:
        sentence = "The default of %(label)s is no possible answer: %(problem)s"
        yield Finding("default", field.key, "error", sentence, {"label": field.label, "problem": str(problem)})


def _messages(field: Field) -> Iterator[Finding]:
    if field.rule and not field.rule_message:
        sentence = "The rule of %(label)s has no message: people are told only that something does not fit."
        yield Finding("rule-without-message", field.key, "warning", sentence, {"label": field.label})


def _choices(form: Form) -> Iterator[Finding]:
    """Conditions that compare a field with a value which is none of its choices: most often a slip of the pen."""
    fields = {field.key: field for field in form.fields}
    for key, text in _expressions(form):
        condition = tree(text, {}, frozenset(fields))
        for name, value in _literals(condition) if condition else ():
            field = fields[name]
            choices = {option.kept for option in field.options}
            if choices and value is not None and value not in choices:
                params = {"value": str(value), "label": field.label, "text": text[:80]}
                sentence = "%(value)s in %(text)s is no choice of %(label)s. Use one of its values."
                yield Finding("unknown-choice", key, "error", sentence, params)


def _literals(condition: Tree) -> Iterator[tuple[str, Any]]:
    shape, *rest = condition
    if shape in ("not", "and", "or"):
        for part in rest:
            yield from _literals(part)
    elif shape == "in":
        yield from ((rest[0], value) for value in rest[1])
    elif shape in ("=", "!=", "contains"):
        yield rest[0], rest[1]


def _circles(form: Form) -> Iterator[Finding]:
    """Fields that hide themselves, or each other in a circle: which of them shows would depend on the past."""
    keys = {field.key for field in form.fields}
    reads = {key: frozenset().union(*map(mentions, texts)) & keys if texts else frozenset()
             for key, texts in form.hides.items()}  # fmt: skip
    for field in form.fields:
        reads[field.key] |= mentions(field.computed) & keys
    for key in reads:
        reached, ahead = set(), list(reads[key])
        while ahead:
            name = ahead.pop()
            if name not in reached:
                reached.add(name)
                ahead += reads[name]
        if key in reached:
            sentence = "Whether %(label)s is shown or what it holds depends on itself. Break the circle."
            found = form.field(key)
            yield Finding("circle", key, "error", sentence, {"label": found.label if found else key})


def _labels(items: tuple[Item, ...]) -> Iterator[Finding]:
    """Two questions of one group with the same label cannot be told apart by ear, unless only one is ever shown."""
    seen: dict[str, Field] = {}
    for item in items:
        match item:
            case Section():
                yield from _labels(item.items)
            case Text():
                continue
            case Field():
                if item.label in seen and not (item.hide or seen[item.label].hide):
                    sentence = "%(label)s stands twice in one group. Give each question its own words."
                    yield Finding("same-label", item.key, "warning", sentence, {"label": item.label})
                seen[item.label] = item
