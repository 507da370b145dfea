"""Who is asking, what they may open, and whether a form came from our own pages.

Every route stands in ``web.routes``; the application does not start with one that does not. A permission says
which pages a role has at all. *Which* cases, tasks and people somebody may see is decided where they are
read (``engine.queries``, ``engine.commands``), and a stranger gets the same *not found* as for a missing id.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import urlsplit

from flask import Flask, abort, current_app, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from engine.errors import Rejected
from engine.model import Actor, Purpose, Tenant
from engine.store import sessions
from web.routes import FOR_A_PURPOSE, NAVIGATION, PERMISSIONS, ROUTES
from web.transaction import now, platform

SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
CSRF_FIELD: Final = "_csrf"
_PAD_BYTES: Final = 32


def init_app(app: Flask) -> None:
    """Asks, before every view: who is it, may they, and did the form come from our own page."""
    app.before_request(_refuse_unreadable)
    app.before_request(_identify)
    app.before_request(_permit)
    app.before_request(_check_form_origin)
    app.after_request(_set_visitor)
    app.jinja_env.globals.update(csrf_token=csrf_token, may=may, visible_navigation=visible_navigation)
    app.jinja_env.globals["sitting_purpose"] = stated_purpose
    app.context_processor(lambda: {"actor": actor_or_none(), "settings": settings()})


def check_routes(app: Flask) -> None:
    """Raises ``RuntimeError`` for a route without a permission or a permission without a route."""
    found = {rule.endpoint for rule in app.url_map.iter_rules()}
    if unlisted := found - set(ROUTES):
        raise RuntimeError(f"list these routes in web/routes.py: {sorted(unlisted)}")
    if stale := set(ROUTES) - found:
        raise RuntimeError(f"web/routes.py lists routes that do not exist: {sorted(stale)}")


def settings() -> Any:
    """The settings of this application (``web.config.Settings``)."""
    return current_app.extensions["settings"]


def actor() -> Actor:
    """Who is asking. On a page that needs a log-in there is always somebody."""
    found = actor_or_none()
    if found is None:
        abort(403)
    return found


def actor_or_none() -> Actor | None:
    """Who is asking, or None for a visitor."""
    session = g.get("session")
    return session.actor if session else None


def memberships() -> tuple[tuple[Tenant, frozenset[str]], ...]:
    """The units that the person asking can act for, with their roles there."""
    session = g.get("session")
    return session.memberships if session else ()


def stated_purpose() -> Purpose | None:
    """Why this person looks at what is not their own work, as stated in this sitting; None before."""
    session = g.get("session")
    return session.purpose if session else None


def session_token() -> str:
    """The secret of this browser's session, "" without one."""
    return request.cookies.get(cookie_name("session"), "")


def may(endpoint: str) -> bool:
    """Whether the person asking may open ``endpoint``; False for one that does not exist."""
    permission, asking = ROUTES.get(endpoint), actor_or_none()
    if permission is None or endpoint not in current_app.view_functions:
        return False
    return permission == "public" or (asking is not None and PERMISSIONS[permission](asking.roles))


def visible_navigation() -> list[tuple[str, str]]:
    """(endpoint, English title) of the sections this person has."""
    return [(endpoint, title) for endpoint, title in NAVIGATION if may(endpoint)]


def _refuse_unreadable() -> None:
    """No page of ours sends a NUL, and not every database takes one. Files are not looked at."""
    sent = (request.path, *_texts(request.args), *(_texts(request.form) if request.method == "POST" else ()))
    if any("\0" in text for text in sent):
        abort(400)


def _texts(sent: MultiDict[str, str]) -> Iterator[str]:
    for key, values in sent.lists():
        yield key
        yield from values


def _identify() -> None:
    token = session_token()
    g.session = None
    if token and request.endpoint != "static":
        g.session = sessions.read_session(platform().database, token, now())


