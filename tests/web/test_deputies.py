"""Deputies on the pages: named on one's own page or by an administrator, marked in the worklist, both names after."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from engine.queries.people import everybody
from engine.queries.traces import Wanted, traces
from engine.store import tables as t
from engine.store.directory import actor_for
from engine.store.run import Platform
from tests.web.browser import Browser, Page
from tests.web.chromium import WIDTHS, TabOf, chrome, faults, site, tab_of
from tests.web.conftest import PASSWORD, Clock

__all__ = ["chrome", "site", "tab_of"]

AsPerson = Callable[[str], Browser]
BOTH = "赵强（代李娜）"


def user(platform: Platform, login: str) -> str:
    """A user's id."""
    with platform.database.read() as connection:
        return next(person.id for person in everybody(connection) if person.login == login)


def name(
    browser: Browser, platform: Platform, deputy: str = "chief", path: str = "/account/deputies", **other: Any
) -> Page:
    """Fill in the form that names a deputy: for this week, unless told otherwise."""
    given = {"role": "reviewer", "deputy": user(platform, deputy), "begins": "2026-09-07", "ends": "2026-09-13"}
    return browser.get(path).submit(path, **{**given, "reason": "illness", "note": "住院", **other})


@pytest.fixture
def errand(as_person: AsPerson) -> str:
    """A case that waits for a reviewer of branch A; its path."""
    as_person("clerk.a").get("/desk/start/errand").submit("/desk/start/errand", who="李四")
    return as_person("reviewer.a").get("/desk/cases").link(r"/desk/cases/[0-9a-f]+$")


@pytest.fixture
def lent(as_person: AsPerson, platform: Platform, errand: str) -> str:
    """The same case, and 李娜 has named the chief above as her deputy."""
    page = name(as_person("reviewer.a"), platform)
    assert page.status == 200, page.text
    assert "赵强" in page.main
    return errand


def test_a_deputy_finds_the_work_marked_and_does_it_with_both_names(as_person: AsPerson, lent: str) -> None:
    chief = as_person("chief")
    listed = chief.get("/desk")
    assert re.search("代 ?李娜", listed.main)
    assert re.search("代 ?李娜", chief.get("/desk?view=deputy").main)

    task = listed.follow(r"/desk/tasks/")
    assert re.search("代 ?李娜", task.main)
    done = task.submit(r"/desk/tasks/[^/]+$", opinion="agree")

    assert done.status == 200, done.main
    assert BOTH in as_person("reviewer.a").get(lent).main


def test_without_a_deputy_the_unit_above_has_no_such_work(as_person: AsPerson, errand: str) -> None:
    chief = as_person("chief")

    assert "李四" not in chief.get("/desk").main
    assert "作为代理人" not in chief.get("/desk").main


def test_the_film_and_who_looked_say_both_names_and_who_else_could_act(
    as_person: AsPerson, lent: str, platform: Platform
) -> None:
    chief, auditor = as_person("chief"), as_person("auditor")
    task = chief.get("/desk").follow(r"/desk/tasks/")
    task.submit(r"/desk/tasks/[^/]+$", opinion="agree")
    case = lent.rsplit("/", 1)[1]

    whole = auditor.get(f"/audit/cases/{case}/whole").main
    assert BOTH in whole
    assert re.search(r"赵强（代李娜）\s*–\s*\S+\s*（自2026年9月7日至2026年9月13日为代理人", whole), whole
    assert "张敏" in whole  # her colleague could have acted, too
    assert BOTH in auditor.get(f"/audit/cases/{case}/film.txt").source
    assert BOTH in auditor.get(f"/audit/cases/{case}/readers").main
    assert BOTH in auditor.get(f"/audit/cases/{case}/dossier?variant=full&purpose=x").source
    assert "赵强" not in auditor.get(f"/audit/cases/{case}/dossier?variant=masked&purpose=x").source
    with platform.database.read() as connection:
        actor = actor_for(connection, user(platform, "auditor"), "hq")
        (trace,) = traces(connection, actor, Wanted(), b"k" * 32, named=True)
    (done,) = [event for event in trace.events if event.kind == "UserTaskCompleted"]
    assert (done.person, done.principal) == ("赵强", "李娜")
    assert BOTH in chief.get(lent).main


