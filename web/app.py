"""The web application: the only place where everything meets."""

from __future__ import annotations

import gzip
import logging
from pathlib import Path
from typing import Any, Final

from flask import Blueprint, Flask, Response, abort, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException
from werkzeug.middleware.proxy_fix import ProxyFix

from engine.errors import Conflict, Invalid, NotFound, Rejected
from engine.store.run import Platform
from web import access, account, audit, desk, language, studio, transaction
from web import help as handbook
from web.access import FormNotOurs
from web.config import Settings
from web.language import N_
from web.render import file_words, lists, words
from web.render import install as install_rendering
from web.transaction import now

log = logging.getLogger("shangmen.web")

site = Blueprint("site", __name__)

TEXT_SIZES: Final = ("usual", "large")
_YEAR_SECONDS: Final = 31_536_000
_GZIP_FROM_BYTES: Final = 600
_GZIP_TYPES: Final = ("text/", "application/json", "application/javascript", "image/svg+xml", "application/xml")
_COMPRESSED_FILES_MAX: Final = 200

REFUSALS: Final = {
    400: (
        N_("This request cannot be read"),
        N_("Expected a request from a page of this site, but found one that is incomplete or out of date."),
        N_("Go back, open the page again and try once more."),
    ),
    403: (
        N_("Your role does not include this page"),
        N_("Expected a role that includes this page, but your role in this unit does not."),
        N_("Choose another unit under your name, or ask an administrator of your organisation for the role."),
    ),
    404: (
        N_("Not found"),
        N_("Expected something that exists and that you may see, but found nothing at this address."),
        N_("Check the address, or start again from your worklist."),
    ),
    405: (
        N_("This request cannot be read"),
        N_("Expected a form to be sent from its page, but found another kind of request."),
        N_("Go back, open the page again and try once more."),
    ),
    409: (
        N_("Somebody else was faster"),
        N_("Expected work that still waits, but it has meanwhile changed."),
        N_("Open it again to see how it stands now."),
    ),
    413: (
        N_("This is too large"),
        N_("Expected at most %(limit)s MB in one go, but found more."),
        N_("Send smaller or fewer files. Photos taken at a lower resolution are enough."),
    ),
    422: (
        N_("This cannot be done"),
        N_("Expected something that the present state of the work allows, but it does not allow this."),
        N_("Go back and look at the work again."),
    ),
    429: (
        N_("Too many attempts"),
        N_("Expected a pause after several failed attempts, but found another attempt."),
        N_("Wait some minutes and try again."),
    ),
    500: (
        N_("Something broke on our side"),
        N_("Expected to answer your request, but the program failed. Nothing was changed."),
        N_("Try again. If it fails again, give your administrator this number: %(reference)s."),
    ),
}
"""Status → title, what was expected and found, what to do next."""


def create_app(settings: Settings, platform: Platform, clock: transaction.Clock = transaction.beijing_time) -> Flask:
    """The WSGI application over an open platform. ``clock`` says what time it is; tests hand in their own."""
    app = Flask(__name__)
    app.url_map.strict_slashes = False  # an address that somebody types ends as they like
    app.config["MAX_CONTENT_LENGTH"] = settings.body_bytes_max
    app.config["MAX_FORM_MEMORY_SIZE"] = 2_000_000
    app.config["MAX_FORM_PARTS"] = 2_000
    app.extensions["settings"] = settings
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    if settings.proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=settings.proxies, x_proto=settings.proxies, x_host=0)  # type: ignore[method-assign]

    transaction.init_app(app, platform, clock)
    language.init_app(app)
    access.init_app(app)
    install_rendering(app)
    words.init_app(app)
    file_words.init_app(app)
    app.jinja_env.globals.update(nearness=lists.nearness, page_window=lists.page_window)
    sections = (account, desk, studio, audit, handbook)
    for blueprint in (site, *(found for section in sections for found in section.BLUEPRINTS)):
        app.register_blueprint(blueprint)
    app.context_processor(lambda: {"large_text": request.cookies.get("text") == "large"})
    _register_refusals(app)
    app.after_request(_add_headers)
    app.after_request(_compress)
    access.check_routes(app)
    return app


# ------------------------------------------------------------------ pages that belong to nobody


@site.get("/")
def home() -> ResponseReturnValue:
    """The first section that this person has."""
    for endpoint, _title in access.visible_navigation():
        return redirect(url_for(endpoint), 303)
    return redirect(url_for("account.show"), 303)


@site.get("/language/<tag>")
def choose_language(tag: str) -> ResponseReturnValue:
    """Keeps the wanted language in a cookie and goes back to where one was."""
    if tag not in language.LANGUAGES:
        abort(404)
    return _kept_preference(language.COOKIE, tag)


