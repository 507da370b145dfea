"""Why somebody looks: asked once a sitting of auditors and of whoever opens a case that their unit has no part in.

Staff are not asked about their own work: then the purpose is the task, or that the case is their unit's. The list
one chooses from is data (``purposes.toml``); own words stand beside. What was looked at keeps its purpose.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from flask import Blueprint, abort, g, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.commands.reading import PURPOSE_LENGTH_MAX, purpose_in_words
from engine.errors import FieldProblem, Rejected
from engine.model import Purpose
from engine.store import sessions
from web import access
from web.language import N_, current, gettext, word
from web.routes import FOR_A_PURPOSE, ROUTES
from web.transaction import platform, stop_reading

purpose = Blueprint("purpose", __name__)

NOT_ASKED: Final = {
    "task": N_("for the task “%(task)s”"),
    "work": N_("own work: the unit has a part in the case"),
    "overview": N_("overview of the unit’s work"),
    "operate": N_("running the platform"),
    "answer": N_("to tell the person concerned who looked"),
}
"""Purposes that nobody states, because they follow from what was opened."""

_UNASKED_BY_PERMISSION: Final = {"desk": "overview", "answer": "answer"}


@dataclass(frozen=True, slots=True)
class Listed:
    """A purpose of the list, by its name in each language; a retired one is still read, but no longer offered."""

    key: str
    names: Mapping[str, str]
    is_retired: bool = False

    @property
    def name(self) -> str:
        return self.names["en" if current() == "en" else "zh"]


def _read() -> Iterator[Listed]:
    text = (Path(__file__).parent / "purposes.toml").read_text("utf-8")
    for entry in tomllib.loads(text)["purpose"]:
        yield Listed(entry["key"], {"en": entry["en"], "zh": entry["zh"]}, entry.get("retired", False))


LIST: Final[Mapping[str, Listed]] = {one.key: one for one in _read()}
"""What one can choose from, by key."""


@purpose.get("/purpose")
def ask() -> ResponseReturnValue:
    """Why do you look? With the purpose of this sitting, if one was stated."""
    return _page(access.stated_purpose())


@purpose.post("/purpose")
def state() -> ResponseReturnValue:
    """From now on this sitting looks for this purpose; looks before it keep theirs."""
    key, words = request.form.get("purpose", ""), request.form.get("words", "")
    typed = Purpose(key, words[: PURPOSE_LENGTH_MAX * 2])
    if key not in LIST or LIST[key].is_retired:
        problem = FieldProblem("purpose", N_("Expected a purpose from the list. Choose the one that fits best."), {})
        return _page(typed, problem), 422
    try:
        stated = Purpose(key, purpose_in_words(words))
    except Rejected as error:
        return _page(typed, FieldProblem("words", error.template, error.params)), 422
    stop_reading()
    sessions.state_purpose(platform().database, access.session_token(), stated)
    return redirect(_next(), 303)


def _page(shown: Purpose | None, problem: FieldProblem | None = None) -> str:
    return render_template(
        "audit/purpose.html",
        offered=[one for one in LIST.values() if not one.is_retired],
        shown=shown,
        problems=[problem] if problem else [],
        words_max=PURPOSE_LENGTH_MAX,
        next=_next(),
    )


def _next() -> str:
    path = request.values.get("next", "")
    is_way_on = access.is_own_path(path) and not path.startswith(("/log", "/purpose"))
    return path if is_way_on else url_for("site.home")


def of_this_look() -> Purpose:
    """The purpose of what this request shows."""
    found: Purpose | None = g.get("purpose_of_look")
    if found is not None:
        return found
    permission, stated = ROUTES.get(request.endpoint or "", ""), access.stated_purpose()
    if permission == FOR_A_PURPOSE and stated is not None:
        return stated
    return Purpose(_UNASKED_BY_PERMISSION.get(permission, "operate"))


def for_task(name: str) -> None:
    """What this request shows is looked at for a task."""
    g.purpose_of_look = Purpose("task", name)


def for_case(has_part: bool) -> None:
    """What this request shows is a case: the unit's own work, or else looked at for the purpose stated.

    Where none was stated the request ends here with the way to the page that asks.
    """
    stated = access.stated_purpose()
    if has_part:
        g.purpose_of_look = Purpose("work")
    elif stated is None:
        abort(make_response(access.ask_for_purpose()))
    else:
        g.purpose_of_look = stated


def name_of(key: str) -> str:
    """What the list calls a purpose, without anybody's own words; "" for one that is not of the list."""
    return LIST[key].name if key in LIST else ""


def in_words(key: str, words: str) -> str:
    """A recorded purpose for readers; "" where none was recorded, as in old entries."""
    if key in NOT_ASKED:
        return gettext(NOT_ASKED[key], task=word(words)) if key == "task" else gettext(NOT_ASKED[key])
    if not key:
        return words
    name = LIST[key].name if key in LIST else key
    return gettext("%(purpose)s: %(words)s", purpose=name, words=words) if words else name


@purpose.app_template_global()
def look_purpose() -> str:
    """The purpose that was stated for what this page shows, for its reader; "" where none had to be."""
    found = of_this_look()
    return in_words(found.key, found.words) if found.key in LIST else ""
