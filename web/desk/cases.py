"""Cases: find one, and see where it stands, who holds it, what happened, its papers and files."""

from __future__ import annotations

from typing import Final
from urllib.parse import quote

from flask import Blueprint, Response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.queries.cases import case_page, case_row_of, file_content, find_cases
from engine.queries.visibility import has_part
from web import access
from web.desk.story import lines_of, pictures_of_case
from web.language import N_, gettext
from web.looking import listed, looked, searched
from web.purpose import for_case
from web.shown import on_case_page
from web.transaction import platform, reader

cases = Blueprint("cases", __name__, url_prefix="/desk/cases")

STATES: Final = {"": N_("All"), "running": N_("Running"), "completed": N_("Ended"), "cancelled": N_("Cancelled")}
DONE: Final = {
    "reported": N_("Your report is recorded."),
}
TEXT_LENGTH_MAX: Final = 60
_SHOWN_TYPES: Final = frozenset({"image/jpeg", "image/png", "image/gif", "image/webp", "application/pdf"})


@cases.get("")
def index() -> ResponseReturnValue:
    """Cases that this person may see, newest first."""
    text = request.args.get("text", "").strip()[:TEXT_LENGTH_MAX]
    status = request.args.get("status", "")
    page = request.args.get("page", "1")
    wanted = {"text": text, "status": status if status in STATES else ""}
    number = int(page) if page.isascii() and page.isdigit() and len(page) < 7 and int(page) else 1
    found = find_cases(reader(), access.actor(), page=number, per_page=access.settings().rows_per_page, **wanted)
    shown = render_template(
        "desk/cases.html",
        found=found,
        wanted=wanted,
        states=STATES,
        address=lambda page: url_for("cases.index", **{k: v for k, v in {**wanted, "page": page}.items() if v}),
    )
    if text:
        searched("desk", text, found)
    else:
        listed("cases", (row.id for row in found.rows))
    return shown


@cases.get("/<instance_id>")
def show(instance_id: str) -> ResponseReturnValue:
    """Everything about one case that this person may see."""
    page = case_page(reader(), platform().known, access.actor(), instance_id)
    for_case(has_part(reader(), access.actor(), instance_id))
    shown = render_template(
        "desk/case.html",
        page=page,
        lines=lines_of(page),
        drawings=pictures_of_case(page),
        done=gettext(DONE[request.args["done"]]) if request.args.get("done") in DONE else "",
    )
    looked(page.case.id, page.case.number, "case", fields=on_case_page(page))
    return shown


@cases.get("/<instance_id>/files/<file_id>")
def file(instance_id: str, file_id: str) -> ResponseReturnValue:
    """A file of the case, always as a download: nothing that somebody handed in runs inside our pages."""
    found, content = file_content(reader(), platform().known, access.actor(), instance_id, file_id)
    for_case(has_part(reader(), access.actor(), instance_id))
    response = Response(content)
    response.mimetype = found.media_type if found.media_type in _SHOWN_TYPES else "application/octet-stream"
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(found.name, safe='')}"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    looked(instance_id, case_row_of(reader(), access.actor(), instance_id).number, "file", file_id, each_time=True)
    return response
