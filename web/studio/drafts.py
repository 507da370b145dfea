"""Drafts: what the administrators of an organisation are changing, its files and versions, until a colleague agrees."""

from __future__ import annotations

from typing import Any, Final

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.commands import drafts as commands
from engine.commands import proposals
from engine.definition.blank import BEGINNINGS
from engine.errors import FieldProblem, NotFound, Rejected
from engine.queries import catalogue
from engine.queries import drafts as queries
from engine.queries.holdings import holdings
from engine.queries.proposals import waiting_for_draft
from engine.runtime.judgement import Unsound
from engine.store.draft_files import content_without
from web import access
from web.language import N_, gettext
from web.render.file_words import KINDS
from web.studio.days import start_of_day
from web.studio.editor_known import names_of
from web.studio.naming import by_kind, file_names, kind_name, procedure_title
from web.studio.plain import number
from web.studio.review import changes_of, review
from web.studio.verdict import told
from web.transaction import now, perform, perform_once, reader

drafts = Blueprint("drafts", __name__, url_prefix="/studio/drafts")

DONE: Final = {
    "opened": N_("The draft is open. Nothing in it holds for anybody until it is published."),
    "restored": N_("The former version is back, as a new version of the draft."),
    "dropped": N_("The file is out of the draft; what is published stays as it is."),
    "removed": N_("In this draft the organisation’s own version is taken away; what holds above will hold here."),
    "discarded": N_("The draft is discarded. Nothing that is published has changed."),
    "uploaded": N_("What differs from what holds here is in a new draft. Nothing is published."),
    "withdrawn": N_("The proposal is taken back; the draft can be worked on again."),
    "merged": N_("Your additions are in the draft; they are merged with the new version above when it is published."),
    "renamed": N_("The draft has its new title."),
}
EDITED: Final = frozenset({"process", "decision", "form"})
"""Kinds of files that have an editor of their own."""
_WHAT: Final = {
    "saved": N_("saved"),
    "removed": N_("own version taken away"),
    "dropped": N_("taken out of the draft"),
    "restored": N_("former version brought back"),
    "imported": N_("uploaded"),
}


@drafts.get("")
def index() -> ResponseReturnValue:
    """The organisation's drafts, and a form to open another."""
    return _list()


@drafts.post("")
def start() -> ResponseReturnValue:
    """Opens a draft."""
    procedure, title = request.form.get("procedure", ""), request.form.get("title", "")
    try:
        answer = perform_once(lambda uow: {"id": commands.open_draft(uow, procedure, title)}, access.actor())
    except Rejected as error:
        field = "procedure" if isinstance(error, NotFound) else "title"
        return _list([FieldProblem(field, error.template, error.params)], title), 422
    return redirect(url_for("drafts.show", draft_id=answer["id"], done="opened"), 303)


@drafts.post("/adjust")
def adjust() -> ResponseReturnValue:
    """One click on the list of procedures: a file is opened in the draft that is worked on, or in a new one."""
    procedure, kind, key = (request.form.get(name, "") for name in ("procedure", "kind", "key"))
    commands.require_place(procedure, (kind, key))
    title = gettext("Adjusted for %(unit)s", unit=access.actor().tenant.name)
    answer = perform_once(lambda uow: {"id": commands.continue_draft(uow, procedure, title)}, access.actor())
    draft = queries.draft(reader(), access.actor(), answer["id"])
    return redirect(edit_address(draft, kind, key), 303)


@drafts.post("/unadjust")
def unadjust() -> ResponseReturnValue:
    """One click on the list of procedures: the organisation's own version is taken away, in the draft."""
    procedure, kind, key = (request.form.get(name, "") for name in ("procedure", "kind", "key"))
    title = gettext("Adjusted for %(unit)s", unit=access.actor().tenant.name)

    def command(uow: Any) -> dict[str, str]:
        draft_id = commands.continue_draft(uow, procedure, title)
        commands.remove_file(uow, draft_id, kind, key, commands.open_for(uow, draft_id).revision)
        return {"id": draft_id}

    answer = perform_once(command, access.actor())
    return redirect(url_for("drafts.show", draft_id=answer["id"], done="removed"), 303)


@drafts.get("/<draft_id>")
def show(draft_id: str) -> ResponseReturnValue:
    """One draft: its files, who has them open, its versions."""
    return overview(draft_id)


@drafts.get("/<draft_id>/check")
def check(draft_id: str) -> ResponseReturnValue:
    """Lint, floor and comparison of the whole that the draft would make. Writes nothing."""
    return _check(draft_id)


@drafts.post("/<draft_id>/propose")
def propose(draft_id: str) -> ResponseReturnValue:
    """Asks a colleague to publish the draft."""
    title, day = request.form.get("title", ""), request.form.get("day", "")
    try:
        begins = start_of_day(day)
        answer = perform_once(lambda uow: {"id": proposals.propose(uow, draft_id, title, begins)}, access.actor())
    except Unsound:
        return _check(draft_id), 422
    except Rejected as error:
        if type(error) is not Rejected:
            raise
        return overview(draft_id, [FieldProblem("", error.template, error.params)]), 422
    return redirect(url_for("proposals.show", proposal_id=answer["id"], done="proposed"), 303)


