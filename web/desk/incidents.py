"""Stuck cases: what the machine could not do, for the person who can look into it and try again."""

from __future__ import annotations

from typing import Final

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.commands.incidents import retry_incident
from engine.commands.instances import cancel_instance
from engine.errors import FieldProblem, NotFound, Rejected
from engine.queries.cases import CaseRow
from engine.queries.incidents import open_incidents
from engine.queries.undelivered import count_undelivered
from web import access
from web.language import N_, gettext
from web.looking import listed
from web.transaction import perform, reader

DONE: Final = {
    "retried": N_("Tried again. If it is still listed, it is still stuck."),
    "cancelled": N_("The case is cancelled."),
}

incidents = Blueprint("incidents", __name__, url_prefix="/desk/incidents")


@incidents.get("")
def index() -> ResponseReturnValue:
    """Everything stuck in this person's part of the tree, oldest first."""
    return _page()


@incidents.post("/<incident_id>/retry")
def retry(incident_id: str) -> ResponseReturnValue:
    """Tries the stuck element again, with a reason for the history."""
    reason = request.form.get("_reason", "")
    try:
        perform(lambda uow: retry_incident(uow, incident_id, reason), access.actor())
    except Rejected as error:
        if type(error) is not Rejected:
            raise
        return _page([FieldProblem(f"reason-{incident_id}", error.template, error.params)]), 422
    return redirect(url_for("incidents.index", done="retried"), 303)


@incidents.get("/<incident_id>/cancel")
def ask_cancel(incident_id: str) -> ResponseReturnValue:
    """Asks for the reason before the stuck case is cancelled."""
    return _cancel_page(incident_id)


@incidents.post("/<incident_id>/cancel")
def cancel(incident_id: str) -> ResponseReturnValue:
    """Cancels the stuck case as a whole; what was open in it is taken away."""
    reason = request.form.get("_reason", "")
    case = _stuck_case(incident_id).id
    try:
        perform(lambda uow: cancel_instance(uow, case, reason), access.actor())
    except Rejected as error:
        if type(error) is not Rejected:
            raise
        return _cancel_page(incident_id, [FieldProblem("_reason", error.template, error.params)]), 422
    return redirect(url_for("incidents.index", done="cancelled"), 303)


def _stuck_case(incident_id: str) -> CaseRow:
    for case, incident in open_incidents(reader(), access.actor()):
        if incident.id == incident_id:
            return case
    raise NotFound("There is no such case, or it is not yours to see.")


def _cancel_page(incident_id: str, problems: list[FieldProblem] | None = None) -> str:
    found = _stuck_case(incident_id)
    reason = request.form.get("_reason", "")
    shown = render_template("desk/cancel.html", number=found.number, problems=problems or [], reason=reason)
    listed("incidents", [found.id])
    return shown


def _page(problems: list[FieldProblem] | None = None) -> str:
    found = open_incidents(reader(), access.actor())
    done = gettext(DONE[request.args["done"]]) if request.args.get("done") in DONE else ""
    kept = count_undelivered(reader(), access.actor())
    shown = render_template("desk/incidents.html", found=found, problems=problems or [], done=done, kept=kept)
    listed("incidents", (case.id for case, _ in found))
    return shown
