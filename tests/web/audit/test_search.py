"""Search in the data: by any field, by who did a step, by version and time; searches are kept for oneself alone."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select

from engine.commands import people
from engine.store import tables as t
from engine.store.directory import system_actor
from engine.store.run import Platform
from tests.web.browser import Browser, Page
from tests.web.conftest import PASSWORD, START, Clock
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


HOSTILE = (
    "%", "_", "'", '"', "\\", "(", "[", "*", "材料不全' OR 1=1 --", "<script>alert(1)</script>", "{{ 7*7 }}", "%s%n",
    "\u202e", "a" * 400, "长" * 400, "-1", "2026-99-99", "\ud7ff\U0010ffff",
)  # fmt: skip


@pytest.mark.parametrize("field", ["value", "field", "person", "version", "procedure", "state"])
def test_hostile_texts_find_nothing_and_break_nothing(as_person: AsPerson, cases: list[str], field: str) -> None:
    auditor = as_person("auditor")
    for text in HOSTILE:
        page = auditor.get("/audit/search", query_string={field: text})
        assert page.status == 200, text[:20]
        assert "<script>alert" not in page.source
        if field not in ("procedure", "state"):  # an unknown state or procedure asks for less, not for something
            assert hits(page) == [], text[:20]
        assert len(page.source) < 200_000


@pytest.mark.parametrize("name", ["from", "until"])
@pytest.mark.parametrize("day", ["2026-99-99", "tomorrow", "-1", "9" * 400, "0000-00-00"])
def test_a_day_that_is_none_is_refused(as_person: AsPerson, cases: list[str], name: str, day: str) -> None:
    page = as_person("auditor").get("/audit/search", query_string={name: day, "value": "材料"})

    assert page.status == 422
    assert "应" in page.main


def test_a_long_search_in_chinese_can_be_kept_and_asked_again(as_person: AsPerson, cases: list[str]) -> None:
    auditor = as_person("auditor")
    asked = {"person": "张敏" + "敏" * 78, "value": "材" * 80, "field": "why", "version": "长" * 80}
    (token,) = auditor.get("/account").tree.xpath("(//input[@name='_csrf'])[1]/@value")
    kept = auditor.post("/audit/searches", {**asked, "name": "长的", "_csrf": token})

    assert kept.status == 200
    assert kept.tree.xpath("//input[@id='value']/@value") == ["材" * 80]
    assert auditor.get("/audit/search").follow(r"person=").tree.xpath("//input[@id='person']/@value") == [
        asked["person"]
    ]


@pytest.mark.parametrize("name", ["", "   ", "x" * 81, "a\u202eb", "a\x07b"])
def test_a_name_that_is_none_keeps_nothing(as_person: AsPerson, cases: list[str], name: str) -> None:
    auditor = as_person("auditor")
    (token,) = auditor.get("/account").tree.xpath("(//input[@name='_csrf'])[1]/@value")

    assert auditor.post("/audit/searches", {"value": "材料", "name": name, "_csrf": token}).status == 422
    assert "value=" not in " ".join(auditor.get("/audit/search").links)


def test_nobody_forgets_or_sees_the_search_of_another(
    as_person: AsPerson, cases: list[str], platform: Platform
) -> None:
    auditor = as_person("auditor")
    (token,) = auditor.get("/account").tree.xpath("(//input[@name='_csrf'])[1]/@value")
    auditor.post("/audit/searches", {"value": "材料", "name": "mine", "_csrf": token})
    platform.run(lambda uow: people.add_user(uow, "other", "郑凯", "hq", ["auditor"], PASSWORD), system_actor(), START)
    other = as_person("other")
    (theirs,) = other.get("/account").tree.xpath("(//input[@name='_csrf'])[1]/@value")
    (action,) = auditor.get("/audit/search").tree.xpath("//form[contains(@action, '/forget')]/@action")

    assert "mine" not in other.get("/audit/search").main
    other.post(action, {"_csrf": theirs})
    assert "mine" in auditor.get("/audit/search").main
