"""A form as the desk would ask it, while it is being edited; or every reason why it cannot be shown."""

from __future__ import annotations

from flask import render_template

from engine.commands.answers import evaluator
from engine.queries.calendars import calendar_in_force
from forms.formjs import FormError, read_form
from forms.grammar import Mistake
from forms.schema import Form
from web.render.forms import FormView, form_view
from web.transaction import now, platform, reader


def preview(form: Form) -> FormView:
    """The form as somebody in all its roles would see it, of a case that has no answers yet."""
    roles = frozenset[str]().union(*(field.write | field.see for field in form.fields))
    return form_view(form, roles, {}, evaluator(now(), calendar_in_force(reader(), platform().known), {}), {}, None, ())


def preview_html(content: bytes, key: str) -> str:
    """The piece of a page that shows a form that may be wrong."""
    mistakes: tuple[Mistake, ...] = ()
    form = None
    try:
        form = preview(read_form(content, key))
    except FormError as error:
        mistakes = error.mistakes
    return render_template("studio/edit_preview.html", view=form, mistakes=mistakes)
