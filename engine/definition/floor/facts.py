"""The kinds of rule about what stands in the files: parameters, variables, forms, tables."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from itertools import product
from typing import Any

from engine.definition.finding import Finding
from engine.definition.floor.people import called
from engine.definition.floor.rules import Rule
from engine.definition.floor.subject import Subject, broken
from engine.definition.roles import said
from engine.errors import ShangmenError
from engine.feel import Environment, compile_expression
from forms.conditions import ask
from forms.schema import Field, Form

_NO_FIELD = (
    "Floor rule %(number)s “%(text)s” (%(source)s): expected %(step)s to ask for %(field)s but it does not. Add it."
)


def parameter(rule: Rule, subject: Subject) -> Iterator[Finding]:
    """A local parameter keeps to ``least``, ``most`` or ``equals``."""
    value = subject.profile.get(rule["key"])
    least, most, equals = rule.get("least"), rule.get("most"), rule.get("equals")
    number = isinstance(value, int) and not isinstance(value, bool)
    fits = (number or (least is None and most is None)) and value is not None
    fits = fits and (equals is None or value == equals)
    if number:
        fits = fits and (least is None or value >= least) and (most is None or value <= most)
    if not fits:
        bounds = " ".join(
            f"{sign} {bound}" for sign, bound in (("≥", least), ("≤", most), ("=", equals)) if bound is not None
        )
        yield broken(
            rule,
            subject,
            "Floor rule %(number)s “%(text)s” (%(source)s): expected the parameter %(key)s %(bounds)s "
            "but found %(found)s. Change it back.",
            key=rule["key"],
            bounds=bounds,
            found="–" if value is None else value,
        )


def written_only_by(rule: Rule, subject: Subject) -> Iterator[Finding]:
    """Nothing but the named elements gives the variable a value (others may clear it)."""
    name = rule["variable"]
    if name not in subject.followed.names:
        yield broken(
            rule,
            subject,
            "Floor rule %(number)s “%(text)s” (%(source)s): expected %(variable)s to be compared by = or != only, "
            "so that it can be followed, but it is not. Write the condition plainly.",
            variable=name,
        )
    for node in subject.net.nodes.values():
        written = subject.writes.get(node.key, {}).get(name, frozenset())
        if written - {None} and node.id not in rule["elements"]:
            yield broken(
                rule,
                subject,
                "Floor rule %(number)s “%(text)s” (%(source)s): expected only %(allowed)s to set %(variable)s "
                "but %(name)s does. Use another name.",
                element=node.id,
                allowed="、".join(called(subject, one) for one in rule["elements"]),
                variable=name,
                name=node.element.name or node.id,
            )


# ------------------------------------------------------------------ forms


def form_field(rule: Rule, subject: Subject) -> Iterator[Finding]:
    """The task asks for the field, and it must be answered: always, or in each of the cases of ``when``.

    ``where_asked``: answers that may be taken for granted, as far as the same task asks for them.
    """
    found = _field(rule, subject)
    if found is None:
        yield broken(rule, subject, _NO_FIELD, **_where(rule, subject))
        return
    form, field = found
    source = rule.get("options_from")
    granted = {key: value for key, value in rule.get("where_asked", {}).items() if _asks(rule["task"], key, subject)}
    needed = all(_must_answer(form, field, {**granted, **case}, subject) for case in rule.get("when", [{}]))
    if (rule.get("required", True) and not needed) or (source is not None and field.options_from != source):
        yield broken(
            rule,
            subject,
            "Floor rule %(number)s “%(text)s” (%(source)s): expected %(field)s to be needed at %(step)s "
            "but it can be left out. Make it needed again.",
            **_where(rule, subject),
        )


def form_refuses(rule: Rule, subject: Subject) -> Iterator[Finding]:
    """The rule of the field refuses these answers."""
    found = _field(rule, subject)
    values = {**rule["answers"], "profile": subject.profile}
    if found is None or not found[1].rule or ask(_evaluate, found[1].rule, values) is not False:
        yield broken(
            rule,
            subject,
            "Floor rule %(number)s “%(text)s” (%(source)s): expected %(step)s to refuse %(answers)s "
            "but it does not. Put the rule of %(field)s back.",
            answers=", ".join(f"{key} = {value}" for key, value in rule["answers"].items()),
            **_where(rule, subject),
        )


def options(rule: Rule, subject: Subject) -> Iterator[Finding]:
    """What a question always offers, never offers, or offers at least one of."""
    found = _field(rule, subject)
    if found is None:
        yield broken(rule, subject, _NO_FIELD, **_where(rule, subject))
        return
    offered = {option.kept for option in found[1].options}
    missing = [value for value in rule.get("always", []) if value not in offered]
    if rule.get("any_of") and not offered & set(rule["any_of"]):
        missing += rule["any_of"]
    for value in missing:
        yield broken(
            rule,
            subject,
            "Floor rule %(number)s “%(text)s” (%(source)s): expected %(field)s at %(step)s to offer %(value)s "
            "but it does not. Put it back.",
            value=value,
            **_where(rule, subject),
        )
    for value in rule.get("never", []):
        if value in offered:
            yield broken(
                rule,
                subject,
                "Floor rule %(number)s “%(text)s” (%(source)s): expected %(field)s at %(step)s not to offer %(value)s "
                "but it does. Remove it.",
                value=value,
                **_where(rule, subject),
            )


def never_asked(rule: Rule, subject: Subject) -> Iterator[Finding]:
    """No question of any form is about this (a regular expression over labels)."""
    for key, form in subject.forms.items():
        for field in form.fields:
            if re.search(rule["pattern"], field.label):
                yield broken(
                    rule,
                    subject,
                    "Floor rule %(number)s “%(text)s” (%(source)s): expected no question about this "
                    "but the form %(form)s asks “%(label)s”. Remove it.",
                    form=key,
                    label=field.label,
                )


def _field(rule: Rule, subject: Subject) -> tuple[Form, Field] | None:
    """The field, if the task's role may answer it."""
    form = subject.form_of(rule["task"])
    field = form.field(rule["field"]) if form is not None else None
    if form is None or field is None:
        return None
    return (form, field) if _asks(rule["task"], rule["field"], subject) else None


