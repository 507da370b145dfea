"""Accounts: one's own password and units, and the people of an administrator's part of the tree."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from engine.commands.people import add_user, grant_role
from engine.queries.people import everybody
from engine.store.directory import system_actor
from engine.store.run import Platform
from tests.web.browser import Browser
from tests.web.conftest import PASSWORD, START, Clock
from web.app import create_app
from web.config import Settings

AsPerson = Callable[[str], Browser]
NEW = "une autre phrase"


def change(browser: Browser, present: str = PASSWORD, new: str = NEW, again: str = NEW):
    return browser.get("/account").submit("/account/password", present=present, new=new, again=again)


def test_a_new_password_holds_at_once_and_ends_all_sessions(as_person: AsPerson, visitor: Browser) -> None:
    here, elsewhere = as_person("clerk.a"), as_person("clerk.a")

    page = change(here)
    assert page.path.startswith("/login")
    assert elsewhere.get("/desk").path.startswith("/login")
    assert page.submit("/login", login="clerk.a", password=PASSWORD).status == 422
    assert visitor.get("/login").submit("/login", login="clerk.a", password=NEW).status == 200


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"present": "falsch"}, "#present"),
        ({"new": "kurz", "again": "kurz"}, "#new"),
        ({"new": "12345678", "again": "12345678"}, "#new"),
        ({"again": "une autre chose"}, "#again"),
    ],
)
def test_a_password_is_not_changed_when_something_is_wrong(
    as_person: AsPerson, visitor: Browser, given: dict[str, str], field: str
) -> None:
    page = change(as_person("clerk.a"), **given)

    assert page.status == 422
    assert page.tree.find_class("errsum")[0].xpath(".//a/@href") == [field]
    assert visitor.get("/login").submit("/login", login="clerk.a", password=PASSWORD).status == 200


def test_who_has_roles_in_two_units_chooses_for_which_they_act(as_person: AsPerson, platform: Platform) -> None:
    with platform.database.read() as connection:
        user = next(person.id for person in everybody(connection) if person.login == "clerk.a")
    platform.run(lambda uow: grant_role(uow, user, "b", "reviewer"), system_actor(), START)
    browser = as_person("clerk.a")
    assert "东办" in browser.get("/desk").text

    page = browser.get("/account").submit("/account/unit", tenant="b")
    assert "西办" in page.text
    assert "审核人" in page.text


def test_nobody_acts_for_a_unit_that_is_not_theirs(as_person: AsPerson) -> None:
    browser = as_person("clerk.a")
    token = browser.get("/account").form("/password").xpath(".//input[@name='_csrf']/@value")[0]

    assert browser.post("/account/unit", {"_csrf": token, "tenant": "b"}).status == 404
    assert "东办" in browser.get("/desk").text


def test_an_administrator_adds_somebody_who_can_then_log_in(as_person: AsPerson, visitor: Browser) -> None:
    form = as_person("admin.a").get("/people").follow("/people/add")

    page = form.submit("/people/add", login="neu.mann", name="新人", tenant="a", role="clerk", password=NEW)
    assert "新人" in page.main
    assert visitor.get("/login").submit("/login", login="neu.mann", password=NEW).status == 200


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"login": "clerk.a"}, "#login"),
        ({"login": "a b"}, "#login"),
        ({"name": " "}, "#name"),
        ({"password": "x"}, "#password"),
    ],
)
def test_a_user_is_not_added_when_something_is_wrong(as_person: AsPerson, given: dict[str, str], field: str) -> None:
    answers = {"login": "neu.mann", "name": "新人", "tenant": "a", "role": "clerk", "password": NEW} | given

    page = as_person("admin.a").get("/people/add").submit("/people/add", **answers)
    assert page.status == 422
    assert page.tree.find_class("errsum")[0].xpath(".//a/@href") == [field]


def test_an_administrator_sees_and_reaches_only_their_own_part_of_the_tree(as_person: AsPerson) -> None:
    browser = as_person("admin.a")
    stranger = as_person("admin").get("/people?text=clerk.b").link("/people/u-")

    assert "clerk.b" not in browser.get("/people").main
    assert browser.get(stranger).status == 404
    refused = browser.get("/people/add").submit(
        "/people/add", login="x", name="某人", tenant="b", role="clerk", password=NEW
    )
    assert refused.status == 404


def test_a_role_is_given_and_taken_away(as_person: AsPerson) -> None:
    admin = as_person("admin")
    page = admin.get(admin.get("/people?text=clerk.b").link("/people/u-"))

    page = page.submit("/grant", tenant="b", role="reviewer")
    assert "审核人" in page.main
    assert as_person("clerk.b").get("/account").main.count("审核人") == 1
    form = page.tree.xpath("//form[contains(@action,'/revoke')][.//input[@value='reviewer']]")[0]
    data = {field.get("name"): field.get("value") for field in form.xpath(".//input")}
    admin.post(form.get("action"), data)
    assert as_person("clerk.b").get("/account").main.count("审核人") == 0


def test_a_password_set_by_an_administrator_replaces_the_old_one(as_person: AsPerson, visitor: Browser) -> None:
    admin = as_person("admin")
    page = admin.get(admin.get("/people?text=clerk.b").link("/people/u-"))

    assert page.submit("/password", password="kurz").status == 422
    page.submit("/password", password=NEW)
    assert visitor.get("/login").submit("/login", login="clerk.b", password=NEW).status == 200


# ------------------------------------------------------------------ the demonstration


def test_a_demonstration_names_its_people_and_one_click_logs_in(platform: Platform, clock: Clock) -> None:
    app = create_app(Settings(database_url=platform.database.url, demo=True), platform, clock)
    page = Browser(app).get("/login")
    assert "演示" in page.main
    assert "王芳" in page.main

    desk = page.submit("/login", person="clerk.a")
    assert desk.path == "/desk"
    assert "演示系统" in desk.text


def test_outside_a_demonstration_nobody_is_named_and_no_click_logs_in(app: Flask, visitor: Browser) -> None:
    page = visitor.get("/login")

    assert "王芳" not in page.source
    assert page.submit("/login", person="clerk.a").status == 422
    assert visitor.get("/desk").path.startswith("/login")


# ------------------------------------------------------------------ what is stuck


@pytest.fixture
def stuck(platform: Platform, as_person: AsPerson) -> None:
    """A case noted at the head office, for which no single branch can be found."""
    platform.run(lambda uow: add_user(uow, "clerk.hq", "钱进", "hq", ["clerk"], PASSWORD), system_actor(), START)
    page = as_person("clerk.hq").get("/desk/start/errand").submit("/desk/start/errand", who="李四")
    assert page.status == 200


def test_an_administrator_sees_what_is_stuck_and_why_without_the_case_s_content(
    as_person: AsPerson, stuck: None
) -> None:
    page = as_person("admin").get("/desk/incidents")

    assert "office" in page.main
    assert "李四" not in page.source
    assert as_person("admin.a").get("/desk/incidents").source.count("<section") == 0


def test_staff_are_told_on_the_page_of_the_case(as_person: AsPerson, stuck: None) -> None:
    page = as_person("clerk.hq").get("/desk/cases").follow("/desk/cases/[0-9a-f]")

    assert "卡住" in page.main


def test_trying_again_needs_a_reason_and_leaves_it_stuck_if_nothing_changed(as_person: AsPerson, stuck: None) -> None:
    admin = as_person("admin")

    assert admin.get("/desk/incidents").submit("/retry", _reason="").status == 422
    page = admin.get("/desk/incidents").submit("/retry", _reason="再试一次")
    assert page.source.count("<section") == 1


def test_a_stuck_case_can_be_cancelled_with_a_reason(as_person: AsPerson, stuck: None) -> None:
    admin = as_person("admin")
    form = admin.get("/desk/incidents").follow("/cancel")

    assert form.submit("/cancel", _reason=" ").status == 422
    page = form.submit("/cancel", _reason="重复登记")
    assert page.source.count("<section") == 0
    case = as_person("clerk.hq").get("/desk/cases").follow("/desk/cases/[0-9a-f]")
    assert "已撤销" in case.main
    assert "重复登记" in case.main
