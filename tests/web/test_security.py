"""Log-in, sessions, forms from elsewhere, headers: what stands between a stranger and a case."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from engine.store.run import Platform
from tests.web.browser import Browser
from tests.web.conftest import PASSWORD, Clock
from web.app import create_app
from web.config import Settings
from web.routes import PERMISSIONS, ROUTES

AsPerson = Callable[[str], Browser]


def log_in(browser: Browser, password: str = PASSWORD, login: str = "clerk.a"):
    return browser.get("/login").submit("/login", login=login, password=password)


def test_a_wrong_password_and_an_unknown_name_get_the_same_answer(visitor: Browser) -> None:
    wrong, unknown = log_in(visitor, "falsch"), log_in(visitor, "falsch", login="nobody")

    assert wrong.status == unknown.status == 422
    assert wrong.main.replace("clerk.a", "") == unknown.main.replace("nobody", "")


def test_after_five_failures_one_waits_even_with_the_right_password(visitor: Browser, clock: Clock) -> None:
    for _ in range(5):
        assert log_in(visitor, "falsch").status == 422

    assert log_in(visitor).status == 429
    clock.pass_time(minutes=16)
    assert log_in(visitor).status == 200


def test_four_failures_do_not_close_the_door(visitor: Browser) -> None:
    for _ in range(4):
        log_in(visitor, "falsch")

    assert log_in(visitor).status == 200
    assert visitor.get("/desk").status == 200


def test_a_session_ends_after_thirty_idle_minutes(as_person: AsPerson, clock: Clock) -> None:
    browser = as_person("clerk.a")

    clock.pass_time(minutes=29)
    assert browser.get("/desk").path == "/desk"
    clock.pass_time(minutes=31)
    assert browser.get("/desk").path.startswith("/login")


def test_a_session_ends_after_twelve_hours_however_busy_one_is(as_person: AsPerson, clock: Clock) -> None:
    browser = as_person("clerk.a")

    for _ in range(25):
        assert browser.get("/desk").path == "/desk"
        clock.pass_time(minutes=28)
    clock.pass_time(minutes=25)
    assert browser.get("/desk").path.startswith("/login")


def test_who_sends_a_form_too_late_logs_in_and_is_back_at_its_page(as_person: AsPerson, clock: Clock) -> None:
    browser = as_person("clerk.a")
    page = browser.get("/desk/start/errand")
    clock.pass_time(minutes=31)

    late = page.submit("/desk/start/errand", who="李四")
    assert "已退出登录" in late.text
    back = late.submit("/login", login="clerk.a", password=PASSWORD)
    assert back.path == "/desk/start/errand"
    assert browser.get("/desk/cases").source.count("的事项</a>") == 0


def test_the_session_s_secret_changes_at_log_in_and_dies_at_log_out(as_person: AsPerson) -> None:
    browser = as_person("clerk.a")
    first = browser.client.get_cookie("session")
    page = browser.get("/desk")
    page.submit("/logout")
    browser.client.set_cookie("session", first.value)

    assert browser.get("/desk").path.startswith("/login")
    log_in(browser)
    assert browser.client.get_cookie("session").value != first.value


def test_a_disabled_person_is_out_at_once(as_person: AsPerson) -> None:
    clerk, admin = as_person("clerk.a"), as_person("admin")
    person = admin.get("/people?text=clerk.a").link(r"/people/u-")
    admin.get(person).submit("/disable")

    assert clerk.get("/desk").path.startswith("/login")


def test_one_comes_back_to_the_page_one_wanted_but_never_to_another_host(visitor: Browser) -> None:
    wanted = visitor.get("/desk/cases?text=x")
    assert wanted.path.startswith("/login?next=")
    assert wanted.submit("/login", login="clerk.a", password=PASSWORD).path == "/desk/cases?text=x"

    for elsewhere in ("//evil.example", "https://evil.example/", "/\\evil.example", "javascript:alert(1)"):
        other = Browser(visitor.client.application)
        page = other.get("/login").submit("/login", login="clerk.a", password=PASSWORD, next=elsewhere)
        assert page.status == 200
        assert all(not step.startswith(("http", "//", "/\\")) for step in other.trail)


# ------------------------------------------------------------------ forms


def test_every_form_that_changes_something_is_refused_without_its_token(app: Flask, as_person: AsPerson) -> None:
    browser = as_person("admin")
    adapter = app.url_map.bind("localhost")
    for rule in app.url_map.iter_rules():
        if "POST" in (rule.methods or ()):
            path = adapter.build(rule.endpoint, dict.fromkeys(rule.arguments, "x"), method="POST")
            status = browser.client.post(path, data={"login": "x"}).status_code
            allowed = PERMISSIONS[ROUTES[rule.endpoint]](frozenset({"administrator"}))
            assert status == (400 if allowed else 403), path


def test_another_session_s_token_is_refused(as_person: AsPerson) -> None:
    token = as_person("admin").get("/account").form("/password").xpath(".//input[@name='_csrf']/@value")[0]

    assert as_person("clerk.a").client.post("/desk/start/errand", data={"_csrf": token, "who": "x"}).status_code == 400


def test_a_form_from_another_site_is_refused_even_with_the_token(as_person: AsPerson) -> None:
    browser = as_person("clerk.a")
    token = browser.get("/account").form("/password").xpath(".//input[@name='_csrf']/@value")[0]
    data = {"_csrf": token, "who": "李四"}

    cross = browser.client.post("/desk/start/errand", data=data, headers={"Sec-Fetch-Site": "cross-site"})
    own = browser.client.post("/desk/start/errand", data=data, headers={"Sec-Fetch-Site": "same-origin"})
    assert (cross.status_code, own.status_code) == (400, 303)


def test_the_token_looks_different_in_every_page(as_person: AsPerson) -> None:
    browser = as_person("clerk.a")
    tokens = {browser.get("/account").form("/password").xpath(".//input[@name='_csrf']/@value")[0] for _ in range(3)}

    assert len(tokens) == 3


def test_a_double_click_opens_one_case(as_person: AsPerson) -> None:
    browser = as_person("clerk.a")
    form = browser.get("/desk/start/errand").form("/desk/start/errand")
    data = {field.get("name"): field.get("value", "") for field in form.xpath(".//input[@type='hidden']")} | {
        "who": "李四"
    }

    answers = [browser.client.post("/desk/start/errand", data=data).headers["Location"] for _ in range(2)]
    assert answers[0] == answers[1]
    assert browser.get("/desk/cases").source.count("的事项</a>") == 1


def test_two_forms_open_two_cases(as_person: AsPerson) -> None:
    browser = as_person("clerk.a")
    for _ in range(2):
        browser.get("/desk/start/errand").submit("/desk/start/errand", who="李四")

    assert browser.get("/desk/cases").source.count("的事项</a>") == 2


# ------------------------------------------------------------------ headers and sizes


@pytest.mark.parametrize(
    "path", ["/login", "/desk", "/static/app.css", "/nothing/here", "/desk/tasks/unknown", "/health"]
)
def test_every_answer_carries_the_security_headers(as_person: AsPerson, path: str) -> None:
    headers = as_person("clerk.a").client.get(path).headers

    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Permissions-Policy"] == "camera=(), microphone=(), geolocation=(self), payment=()"
    assert ("no-store" in headers["Cache-Control"]) is not path.startswith("/static")


def test_cookies_are_bound_to_this_host_where_there_is_tls(platform: Platform, clock: Clock) -> None:
    app = create_app(Settings(database_url=platform.database.url), platform, clock)
    client = app.test_client()
    cookie = client.get("/login", base_url="https://localhost").headers["Set-Cookie"]

    assert cookie.startswith("__Host-visitor=")
    assert all(mark in cookie for mark in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"))
    assert "Domain" not in cookie
    assert "max-age=31536000" in client.get("/login", base_url="https://localhost").headers["Strict-Transport-Security"]


def test_text_is_compressed_for_who_takes_it_and_only_then(as_person: AsPerson) -> None:
    client = as_person("clerk.a").client

    packed = client.get("/desk", headers={"Accept-Encoding": "gzip"})
    plain = client.get("/desk")
    assert packed.headers["Content-Encoding"] == "gzip"
    assert len(packed.data) < len(plain.data) / 2
    assert "Content-Encoding" not in plain.headers


def test_a_huge_body_is_refused_with_its_limit(platform: Platform, clock: Clock) -> None:
    app = create_app(
        Settings(database_url=platform.database.url, plain_http=True, body_bytes_max=100_000), platform, clock
    )

    response = app.test_client().post("/login", data={"login": "x" * 200_000})
    assert response.status_code == 413


def test_a_crash_says_a_number_and_nothing_else(
    app: Flask, as_person: AsPerson, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = as_person("clerk.a")
    monkeypatch.setitem(app.view_functions, "worklist.index", lambda: 1 / 0)

    page = browser.get("/desk")
    assert page.status == 500
    assert "ZeroDivision" not in page.source
    assert "0907" in page.main
