"""Units and people from a table, and as a table: what each line would do is shown first, then all of it or nothing."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.commands import rosters as commands
from engine.commands.rosters import Reading, Report
from engine.errors import FieldProblem, Rejected
from engine.queries import rosters as queries
from engine.store.sheets import BYTES_MAX, LINES_MAX, Sheet, read_sheet, write_sheet
from web import access
from web.language import N_, gettext, translate, word
from web.render.words import level_name, role_name, words
from web.routes import PLATFORM_ROLES
from web.transaction import perform, reader

rosters = Blueprint("rosters", __name__, url_prefix="/rosters")


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of table: its columns with the words of their heads, and those that must be there."""

    title: str
    columns: Mapping[str, str]
    needed: tuple[str, ...]


KINDS: Final = {
    "units": Kind(
        N_("Units from a table"),
        {
            "id": N_("Id"),
            "parent": N_("Id of the unit above"),
            "name": N_("Name of the unit"),
            "level": N_("Level"),
            "code": N_("Division code"),
            "since": N_("Holds from"),
        },
        ("id", "name"),
    ),
    "people": Kind(
        N_("People from a table"),
        {"login": N_("Log-in name"), "name": N_("Name"), "unit": N_("Id of the unit"), "role": N_("Role")},
        ("login", "name", "unit", "role"),
    ),
}


@rosters.get("/<what>")
def ask(what: str) -> ResponseReturnValue:
    """The form for a file, and the table as it is now."""
    return _page(what)


@rosters.post("/<what>")
def preview(what: str) -> ResponseReturnValue:
    """What every line would do; nothing is changed."""
    sent = request.files.get("file")
    content = sent.stream.read(BYTES_MAX + 1) if sent is not None and sent.filename else b""
    if not content:
        return _page(what, problem=FieldProblem("file", N_("Expected a file, found none. Choose one."))), 422
    return _tried_out(what, content)


@rosters.post("/<what>/apply")
def apply(what: str) -> ResponseReturnValue:
    """Does what was shown, all of it or nothing; what has changed meanwhile is shown anew."""
    try:
        content = base64.b64decode(request.form.get("_content", ""), validate=True)
    except (binascii.Error, ValueError):
        abort(400)
    sheet, reading, shown = _sheet(what, content), _reading(what), request.form.get("_shown", "")
    try:
        report = perform(lambda uow: commands.apply_sheet(uow, sheet, reading, shown), access.actor())
    except commands.NotAsShown as other:
        return _page(what, other.report, content, FieldProblem("", other.template, other.params)), 409
    done = f"{report.count('new')}.{report.count('changed')}"
    return redirect(url_for("rosters.ask", what=what, done=done), 303)


@rosters.get("/<what>/table.csv")
def export(what: str) -> ResponseReturnValue:
    """The table as it is now, in the columns that an import reads."""
    kind = _kind(what)
    rows = (queries.unit_rows if what == "units" else queries.people_rows)(reader(), access.actor())
    named: dict[str, Mapping[str, str]] = {
        "level": {row["level"]: level_name(row["level"]) for row in rows} if what == "units" else {},
        "role": {row["role"]: role_name(row["role"]) for row in rows} if what == "people" else {},
    }
    lines = [[named.get(column, {}).get(row[column], row[column]) for column in kind.columns] for row in rows]
    content = write_sheet([gettext(head) for head in kind.columns.values()], lines)
    headers = {"Content-Disposition": f'attachment; filename="{what}.csv"'}
    return Response(content, mimetype="text/csv", headers=headers)


def _kind(what: str) -> Kind:
    kind = KINDS.get(what)
    if kind is None:
        abort(404)
    return kind


def _sheet(what: str, content: bytes) -> Sheet:
    kind = _kind(what)
    heads = {column: (gettext(head), *_in_all_languages(head)) for column, head in kind.columns.items()}
    return read_sheet(content, heads, kind.needed)


def _reading(what: str) -> Reading:
    if what == "units":
        return commands.unit_line(_spelled(words().levels))
    roles = {role: words().roles.get(role, role) for role in (*sorted(PLATFORM_ROLES), *words().roles)}
    return commands.person_line(_spelled(roles))


def _spelled(known: Mapping[str, str]) -> dict[str, str]:
    """What people may write → the word meant: the word itself, its name in Chinese and in English."""
    found: dict[str, str] = {}
    for id_, chinese in known.items():
        spellings = {id_, chinese, word(chinese, "en")}
        if id_ in PLATFORM_ROLES:
            spellings |= {role_name(id_), *_in_all_languages(id_.capitalize())}
        found |= {spelling.casefold(): id_ for spelling in spellings}
    return found


def _in_all_languages(text: str) -> Iterable[str]:
    return tuple(translate(text, language=language) for language in ("zh-CN", "en"))


def _tried_out(what: str, content: bytes) -> ResponseReturnValue:
    try:
        sheet = _sheet(what, content)
    except Rejected as refused:
        return _page(what, problem=FieldProblem("file", refused.template, refused.params)), 422
    reading = _reading(what)
    try:
        perform(lambda uow: commands.try_out(uow, sheet, reading), access.actor())
    except commands.Shown as shown:
        return _page(what, shown.report, content)
    raise AssertionError("unreachable")


def _page(what: str, report: Report | None = None, content: bytes = b"", problem: FieldProblem | None = None) -> str:
    kind, done = _kind(what), request.args.get("done", "").split(".")
    counts = [int(one) if one.isascii() and one.isdigit() and len(one) < 7 else 0 for one in done]
    return render_template(
        "account/roster.html",
        what=what,
        kind=kind,
        report=report,
        content=base64.b64encode(content).decode(),
        problems=[problem] if problem else [],
        lines_max=LINES_MAX,
        bytes_max=BYTES_MAX,
        done=gettext("Taken over: %(new)s new, %(changed)s changed.", new=counts[0], changed=counts[1])
        if len(counts) == 2
        else "",
    )
