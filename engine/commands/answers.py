"""What somebody filled in: checked against its form, its files kept, and handed on as typed answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeAlias

from engine.calendar import Calendar
from engine.errors import FieldProblem, Invalid, NotFound
from engine.history import events as e
from engine.model import Tenant
from engine.runtime.answering import evaluator as evaluator
from engine.runtime.interpreter import ProcessDefinition
from engine.store.answering import options_of as options_of
from engine.store.unit_of_work import UnitOfWork
from forms.schema import Form
from forms.submission import Answers, check
from forms.uploads import Upload

Raw: TypeAlias = Mapping[str, Sequence[str]]
"""What a browser posts: field → texts."""

Files: TypeAlias = Mapping[str, Sequence[Upload]]


def form_of(definition: ProcessDefinition, key: str) -> Form:
    """A form of the definition by its key. Raises ``NotFound``."""
    form = definition.forms.get(key)
    if form is None:
        raise NotFound("There is no form %(form)s.", form=key)
    return form


def checked(
    uow: UnitOfWork,
    form: Form,
    role: str,
    raw: Raw,
    files: Files,
    variables: Mapping[str, Any],
    definition: ProcessDefinition,
    near: Tenant,
    calendar: Calendar,
    task: str = "",
) -> tuple[dict[str, Any], list[e.Event]]:
    """Typed answers and the facts about attached files. Raises ``Invalid`` with every problem, writing nothing."""
    outcome = check(
        form,
        frozenset({role}),
        raw,
        files,
        variables,
        evaluator(uow.now, calendar, definition.profile),
        options_of(uow.connection, form, near),
    )
    if not isinstance(outcome, Answers):
        raise Invalid([FieldProblem(p.field, p.template, dict(p.params)) for p in outcome.problems])
    answers = dict(outcome.values)
    facts: list[e.Event] = []
    for key, uploads in outcome.files.items():
        new = [_keep(uow, upload, task) for upload in uploads]
        facts += new
        answers[key] = [*(variables.get(key) or [])] + [
            {"digest": file.digest, "name": file.name, "media_type": file.media_type, "size": file.size} for file in new
        ]
    return answers, facts


def _keep(uow: UnitOfWork, upload: Upload, task: str) -> e.FileAttached:
    digest = uow.store_file(upload.content)
    return e.FileAttached(digest, upload.name, upload.media_type, len(upload.content), task)


def spoken(happened: Sequence[e.Event], language: str) -> list[e.Event]:
    """What happened, with the language in which the acting person read and answered the form."""
    first, *rest = happened
    if isinstance(first, e.UserTaskCompleted | e.MessageReceived):
        first = replace(first, language=language)
    return [first, *rest]
