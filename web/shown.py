"""Which fields' answers a page shows, so that a look can name them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from engine.errors import ShangmenError
from engine.feel import compile_expression
from engine.history import events as e
from engine.queries.audit import Film
from engine.queries.cases import CasePage, MessageInfo, TaskPage
from engine.queries.seen import Seen
from engine.runtime.interpreter import ProcessDefinition


def in_title(definition: ProcessDefinition) -> frozenset[str]:
    """The fields that a case's title is made of."""
    text = definition.diagram.attributes.get("title", "")
    try:
        return compile_expression(text).names if text else frozenset()
    except ShangmenError:
        return frozenset()


def on_case_page(page: CasePage) -> Iterator[str]:
    """The title and the files. Answers stand on no page of the desk but in the forms of tasks."""
    variables = page.frame.variables
    files = {field.key for form in page.definition.forms.values() for field in form.fields if field.kind == "file"}
    shown = {file.digest for file in page.files}
    yield from _title(page)
    for key in files & variables.keys():
        given = variables[key] if isinstance(variables[key], list) else []
        if any(isinstance(one, dict) and one.get("digest") in shown for one in given):
            yield key


def on_task_page(found: TaskPage) -> Iterator[str]:
    """What the case's title says, and what stands in the form already."""
    yield from _title(found.page)
    if found.task.may_do:
        yield from _in_form(found.page, found.task.form, frozenset({found.task.role}), found.variables)


def on_report_page(page: CasePage, wait: MessageInfo) -> Iterator[str]:
    """What the case's title says, and what stands in the form of the report already."""
    yield from _title(page)
    yield from _in_form(page, wait.form, wait.roles, page.frame.variables)


def _title(page: CasePage) -> Collection[str]:
    return in_title(page.definition) & page.frame.variables.keys()


def _in_form(page: CasePage, key: str, roles: frozenset[str], variables: Mapping[str, Any]) -> Iterator[str]:
    form = page.definition.forms.get(key)
    for field in form.fields if form else ():
        if field.may_see(roles) and variables.get(field.key) is not None:
            yield field.key


def in_moments(film: Film, numbers: Sequence[int] | range) -> set[str]:
    """What the title says, and the answers and inputs that changed or were used in these moments (from 1)."""
    found = set(in_title(film.definition)) & (film.frames[-1].variables.keys() if film.frames else set())
    for number in numbers:
        found.update(film.frames[number - 1].changed)
        event = film.facts[number - 1].event
        if isinstance(event, e.DecisionEvaluated) and isinstance(event.inputs, dict):
            found.update(event.inputs)
    return found


def in_form(seen: Seen | None) -> Collection[str]:
    """What a form showed to who answered it."""
    if seen is None:
        return ()
    role = frozenset({seen.role})
    return {
        field.key
        for field in seen.form.fields
        if field.may_see(role) and (seen.variables.get(field.key) or seen.answers.get(field.key)) is not None
    }
