"""A new case: choose the procedure, fill in its start form."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from engine.commands.instances import start_instance
from engine.errors import FieldProblem, NotFound, Rejected
from engine.queries.catalogue import definition_in_force, startable
from web import access
from web.desk.asked import ask as ask_form
from web.desk.tasks import after
from web.language import current
from web.posted import Raw, posted_files, posted_texts, problems_of
from web.transaction import now, perform_once, platform, reader

start = Blueprint("start", __name__, url_prefix="/desk/start")


@start.get("")
def index() -> ResponseReturnValue:
    """The procedures that this person may start here; a single one opens at once."""
    procedures = startable(reader(), access.actor(), now())
    if len(procedures) == 1:
        return redirect(url_for("start.ask", procedure=procedures[0].procedure), 303)
    return render_template("desk/start.html", procedures=procedures)


@start.get("/<procedure>")
def ask(procedure: str) -> ResponseReturnValue:
    """The start form of one procedure."""
    return _page(procedure)


@start.post("/<procedure>")
def submit(procedure: str) -> ResponseReturnValue:
    """Opens the case; with problems, the same page again and nothing written."""
    raw, files = posted_texts(), posted_files()
    try:
        answer = perform_once(lambda uow: start_instance(uow, procedure, raw, files, current()), access.actor())
    except Rejected as error:
        return _page(procedure, raw, problems_of(error), lost_files=bool(files)), 422
    return after(answer, "started")


def _page(
    procedure: str, raw: Raw | None = None, problems: Sequence[FieldProblem] = (), lost_files: bool = False
) -> str:
    actor = access.actor()
    offered = next((one for one in startable(reader(), actor, now()) if one.procedure == procedure), None)
    if offered is None:
        raise NotFound("There is no such procedure, or it is not yours to start.")
    definition, manifest, _ = definition_in_force(reader(), platform().known, actor.tenant, procedure, now())
    role = next(role for role in manifest["start_roles"] if role in actor.roles)
    asked = ask_form(definition, offered.form, {role}, actor.tenant, {}, raw, problems, lost_files)
    return render_template("desk/start_form.html", procedure=offered, asked=asked, problems=problems)
