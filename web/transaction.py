"""One request, one unit of work, one commit; and the only clock that the pages read.

A page that only looks asks for ``reader()``. A page that acts calls ``perform`` once: the command runs in
one transaction, again on fresh state if somebody else was faster, and not at all if the form's token was
already used (a double click gets the first answer).
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from contextlib import ExitStack
from datetime import datetime
from typing import Any, Final, TypeVar
from zoneinfo import ZoneInfo

from flask import Flask, current_app, g, request

from engine.model import Actor
from engine.store.database import Database, Reader
from engine.store.unit_of_work import UnitOfWork

T = TypeVar("T")
Clock = Callable[[], datetime]
TOKEN_FIELD: Final = "token"  # noqa: S105 - the name of a form field
_TOKEN_LENGTH_MAX: Final = 64


def beijing_time() -> datetime:
    """The present moment. The clock that ``create_app`` uses unless a test hands it another."""
    return datetime.now(ZoneInfo("Asia/Shanghai"))


def init_app(app: Flask, database: Database, clock: Clock) -> None:
    """Gives every request its time, and closes what it opened."""
    app.extensions["database"] = database
    app.extensions["clock"] = clock

    @app.before_request
    def begin() -> None:
        g.open = ExitStack()

    @app.teardown_request
    def close(error: BaseException | None) -> None:
        if "open" in g:
            g.open.close()

    app.jinja_env.globals["new_token"] = lambda: secrets.token_urlsafe(16)


def database() -> Database:
    """The database of this application."""
    found: Database = current_app.extensions["database"]
    return found


def now() -> datetime:
    """The time of this request: read once, the same for everything in it."""
    if "now" not in g:
        g.now = current_app.extensions["clock"]()
    moment: datetime = g.now
    return moment


def reader() -> Reader:
    """The read-only view of this request, opened when first asked for."""
    if "reader" not in g:
        g.reader = g.open.enter_context(database().read())
    found: Reader = g.reader
    return found


def perform(command: Callable[[UnitOfWork], T], actor: Actor) -> T:
    """Runs ``command`` in this request's one transaction and returns its value.

    Raises what the command refuses with. A second call in one request is a mistake in the program.
    """
    if g.get("performed"):
        raise RuntimeError("one request, one command: this one has already performed one")
    g.performed = True
    if "reader" in g:  # a write must not wait for, or be blinded by, our own open read
        g.open.close()
        g.pop("reader")
    return database().run(command, actor, now(), token=_token(actor))


def _token(actor: Actor) -> str | None:
    """The form's own number. It belongs to one person and one address, so nobody can use up another's."""
    token: Any = request.form.get(TOKEN_FIELD, "")
    if not token or len(token) > _TOKEN_LENGTH_MAX:
        return None
    return f"{actor.user}:{request.path}:{token}"