def test_who_checked_as_a_deputy_does_not_decide(as_person: AsPerson, lent: str, platform: Platform) -> None:
    chief = as_person("chief")
    chief.get("/desk").follow(r"/desk/tasks/").submit(r"/desk/tasks/[^/]+$", opinion="agree")
    decide = chief.get("/desk").follow(r"/desk/tasks/")

    refused = decide.submit(r"/desk/tasks/[^/]+$", approved="true")

    assert refused.status == 422
    assert "审核与决定由不同的人办理" in refused.main


@pytest.mark.parametrize("way", ["early", "time", "disabled"])
def test_a_page_left_open_is_refused_in_words_when_it_has_ended(
    as_person: AsPerson, lent: str, platform: Platform, clock: Clock, way: str
) -> None:
    chief = as_person("chief")
    open_page = chief.get("/desk").follow(r"/desk/tasks/")
    if way == "early":
        as_person("reviewer.a").get("/account/deputies").submit("/end$")
    elif way == "disabled":
        person = f"/people/{user(platform, 'reviewer.a')}"
        as_person("admin").get(person).submit("/disable$")
    else:
        with platform.database.write() as connection:  # the last day is over
            connection.execute(t.delegation.update().values(ends_at=clock()))

    refused = open_page.submit(r"/desk/tasks/[^/]+$", opinion="agree")

    assert refused.status in (409, 422), refused.main
    assert "仍在代李娜办理，但代理已经结束" in refused.main
    assert "李四" in as_person("reviewer2.a").get("/desk").main
    assert "李四" not in chief.get("/desk").main


def test_what_is_wrong_is_said_at_its_field_and_nothing_is_kept(as_person: AsPerson, platform: Platform) -> None:
    browser = as_person("reviewer.a")
    for wrong, field in (
        ({"begins": ""}, "begins"),
        ({"ends": "morgen"}, "ends"),
        ({"ends": "2027-09-07"}, "ends"),
        ({"begins": "2026-09-01"}, "begins"),
        ({"deputy": "reviewer.b"}, "deputy"),
        ({"role": "clerk"}, "role"),
        ({"role": []}, "role"),
        ({"reason": "x"}, "reason"),
        ({"note": "x" * 300}, "reason"),
    ):
        page = name(browser, platform, **wrong)  # type: ignore[arg-type]
        assert page.status == 422, wrong
        assert page.tree.find_class("errsum")[0].xpath(".//a/@href") == [f"#{field}"], wrong
    with platform.database.read() as connection:
        assert connection.execute(select(t.delegation)).all() == []


def test_an_administrator_names_and_ends_for_their_people_only(
    as_person: AsPerson, errand: str, platform: Platform
) -> None:
    path = f"/people/{user(platform, 'reviewer.a')}/deputies"
    admin = as_person("admin.a")
    assert admin.get(path.removesuffix("/deputies")).link("/deputies$") == path

    assert name(admin, platform, path=path).status == 200
    assert re.search("代 ?李娜", as_person("chief").get("/desk").main)
    page = admin.get(path).submit("/end$")

    assert "提前结束" in page.main
    assert "李四" not in as_person("chief").get("/desk").main
    foreign = f"/people/{user(platform, 'reviewer.b')}/deputies"
    assert admin.get(foreign).status == 404
    assert as_person("auditor").get(path).status == 403
    assert as_person("auditor").get("/account/deputies").status == 403


def test_the_deputy_lays_it_down_and_does_not_learn_why(as_person: AsPerson, lent: str) -> None:
    chief = as_person("chief")
    page = chief.get("/account/deputies")
    assert "李娜" in page.main
    assert "住院" not in page.source
    assert "住院" in as_person("reviewer.a").get("/account/deputies").main

    page.submit("/end$")

    assert "李四" not in chief.get("/desk").main


