"""A new case: choose the procedure, fill in its start form."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from engine.commands.instances import start_instance
from engine.errors import FieldProblem, Invalid
from engine.queries.cases import start_page, startable
from web import access
from web.desk.posted import Raw, posted_files, posted_texts
from web.desk.tasks import after
from web.transaction import now, perform_once, platform, reader

start = Blueprint("start", __name__, url_prefix="/desk/start")


@start.get("")
def index() -> ResponseReturnValue:
    """The procedures that this person may start here."""
    return render_template("desk/start.html", procedures=startable(reader(), access.actor()))


@start.get("/<procedure>")
def ask(procedure: str) -> ResponseReturnValue:
    """The start form of one procedure."""
    return _page(procedure)


@start.post("/<procedure>")
def submit(procedure: str) -> ResponseReturnValue:
    """Opens the case; with problems, the same page again and nothing written."""
    raw, files = posted_texts(), posted_files()
    try:
        answer = perform_once(lambda uow: start_instance(uow, procedure, raw, files), access.actor())
    except Invalid as error:
        return _page(procedure, raw, error.problems, lost_files=bool(files)), 422
    return after(answer, "started")


def _page(
    procedure: str, raw: Raw | None = None, problems: tuple[FieldProblem, ...] = (), lost_files: bool = False
) -> str:
    found = start_page(reader(), platform().known, access.actor(), procedure, now())
    return render_template("desk/start_form.html", found=found, raw=raw, problems=problems, lost_files=lost_files)
