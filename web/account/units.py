"""The tree of an administrator's units: what is, what is planned, who is missing; and every change with its preview."""

from __future__ import annotations

from datetime import date
from typing import Final

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from engine.commands import organisations as commands
from engine.errors import FieldProblem, Invalid, NotFound
from engine.model import Tenant
from engine.queries import organisations as queries
from engine.store.unit_changes import KINDS, Consequences, Wanted, judge
from engine.store.units import in_reach, known_levels, to_change
from web import access
from web.language import N_, gettext
from web.transaction import now, perform, platform, reader, stop_reading

units = Blueprint("units", __name__, url_prefix="/units")

TEXT_LENGTH_MAX: Final = 80
TITLES: Final = {
    "add": N_("Add a unit below %(name)s"),
    "rename": N_("Rename %(name)s"),
    "move": N_("Move %(name)s to another organisation"),
    "close": N_("Close %(name)s"),
    "merge": N_("Let %(name)s become part of another unit"),
}
DONE: Final = {
    "add": N_("The unit is added."),
    "rename": N_("The unit has its new name."),
    "move": N_("The unit is moved. Its cases follow within a minute."),
    "close": N_("The unit is closed."),
    "merge": N_("The unit is part of the other one now. Its cases follow within a minute."),
    "planned": N_("The change is planned and takes effect by itself on its day."),
    "off": N_("The planned change is called off."),
}


@units.get("")
def index() -> ResponseReturnValue:
    """The actor's part of the tree, what is planned in it, and where nobody could do the work."""
    text = request.args.get("text", "").strip()[:TEXT_LENGTH_MAX]
    closed, actor = request.args.get("closed") == "yes", access.actor()
    return render_template(
        "account/units.html",
        found=queries.units(reader(), actor, text, closed=closed),
        most=queries.UNITS_MAX,
        text=text,
        closed=closed,
        changes=queries.changes_of(reader(), actor),
        vacancies=queries.vacancies(reader(), platform().known, actor, now()),
        stranded=queries.stranded(reader(), actor),
        unhoused=queries.unhoused(reader(), actor),
        done=_done(),
    )


@units.get("/<unit_id>")
def show(unit_id: str) -> ResponseReturnValue:
    """One unit: what it is, who is there, what lies below, what became of it, and what can be changed."""
    return render_template("account/unit.html", page=queries.unit_page(reader(), access.actor(), unit_id), done=_done())


@units.get("/<unit_id>/<kind>")
def ask(unit_id: str, kind: str) -> ResponseReturnValue:
    """The form for a change."""
    return _page(_subject(unit_id, kind), kind, MultiDict())


@units.post("/<unit_id>/<kind>")
def submit(unit_id: str, kind: str) -> ResponseReturnValue:
    """Shows what would follow; carries the change out when the form confirms that very thing."""
    subject, actor, sent = _subject(unit_id, kind), access.actor(), request.form
    try:
        wanted = _wanted(subject, kind, sent)
    except ValueError:
        problem = FieldProblem("since", N_("Expected a day such as 2027-01-31. Choose one in the calendar."))
        return _page(subject, kind, sent, problems=[problem]), 422
    if "_shown" not in sent:
        return _preview(subject, wanted, sent)
    try:
        perform(lambda uow: commands.change_unit(uow, wanted, sent["_shown"]), actor)
    except commands.Outdated as outdated:
        stop_reading()
        found = judge(reader(), actor, wanted, commands.today(now()))
        return _page(subject, kind, sent, found, [FieldProblem("", outdated.template)]), 409
    except Invalid as refused:
        stop_reading()
        return _page(subject, kind, sent, problems=list(refused.problems)), 422
    done = kind if wanted.since <= commands.today(now()) else "planned"
    return redirect(url_for("units.show", unit_id=subject.id, done=done), 303)


@units.post("/changes/<change_id>/off")
def call_off(change_id: str) -> ResponseReturnValue:
    """Takes back a planned change."""
    perform(lambda uow: commands.call_off(uow, change_id), access.actor())
    return redirect(url_for("units.index", done="off"), 303)


def _subject(unit_id: str, kind: str) -> Tenant:
    """The unit that a change is about, or below which one is added. Raises ``NotFound``."""
    if kind not in KINDS:
        abort(404)
    if kind == "add":
        return in_reach(reader(), access.actor(), unit_id)
    return to_change(reader(), access.actor(), unit_id, root_too=kind == "rename")


def _wanted(subject: Tenant, kind: str, sent: MultiDict[str, str]) -> Wanted:
    """What the form says. Raises ``ValueError`` for a day that cannot be read."""
    since = date.fromisoformat(sent.get("since", ""))
    word = {name: sent.get(name, "").strip()[:TEXT_LENGTH_MAX] for name in ("tenant", "name", "level", "code")}
    if kind == "add":
        return Wanted(kind, word["tenant"], since, word["name"], subject.id, level=word["level"], code=word["code"])
    other = sent.get("other", "")[:TEXT_LENGTH_MAX]
    parent, heir = (other if kind == "move" else ""), (other if kind == "merge" else "")
    return Wanted(kind, subject.id, since, word["name"] if kind == "rename" else "", parent, heir)


def _preview(subject: Tenant, wanted: Wanted, sent: MultiDict[str, str]) -> ResponseReturnValue:
    try:
        found = judge(reader(), access.actor(), wanted, commands.today(now()))
    except NotFound:
        if wanted.kind not in ("move", "merge"):
            raise
        problem = FieldProblem("other", N_("Expected one of the units that the list offers. Choose one."))
        return _page(subject, wanted.kind, sent, problems=[problem]), 422
    answer = _page(subject, wanted.kind, sent, found, list(found.problems))
    return (answer, 422) if found.problems else answer


def _page(
    subject: Tenant,
    kind: str,
    given: MultiDict[str, str],
    found: Consequences | None = None,
    problems: list[FieldProblem] | None = None,
) -> str:
    today = commands.today(now())
    field = {"parent": "other", "heir": "other"}
    told = [FieldProblem(field.get(one.field, one.field), one.template, one.params) for one in problems or []]
    return render_template(
        "account/unit_change.html",
        unit=subject,
        kind=kind,
        title=gettext(TITLES[kind], name=subject.name),
        given=given,
        found=found,
        problems=told,
        can_confirm=found is not None and not found.problems,
        today=today.isoformat(),
        since=given.get("since", today.isoformat()),
        levels=known_levels(reader()) if kind == "add" else [],
        choices=_choices(subject, kind, given),
    )


def _choices(subject: Tenant, kind: str, given: MultiDict[str, str]) -> list[Tenant]:
    """The units that may be above from then on, or take over: those of the level that there is now."""
    if kind not in ("move", "merge"):
        return []
    level = subject.level
    if kind == "move":
        above = in_reach(reader(), access.actor(), subject.lineage_ids[1])
        level = above.level
    text = request.values.get("unit", "").strip()[:TEXT_LENGTH_MAX]
    return queries.to_choose(reader(), access.actor(), level, subject.id, text)


def _done() -> str:
    done = request.args.get("done", "")
    return gettext(DONE[done]) if done in DONE else ""
