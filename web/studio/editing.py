"""The editors of a draft's files in the browser: the pages, and what their scripts ask while one works.

The scripts save one file at a time; the server grafts what an editor wrote onto the text that was there, judges
the whole, and answers with its findings. What a script sends is checked as any upload; nothing here publishes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from flask import Blueprint, Response, abort, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.commands import drafts as commands
from engine.definition.bpmn import read_diagram
from engine.definition.diagram import Diagram
from engine.definition.diff import compare as changes_between
from engine.definition.diff import diff_diagrams
from engine.definition.diff_words import names_of as called_in
from engine.definition.graft import graft
from engine.errors import Conflict, NotFound, Rejected, ShangmenError
from engine.feel import FeelError, compile_expression, compile_unary_tests
from engine.quarantine import quarantine, vouch
from engine.queries import drafts as queries
from engine.store.composition import compose
from engine.store.draft_files import content_without
from engine.store.unit_of_work import UnitOfWork
from forms.grammar import FormError
from forms.kept import kept_form
from web import access
from web.language import gettext, moment, say
from web.render.compared import compared
from web.render.file_words import KINDS
from web.routes import ROUTES
from web.studio.editor_known import choices, names_of
from web.studio.editor_words import words
from web.studio.form_preview import preview_html
from web.studio.verdict import verdict
from web.transaction import now, perform, reader, stop_reading

editor = Blueprint("editor", __name__, url_prefix="/studio/drafts")

EDITED: Final = {"process": "bpmn", "decision": "dmn", "form": "form.json"}
"""Kind of a file that has an editor in the browser → the ending of its name."""

_EXPRESSION_LENGTH_MAX: Final = 8_000
_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
    "font-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""As on every page, except that styles may stand in the page: bpmn.io's libraries set them as attributes (the colour of
a shape, the place of a badge), and the form editor's text fields add a sheet. Scripts stay ours."""


@editor.get("/<draft_id>/edit/process/<key>")
def process(draft_id: str, key: str) -> ResponseReturnValue:
    """The editor of a diagram, with its outline beside it."""
    content = _content(draft_id, "process", key)
    return _page(draft_id, "process", key, lines=_diagram(content, key))


@editor.get("/<draft_id>/edit/decision/<key>")
def decision(draft_id: str, key: str) -> ResponseReturnValue:
    """The editor of decision tables."""
    _content(draft_id, "decision", key)
    return _page(draft_id, "decision", key)


@editor.get("/<draft_id>/edit/form/<key>")
def form(draft_id: str, key: str) -> ResponseReturnValue:
    """The editor of a form, with the form as the desk would ask it."""
    _content(draft_id, "form", key)
    return _page(draft_id, "form", key)


@editor.post("/<draft_id>/preview/<key>")
def preview(draft_id: str, key: str) -> ResponseReturnValue:
    """The form that the editor holds as the desk would ask it, or what is wrong with it. Saves nothing."""
    _content(draft_id, "form", key)
    return {"html": preview_html(str(_sent().get("content", "")).encode(), key)}


@editor.get("/<draft_id>/compare/process/<key>")
def compare(draft_id: str, key: str) -> ResponseReturnValue:
    """The diagram of the draft beside what holds without it, on one canvas and in words."""
    draft = queries.draft(reader(), access.actor(), draft_id)
    content = queries.content(reader(), draft, "process", key)
    former = content_without(reader(), draft, ("process", key))
    after, before = _diagram(content, key), _diagram(former or content, key)
    changed = diff_diagrams(before, after, called_in(_composed(draft)[0])) if before and after else []
    return render_template(
        "studio/compared.html",
        draft=draft,
        key=key,
        name=names_of({("process", key): content})["process", key],
        changed=changed,
        drawn=compared(before, after, changed) if before and after else "",
    )


@editor.get("/<draft_id>/source/<kind>/<key>")
def source(draft_id: str, kind: str, key: str) -> ResponseReturnValue:
    """The file as the draft has it."""
    response = Response(_content(draft_id, kind, key), mimetype="application/octet-stream")
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