def _permit() -> ResponseReturnValue | None:
    if request.endpoint is None or ROUTES[request.endpoint] == "public":
        return None
    if actor_or_none() is None:
        was_here = "expired" if session_token() else None
        return redirect(url_for("login.ask", next=_way_back(), done=was_here), 303)
    if not may(request.endpoint):
        abort(403)
    if ROUTES[request.endpoint] == FOR_A_PURPOSE and stated_purpose() is None:
        return ask_for_purpose()
    return None


def ask_for_purpose() -> ResponseReturnValue:
    """To the page that asks why, and from there back here. What was asked for is neither done nor shown."""
    return redirect(url_for("purpose.ask", next=_way_back()), 303)


def is_own_path(path: str) -> bool:
    """Whether ``path`` leads to this site and nowhere else (no host, no scheme, no backslash trick)."""
    parts = urlsplit(path)
    own = path.startswith("/") and not path.startswith("//") and not parts.scheme and not parts.netloc
    return own and "\\" not in path and path.isprintable()


def _way_back() -> str | None:
    """The page that was wanted, or the page whose form was sent; None where there is no page to show."""
    if request.method in SAFE_METHODS:
        return request.full_path.rstrip("?")
    adapter = current_app.create_url_adapter(request)
    paths = (request.path, request.path.rpartition("/")[0])  # a form is sent to its page, or to one below it
    return next((path for path in paths if adapter is not None and adapter.test(path, method="GET")), None)


# ------------------------------------------------------------------ forms from our own pages


def csrf_token() -> str:
    """A token for one form: it follows from the browser's own secret and looks different in every page.

    The random pad keeps a compressed page from betraying the secret by its length.
    """
    pad = secrets.token_bytes(_PAD_BYTES)
    return (pad + _xor(pad, _csrf_secret())).hex()


def _check_form_origin() -> None:
    if request.method in SAFE_METHODS:
        return
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in {"same-origin", "none"}:
        _refuse_form()
    try:
        sent = bytes.fromhex(request.form.get(CSRF_FIELD, "") or request.headers.get("X-CSRF-Token", ""))
    except ValueError:
        sent = b""
    pad, masked = sent[:_PAD_BYTES], sent[_PAD_BYTES:]
    if len(masked) != _PAD_BYTES or not hmac.compare_digest(_xor(pad, masked), _csrf_secret()):
        _refuse_form()


def _refuse_form() -> None:
    raise FormNotOurs(
        "Expected a form from a page of this site that is still valid, but found another. "
        "Open the page again and send the form from there; what you saved as a draft is still there."
    )


class FormNotOurs(Rejected):
    """A form without our token, or with one of another session. Answered with 400."""


def _csrf_secret() -> bytes:
    return hmac.digest(_browser_secret().encode(), b"form", "sha256")


def _browser_secret() -> str:
    if g.get("session"):
        return session_token()
    if "visitor" not in g:
        g.visitor = request.cookies.get(cookie_name("visitor"), "") or secrets.token_urlsafe(32)
    visitor: str = g.visitor
    return visitor


def _xor(left: bytes, right: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(left, right, strict=True))


# ------------------------------------------------------------------ cookies


def cookie_name(name: str) -> str:
    """``__Host-`` binds a cookie to this very host; browsers take the prefix over TLS only."""
    return f"__Host-{name}" if settings().secure else name


def set_cookie(response: Response, name: str, value: str) -> None:
    """A cookie that no script reads and no other site sends along. It ends with the browser."""
    response.set_cookie(cookie_name(name), value, httponly=True, secure=settings().secure, samesite="Lax", path="/")


def drop_cookie(response: Response, name: str) -> None:
    """Tells the browser to forget a cookie."""
    response.delete_cookie(cookie_name(name), httponly=True, secure=settings().secure, samesite="Lax", path="/")


def _set_visitor(response: Response) -> Response:
    if "visitor" in g and request.cookies.get(cookie_name("visitor")) != g.visitor:
        set_cookie(response, "visitor", g.visitor)
    return response
