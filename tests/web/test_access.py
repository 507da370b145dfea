"""Who may open what: every route has a permission, and what is not yours looks exactly like what does not exist."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from flask import Flask

from engine.commands.migration_orders import order_moves
from engine.model import Actor
from engine.store.directory import actor_for, user_by_login
from engine.store.run import Platform
from tests.web.browser import Browser, Page
from tests.web.conftest import PASSWORD, Clock
from web.app import create_app
from web.config import Settings
from web.routes import PERMISSIONS, ROUTES

AsPerson = Callable[[str], Browser]
NONCES = re.compile(r'name="_(csrf|token)" value="[^"]*"')


def test_every_route_is_listed_under_a_permission(app: Flask) -> None:
    assert {rule.endpoint for rule in app.url_map.iter_rules()} == set(ROUTES)


def test_an_application_with_an_unlisted_route_does_not_start(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(ROUTES, "worklist.index")

    with pytest.raises(RuntimeError, match=r"worklist\.index"):
        create_app(Settings(database_url=platform.database.url, plain_http=True), platform)


def test_a_permission_for_a_route_that_is_gone_is_noticed(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(ROUTES, "desk.gone", "desk")

    with pytest.raises(RuntimeError, match=r"desk\.gone"):
        create_app(Settings(database_url=platform.database.url, plain_http=True), platform)


def test_every_permission_is_one_that_exists() -> None:
    assert set(ROUTES.values()) <= set(PERMISSIONS)


def test_a_visitor_is_led_to_the_log_in_page_from_every_page_that_is_not_public(app: Flask, visitor: Browser) -> None:
    for path, method, endpoint in _addresses(app, {}):
        response = visitor.client.open(path, method=method)
        if ROUTES[endpoint] == "public":
            assert response.status_code != 303 or not response.headers["Location"].startswith("/login?"), path
        else:
            assert response.status_code == 303, (method, path)
            assert response.headers["Location"].startswith("/login"), (method, path)


def test_an_address_that_ends_with_a_stroke_opens_the_same_page_for_the_same_people(as_person: AsPerson) -> None:
    assert as_person("admin").get("/studio/").main == as_person("admin").get("/studio").main
    assert as_person("clerk.a").get("/studio/").status == 403
    assert as_person("admin").get("/studios/").status == 404


def test_each_role_opens_its_own_sections_and_no_other(app: Flask, as_person: AsPerson) -> None:
    sections = {
        "/desk": "desk",
        "/desk/incidents": "operate",
        "/people": "people",
        "/studio": "studio",
        "/audit": "audit",
    }
    may = {"clerk.a": {"desk"}, "admin": {"operate", "people", "studio"}, "auditor": {"audit"}}

    for login, permissions in may.items():
        browser = as_person(login)
        for path, permission in sections.items():
            expected = 200 if permission in permissions else 403
            assert browser.get(path).status == expected, (login, path)


# ------------------------------------------------------------------ what is not yours looks like what does not exist


@pytest.fixture
def foreign(as_person: AsPerson, platform: Platform) -> dict[str, str]:
    """The ids of a case of branch A and of everything about it, and of a person there."""
    page = as_person("clerk.a").get("/desk/start/errand").submit("/desk/start/errand", who="李四")
    assert page.status == 200
    reviewer = as_person("reviewer.a")
    task = reviewer.get("/desk").link(r"/desk/tasks/").rsplit("/", 1)[1]
    case = reviewer.get("/desk/cases").link(r"/desk/cases/[0-9a-f]+").rsplit("/", 1)[1]
    wait = as_person("clerk.a").get(f"/desk/cases/{case}").link(r"/reports/").rsplit("/", 1)[1]
    draft = as_person("admin.a").get("/studio/drafts").submit("/studio/drafts", title="内部").path
    order = platform.run(
        lambda uow: order_moves(uow, "errand", [(case, {})], {}, "内部"), _actor(platform, "admin.a"), Clock()()
    )
    days = {"begins": "2026-09-07", "ends": "2026-09-08"}
    mine = {"role": "reviewer", "deputy": _actor(platform, "reviewer2.a").user}
    lent = reviewer.get("/account/deputies").submit("/account/deputies", **mine, **days)
    person = as_person("admin").get("/people?text=clerk.a").link(r"/people/u-").rsplit("/", 1)[1]
    return {
        "instance_id": case, "task_id": task, "wait_id": wait, "user_id": person, "unit_id": "a",
        "file_id": "file", "incident_id": f"{case}.1", "message_id": "m0123456789",
        "resource_id": "a:errand:process:errand@1",
        "delegation_id": re.findall(r"/account/deputies/(d-[0-9a-f]+)/end", lent.source)[0],
        "procedure": "secret", "order_id": order, "draft_id": draft.partition("?")[0].rsplit("/", 1)[1],
    }  # fmt: skip


@pytest.mark.parametrize("login", ["clerk.b", "reviewer.b", "admin.b", "auditor.b"])
def test_a_foreign_thing_answers_exactly_like_one_that_does_not_exist(
    app: Flask, as_person: AsPerson, foreign: dict[str, str], platform: Platform, login: str
) -> None:
    _add_branch_b_officials(platform)
    browser = as_person(login)
    missing = {name: re.sub(r"[0-9a-f]", "7", value) for name, value in foreign.items()}
    compared = 0

    for (theirs, method, endpoint), (nothing, _, _) in zip(
        _addresses(app, foreign), _addresses(app, missing), strict=True
    ):
        if theirs == nothing or not PERMISSIONS[ROUTES[endpoint]](_roles(login)):
            continue
        answers = [_ask(browser, method, path) for path in (theirs, nothing)]
        assert answers[0] == answers[1], (method, theirs)
        assert answers[0][0] == 404, (method, theirs, answers[0][0])
        compared += 1

    assert compared >= (1 if login == "auditor.b" else 3)


def test_one_s_own_case_does_not_answer_like_a_missing_one(as_person: AsPerson, foreign: dict[str, str]) -> None:
    browser = as_person("reviewer.a")

    assert browser.get(f"/desk/cases/{foreign['instance_id']}").status == 200
    assert browser.get(f"/desk/tasks/{foreign['task_id']}").status == 200


def _actor(platform: Platform, login: str) -> Actor:
    with platform.database.read() as connection:
        user, units = user_by_login(connection, login) or ("", [])
        return actor_for(connection, user, units[0])


def _roles(login: str) -> frozenset[str]:
    return frozenset({{"admin": "administrator"}.get(login.split(".")[0], login.split(".")[0])})


def _add_branch_b_officials(platform: Platform) -> None:
    from engine.commands.people import add_user
    from engine.store.directory import system_actor

    for login, role in (("admin.b", "administrator"), ("auditor.b", "auditor")):
        platform.run(
            lambda uow, login=login, role=role: add_user(uow, login, "某人", "b", [role], PASSWORD),
            system_actor(),
            Clock()(),
        )


def _addresses(app: Flask, ids: dict[str, str]) -> Iterator[tuple[str, str, str]]:
    """(path, method, endpoint) of every route, with ``ids`` in the places."""
    adapter = app.url_map.bind("localhost")
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: (rule.rule, sorted(rule.methods or ()))):
        places = {name: ids.get(name, "x") for name in rule.arguments}
        for method in sorted((rule.methods or set()) & {"GET", "POST"}):
            yield adapter.build(rule.endpoint, places, method=method), method, rule.endpoint


def _ask(browser: Browser, method: str, path: str) -> tuple[int, str, str]:
    if method == "GET":
        response = browser.client.get(path)
    else:
        token = browser.get("/account").form("/account/password").xpath(".//input[@name='_csrf']/@value")[0]
        response = browser.client.post(path, data={"_csrf": token, "_reason": "x", "_user": "x"})
    body = NONCES.sub("", response.get_data(as_text=True))
    headers = sorted(
        (k, v) for k, v in response.headers.items() if k not in {"Content-Length", "Set-Cookie", "Location"}
    )
    return response.status_code, body, str(headers)


# ------------------------------------------------------------------ every page, whoever opens it


def test_every_page_has_a_title_a_heading_a_language_and_no_address_of_another_host(
    app: Flask, as_person: AsPerson, foreign: dict[str, str]
) -> None:
    seen = 0
    for login in ("reviewer.a", "clerk.a", "admin", "auditor"):
        browser = as_person(login)
        for path, method, endpoint in _addresses(app, foreign | {"procedure": "errand", "tag": "en"}):
            if (
                method == "GET"
                and endpoint not in {"static", "site.choose_language", "site.choose_text_size"}
                and ROUTES[endpoint] != "public"
            ):
                page = browser.get(path)
                if page.tree is not None:
                    _check_page(page)
                    seen += 1
    assert seen > 40


def _check_page(page: Page) -> None:
    assert len(page.title) > 5, page.path
    assert len(page.tree.xpath("//h1")) == 1, page.path
    assert page.tree.get("lang") in {"zh-CN", "en"}, page.path
    outside = re.findall(r'(?:src|href|action)="(?:https?:)?//[^"]*"', page.source)
    assert not outside, (page.path, outside)
    assert not page.tree.xpath("//script[not(@src)][not(contains(@type,'json'))]"), page.path
    assert not page.tree.xpath("//@*[starts-with(name(),'on')]"), page.path
    ids = page.tree.xpath("//@id")
    assert len(ids) == len(set(ids)), (page.path, [i for i in ids if ids.count(i) > 1])
