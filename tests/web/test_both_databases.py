"""The pages on both kinds of database: one story from end to end, and whatever a stranger may send."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from engine.store.database import Database
from engine.store.run import Platform
from tests.web.browser import Browser
from tests.web.conftest import PASSWORD, Clock, furnish
from web.app import create_app
from web.config import Settings

AsPerson = Callable[[str], Browser]
NASTY = (
    "\x00",
    "'; drop table history; --",
    "%",
    "_",
    "\\",
    "\u202eabc",
    "𠮷䶮",
    "\ufffe",
    "9" * 400,
    "-1",
    "../..",
    "{{7*7}}",
    "💥" * 30,
)


@pytest.fixture
def platform(database: Database) -> Platform:
    """In place of the copied file: the office on each kind of database."""
    found = Platform(database)
    furnish(found)
    return found


def test_a_case_from_note_to_end(as_person: AsPerson) -> None:
    clerk = as_person("clerk.a")
    clerk.get("/desk/start/errand").submit("/desk/start/errand", who="李四")

    as_person("reviewer.a").get("/desk").follow("/desk/tasks/").submit(r"/desk/tasks/[^/]+$", opinion="agree")
    as_person("chief").get("/desk").follow("/desk/tasks/").submit(r"/desk/tasks/[^/]+$", approved="true")
    case = clerk.get("/desk/cases?text=李四").follow("/desk/cases/[0-9a-f]")
    assert "已办结" in case.main
    assert "赵强" in case.main
    assert as_person("auditor").get("/audit").status == 200
    assert (
        "clerk.a" in as_person("admin").get("/people?text=东办").main
        or "王芳" in as_person("admin").get("/people").main
    )


@pytest.mark.parametrize("nasty", NASTY)
def test_whatever_is_sent_no_page_breaks(app: Flask, as_person: AsPerson, nasty: str) -> None:
    app.config["PROPAGATE_EXCEPTIONS"] = False
    clerk, admin, auditor = as_person("clerk.a"), as_person("admin"), as_person("auditor")
    visitor = Browser(app)

    answers = [visitor.get("/login").submit("/login", login=nasty, password=nasty)]
    answers += [clerk.client.get(path, query_string={key: nasty}) for path, key in (
        ("/desk", "text"), ("/desk", "element"), ("/desk", "procedure"), ("/desk", "page"), ("/desk/cases", "text"),
        ("/desk/cases", "status"), ("/login", "next"), ("/language/en", "back"),
    )]  # fmt: skip
    answers += [clerk.client.get(f"/desk/{part}/{nasty}") for part in ("tasks", "cases", "start")]
    answers += [admin.client.get("/people", query_string={"text": nasty}), admin.client.get(f"/people/{nasty}")]
    answers += [auditor.client.get("/audit", query_string={"text": nasty})]
    answers.append(clerk.get("/desk/start/errand").submit("/desk/start/errand", who=nasty, what=nasty, **{nasty: "x"}))
    answers.append(admin.get("/people/add").submit("/people/add", login=nasty, name=nasty, tenant=nasty, role=nasty))

    broken = [getattr(a, "status_code", None) or a.status for a in answers]
    assert all(status < 500 for status in broken), broken


def test_a_password_of_the_greatest_length_still_logs_in(as_person: AsPerson, app: Flask, clock: Clock) -> None:
    longest = "长句子好记" * 25 + "xyz"
    as_person("clerk.a").get("/account").submit("/account/password", present=PASSWORD, new=longest, again=longest)

    page = Browser(app).get("/login").submit("/login", login="clerk.a", password=longest)
    assert page.status == 200
    assert page.path == "/desk"


def test_an_application_opens_on_this_database(platform: Platform) -> None:
    app = create_app(Settings(database_url=platform.database.url, plain_http=True), platform)

    assert app.test_client().get("/health").get_json() == {"status": "ok"}