@pytest.mark.browser
@pytest.mark.parametrize("language", ["zh-CN", "en"])
@pytest.mark.parametrize("width", WIDTHS)
def test_the_pages_about_deputies_have_no_faults(
    tab_of: TabOf, lent: str, platform: Platform, width: int, language: str
) -> None:
    for login, paths in {
        "reviewer.a": ("/account", "/account/deputies", "/help/deputies"),
        "chief": ("/account/deputies", "/desk", "/desk?view=deputy"),
        "admin.a": (f"/people/{user(platform, 'reviewer.a')}/deputies",),
    }.items():
        tab = tab_of(login, PASSWORD)
        tab.set_viewport_size({"width": width, "height": 900})
        tab.goto(f"/language/{language}")
        for path in paths:
            tab.goto(path)
            assert faults(tab) == [], path
        if login == "chief":
            tab.goto("/desk")
            with tab.expect_navigation():
                tab.click("a.go")
            assert faults(tab) == []


def test_a_deputy_reports_what_the_case_waits_for_with_both_names(
    as_person: AsPerson, errand: str, platform: Platform
) -> None:
    chief = as_person("chief")
    assert "/reports/" not in chief.get(errand).source
    name(as_person("clerk.a"), platform, role="clerk")
    open_page = chief.get(errand).follow("/reports/")
    assert re.search("代 ?王芳", open_page.main)

    as_person("clerk.a").get("/account/deputies").submit("/end$")
    refused = open_page.submit("/reports/", withdrawn_because="不办了")
    assert refused.status == 409
    assert "应仍在代王芳办理，但代理已经结束" in refused.main
    name(as_person("clerk.a"), platform, role="clerk")
    done = chief.get(errand).follow("/reports/").submit("/reports/", withdrawn_because="不办了")

    assert done.status == 200, done.main
    assert "赵强（代王芳）" in done.main


def test_a_deputy_opens_a_case_for_whom_the_page_names(as_person: AsPerson, platform: Platform) -> None:
    chief = as_person("chief")
    assert not chief.get("/desk/start").tree.xpath("//form[@data-form]")
    name(as_person("clerk.a"), platform, role="clerk")

    page = chief.get("/desk/start")
    assert re.search(r"代 ?王芳", page.main), page.main
    done = page.submit("/desk/start", who="代办人")

    assert done.status == 200, done.main
    case = as_person("clerk.a").get("/desk/cases").link(r"/desk/cases/[0-9a-f]+$")
    assert "赵强（代王芳）" in as_person("clerk.a").get(case).main


def test_a_start_page_of_a_deputy_that_was_left_open_is_refused_in_words(
    as_person: AsPerson, platform: Platform
) -> None:
    chief, clerk = as_person("chief"), as_person("clerk.a")
    name(clerk, platform, role="clerk")
    page = chief.get("/desk/start")
    clerk.get("/account/deputies").submit("/end$")

    refused = page.submit("/desk/start", who="代办人")

    assert refused.status == 409
    assert "代理关系已经结束" in refused.text
    assert "代办人" not in clerk.get("/desk/cases").main


def test_who_stands_in_for_two_chooses_in_whose_name(as_person: AsPerson, lent: str, platform: Platform) -> None:
    chief, other = as_person("chief"), as_person("reviewer2.a")
    assert not chief.get("/desk").follow(r"/desk/tasks/").tree.xpath("//input[@name='_for' and @type='radio']")
    name(other, platform)

    task = chief.get("/desk").follow(r"/desk/tasks/")
    assert re.search("代 ?李娜.*代 ?张敏", task.main)
    (chosen,) = task.tree.xpath("//input[@name='_for' and @type='radio'][../label[contains(., '张敏')]]/@value")
    done = task.submit(r"/desk/tasks/[^/]+$", opinion="agree", _for=chosen)

    assert done.status == 200, done.main
    assert "赵强（代张敏）" in as_person("reviewer.a").get(lent).main
