"""Log in and log out. In a demonstration the page names the people one can be."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.errors import Rejected
from engine.queries import people as people_queries
from engine.store import sessions
from web import access
from web.transaction import now, platform, reader, stop_reading

login = Blueprint("login", __name__)


@login.get("/login")
def ask() -> ResponseReturnValue:
    """The log-in page."""
    if access.actor_or_none():
        return redirect(_next(), 303)
    return _page()


@login.post("/login")
def enter() -> ResponseReturnValue:
    """Opens a session with a fresh secret, whatever the browser carried before."""
    name, password = request.form.get("login", "").strip(), request.form.get("password", "")
    settings = access.settings()
    if settings.demo and "person" in request.form:
        name, password = request.form["person"], settings.demo_password
    stop_reading()
    try:
        token = sessions.open_session(platform().database, name[:80], password[:200], now(), request.remote_addr or "")
    except Rejected as error:
        status = 429 if isinstance(error, sessions.TooManyFailures) else 422
        return _page(login_name=name[:80], error=error), status
    if access.session_token():
        sessions.close_session(platform().database, access.session_token())
    response = redirect(_next(), 303)
    access.set_cookie(response, "session", token)
    access.drop_cookie(response, "visitor")
    return response


@login.post("/logout")
def leave() -> ResponseReturnValue:
    """Ends the session on the server, not only in the browser."""
    sessions.close_session(platform().database, access.session_token())
    response = redirect(url_for("login.ask", left=1), 303)
    access.drop_cookie(response, "session")
    return response


def _page(login_name: str = "", error: Rejected | None = None) -> str:
    units = people_queries.demo_people(reader()) if access.settings().demo else ()
    return render_template(
        "account/login.html", login_name=login_name, error=error, units=units, next=_next(), left="left" in request.args
    )


def _next() -> str:
    """Where to go after logging in: a path of this site only."""
    path = request.values.get("next", "")
    parts = urlsplit(path)
    safe = path.startswith("/") and not path.startswith("//") and "\\" not in path and not parts.netloc
    return path if safe and not path.startswith("/log") else url_for("site.home")
