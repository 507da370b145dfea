"""New files in a draft: begun on the draft's page or from an editor, so that one stays in the flow."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Final

from flask import Blueprint, redirect, request
from flask.typing import ResponseReturnValue

from engine.commands import drafts as commands
from engine.definition.blank import BEGINNINGS
from engine.errors import FieldProblem, NotFound, Rejected
from engine.feel import FeelError, compile_expression
from engine.queries import drafts as queries
from engine.store.draft_files import content_without
from engine.store.unit_of_work import UnitOfWork
from forms.combine import combine
from forms.formjs import FormError, read_form
from web import access
from web.language import say
from web.studio.drafts import edit_address, overview
from web.transaction import perform, reader, stop_reading

beginning = Blueprint("beginning", __name__, url_prefix="/studio/drafts/<draft_id>/new")

KINDS: Final = tuple(BEGINNINGS)
_HIDE_LENGTH_MAX: Final = 2_000


@beginning.post("")
def add(draft_id: str) -> ResponseReturnValue:
    """Begins a file from the draft's page and opens it."""
    kind, key, name = (request.form.get(field, "") for field in ("kind", "key", "name"))
    try:
        _begin(draft_id, kind, key, name)
    except Rejected as error:
        if isinstance(error, NotFound):
            raise
        return overview(draft_id, [FieldProblem("key", error.template, error.params)]), 422
    return redirect(edit_address(queries.draft(reader(), access.actor(), draft_id), kind, key), 303)


@beginning.post("/here")
def add_here(draft_id: str) -> ResponseReturnValue:
    """Begins a file for a step that is being drawn; answers what it is called and where it is edited."""
    sent = request.get_json(force=True, silent=True)
    sent = sent if isinstance(sent, dict) else {}
    kind, key, name = (str(sent.get(field, "")) for field in ("kind", "key", "name"))
    try:
        _begin(draft_id, kind, key, name)
    except Rejected as error:
        if isinstance(error, NotFound):
            raise
        return {"said": say(error)}, 422
    draft = queries.draft(reader(), access.actor(), draft_id)
    return {"key": key, "name": " ".join(name.split()), "address": edit_address(draft, kind, key)}


@beginning.post("/combined")
def combined(draft_id: str) -> ResponseReturnValue:
    """Begins one form that asks what two forms ask, for two steps that become one; answers what it is called.

    Asked for the same again, it answers the form that it made before: who undoes and merges anew leaves no litter.
    """
    sent = request.get_json(force=True, silent=True)
    sent = sent if isinstance(sent, dict) else {}
    first, second, hide, role = (str(sent.get(field, "")) for field in ("first", "second", "hide", "role"))
    actor = access.actor()

    def command(uow: UnitOfWork) -> tuple[str, str]:
        draft = commands.open_for(uow, draft_id)
        above, below = (queries.content(uow.connection, draft, "form", key) for key in (first, second))
        name = " · ".join(read_form(content).title for content in (above, below))[:60]
        _require_two(first, second, hide)
        for key in _numbered(f"{first}_{second}"[:56].lower()):
            content = combine(above, below, key, name, hide, "" if role.startswith("=") else role)
            if _holds(uow, draft, key) == content:
                break
            if not _taken(uow, draft, key):
                revision = commands.add_file(uow, draft_id, "form", key, name)
                commands.save_file(uow, draft_id, "form", key, content, revision)
                break
        return key, name

    try:
        key, name = perform(command, actor)
    except FormError as error:
        mistake = error.mistakes[0]
        return {"said": say(Rejected(mistake.template, **dict(mistake.params)))}, 422
    except FeelError as error:
        return {"said": say(error)}, 422
    except Rejected as error:
        if isinstance(error, NotFound):
            raise
        return {"said": say(error)}, 422
    return {"key": key, "name": name}


def _require_two(first: str, second: str, hide: str) -> None:
    """Raises ``Rejected`` or ``FeelError`` for what cannot be two steps and the choice between them."""
    if first == second:
        raise Rejected("Expected two forms but found %(key)s twice.", key=first)
    if len(hide) > _HIDE_LENGTH_MAX:
        raise Rejected("Expected a condition of at most %(limit)s characters.", limit=_HIDE_LENGTH_MAX)
    if hide:
        compile_expression(hide)


def _numbered(key: str) -> Iterator[str]:
    return (key if number == 1 else f"{key}_{number}" for number in count(1))


def _holds(uow: UnitOfWork, draft: queries.Draft, key: str) -> bytes | None:
    file = draft.files.get(("form", key))
    return queries.content(uow.connection, draft, "form", key) if file and file.digest else None


def _taken(uow: UnitOfWork, draft: queries.Draft, key: str) -> bool:
    place = ("form", key)
    return place in draft.latest or content_without(uow.connection, draft, place) is not None


def _begin(draft_id: str, kind: str, key: str, name: str) -> None:
    perform(lambda uow: commands.add_file(uow, draft_id, kind, key, name), access.actor())
    stop_reading()
