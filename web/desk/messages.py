"""Reports: what a waiting case can be told from outside (somebody objects, somebody withdraws …)."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from engine.commands.messages import send_message
from engine.errors import FieldProblem, Invalid
from engine.queries.cases import message_page
from web import access
from web.desk.posted import Raw, posted_files, posted_texts
from web.transaction import now, perform_once, platform, reader

messages = Blueprint("messages", __name__, url_prefix="/desk/reports")


@messages.get("/<wait_id>")
def ask(wait_id: str) -> ResponseReturnValue:
    """The form of the report."""
    return _page(wait_id)


@messages.post("/<wait_id>")
def submit(wait_id: str) -> ResponseReturnValue:
    """Records the report; the case moves on with it."""
    raw, files = posted_texts(), posted_files()
    try:
        answer = perform_once(lambda uow: send_message(uow, wait_id, raw, files), access.actor())
    except Invalid as error:
        return _page(wait_id, raw, error.problems, lost_files=bool(files)), 422
    return redirect(url_for("cases.show", instance_id=answer["instance"], done="reported"), 303)


def _page(
    wait_id: str, raw: Raw | None = None, problems: tuple[FieldProblem, ...] = (), lost_files: bool = False
) -> str:
    found = message_page(reader(), platform().known, access.actor(), wait_id, now())
    return render_template("desk/report.html", found=found, raw=raw, problems=problems, lost_files=lost_files)
