"""Stuck cases: what the machine could not do, for the person who can look into it and try again."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.commands.incidents import retry_incident
from engine.errors import FieldProblem, Rejected
from engine.queries.incidents import list_incidents
from web import access
from web.language import gettext
from web.transaction import perform, reader

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


def _page(problems: list[FieldProblem] | None = None) -> str:
    found = list_incidents(reader(), access.actor())
    done = gettext("Tried again. If it is still listed, it is still stuck.") if "done" in request.args else ""
    return render_template("desk/incidents.html", found=found, problems=problems or [], done=done)
