"""The worklist: what waits, for my roles or taken on by me; searched, filtered, sorted, paged."""

from __future__ import annotations

from typing import Any, Final

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.queries.worklist import list_tasks
from web import access
from web.language import N_, gettext
from web.looking import listed, seen
from web.transaction import now, reader

worklist = Blueprint("worklist", __name__, url_prefix="/desk")

VIEWS: Final = {"roles": N_("For my roles"), "mine": N_("Taken on by me"), "deputy": N_("As a deputy")}
DUE: Final = {"": N_("Any date"), "overdue": N_("Overdue"), "soon": N_("Due within two days")}
SORTS: Final = {"due": N_("Due first"), "created": N_("Waiting longest"), "name": N_("By case name")}
TEXT_LENGTH_MAX: Final = 60
DONE: Final = {
    "completed": N_("Done: the case has moved on."),
    "started": N_("The case is open."),
    "released": N_("The task is back in the list for everybody with the role."),
    "reassigned": N_("The task is now with your colleague."),
}


@worklist.get("")
def index() -> ResponseReturnValue:
    """One page of waiting tasks. Whatever stands in the address is read as far as it makes sense."""
    wanted = _wanted()
    found = list_tasks(reader(), access.actor(), now(), per_page=access.settings().rows_per_page, **wanted)
    done = DONE.get(request.args.get("done", ""), "")
    number = request.args.get("case", "")[:TEXT_LENGTH_MAX]
    if done and number:
        done_words = gettext("Case %(number)s:", number=number) + " " + gettext(done)
    else:
        done_words = gettext(done) if done else ""
    shown = render_template(
        "desk/worklist.html",
        found=found,
        wanted=wanted,
        views=VIEWS,
        due_choices=DUE,
        sorts=SORTS,
        done=done_words,
        address=lambda **change: url_for("worklist.index", **_address(wanted, change)),
        is_filtered=any(wanted[key] for key in ("text", "procedure", "element", "due")),
    )
    named = [row.instance for row in found.rows]
    if wanted["text"]:
        seen("worklist", found.total, named)
    else:
        listed("worklist", named)
    return shown


def _wanted() -> dict[str, Any]:
    args = request.args
    page = args.get("page", "1")
    return {
        "view": _one_of(args.get("view", ""), VIEWS, "roles"),
        "text": args.get("text", "").strip()[:TEXT_LENGTH_MAX],
        "procedure": args.get("procedure", "")[:80],
        "element": args.get("element", "")[:120],
        "due": _one_of(args.get("due", ""), DUE, ""),
        "sort": _one_of(args.get("sort", ""), SORTS, "due"),
        "page": int(page) if page.isascii() and page.isdigit() and len(page) < 7 and int(page) else 1,
    }


def _one_of(value: str, known: dict[str, str], otherwise: str) -> str:
    return value if value in known else otherwise


def _address(wanted: dict[str, Any], change: dict[str, Any]) -> dict[str, Any]:
    """The address of the same list with something changed; any change but of the page goes back to page 1."""
    usual = {"view": "roles", "sort": "due", "page": 1}
    merged = {**wanted, "page": 1, **change}
    return {key: value for key, value in merged.items() if value and value != usual.get(key)}
