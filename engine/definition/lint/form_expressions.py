"""Expressions in forms: known names, a yes or no where one is asked, and only what a browser computes alike.

The browser's answer is help, the server's is authority; where the two would differ, the designer hears of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Literal

from engine.definition.diagram import Diagram
from engine.definition.finding import Finding, term
from engine.definition.lint.names import given_names
from engine.definition.profile import resolve_parameters
from engine.errors import Rejected
from engine.feel import analysis as feel
from engine.feel.analysis import Kind, Variables, analyse, kind_named, known_variables
from forms.formjs import FormError, read_form
from forms.schema import Form, Section, Text

_SAID_IN_BROWSER = ("hide",)
_PARAMETER_KINDS = {"list": "list<string>"}
_KINDS = {
    "text": "string",
    "textarea": "string",
    "select": "string",
    "radio": "string",
    "number": "number",
    "date": "date",
    "datetime": "date and time",
    "checkbox": "boolean",
    "checklist": "list<string>",
}


def findings(resources: Mapping[tuple[str, str], bytes], diagrams: Mapping[str, Diagram]) -> list[Finding]:
    """What is wrong or doubtful in the expressions of all forms."""
    forms = list(_forms(resources))
    given = dict.fromkeys(given_names(resources, diagrams), "Any")
    known = known_variables({**given, **_kinds(forms), "profile": _parameters(resources)})
    return [found for form in forms for found in _in_form(form, known)]


def _forms(resources: Mapping[tuple[str, str], bytes]) -> Iterator[Form]:
    for (kind, key), content in resources.items():
        if kind == "form":
            try:
                yield read_form(content, key)
            except FormError:
                continue  # said by the form's own check


def _kinds(forms: Iterable[Form]) -> dict[str, str]:
    """The kind of value that each question yields; "Any" where two forms ask the same name differently."""
    kinds: dict[str, str] = {}
    for field in (field for form in forms for field in form.fields):
        kept = {type(option.kept) for option in field.options}
        kind = "boolean" if kept == {bool} else _KINDS.get(field.kind, "Any") if kept <= {str} else "Any"
        kinds[field.key] = kind if kinds.get(field.key, kind) == kind else "Any"
    return kinds


def _parameters(resources: Mapping[tuple[str, str], bytes]) -> Kind:
    """What is known of ``profile``: each parameter has a type, and whoever overrides one keeps it."""
    try:
        found = resolve_parameters([content for (kind, _), content in resources.items() if kind == "profile"])
    except Rejected:  # said by the profile's own check
        return kind_named("context").certain()
    kinds = {key: kind_named(_PARAMETER_KINDS.get(one.type, one.type)) for key, one in found.items()}
    return replace(kind_named("context").certain(), members=kinds)


def _in_form(form: Form, known: Variables) -> Iterator[Finding]:
    for field, what, text, expected in _texts(form):
        found = analyse(text, variables=known, expected=expected, portable=what in _SAID_IN_BROWSER)
        for one in _portable_once(found):
            doubtful = one.severity != "error" or one.rule == "unknown-name" or one.rule.startswith("portable")
            severity: Literal["error", "warning"] = "warning" if doubtful else "error"
            yield Finding(
                f"form-{one.rule}",
                field,
                severity,
                "Look at %(expression)s (%(what)s of %(element)s): %(reason)s",
                {"expression": text[:200], "what": term(what), "element": f"{form.key}/{field}", "reason": one},
                form.key,
            )


def _portable_once(found: Iterable[feel.Finding]) -> Iterator[feel.Finding]:
    """What a browser may compute otherwise is one thing to look at, however many parts of the expression cause it."""
    is_said = False
    for one in found:
        if not one.rule.startswith("portable") or not is_said:
            yield one
        is_said = is_said or one.rule.startswith("portable")


def _texts(form: Form) -> Iterator[tuple[str, str, str, str | None]]:
    """(field, what it is, text, expected kind) of every expression in a form."""
    for field in form.fields:
        for what, text, expected in (
            ("hide", field.hide, "boolean"),
            ("required_when", field.required_when, "boolean"),
            ("rule", field.rule, "boolean"),
            ("computed", field.computed, None),
        ):
            if text:
                yield field.key, what, text, expected
        if isinstance(field.default, str) and field.default.startswith("="):
            yield field.key, "default", field.default, None
    yield from _of_groups(form.items)


def _of_groups(items: tuple[object, ...]) -> Iterator[tuple[str, str, str, str | None]]:
    for item in items:
        if isinstance(item, Section | Text) and item.hide:
            yield (item.label if isinstance(item, Section) else item.text[:20]), "hide", item.hide, "boolean"
        if isinstance(item, Section):
            yield from _of_groups(item.items)