@editor.post("/<draft_id>/save/<kind>/<key>")
def save(draft_id: str, kind: str, key: str) -> ResponseReturnValue:
    """Saves what the editor wrote and answers with the new revision and the findings; 409 if somebody was faster."""
    _content(draft_id, kind, key)
    actor, sent = access.actor(), _sent()
    base, written = sent.get("base_revision"), sent.get("content")
    if not isinstance(base, int) or isinstance(base, bool) or not isinstance(written, str):
        return _refused(gettext("Expected a file and the version it was opened at. Load the page again."), 422)

    def command(uow: UnitOfWork) -> int:
        draft = queries.draft(uow.connection, actor, draft_id)
        before = queries.content(uow.connection, draft, kind, key)
        after = kept(kind, before, written.encode())
        vouch({(kind, key): after})  # spliced from two files that have passed
        revision = commands.save_file(uow, draft_id, kind, key, after, base)
        commands.keep_open(uow, draft_id, kind, key)
        return revision

    try:
        quarantine({(kind, key): written.encode()})  # before anything here reads it
        revision = perform(command, actor)
    except Conflict as error:
        stop_reading()
        draft = queries.draft(reader(), actor, draft_id)
        return {"said": say(error), "revision": draft.revision}, 409
    except NotFound:
        raise
    except Rejected as error:
        return _refused(say(error), 422)
    return {"revision": revision, "saved_at": moment(now()), **_judged(draft_id, kind, key)}


@editor.post("/<draft_id>/both/<kind>/<key>")
def both(draft_id: str, kind: str, key: str) -> ResponseReturnValue:
    """What the page holds beside what was saved meanwhile: in words, and for a diagram on one canvas. Saves nothing."""
    stored = _content(draft_id, kind, key)
    written = _sent().get("content")
    if not isinstance(written, str):
        return _refused(gettext("Expected a file and the version it was opened at. Load the page again."), 422)
    try:
        quarantine({(kind, key): written.encode()})
        mine = kept(kind, stored, written.encode())
    except Rejected as error:
        return _refused(say(error), 422)
    whole, _ = _composed(queries.draft(reader(), access.actor(), draft_id))
    changed = changes_between({(kind, key): stored}, {(kind, key): mine}, called_in(whole))
    before, after = (_diagram(stored, key), _diagram(mine, key)) if kind == "process" else (None, None)
    drawn = compared(before, after, changed) if before and after else ""
    return {"html": render_template("studio/edit_both.html", changed=changed, drawn=drawn)}


@editor.post("/<draft_id>/check")
def check(draft_id: str) -> ResponseReturnValue:
    """Every finding about what the draft would make of the whole. Saves nothing."""
    queries.draft(reader(), access.actor(), draft_id)
    sent = _sent()
    return _judged(draft_id, str(sent.get("kind", "")), str(sent.get("key", "")))


@editor.post("/<draft_id>/open/<kind>/<key>")
def keep_open(draft_id: str, kind: str, key: str) -> ResponseReturnValue:
    """Says that the file is still open here, and answers who else has the draft open."""
    _require_kind(kind)
    perform(lambda uow: commands.keep_open(uow, draft_id, kind, key), access.actor())
    return {"others": _others(queries.draft(reader(), access.actor(), draft_id))}


@editor.post("/<draft_id>/expression")
def expression(draft_id: str) -> ResponseReturnValue:
    """Reads one expression and answers what is wrong with it, "" for nothing."""
    queries.draft(reader(), access.actor(), draft_id)
    sent = _sent()
    text, form = str(sent.get("text", ""))[: _EXPRESSION_LENGTH_MAX + 1], sent.get("form")
    if len(text) > _EXPRESSION_LENGTH_MAX:
        return {"said": gettext("Expected at most %(limit)s characters.", limit=_EXPRESSION_LENGTH_MAX)}
    try:
        if form == "tests":
            compile_unary_tests(text)
        elif form != "timer" or text.startswith("="):
            compile_expression(text)
    except FeelError as error:
        place = gettext("Line %(line)s, character %(column)s", line=error.line, column=error.column)
        return {"said": f"{place}: {say(error)}" if error.line else say(error)}
    return {"said": ""}


# ------------------------------------------------------------------ what they share


def kept(kind: str, before: bytes, written: bytes) -> bytes:
    """What an editor wrote, on the text that was there: what nobody touched stays byte for byte."""
    if kind != "form":
        return graft(before, written)
    try:
        return kept_form(before, written)
    except FormError as error:
        mistake = error.mistakes[0]
        raise Rejected(mistake.template, **dict(mistake.params)) from None


