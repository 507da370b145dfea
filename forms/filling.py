"""What a page with a form on it would post: the values it opened with, the answers typed in, nothing that is hidden.

Scenarios, seeded sites and tests fill forms in this way, so they meet the same checks as a person in a browser.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from forms.conditions import initial, settle
from forms.fields import is_empty, to_raw
from forms.schema import Evaluate, Form


def filled_in(
    form: Form, roles: frozenset[str], variables: Mapping[str, Any], answers: Mapping[str, Any], evaluate: Evaluate
) -> dict[str, list[str]]:
    """Typed ``answers`` laid over what the form opens with, as texts. Keys the form does not have are posted too,

    so that a wrong scenario is refused like a wrong page. A prefilled field that the answers hide is left out; an
    *answer* for a hidden field is posted, and refused.
    """
    opened = initial(form, roles, variables, evaluate)
    writable = {field.key for field in form.fields if field.may_write(roles) and field.kind != "file"}
    values = {key: value for key, value in opened.items() if key in writable} | dict(answers)
    hidden = settle(form, roles, values, variables, evaluate).hidden - answers.keys()
    return {key: list(to_raw(value)) for key, value in values.items() if key not in hidden and not is_empty(value)}
