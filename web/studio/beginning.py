"""New files in a draft: begun on the draft's page or from an editor, so that one stays in the flow."""

from __future__ import annotations

from typing import Final

from flask import Blueprint, redirect, request
from flask.typing import ResponseReturnValue

from engine.commands import drafts as commands
from engine.definition.blank import BEGINNINGS
from engine.errors import FieldProblem, NotFound, Rejected
from engine.queries import drafts as queries
from web import access
from web.language import say
from web.studio.drafts import edit_address, overview
from web.transaction import perform, reader, stop_reading

beginning = Blueprint("beginning", __name__, url_prefix="/studio/drafts/<draft_id>/new")

KINDS: Final = tuple(BEGINNINGS)


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


def _begin(draft_id: str, kind: str, key: str, name: str) -> None:
    perform(lambda uow: commands.add_file(uow, draft_id, kind, key, name), access.actor())
    stop_reading()
