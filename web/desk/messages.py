"""Reports: what a waiting case can be told from outside (somebody objects, somebody withdraws …)."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.commands.messages import send_message
from engine.errors import FieldProblem, NotFound, Rejected
from engine.queries.cases import case_page
from web import access
from web.desk.asked import ask as ask_form
from web.language import current
from web.looking import looked
from web.posted import Raw, posted_files, posted_texts, problems_of
from web.purpose import for_task
from web.shown import on_report_page
from web.transaction import perform_once, platform, reader

messages = Blueprint("messages", __name__, url_prefix="/desk/cases/<instance_id>/reports")


@messages.get("/<wait_id>")
def ask(instance_id: str, wait_id: str) -> ResponseReturnValue:
    """The form of the report."""
    return _page(instance_id, wait_id)


@messages.post("/<wait_id>")
def submit(instance_id: str, wait_id: str) -> ResponseReturnValue:
    """Records the report; the case moves on with it."""
    raw, files = posted_texts(), posted_files()
    try:
        answer = perform_once(
            lambda uow: send_message(uow, wait_id, raw, files, current(), request.form.get("_for")), access.actor()
        )
    except Rejected as error:
        return _page(instance_id, wait_id, raw, problems_of(error), lost_files=bool(files)), 422
    return redirect(url_for("cases.show", instance_id=answer["instance"], done="reported"), 303)


def _page(
    instance_id: str,
    wait_id: str,
    raw: Raw | None = None,
    problems: Sequence[FieldProblem] = (),
    lost_files: bool = False,
) -> str:
    page = case_page(reader(), platform().known, access.actor(), instance_id)
    wait = next((one for one in page.messages if one.id == wait_id), None)
    if wait is None:
        raise NotFound("There is no such case, or it is not yours to see.")
    asked = None
    if wait.form:
        asked = ask_form(
            page.definition, wait.form, wait.roles, page.case.tenant, page.frame.variables, raw, problems, lost_files
        )
    shown = render_template("desk/report.html", page=page, wait=wait, asked=asked, problems=problems)
    for_task(wait.name)
    shows = on_report_page(page, wait)
    looked(page.case.id, page.case.number, "report", wait.form, fields=shows, on_behalf_of=wait.acting_for)
    return shown
