"""The page of what stands out: rules in the reader's language, flags as sentences with links, looks recorded."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select

from engine.commands import deployments
from engine.definition.bundle import Bundle, read_folder
from engine.definition.oversight import KINDS
from engine.history.facts import open_fact
from engine.store import tables as t
from engine.store.directory import system_actor
from engine.store.run import Platform
from tests.web.browser import Browser
from tests.web.conftest import ERRAND, Clock
from web.audit.oversight import LIMITS
from web.language import missing

AsPerson = Callable[[str], Browser]
RULES = """[[rule]]
id = "again"
kind = "same-value"
title = "同一办事人"
title_en = "The same visitor"
basis = "内部规定"
variables = ["who"]
least = 2
"""


@pytest.fixture
def ruled(platform: Platform, clock: Clock) -> Platform:
    """The office with a rule of oversight."""
    found = read_folder(ERRAND, ERRAND / "forms")
    resources = {**found.resources, ("oversight", "errand"): RULES.encode()}
    bundle = Bundle("errand", found.title, resources, found.manifest)
    platform.run(lambda uow: deployments.publish(uow, bundle, "hq", "事项办理"), system_actor(), clock())
    return platform


@pytest.mark.parametrize(("language", "name"), [("zh-CN", "同一办事人"), ("en", "The same visitor")])
def test_a_flag_is_a_sentence_with_links_to_its_cases(
    as_person: AsPerson, ruled: Platform, language: str, name: str
) -> None:
    clerk, auditor = as_person("clerk.a"), as_person("auditor")
    for who in ("李四", "李四", "王五"):
        clerk.get("/desk/start/errand").submit("/desk/start/errand", who=who)
    auditor.get(f"/language/{language}")
    missing.clear()

    page = auditor.get("/audit/oversight")

    assert page.tree.xpath("//h2")[0].text_content() == name
    (row,) = page.tree.xpath("//tbody/tr")
    assert "李四" in row.xpath("./th")[0].text_content()
    assert len([link for link in row.xpath(".//a/@href") if link.startswith("/audit/cases/")]) == 2
    assert "王五" not in page.main
    assert ("达到2件时提示" if language == "zh-CN" else "Flagged from 2 cases on") in page.main
    assert not missing


def test_every_kind_of_rule_says_from_where_on_it_flags() -> None:
    assert set(LIMITS) == set(KINDS)


def test_nothing_stands_out_where_nothing_is_repeated(as_person: AsPerson, ruled: Platform) -> None:
    as_person("clerk.a").get("/desk/start/errand").submit("/desk/start/errand", who="李四")

    page = as_person("auditor").get("/audit/oversight")

    assert not page.tree.xpath("//tbody/tr")
    assert "未发现疑点" in page.main


def test_what_is_too_much_for_a_page_is_said_to_be_more(
    as_person: AsPerson, ruled: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    for who in ("李四", "李四", "王五", "王五"):
        as_person("clerk.a").get("/desk/start/errand").submit("/desk/start/errand", who=who)
    auditor = as_person("auditor")
    assert "不止这" not in auditor.get("/audit/oversight").main

    monkeypatch.setattr("engine.queries.oversight.FLAGS_MAX", 1)
    page = auditor.get("/audit/oversight")

    assert len(page.tree.xpath("//tbody/tr")) == 1
    assert "不止这1条" in page.main


def test_that_one_looked_is_recorded_and_staff_have_no_such_page(as_person: AsPerson, ruled: Platform) -> None:
    for login in ("clerk.a", "admin"):
        assert as_person(login).get("/audit/oversight").status == 403
    as_person("auditor").get("/audit/oversight")

    with ruled.database.read() as connection:
        noted = connection.execute(select(t.access_note.c.type)).scalars().all()
    assert noted.count("CasesSearched") == 1


def test_a_day_that_is_none_is_refused(as_person: AsPerson, ruled: Platform) -> None:
    assert as_person("auditor").get("/audit/oversight?from=yesterday").status == 422


@pytest.mark.parametrize("among", ["flagged", "half"])
def test_a_sample_can_be_drawn_from_what_stands_out_and_drawn_again(
    as_person: AsPerson, ruled: Platform, clock: Clock, among: str
) -> None:
    clerk, auditor = as_person("clerk.a"), as_person("auditor")
    for who in ("李四", "李四", "王五"):
        clerk.get("/desk/start/errand").submit("/desk/start/errand", who=who)
    clock.pass_time(minutes=1)

    page = auditor.get(f"/audit/sample?seed=7&size=2&among={among}")

    rows = page.tree.xpath("//table[1]/tbody/tr")
    assert len(rows) == 2
    marked = [row for row in rows if "同一办事人" in row.text_content()]
    assert len(marked) == (2 if among == "flagged" else 1)
    clock.pass_time(minutes=1)
    clerk.get("/desk/start/errand").submit("/desk/start/errand", who="王五")
    again = auditor.get(page.link("as_of="))
    assert [row.text_content() for row in again.tree.xpath("//table[1]/tbody/tr")] == [r.text_content() for r in rows]
    assert "已不相同" not in again.main
    other = auditor.get(page.link("as_of=").replace("digest=", "digest=0"))
    assert "已不相同" in other.main
    with ruled.database.read() as connection:
        facts = connection.execute(select(t.history.c.body).where(t.history.c.type == "SampleDrawn")).scalars().all()
    assert {open_fact(body, {}).event.among for body in facts} == {among}  # type: ignore[attr-defined]


def test_what_a_sample_cannot_be_drawn_from_is_refused(as_person: AsPerson, ruled: Platform) -> None:
    assert as_person("auditor").get("/audit/sample?seed=7&among=luck").status == 422


def test_where_nothing_stands_out_no_case_is_drawn(as_person: AsPerson, ruled: Platform) -> None:
    as_person("clerk.a").get("/desk/start/errand").submit("/desk/start/errand", who="李四")

    assert "没有符合条件的事项" in as_person("auditor").get("/audit/sample?seed=7&among=flagged").main
