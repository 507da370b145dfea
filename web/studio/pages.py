"""The administrators' pages: what is published for an organisation, each file of it, and publishing a bundle."""

from __future__ import annotations

import base64
import binascii
from typing import Any, Final
from urllib.parse import quote

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.commands.answers import evaluator
from engine.commands.deployments import publish as publish_bundle
from engine.definition.bundle import read_zip
from engine.errors import FieldProblem, Rejected
from engine.queries import catalogue
from engine.queries.calendars import calendar_in_force
from engine.queries.cases import place
from engine.queries.people import organisations
from engine.store.publications import content_of
from forms.schema import Form
from web import access
from web.language import N_, gettext
from web.render.forms import FormView, form_view
from web.studio.naming import file_names
from web.studio.review import Review, review
from web.studio.views import FIELD_KINDS, KINDS, view_of
from web.transaction import now, perform_once, platform, reader

studio = Blueprint("studio", __name__, url_prefix="/studio")

TITLE_LENGTH_MAX: Final = 120
_CARRIED_BYTES_MAX: Final = 1_400_000
_EXTENSIONS: Final = {"process": "bpmn", "decision": "dmn", "form": "form.json", "document": "html.j2"}
DONE: Final = {"published": N_("Published. New cases take the new version; running cases keep theirs.")}


@studio.get("")
def index() -> ResponseReturnValue:
    """What holds for an organisation, procedure by procedure, and whose version it is."""
    actor = access.actor()
    tenant_id = request.args.get("unit", actor.tenant.id)
    tenant = place(reader(), tenant_id)
    shown = {
        procedure: sorted(found, key=_by_kind)
        for procedure in catalogue.procedures(reader())
        if (found := catalogue.published(reader(), actor, tenant_id, procedure))
    }
    done = gettext(DONE[request.args["done"]]) if request.args.get("done") in DONE else ""
    return render_template(
        "studio/index.html",
        shown=shown,
        names={procedure: file_names(tenant, procedure) for procedure in shown} if tenant else {},
        titles={procedure: _title(found) for procedure, found in shown.items()},
        running={procedure: catalogue.running_cases(reader(), procedure) for procedure in shown},
        units=organisations(reader(), actor),
        unit=tenant_id,
        kinds=KINDS,
        done=done,
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
        preview=_preview(view.form) if view.form else None,
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


@studio.get("/publish")
def ask() -> ResponseReturnValue:
    """Asks for the bundle to check."""
    return render_template("studio/ask.html", problems=(), unit=access.actor().tenant)


@studio.post("/check")
def check() -> ResponseReturnValue:
    """Says what the bundle would change and why it would be refused. Writes nothing."""
    upload = request.files.get("bundle")
    content = upload.read() if upload else b""
    if not content:
        return _refuse("bundle", N_("Expected a bundle (a .zip file) but none was chosen. Choose one."))
    try:
        bundle = read_zip(content)
    except Rejected as error:
        return _refuse("bundle", error.template, error.params)
    found = review(reader(), access.actor(), bundle)
    return _review(found, content), 422 if found.refused else 200


@studio.post("/publish")
def publish() -> ResponseReturnValue:
    """Publishes the bundle that was checked. Everything is checked again in the transaction."""
    actor = access.actor()
    try:
        content = base64.b64decode(request.form.get("_bundle", ""), validate=True)
    except (binascii.Error, ValueError):
        content = b""
    if not content:
        return _refuse("bundle", N_("Expected the bundle that was checked but it did not arrive. Choose it again."))
    title = request.form.get("_title", "").strip()[:TITLE_LENGTH_MAX]
    try:
        bundle = read_zip(content)
        found = review(reader(), actor, bundle)
        if found.refused:
            return _review(found, content), 422
        perform_once(lambda uow: publish_bundle(uow, bundle, actor.tenant.id, title or bundle.title), actor)
    except Rejected as error:
        return _refuse("bundle", error.template, error.params)
    return redirect(url_for("studio.index", done="published"), 303)


def _preview(form: Form) -> FormView:
    """The form as somebody in all its roles would see it, of a case that has no answers yet."""
    roles = frozenset[str]().union(*(field.write | field.see for field in form.fields))
    return form_view(form, roles, {}, evaluator(now(), calendar_in_force(reader(), platform().known), {}), {}, None, ())


def _review(found: Review, content: bytes) -> str:
    carried = base64.b64encode(content).decode() if len(content) <= _CARRIED_BYTES_MAX else ""
    return render_template("studio/review.html", found=found, carried=carried, kinds=KINDS, bundle=found.bundle)


def _refuse(field: str, template: str, params: Any = None) -> ResponseReturnValue:
    problem = FieldProblem(field, template, dict(params or {}))
    return render_template("studio/ask.html", problems=(problem,), unit=access.actor().tenant), 422


def _by_kind(found: catalogue.PublishedResource) -> tuple[int, str]:
    return list(KINDS).index(found.kind) if found.kind in KINDS else len(KINDS), found.key


def _title(found: list[catalogue.PublishedResource]) -> str:
    return next((one.title for one in found if one.kind == "bundle"), found[0].title)
