"""A new case: choose the procedure, fill in its start form."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.commands.instances import start_instance
from engine.errors import Conflict, FieldProblem, NotFound, Rejected
from engine.queries.catalogue import StartableProcedure, definition_in_force, startable
from web import access
from web.desk.asked import ask as ask_form
from web.desk.tasks import after
from web.language import current
from web.posted import Raw, posted_files, posted_texts, problems_of
from web.transaction import now, perform_once, platform, reader

_FOR: Final = "_for"
"""The field, and the part of an address, that say for whom a deputy opens a case."""

start = Blueprint("start", __name__, url_prefix="/desk/start")


@start.get("")
def index() -> ResponseReturnValue:
    """The procedures that this person may start, here or for whom they stand in; a single one opens at once."""
    procedures = startable(reader(), access.actor(), now())
    if len(procedures) == 1:
        only = procedures[0]
        shown_for = only.actor.shown_for or None
        return redirect(url_for("start.ask", procedure=only.procedure, **{_FOR: shown_for}), 303)
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
        answer = perform_once(
            lambda uow: start_instance(uow, procedure, raw, files, current(), request.form.get(_FOR, "")),
            access.actor(),
        )
    except Conflict:
        raise
    except Rejected as error:
        return _page(procedure, raw, problems_of(error), lost_files=bool(files)), 422
    return after(answer, "started")


def _page(
    procedure: str, raw: Raw | None = None, problems: Sequence[FieldProblem] = (), lost_files: bool = False
) -> str:
    wanted = request.values.get(_FOR, "")
    offered = next((one for one in startable(reader(), access.actor(), now()) if _is(one, procedure, wanted)), None)
    if offered is None:
        raise NotFound("There is no such procedure, or it is not yours to start.")
    near = offered.actor.tenant
    definition, _, _ = definition_in_force(reader(), platform().known, near, procedure, now())
    asked = ask_form(definition, offered.form, {offered.role}, near, {}, raw, problems, lost_files)
    return render_template("desk/start_form.html", procedure=offered, asked=asked, problems=problems)


def _is(one: StartableProcedure, procedure: str, shown_for: str) -> bool:
    return (one.procedure, one.actor.shown_for) == (procedure, shown_for)
