"""One request, one unit of work, one commit; and the only clock that the pages read.

A page that only looks asks for ``reader()``. A page that acts calls ``perform`` or ``perform_once``: the
command runs in one transaction, and again on fresh state if somebody else was faster. With the form's own
number it has one effect however often the form arrives, and every sender gets the same answer.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from contextlib import ExitStack
from datetime import datetime
from typing import Any, Final, TypeVar
from zoneinfo import ZoneInfo

from flask import Flask, current_app, g, request

from engine.model import Actor
from engine.store.run import Command, Platform

T = TypeVar("T")
Clock = Callable[[], datetime]
TOKEN_FIELD: Final = "_token"  # noqa: S105 - the name of a form field
_TOKEN_LENGTH_MAX: Final = 64


def beijing_time() -> datetime:
    """The present moment. The clock that ``create_app`` uses unless a test hands it another."""
    return datetime.now(ZoneInfo("Asia/Shanghai"))


def init_app(app: Flask, open_platform: Platform, clock: Clock) -> None:
    """Gives every request its time, and closes what it opened."""
    app.extensions["platform"] = open_platform
    app.extensions["clock"] = clock

    @app.before_request
    def begin() -> None:
        g.open = ExitStack()

    @app.teardown_request
    def close(error: BaseException | None) -> None:
        if "open" in g:
            g.open.close()

    app.jinja_env.globals["new_token"] = lambda: secrets.token_urlsafe(16)


def platform() -> Platform:
    """The open database and what is known of it."""
    found: Platform = current_app.extensions["platform"]
    return found


def now() -> datetime:
    """The time of this request: read once, the same for everything in it."""
    if "now" not in g:
        g.now = current_app.extensions["clock"]()
    moment: datetime = g.now
    return moment


def reader() -> Any:
    """The read-only view of this request, opened when first asked for. Handed on to ``engine.queries``."""
    if "reader" not in g:
        g.reader = g.open.enter_context(platform().database.read())
    return g.reader


def perform(command: Command[T], actor: Actor) -> T:
    """Runs ``command`` in this request's one transaction and returns its value.

    Raises what the command refuses with. A second call in one request is a mistake in the program.
    """
    _begin_writing()
    return platform().run(command, actor, now())


def perform_once(command: Command[dict[str, Any]], actor: Actor) -> dict[str, Any]:
    """Runs ``command`` at most once for this form's own number and returns its answer (plain JSON data)."""
    _begin_writing()
    token: Any = request.form.get(TOKEN_FIELD, "")
    if not token or len(token) > _TOKEN_LENGTH_MAX:
        return platform().run(command, actor, now())
    number = hashlib.sha256(f"{request.path}\n{token}".encode()).hexdigest()
    return platform().run_once(command, actor, now(), number)


def _begin_writing() -> None:
    if g.get("performed"):
        raise RuntimeError("one request, one command: this one has already performed one")
    g.performed = True
    stop_reading()


def stop_reading() -> None:
    """Closes this request's read, so that what is read next is the state after a write."""
    if "reader" in g:
        g.open.close()
        g.pop("reader")
