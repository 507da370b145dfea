"""Everything a page needs to ask the questions of one form: for a task, a report, or a new case."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from engine.commands.answers import evaluator, form_of, options_of
from engine.errors import FieldProblem
from engine.model import Tenant
from engine.queries.calendars import calendar_in_force
from engine.runtime.interpreter import ProcessDefinition
from forms.schema import Evaluate, Form, Option
from web.render.forms import FormView, form_view
from web.transaction import now, platform, reader


@dataclass(frozen=True)
class Asked:
    """One form for one person. ``raw`` is what they typed (posted or drafted), None at the first look."""

    form: Form
    roles: frozenset[str]
    variables: Mapping[str, Any]
    evaluate: Evaluate
    options: Mapping[str, tuple[Option, ...]]
    raw: Mapping[str, Sequence[str]] | None = None
    problems: Sequence[FieldProblem] = field(default=())
    lost_files: bool = False

    @property
    def view(self) -> FormView:
        """The questions as the page draws them."""
        return form_view(self.form, self.roles, self.variables, self.evaluate, self.options, self.raw, self.problems)


def ask(
    definition: ProcessDefinition,
    key: str,
    roles: Iterable[str],
    near: Tenant,
    variables: Mapping[str, Any],
    raw: Mapping[str, Sequence[str]] | None = None,
    problems: Sequence[FieldProblem] = (),
    lost_files: bool = False,
) -> Asked:
    """The form ``key`` of a definition for somebody in ``roles``. Raises ``NotFound`` for an unknown form."""
    form = form_of(definition, key)
    calendar = calendar_in_force(reader(), platform().known)
    return Asked(
        form,
        frozenset(roles),
        variables,
        evaluator(now(), calendar, definition.profile),
        options_of(reader(), form, near),
        raw,
        problems,
        lost_files,
    )
