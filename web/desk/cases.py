"""Cases: find one, and see where it stands, who holds it, what happened, its papers and files."""

from __future__ import annotations

from typing import Final
from urllib.parse import quote

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.commands.instances import cancel_instance
from engine.errors import FieldProblem, Rejected
from engine.queries.cases import case_page, file_content, find_cases
from web import access
from web.language import N_, gettext
from web.transaction import now, perform, platform, reader

cases = Blueprint("cases", __name__, url_prefix="/desk/cases")

STATES: Final = {"": N_("All"), "running": N_("Running"), "completed": N_("Ended"), "cancelled": N_("Cancelled")}
DONE: Final = {
    "reported": N_("Your report is recorded."),
    "cancelled": N_("The case is cancelled."),
}
TEXT_LENGTH_MAX: Final = 60
_SHOWN_TYPES: Final = frozenset({"image/jpeg", "image/png", "image/gif", "image/webp", "application/pdf"})


@cases.get("")
def index() -> ResponseReturnValue:
    """Cases that this person may see, newest first."""
    text = request.args.get("text", "").strip()[:TEXT_LENGTH_MAX]
    state = request.args.get("state", "")
    page = request.args.get("page", "1")
    wanted = {"text": text, "state": state if state in STATES else ""}
    number = int(page) if page.isascii() and page.isdigit() and len(page) < 7 and int(page) else 1
    found = find_cases(reader(), access.actor(), page=number, per_page=access.settings().rows_per_page, **wanted)
    return render_template(
        "desk/cases.html",
        found=found,
        wanted=wanted,
        states=STATES,
        address=lambda page: url_for("cases.index", **{k: v for k, v in {**wanted, "page": page}.items() if v}),
    )


@cases.get("/<instance_id>")
def show(instance_id: str) -> ResponseReturnValue:
    """Everything about one case that this person may see."""
    found = case_page(reader(), platform().known, access.actor(), instance_id, now())
    done = gettext(DONE[request.args["done"]]) if request.args.get("done") in DONE else ""
    return render_template("desk/case.html", found=found, done=done)


@cases.get("/<instance_id>/files/<digest>")
def file(instance_id: str, digest: str) -> ResponseReturnValue:
    """A file of the case, always as a download: nothing that somebody handed in runs inside our pages."""
    found = file_content(reader(), access.actor(), instance_id, digest)
    response = Response(found.content)
    response.mimetype = found.media_type if found.media_type in _SHOWN_TYPES else "application/octet-stream"
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(found.name, safe='')}"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


@cases.get("/<instance_id>/cancel")
def ask_cancel(instance_id: str) -> ResponseReturnValue:
    """Asks for the reason before a case is cancelled."""
    return _cancel_page(instance_id)


@cases.post("/<instance_id>/cancel")
def cancel(instance_id: str) -> ResponseReturnValue:
    """Cancels a running case; what was open in it is taken away."""
    reason = request.form.get("_reason", "")
    try:
        perform(lambda uow: cancel_instance(uow, instance_id, reason), access.actor())
    except Rejected as error:
        if type(error) is not Rejected:
            raise
        return _cancel_page(instance_id, [FieldProblem("_reason", error.template, error.params)]), 422
    return redirect(url_for("cases.show", instance_id=instance_id, done="cancelled"), 303)


def _cancel_page(instance_id: str, problems: list[FieldProblem] | None = None) -> str:
    found = case_page(reader(), platform().known, access.actor(), instance_id, now())
    reason = request.form.get("_reason", "")
    return render_template("desk/cancel.html", found=found, problems=problems or [], reason=reason)
