"""The administrators' pages: what is published for an organisation, each file of it, and publishing a bundle."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import quote

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.commands.drafts import import_bundle
from engine.definition.carry import pack
from engine.errors import FieldProblem, Rejected
from engine.quarantine import read_upload
from engine.queries import catalogue
from engine.queries.carry import files_to_carry
from engine.queries.cases import place
from engine.queries.holdings import Holding, holdings, parameters
from engine.queries.migrations import outdated_counts
from engine.queries.overrides import left_behind
from engine.queries.people import organisations
from engine.queries.proposals import proposals
from engine.store.publications import content_of
from web import access
from web.language import N_, gettext
from web.render.file_words import KINDS
from web.studio.form_preview import preview
from web.studio.naming import by_kind, file_names
from web.studio.views import FIELD_KINDS, view_of
from web.transaction import now, perform_once, reader

DONE: Final = {"kept": N_("Your own version goes on holding.")}

studio = Blueprint("studio", __name__, url_prefix="/studio")

_EXTENSIONS: Final = {"process": "bpmn", "decision": "dmn", "form": "form.json", "document": "html.j2"}


@studio.get("")
def index() -> ResponseReturnValue:
    """What holds for an organisation, procedure by procedure, and whose version it is."""
    actor = access.actor()
    tenant_id = request.args.get("unit", actor.tenant.id)
    tenant = place(reader(), tenant_id)
    shown = {
        procedure: sorted(found, key=lambda one: by_kind((one.kind, one.key)))
        for procedure in catalogue.procedures(reader())
        if (found := holdings(reader(), actor, tenant_id, procedure, now()))
    }
    return render_template(
        "studio/index.html",
        shown=shown,
        names={procedure: file_names(tenant, procedure) for procedure in shown} if tenant else {},
        titles={procedure: _title(found) for procedure, found in shown.items()},
        parameters={procedure: parameters(reader(), tenant, procedure, now()) for procedure in shown} if tenant else {},
        mine=tenant_id == actor.tenant.id,
        left_behind=left_behind(reader(), actor) if tenant_id == actor.tenant.id else (),
        waiting=[one for one in proposals(reader(), actor) if actor.user not in one.hands],
        done=gettext(DONE[request.args["done"]]) if request.args.get("done") in DONE else "",
        running={procedure: catalogue.running_cases(reader(), procedure) for procedure in shown},
        outdated=outdated_counts(reader(), actor, now()),
        units=organisations(reader(), actor),
        unit=tenant_id,
        kinds=KINDS,
    )


@studio.get("/files/<resource_id>")
def show(resource_id: str) -> ResponseReturnValue:
    """One published file to look at, and its other versions."""
    found = catalogue.resource(reader(), access.actor(), resource_id)
    view = view_of(found.kind, content_of(reader(), found.id))
    return render_template(
        "studio/file.html",
        found=found,
        view=view,
        preview=preview(view.form) if view.form else None,
        versions=catalogue.versions(reader(), access.actor(), resource_id),
        kinds=KINDS,
        field_kinds=FIELD_KINDS,
    )


@studio.get("/files/<resource_id>/download")
def download(resource_id: str) -> ResponseReturnValue:
    """The file itself, as it was published."""
    found = catalogue.resource(reader(), access.actor(), resource_id)
    name = f"{found.key}.{_EXTENSIONS.get(found.kind, 'toml')}"
    response = Response(content_of(reader(), found.id), mimetype="application/octet-stream")
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name, safe='')}"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


@studio.get("/carry/<procedure>")
def carry(procedure: str) -> ResponseReturnValue:
    """The organisation's own files of a procedure, or the whole that holds there, as a .zip to carry elsewhere."""
    actor, whole = access.actor(), request.args.get("what") == "whole"
    unit = request.args.get("unit", actor.tenant.id)
    files = files_to_carry(reader(), actor, unit, procedure, now(), whole=whole)
    response = Response(pack(files), mimetype="application/zip")
    name = f"{procedure}-{unit}{'' if whole else '-own'}.zip"
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name, safe='')}"
    return response


@studio.get("/upload")
def ask() -> ResponseReturnValue:
    """Asks for a bundle to put into a draft."""
    return render_template("studio/ask.html", problems=(), unit=access.actor().tenant)


@studio.post("/upload")
def upload() -> ResponseReturnValue:
    """Puts the files of a bundle that differ from what holds here into a new draft. Nothing is published."""
    sent = request.files.get("bundle")
    content = sent.read() if sent else b""
    if not content:
        return _refuse("bundle", N_("Expected a bundle (a .zip file) but none was chosen. Choose one."))
    try:
        bundle = read_upload(content, complete=False)
        answer = perform_once(lambda uow: {"id": import_bundle(uow, bundle, "")}, access.actor())
    except Rejected as error:
        return _refuse("bundle", error.template, error.params)
    return redirect(url_for("drafts.check", draft_id=answer["id"], done="uploaded"), 303)


def _refuse(field: str, template: str, params: Any = None) -> ResponseReturnValue:
    problem = FieldProblem(field, template, dict(params or {}))
    return render_template("studio/ask.html", problems=(problem,), unit=access.actor().tenant), 422


def _title(found: list[Holding]) -> str:
    return next((one.holder.title for one in found if one.kind == "bundle"), found[0].holder.title)