@drafts.post("/<draft_id>/restore")
def restore(draft_id: str) -> ResponseReturnValue:
    """Brings a former version back."""
    revision = number("revision")
    perform(lambda uow: commands.restore(uow, draft_id, revision), access.actor())
    return redirect(url_for("drafts.show", draft_id=draft_id, done="restored"), 303)


@drafts.post("/<draft_id>/drop")
def drop(draft_id: str) -> ResponseReturnValue:
    """Takes a file out of the draft."""
    kind, key, base = request.form.get("kind", ""), request.form.get("key", ""), number("base")
    perform(lambda uow: commands.drop_file(uow, draft_id, kind, key, base), access.actor())
    return redirect(url_for("drafts.show", draft_id=draft_id, done="dropped"), 303)


@drafts.post("/<draft_id>/remove")
def remove(draft_id: str) -> ResponseReturnValue:
    """Takes the organisation's own version of a file away."""
    kind, key, base = request.form.get("kind", ""), request.form.get("key", ""), number("base")
    perform(lambda uow: commands.remove_file(uow, draft_id, kind, key, base), access.actor())
    return redirect(url_for("drafts.show", draft_id=draft_id, done="removed"), 303)


@drafts.post("/<draft_id>/title")
def rename(draft_id: str) -> ResponseReturnValue:
    """Calls the draft something else."""
    title = request.form.get("title", "")
    try:
        perform(lambda uow: commands.rename(uow, draft_id, title), access.actor())
    except Rejected as error:
        if type(error) is not Rejected:
            raise
        return overview(draft_id, [FieldProblem("title", error.template, error.params)]), 422
    return redirect(url_for("drafts.show", draft_id=draft_id, done="renamed"), 303)


@drafts.post("/<draft_id>/discard")
def discard(draft_id: str) -> ResponseReturnValue:
    """Puts the draft away."""
    perform(lambda uow: commands.discard(uow, draft_id), access.actor())
    return redirect(url_for("drafts.index", done="discarded"), 303)


def edit_address(draft: queries.Draft, kind: str, key: str) -> str:
    """Where a file of a draft is edited: its own editor, or as text."""
    if kind == "profile":
        return url_for("plain.profile", draft_id=draft.id, key=key)
    path = f"/studio/drafts/{draft.id}/edit/{kind}/{key}"
    adapter = current_app.create_url_adapter(request)
    if adapter is not None and kind in EDITED and adapter.test(path, method="GET"):
        return path
    return url_for("plain.text", draft_id=draft.id, kind=kind, key=key)


def _list(problems: Any = (), title: str = "") -> str:
    actor = access.actor()
    found = queries.drafts(reader(), actor)
    procedures = [
        key for key in catalogue.procedures(reader()) if catalogue.published(reader(), actor, actor.tenant.id, key)
    ]
    return render_template(
        "studio/drafts.html",
        drafts=found,
        closed=queries.drafts(reader(), actor, closed=True),
        titles={key: procedure_title(actor.tenant, key) for key in {*procedures, *(one.procedure for one in found)}},
        procedures=procedures,
        problems=problems,
        title=title,
        done=_done(),
    )


def overview(draft_id: str, problems: Any = ()) -> str:
    """The page of one draft, with what was wrong with what was sent."""
    actor = access.actor()
    draft = queries.draft(reader(), actor, draft_id)
    own = {place: queries.content(reader(), draft, *place) for place, one in draft.files.items() if one.digest}
    names = names_of(own) | file_names(actor.tenant, draft.procedure)
    return render_template(
        "studio/draft.html",
        draft=draft,
        files=sorted(draft.files.items(), key=lambda found: by_kind(found[0])),
        names=names,
        kinds=KINDS,
        what=_WHAT,
        procedure=procedure_title(actor.tenant, draft.procedure),
        choices=[
            (place, names.get(place) or (kind_name(place[0]) if place[1] == draft.procedure else place[1]))
            for place in sorted(
                ((one.kind, one.key) for one in holdings(reader(), actor, actor.tenant.id, draft.procedure, now())),
                key=by_kind,
            )
        ],
        editors=[one for one in queries.editors(reader(), draft, now()) if one.user != actor.user],
        edit_address=lambda kind, key: edit_address(draft, kind, key),
        beginnings=BEGINNINGS,
        begun={place for place in own if content_without(reader(), draft, place) is None},
        changed=changes_of(reader(), draft.tenant, queries.bundle_of(reader(), draft)) if draft.files else (),
        proposal=waiting_for_draft(reader(), draft_id) if draft.status != "discarded" else None,
        problems=problems,
        done=_done(),
    )


def _check(draft_id: str) -> str:
    actor = access.actor()
    draft = queries.draft(reader(), actor, draft_id)
    found = review(reader(), draft.tenant, queries.bundle_of(reader(), draft))
    return render_template(
        "studio/check.html",
        draft=draft,
        found=found,
        told=told(found, lambda kind, key: edit_address(draft, kind, key) if draft.status == "open" else ""),
        names=file_names(actor.tenant, draft.procedure),
        kinds=KINDS,
        done=_done(),
    )


def _done() -> str:
    return gettext(DONE[request.args["done"]]) if request.args.get("done") in DONE else ""