@site.get("/text/<size>")
def choose_text_size(size: str) -> ResponseReturnValue:
    """Large or usual letters on every page, kept in a cookie."""
    if size not in TEXT_SIZES:
        abort(404)
    return _kept_preference("text", size)


def _kept_preference(cookie: str, value: str) -> ResponseReturnValue:
    back = request.args.get("back", "/")
    response = redirect(back if access.is_own_path(back) else "/", 303)
    response.set_cookie(
        cookie, value, max_age=_YEAR_SECONDS, samesite="Lax", secure=access.settings().secure, httponly=True
    )
    return response


@site.get("/licences")
def licences() -> ResponseReturnValue:
    """The licences of the libraries inside our scripts, written when these were built."""
    path = Path(current_app.static_folder or "") / "dist" / "THIRD_PARTY_LICENSES.txt"
    if not path.exists():
        abort(404)
    return Response(path.read_text("utf-8"), mimetype="text/plain")


@site.get("/health")
def health() -> ResponseReturnValue:
    """Says that the server runs and reaches its database; for machines."""
    transaction.reader()
    return {"status": "ok"}


# ------------------------------------------------------------------ refusals


def _register_refusals(app: Flask) -> None:
    app.register_error_handler(NotFound, lambda error: _refuse(404))  # whose it is, is not said
    app.register_error_handler(Conflict, lambda error: _refuse(409, error))
    app.register_error_handler(Invalid, lambda error: _refuse(422, error))
    app.register_error_handler(FormNotOurs, lambda error: _refuse(400, error))
    app.register_error_handler(Rejected, lambda error: _refuse(422, error))
    app.register_error_handler(HTTPException, _refuse_http)
    app.register_error_handler(Exception, _refuse_crash)


def _refuse(status: int, error: Rejected | None = None, **params: Any) -> tuple[str, int]:
    title, found, next_step = REFUSALS[status]
    values = {"limit": access.settings().body_bytes_max // 1_000_000, "reference": "", **params}
    problems = getattr(error, "problems", ())
    page = render_template(
        "error.html", title=title, found=found, next_step=next_step, values=values, error=error, problems=problems
    )
    return page, status


def _refuse_http(error: HTTPException) -> ResponseReturnValue:
    status = error.code or 500
    if status < 400:
        return error.get_response()  # a redirect that routing raised
    known = status if status in REFUSALS else (400 if status < 500 else 500)
    page, _ = _refuse(known)
    response = current_app.make_response((page, status))
    if allowed := getattr(error, "valid_methods", None):
        response.headers["Allow"] = ", ".join(allowed)
    return response


def _refuse_crash(error: Exception) -> ResponseReturnValue:
    reference = f"{now():%m%d%H%M%S}"
    log.exception("%s %r failed (%s)", request.method, request.path, reference, exc_info=error)
    return _refuse(500, reference=reference)


# ------------------------------------------------------------------ headers


def _add_headers(response: Response) -> Response:
    response.headers.setdefault(
        "Content-Security-Policy",
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self' data:; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["X-Frame-Options"] = "DENY"
    response.headers["Referrer-Policy"] = "same-origin"
    response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    response.headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=(self), payment=()"
    if access.settings().secure:
        response.headers["Strict-Transport-Security"] = "max-age=31536000"
    if request.endpoint != "static":
        response.headers["Cache-Control"] = "no-store"  # pages hold personal data
    elif request.path.startswith("/static/dist/"):
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"  # their names carry a digest
    else:
        response.headers["Cache-Control"] = "public, max-age=300"
    return response


def _compress(response: Response) -> Response:
    if not _wants_gzip(response):
        return response
    cache: dict[str, bytes] = current_app.extensions.setdefault("compressed", {})
    key = request.path if request.path.startswith("/static/dist/") else ""
    packed = cache.get(key) if key else None
    if packed is None:
        response.direct_passthrough = False
        packed = gzip.compress(response.get_data(), 9 if key else 6, mtime=0)
        if key and len(cache) < _COMPRESSED_FILES_MAX:
            cache[key] = packed
    response.direct_passthrough = False
    response.set_data(packed)
    response.headers["Content-Encoding"] = "gzip"
    response.headers.pop("ETag", None)
    response.vary.add("Accept-Encoding")
    return response


def _wants_gzip(response: Response) -> bool:
    return (
        response.status_code in {200, 400, 404, 409, 422}
        and (response.mimetype or "").startswith(_GZIP_TYPES)
        and "gzip" in request.headers.get("Accept-Encoding", "")
        and "Content-Encoding" not in response.headers
        and not response.headers.get("Content-Disposition", "").startswith("attachment")
        and (response.content_length or 0) >= _GZIP_FROM_BYTES
    )
