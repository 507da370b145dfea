"""Adjust local parameters in a draft: typed, within the bounds from above, and only what differs is written."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from engine.commands import drafts
from engine.definition.profile import Parameter
from engine.definition.profile_text import rewrite
from engine.errors import FieldProblem, Invalid
from engine.store.parameters import HeldParameter, held_parameters, own_profile
from engine.store.unit_of_work import UnitOfWork

TEXT_LENGTH_MAX: Final = 200
ITEMS_MAX: Final = 100
_INTEGER = re.compile(r"-?[0-9]{1,9}")


def save_parameters(uow: UnitOfWork, draft_id: str, texts: Mapping[str, str], base_revision: int) -> int:
    """Write the parameters that were typed into the organisation's own profile; returns the draft's revision.

    ``texts``: key → what was typed; "" or the inherited value means: as above
    (an empty list where nobody is above). Keys that are not there stay.
    Raises ``Invalid`` with a problem per field, ``Conflict`` as ``save_file`` does.
    """
    draft = drafts.open_for(uow, draft_id)
    before = own_profile(uow.connection, draft)
    held = {one.head.key: one for one in held_parameters(uow.connection, draft.tenant, draft.procedure, before)}
    problems: list[FieldProblem] = []
    values: dict[str, Any] = {}
    for key, one in held.items():
        if key in texts:
            try:
                values[key] = _typed(one, texts[key])
            except _Wrong as wrong:
                problems.append(FieldProblem(key, wrong.template, wrong.params))
    if problems:
        raise Invalid(problems)
    changed = {key: value for key, value in values.items() if value != held[key].own}
    types = {key: one.head.type for key, one in held.items()}
    labels = {key: one.head.label for key, one in held.items()}
    content = rewrite(before, changed, types, labels)
    place = ("profile", draft.procedure)
    if not any(values.get(key, one.own) is not None for key, one in held.items()) and not _has_more(content):
        if place in draft.files or before:
            return drafts.remove_file(uow, draft_id, *place, base_revision)
        return draft.revision
    return drafts.save_file(uow, draft_id, *place, content, base_revision)


class _Wrong(Exception):
    def __init__(self, template: str, **params: Any) -> None:
        super().__init__(template)
        self.template, self.params = template, params


def _has_more(content: bytes) -> bool:
    return bool(content.strip())


def _typed(one: HeldParameter, text: str) -> Any:
    """The value that was typed; None for: as above."""
    head, text = one.head, text.strip()
    if not text:
        if one.inherited is None and head.type == "list":
            return []
        if one.inherited is None:
            raise _Wrong("Expected a value: no organisation above says one.")
        return None
    value = _READ[head.type](head, text)
    if one.inherited is not None and value == one.inherited:
        return None
    return value


def _integer(head: Parameter, text: str) -> int:
    if not _INTEGER.fullmatch(text):
        raise _Wrong("Expected a whole number but found %(found)s.", found=text[:40])
    value = int(text)
    if (head.min is not None and value < head.min) or (head.max is not None and value > head.max):
        raise _Wrong(
            "Expected a number from %(min)s to %(max)s but found %(found)s.",
            min="…" if head.min is None else head.min,
            max="…" if head.max is None else head.max,
            found=value,
        )
    return value


def _boolean(_: Parameter, text: str) -> bool:
    if text not in ("true", "false"):
        raise _Wrong("Expected yes or no but found %(found)s.", found=text[:40])
    return text == "true"


def _string(head: Parameter, text: str) -> str:
    if head.options and text not in head.options:
        raise _Wrong(
            "Expected one of %(options)s but found %(found)s.", options=", ".join(head.options), found=text[:40]
        )
    if len(text) > TEXT_LENGTH_MAX or not text.isprintable():
        raise _Wrong("Expected a line of at most %(max)s characters.", max=TEXT_LENGTH_MAX)
    return text


def _list(head: Parameter, text: str) -> list[Any]:
    items = [line.strip() for line in text.splitlines() if line.strip()]
    if len(items) > ITEMS_MAX:
        raise _Wrong("Expected at most %(max)s entries.", max=ITEMS_MAX)
    if head.value and all(isinstance(item, int) for item in head.value):
        return [_integer(Parameter(head.key, "integer", 0), item) for item in items]
    return [_string(head, item) for item in items]


_READ = {"integer": _integer, "boolean": _boolean, "string": _string, "list": _list}
