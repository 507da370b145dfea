"""The calendar of working days: looked at by everybody who administers, changed by the organisation at the top."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.commands import calendars as commands
from engine.errors import FieldProblem, Rejected
from engine.queries.calendars import year_of
from engine.scenarios.holidays import official_exceptions, official_years
from web import access
from web.language import N_, gettext
from web.transaction import now, perform, reader, stop_reading

calendar = Blueprint("calendar", __name__, url_prefix="/studio/calendar")

DONE: Final = {
    "set": N_("The day is set. Deadlines that are counted from now on follow it."),
    "imported": N_("The year is taken over. Deadlines that are counted from now on follow it."),
}
SOURCE: Final = "chinesecalendar"
HOLIDAYS: Final = (
    N_("New Year's Day"), N_("Spring Festival"), N_("Tomb-sweeping Day"), N_("Labour Day"), N_("Dragon Boat Festival"),
    N_("Mid-autumn Festival"), N_("National Day"),
)  # fmt: skip
"""What that source calls the days."""


@calendar.get("")
def show() -> ResponseReturnValue:
    """A year: which weekdays are free, which weekends are worked, and whether an official arrangement is known."""
    return _page()


@calendar.post("/day")
def set_day() -> ResponseReturnValue:
    """Says of one day whether it is worked, and by which document."""
    texts = {name: request.form.get(name, "").strip() for name in ("day", "kind", "name", "source")}
    try:
        day = date.fromisoformat(texts["day"])
    except ValueError:
        wrong = N_("Expected a day like 2027-01-01 but found %(found)s.")
        return _page([FieldProblem("day", wrong, {"found": texts["day"][:40]})], texts), 422
    if texts["kind"] not in ("work", "off"):
        return _page([FieldProblem("kind", N_("Expected a choice: worked or free."))], texts), 422
    try:
        worked = texts["kind"] == "work"
        perform(
            lambda uow: commands.set_calendar_day(uow, day, worked, texts["name"], texts["source"]), access.actor()
        )  # fmt: skip
    except Rejected as error:
        return _page([FieldProblem("name", error.template, error.params)], texts), 422
    return redirect(url_for("calendar.show", year=day.year, done="set"), 303)


@calendar.post("/year")
def take_over() -> ResponseReturnValue:
    """Takes a whole year over from the arrangements that the program knows."""
    year = _year(request.form.get("year", ""))
    if year not in official_years():
        wrong = N_(
            "Expected a year whose arrangement is known, but for %(year)s there is none yet. Set its days one by one."
        )
        return _page([FieldProblem("", wrong, {"year": year})]), 422
    perform(
        lambda uow: commands.import_calendar(uow, [year], official_exceptions([year]), SOURCE), access.actor()
    )  # fmt: skip
    return redirect(url_for("calendar.show", year=year, done="imported"), 303)


def _page(problems: Any = (), texts: dict[str, str] | None = None) -> str:
    stop_reading()
    year = _year(request.args.get("year", "") or request.form.get("year", "") or (texts or {}).get("day", "")[:4])
    return render_template(
        "studio/calendar.html",
        found=year_of(reader(), year),
        year=year,
        holidays=HOLIDAYS,
        known=year in official_years(),
        may_change="/" not in access.actor().tenant.path,
        texts=texts or {},
        problems=problems,
        done=gettext(DONE[request.args["done"]]) if request.args.get("done") in DONE else "",
    )


def _year(text: str) -> int:
    year = int(text) if text.isascii() and text.isdigit() and len(text) == 4 else now().year
    return min(max(year, commands.YEAR_MIN), commands.YEAR_MAX)
