"""Editing files of a draft on plain pages: local parameters field by field, and every other file as text."""

from __future__ import annotations

from typing import Any, Final

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.commands import drafts as commands
from engine.commands.parameters import save_parameters
from engine.errors import Conflict, FieldProblem, Invalid, NotFound, Rejected
from engine.queries import drafts as queries
from engine.queries.holdings import parameters_of_draft
from web import access
from web.language import N_, gettext
from web.studio.naming import file_names, kind_name
from web.transaction import now, perform, reader, stop_reading

plain = Blueprint("plain", __name__, url_prefix="/studio/drafts/<draft_id>")

DONE: Final = {"saved": N_("Saved in the draft. It holds for nobody until it is published.")}


@plain.get("/profile/<key>")
def profile(draft_id: str, key: str) -> ResponseReturnValue:
    """The local parameters, each with the value from above and its bounds."""
    return _profile(draft_id, key)


@plain.post("/profile/<key>")
def save_profile(draft_id: str, key: str) -> ResponseReturnValue:
    """Writes those that differ from above."""
    draft = queries.draft(reader(), access.actor(), draft_id)
    if key != draft.procedure:
        raise NotFound("There is no such file, neither in this draft nor published here.")
    texts = {name.removeprefix("p."): "\n".join(filter(None, request.form.getlist(name))) for name in request.form
             if name.startswith("p.")}  # fmt: skip
    base = number("base")
    try:
        perform(lambda uow: save_parameters(uow, draft_id, texts, base), access.actor())
    except Invalid as error:
        return _profile(draft_id, key, texts, error.problems), 422
    except Conflict as error:
        return _profile(draft_id, key, texts, [FieldProblem("", error.template, error.params)]), 409
    return redirect(url_for("plain.profile", draft_id=draft_id, key=key, done="saved"), 303)


@plain.get("/text/<kind>/<key>")
def text(draft_id: str, kind: str, key: str) -> ResponseReturnValue:
    """A file as text."""
    return _text(draft_id, kind, key)


@plain.post("/text/<kind>/<key>")
def save_text(draft_id: str, kind: str, key: str) -> ResponseReturnValue:
    """Saves a file as it was typed; what is wrong with it, the draft's check says."""
    typed = request.form.get("content", "").replace("\r\n", "\n")
    base = number("base")
    try:
        perform(lambda uow: commands.save_file(uow, draft_id, kind, key, typed.encode(), base), access.actor())
    except Rejected as error:
        if isinstance(error, NotFound):
            raise
        status = 409 if isinstance(error, Conflict) else 422
        return _text(draft_id, kind, key, typed, [FieldProblem("", error.template, error.params)]), status
    return redirect(url_for("plain.text", draft_id=draft_id, kind=kind, key=key, done="saved"), 303)


def number(name: str) -> int:
    """A number from a hidden field; -1 for anything else."""
    text = request.form.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1


def _profile(draft_id: str, key: str, texts: dict[str, str] | None = None, problems: Any = ()) -> str:
    stop_reading()
    actor = access.actor()
    draft = queries.draft(reader(), actor, draft_id)
    if key != draft.procedure:
        raise NotFound("There is no such file, neither in this draft nor published here.")
    held = parameters_of_draft(reader(), draft)
    shown = {one.head.key: _typed(one.own) for one in held} | (texts or {})
    return render_template(
        "studio/parameters.html",
        draft=draft,
        held=held,
        shown=shown,
        typed=_typed,
        base=number("base") if texts is not None else draft.revision,
        problems=[FieldProblem(f"p.{one.field}" if one.field else "", one.template, one.params) for one in problems],
        labels={f"p.{one.head.key}": one.head.label or one.head.key for one in held},
        editors=[one for one in queries.editors(reader(), draft, now()) if one.user != actor.user],
        done=_done(),
    )


def _typed(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case list():
            return "\n".join(str(item) for item in value)
    return str(value)


def _text(draft_id: str, kind: str, key: str, typed: str | None = None, problems: Any = ()) -> str:
    stop_reading()
    draft = queries.draft(reader(), access.actor(), draft_id)
    commands.require_place(draft.procedure, (kind, key))
    if typed is None:
        try:
            typed = queries.content(reader(), draft, kind, key).decode("utf-8", "replace")
        except NotFound:
            typed = ""
    return render_template(
        "studio/text.html",
        draft=draft,
        kind=kind,
        key=key,
        name=file_names(draft.tenant, draft.procedure).get((kind, key)) or kind_name(kind),
        kind_name=kind_name(kind),
        typed=typed,
        base=number("base") if request.method == "POST" else draft.revision,
        problems=problems,
        done=_done(),
    )


def _done() -> str:
    return gettext(DONE[request.args["done"]]) if request.args.get("done") in DONE else ""
