"""What software sends to a case: held against the form that a person would have filled in."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import Connection

from engine.calendar import Calendar
from engine.errors import FieldProblem, Invalid, Rejected
from engine.model import Tenant
from engine.runtime.answering import evaluator
from engine.runtime.interpreter import ProcessDefinition, variables
from engine.store.directory import units_to_choose
from engine.store.unit_of_work import Case, UnitOfWork
from engine.values import encode
from forms.fields import to_raw
from forms.schema import Form, Option
from forms.submission import Answers, check

CONTENT_BYTES_MAX = 100_000
CONTENT_NAMES_MAX = 200
NAME_LENGTH_MAX = 80
RESERVED = frozenset({"profile"})
"""Names that an expression reads as something else."""


def options_of(connection: Connection, form: Form, near: Tenant) -> dict[str, tuple[Option, ...]]:
    """The choices of fields that offer organisations."""
    return {
        field.key: tuple(
            Option(unit.id, unit.name)
            for unit in units_to_choose(connection, near, field.options_from, field.options_within)
        )
        for field in form.fields
        if field.options_from
    }


def checked_content(payload: Mapping[str, Any]) -> dict[str, Any]:
    """What a message carries, as variables of a case. Raises ``Rejected`` for what a case cannot hold."""
    wrong = next((name for name in payload if not _is_name(name)), None)
    if wrong is not None or len(payload) > CONTENT_NAMES_MAX:
        raise Rejected(
            "Expected at most %(limit)s names of 1 to %(length)s characters in the message, none of them “profile”, "
            "but found %(found)s. Correct it.",
            limit=CONTENT_NAMES_MAX,
            length=NAME_LENGTH_MAX,
            found=len(payload) if wrong is None else f"“{str(wrong)[:NAME_LENGTH_MAX]}”",
        )
    try:
        size = len(json.dumps({name: encode(value) for name, value in payload.items()}).encode())
    except (TypeError, ValueError, RecursionError) as error:
        raise Rejected(
            "Expected values that a case can hold but found: %(reason)s. Correct them.", reason=str(error)[:200]
        ) from None
    if size > CONTENT_BYTES_MAX:
        raise Rejected(
            "Expected a message of at most %(limit)s bytes but found %(found)s. Put large things into files.",
            limit=CONTENT_BYTES_MAX,
            found=size,
        )
    return dict(payload)


def fitting(
    uow: UnitOfWork, case: Case, form: str, roles: Collection[str], payload: Mapping[str, Any]
) -> dict[str, Any]:
    """What a message carries as the answers of a waiting case's form; as it is where there is no form.

    Raises ``Invalid`` with every problem, ``Rejected`` for what no case can hold.
    """
    known = variables(case.definition, case.state)
    return fitting_form(uow, case.definition, form, roles, payload, known, case.tenant, case.calendar)


def fitting_form(
    uow: UnitOfWork,
    definition: ProcessDefinition,
    form: str,
    roles: Collection[str],
    payload: Mapping[str, Any],
    known: Mapping[str, Any],
    near: Tenant,
    calendar: Calendar,
) -> dict[str, Any]:
    """The same for a case that has not begun."""
    content = checked_content(payload)
    asked = definition.forms.get(form)
    if asked is None:
        return content
    raw = {name: list(to_raw(value)) for name, value in content.items()}
    evaluate = evaluator(uow.now, calendar, definition.profile)
    outcome = check(asked, frozenset(roles), raw, {}, known, evaluate, options_of(uow.connection, asked, near))
    if not isinstance(outcome, Answers):
        raise Invalid([FieldProblem(p.field, p.template, dict(p.params)) for p in outcome.problems])
    return dict(outcome.values)


def _is_name(name: object) -> bool:
    return isinstance(name, str) and 0 < len(name) <= NAME_LENGTH_MAX and name.isprintable() and name not in RESERVED