def _asks(task: str, key: str, subject: Subject) -> bool:
    node, form = next(subject.net.at(task), None), subject.form_of(task)
    field = form.field(key) if form is not None else None
    return (
        node is not None
        and field is not None
        and field.may_write(frozenset({said(node.diagram, node.id).get("role", "")}))
    )


def _must_answer(form: Form, field: Field, case: Mapping[str, Any], subject: Subject) -> bool:
    values = {**{one.key: None for one in form.fields}, **case, "profile": subject.profile}
    hidden = any(ask(_evaluate, text, values) is not False for text in form.hides[field.key])
    needed = field.limits.required or (
        bool(field.required_when) and ask(_evaluate, field.required_when, values) is True
    )
    return needed and not hidden


def _where(rule: Rule, subject: Subject) -> dict[str, Any]:
    form = subject.form_of(rule["task"])
    field = form.field(rule["field"]) if form is not None else None
    label = field.label if field is not None else rule["field"]
    return {"element": rule["task"], "step": called(subject, rule["task"]), "field": label}


# ------------------------------------------------------------------ tables


def table_gives(rule: Rule, subject: Subject) -> Iterator[Finding]:
    """For every combination of the inputs the table's result makes the condition true."""
    inputs: Mapping[str, list[Any]] = rule.get("inputs", {})
    for chosen in product(*inputs.values()):
        given = {key: None if value == _NOTHING else value for key, value in zip(inputs, chosen, strict=True)}
        result = _decided(subject, rule["decision"], given)
        if result is None or ask(_evaluate, rule["condition"], {"result": result, **given}) is not True:
            yield broken(
                rule,
                subject,
                "Floor rule %(number)s “%(text)s” (%(source)s): expected of the table %(decision)s that %(condition)s "
                "but for %(inputs)s it gives %(found)s. Correct the table.",
                decision=rule["decision"],
                condition=rule["condition"],
                inputs=", ".join(f"{key} = {value}" for key, value in given.items()),
                found="–" if result is None else str(result),
            )
            return


_NOTHING = "(none)"
"""How ``floor.toml`` writes an input without a value (TOML has no null)."""


def _decided(subject: Subject, decision: str, given: Mapping[str, Any]) -> Any:
    model = subject.decisions.get(decision)
    if model is None:
        return None
    try:
        return model.evaluate(decision, {**given, "profile": dict(subject.profile)}, _ENVIRONMENT).outputs
    except ShangmenError:
        return None


_ENVIRONMENT = Environment(now=datetime(2026, 9, 7, 1, tzinfo=UTC), profile="table")


def _evaluate(text: str, values: Mapping[str, Any]) -> Any:
    return compile_expression(text).evaluate(values, _ENVIRONMENT)
