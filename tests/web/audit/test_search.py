"""Search in the data: by any field, by who did a step, by version and time; searches are kept for oneself alone."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select

from engine.store import tables as t
from engine.store.run import Platform
from tests.web.browser import Browser, Page
from tests.web.conftest import Clock
from web.language import missing

AsPerson = Callable[[str], Browser]


@pytest.fixture
def cases(as_person: AsPerson, platform: Platform, clock: Clock) -> list[str]:
    """Two cases, a day apart; the first was agreed to by 李娜, the second refused by 张敏. Their ids."""
    for who, reviewer, answers in (
        ("李四", "reviewer.a", {"opinion": "agree"}),
        ("王五", "reviewer2.a", {"opinion": "refuse", "why": "材料不全"}),
    ):
        as_person("clerk.a").get("/desk/start/errand").submit("/desk/start/errand", who=who)
        as_person(reviewer).get("/").follow(r"^/desk/tasks/").submit(r"/desk/tasks/[^/]+$", **answers)
        clock.pass_time(days=1)
    with platform.database.read() as connection:
        return list(connection.execute(select(t.instance.c.id).order_by(t.instance.c.started_at)).scalars())


def hits(page: Page) -> list[str]:
    return [link.rpartition("/")[2] for link in page.tree.xpath("//tbody//a[@class='go']/@href")]


def test_a_value_is_found_in_any_field_or_in_one(as_person: AsPerson, cases: list[str]) -> None:
    auditor = as_person("auditor")
    missing.clear()

    assert hits(auditor.get("/audit/search?value=材料")) == [cases[1]]
    assert hits(auditor.get("/audit/search?value=材料&field=why")) == [cases[1]]
    assert hits(auditor.get("/audit/search?value=材料&field=who")) == []
    assert hits(auditor.get("/audit/search?value=不同意")) == [cases[1]]  # what the form calls it, not its value
    assert hits(auditor.get("/audit/search?field=opinion")) == cases[::-1]
    assert not missing


def test_cases_are_found_by_who_did_a_step(as_person: AsPerson, cases: list[str]) -> None:
    auditor = as_person("auditor")

    assert hits(auditor.get("/audit/search?person=李娜")) == [cases[0]]
    assert hits(auditor.get("/audit/search?person=李娜&value=材料")) == []
    assert hits(auditor.get("/audit/search?person=孙丽")) == []


def test_cases_are_found_by_a_version_that_was_in_force_and_by_time(
    as_person: AsPerson, cases: list[str], platform: Platform
) -> None:
    auditor = as_person("auditor")
    page = auditor.get("/audit/search")
    versions = page.tree.xpath("//select[@name='version']/option[@value!='']/@value")

    assert versions
    assert hits(auditor.get(f"/audit/search?version={versions[0]}")) == cases[::-1]
    assert hits(auditor.get("/audit/search?version=hq:errand:form:check@99")) == []
    with platform.database.read() as connection:
        day = connection.execute(select(t.instance.c.started_at).where(t.instance.c.id == cases[1])).scalar_one()
    assert hits(auditor.get(f"/audit/search?from={day.date().isoformat()}&state=completed")) == [cases[1]]


def test_before_anything_is_asked_nothing_is_shown_or_recorded(
    as_person: AsPerson, cases: list[str], platform: Platform
) -> None:
    def searched() -> int:
        with platform.database.read() as connection:
            kinds = connection.execute(select(t.access_note.c.type)).scalars().all()
        return kinds.count("CasesSearched")

    auditor, before = as_person("auditor"), searched()

    assert hits(auditor.get("/audit/search")) == []
    assert searched() == before
    auditor.get("/audit/search?value=材料")
    assert searched() == before + 1


def test_a_search_is_kept_for_oneself_and_forgotten(as_person: AsPerson, cases: list[str]) -> None:
    auditor = as_person("auditor")
    kept = auditor.get("/audit/search?value=材料&field=why").submit("/audit/searches$", name="退回的")

    assert hits(kept) == [cases[1]]
    assert hits(auditor.get("/audit/search").follow(r"value=")) == [cases[1]]
    gone = auditor.get("/audit/search").submit("/forget$")
    assert "退回的" not in gone.main


def test_a_search_needs_a_name_and_something_asked(as_person: AsPerson, cases: list[str]) -> None:
    auditor = as_person("auditor")
    page = auditor.get("/audit/search?value=材料")

    assert page.submit("/audit/searches$", name=" ").status == 422
    assert page.submit("/audit/searches$", name="x" * 81).status == 422
    assert page.submit("/audit/searches$", name="x", value="").status == 422


def test_staff_have_no_such_page(as_person: AsPerson, cases: list[str]) -> None:
    for login in ("clerk.a", "admin"):
        assert as_person(login).get("/audit/search").status == 403