def edit_address(draft_id: str, kind: str, key: str) -> str:
    """Where a file is edited in the browser; "" for a kind that has no editor."""
    endpoint = f"editor.{kind}"
    return url_for(endpoint, draft_id=draft_id, key=key) if kind in EDITED and endpoint in ROUTES else ""


def _page(draft_id: str, kind: str, key: str, **more: Any) -> Response:
    actor = access.actor()
    draft = queries.draft(reader(), actor, draft_id)
    resources, manifest = _composed(draft)
    about = {
        "draft": draft.id,
        "kind": kind,
        "key": key,
        "file": f"{key}.{EDITED[kind]}",
        "revision": draft.revision,
        "csrf": access.csrf_token(),
        "source": url_for("editor.source", draft_id=draft.id, kind=kind, key=key),
        "save": url_for("editor.save", draft_id=draft.id, kind=kind, key=key),
        "check": url_for("editor.check", draft_id=draft.id),
        "open": url_for("editor.keep_open", draft_id=draft.id, kind=kind, key=key),
        "both": url_for("editor.both", draft_id=draft.id, kind=kind, key=key),
        "begin": url_for("beginning.add_here", draft_id=draft.id),
        "combine": url_for("beginning.combined", draft_id=draft.id),
        "edit": {
            **{kind: url_for(f"editor.{kind}", draft_id=draft.id, key="KEY").removesuffix("KEY") for kind in EDITED},
            "document": url_for("plain.text", draft_id=draft.id, kind="document", key="KEY").removesuffix("KEY"),
        },
        "preview": url_for("editor.preview", draft_id=draft.id, key=key),
        "expression": url_for("editor.expression", draft_id=draft.id),
    }
    page = render_template(
        f"studio/edit_{kind}.html",
        draft=draft,
        kind=KINDS[kind],
        name=names_of({(kind, key): queries.content(reader(), draft, kind, key)})[kind, key],
        editor=about,
        known=choices(actor, resources, manifest),
        words=words(),
        others=_others(draft),
        **more,
    )
    response = make_response(page)
    response.headers["Content-Security-Policy"] = _POLICY
    return response


def _composed(draft: queries.Draft) -> tuple[Mapping[tuple[str, str], bytes], Mapping[str, Any]]:
    """The files and manifest that the draft would make; nothing where it cannot be composed: the check says why."""
    try:
        bundle = queries.bundle_of(reader(), draft)
        return compose(reader(), bundle, access.actor().tenant).resources, bundle.manifest
    except ShangmenError:
        return {}, {}


def _content(draft_id: str, kind: str, key: str) -> bytes:
    _require_kind(kind)
    return queries.content(reader(), queries.draft(reader(), access.actor(), draft_id), kind, key)


def _judged(draft_id: str, kind: str, key: str) -> dict[str, Any]:
    """The findings and which revision they are about, who else is at work, and the outline of a diagram that is edited.

    Two answers may cross on their way: the page keeps the one about the later revision.
    """
    actor = access.actor()
    draft = queries.draft(reader(), actor, draft_id)
    answer: dict[str, Any] = {
        "judged": draft.revision,
        "findings": verdict(reader(), actor, draft, lambda kind, key: edit_address(draft.id, kind, key)),
        "others": _others(draft),
    }
    if kind == "process":
        lines = _diagram(queries.content(reader(), draft, kind, key), key)
        answer["outline"] = render_template("studio/edit_outline.html", diagram=lines)
    return answer


def _diagram(content: bytes, key: str) -> Diagram | None:
    try:
        return read_diagram(content, key)
    except ShangmenError:
        return None


def _others(draft: queries.Draft) -> str:
    actor = access.actor()
    names = sorted({one.name for one in queries.editors(reader(), draft, now()) if one.user != actor.user})
    return gettext("Also at work on this draft: %(names)s", names=gettext(", ").join(names)) if names else ""


def _sent() -> dict[str, Any]:
    found = request.get_json(force=True, silent=True)
    if not isinstance(found, dict):
        abort(400)
    return found


def _refused(said: str, status: int) -> ResponseReturnValue:
    return {"said": said}, status


def _require_kind(kind: str) -> None:
    if kind not in EDITED:
        abort(404)
