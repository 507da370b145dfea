"""The page that says why: sentences in both languages for every element of a case, without ids and holes."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from sqlalchemy import select

from engine.store import tables as t
from engine.store.run import Platform
from tests.web.browser import Browser
from tests.web.conftest import Clock

AsPerson = Callable[[str], Browser]


@pytest.fixture
def case(as_person: AsPerson, platform: Platform) -> str:
    """A case that the reviewer agreed to; its id."""
    as_person("clerk.a").get("/desk/start/errand").submit("/desk/start/errand", who="李四")
    as_person("reviewer.a").get("/").follow(r"^/desk/tasks/").submit(r"/desk/tasks/[^/]+$", opinion="agree")
    with platform.database.read() as connection:
        return str(connection.execute(select(t.instance.c.id)).scalar_one())


def test_why_it_went_this_way(as_person: AsPerson, case: str) -> None:
    auditor = as_person("auditor")
    auditor.get("/language/en")
    page = auditor.get(f"/audit/cases/{case}").follow(r"/why/which")

    (way,) = page.tree.xpath("//tbody/tr[.//b]")
    said = " ".join(way.text_content().split())
    assert 'opinion = "agree"' in said
    assert "holds" in said
    assert "does not hold" not in said
    assert len(page.tree.xpath("//tbody/tr")) == 2


def test_why_it_is_still_here_and_who_could_act(as_person: AsPerson, case: str, clock: Clock) -> None:
    clock.pass_time(days=3)
    auditor = as_person("auditor")
    auditor.get("/language/en")

    here = auditor.get(f"/audit/cases/{case}/why/decide").main
    gone = auditor.get(f"/audit/cases/{case}/why/check").main

    assert "here since" in here
    assert "It has been here for 3 d" in here
    assert "赵强" in here
    assert "here since" not in gone
    assert "It ended after" in gone
    assert "李娜" in gone
    assert "The term, day by day" in gone


def test_where_the_case_has_not_been_is_said(as_person: AsPerson, case: str) -> None:
    assert "没有到过这里" in as_person("auditor").get(f"/audit/cases/{case}/why/refused").main
    assert "没有到过这里" not in as_person("auditor").get(f"/audit/cases/{case}/why/noted").main


def test_why_the_case_did_not_come_to_an_element_is_said_for_each(as_person: AsPerson, case: str, clock: Clock) -> None:
    auditor = as_person("auditor")
    auditor.get("/language/en")
    index = auditor.get(f"/audit/cases/{case}").follow(r"/why$")
    links = [link for link in index.links if re.search(r"/why/\w", link)]

    assert len(links) == 8
    said = {link.rsplit("/", 1)[1]: auditor.get(link).main for link in links}
    assert "its condition did not hold" not in said["refused"]
    assert "the condition of another way held" in said["refused"]
    assert "no way leads here any more" in said["refused"]
    assert "The case is at “Decide”" in said["settled"]
    assert "can still come here" in said["settled"]
    assert "no longer awaited" in said["withdrawn_at_check"]
    assert "What waited at “Withdraw” was broken off" in said["withdrawn"]
    assert "The case has not been here" not in said["check"]


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_every_element_has_its_page_without_ids_and_holes(as_person: AsPerson, case: str, language: str) -> None:
    auditor = as_person("auditor")
    auditor.get(f"/language/{language}")
    links = {link for link in auditor.get(f"/audit/cases/{case}").links if "/why/" in link}

    assert len(links) >= 4
    for link in links:
        page = auditor.get(link)
        assert page.status == 200
        for hole in ("%(", "reviewer.a", "withdrawn_at_check", "u-"):
            assert hole not in page.main, (link, page.main)


def test_looking_is_recorded_and_nobody_else_looks(as_person: AsPerson, case: str, platform: Platform) -> None:
    as_person("auditor").get(f"/audit/cases/{case}/why/check")
    for login in ("clerk.a", "admin"):
        assert as_person(login).get(f"/audit/cases/{case}/why/check").status == 403
    assert as_person("auditor").get(f"/audit/cases/{case}/why/nothing").status == 404
    assert as_person("auditor").get("/audit/cases/nothing/why/check").status == 404

    with platform.database.read() as connection:
        bodies = connection.execute(select(t.history.c.body).where(t.history.c.type == "CaseViewed")).scalars().all()
    assert len(bodies) == 1
    assert b'"why"' in bodies[0]
