"""The pages of process mining: a coloured diagram that says its numbers, and histories run again case by case."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select

from engine.queries.mining import Waiting
from engine.store import tables as t
from engine.store.run import Platform
from tests.web.browser import Browser
from tests.web.conftest import Clock
from web.audit.mining import is_slow
from web.language import missing

AsPerson = Callable[[str], Browser]


@pytest.fixture
def case(as_person: AsPerson, platform: Platform, clock: Clock) -> str:
    """A case that waited two days for its reviewer; its id."""
    as_person("clerk.a").get("/desk/start/errand").submit("/desk/start/errand", who="李四")
    clock.pass_time(days=2)
    as_person("reviewer.a").get("/").follow(r"^/desk/tasks/").submit(r"/desk/tasks/[^/]+$", opinion="agree")
    with platform.database.read() as connection:
        return str(connection.execute(select(t.instance.c.id)).scalar_one())


@pytest.mark.parametrize(("language", "days"), [("zh-CN", "2 天"), ("en", "2 d")])
def test_the_picture_says_counts_and_waiting_in_numbers_and_in_words(
    as_person: AsPerson, case: str, language: str, days: str
) -> None:
    auditor = as_person("auditor")
    auditor.get(f"/language/{language}")
    missing.clear()

    page = auditor.get("/audit/mining")

    (node,) = page.tree.xpath("//*[@data-id='check']")
    badge = "".join(node.xpath(".//*[@class='badge']//text()"))
    assert badge.startswith("1 · ")
    assert days in badge
    assert days in node.get("data-says")
    assert "is-heat4" in node.get("class")
    assert not page.tree.xpath("//*[@data-id='settled'][contains(@class,'heat')]")
    assert not missing


def test_the_page_says_which_step_takes_the_time_and_which_way_ended(as_person: AsPerson, case: str) -> None:
    page = as_person("auditor").get("/audit/mining?procedure=errand")

    steps, _ = page.tree.xpath("//tbody")
    assert [row.xpath("string(th)") for row in steps] == ["审核", "决定"]
    assert [" ".join(row.xpath("string(td[1])").split()) for row in steps] == ["100 %", "0 %"]
    assert "还没有已办结的事项" in page.main

    as_person("chief").get("/desk").follow("/desk/tasks/").submit(r"/desk/tasks/[^/]+$", approved="true")
    _, _, ways = as_person("auditor").get("/audit/mining?procedure=errand").tree.xpath("//tbody")
    assert " ".join(ways.text_content().split()) == "1100 %2 天 0 小时已办结 审核 → 决定"
    assert not as_person("auditor").get("/audit/mining?procedure=nothing").tree.xpath("//tbody")


@pytest.mark.parametrize(("done", "hours", "slow"), [(3, 4, True), (2, 4, False), (3, 3, False), (0, None, False)])
def test_a_unit_is_called_slow_from_three_tasks_and_twice_the_time(done: int, hours: int | None, slow: bool) -> None:
    typical = None if hours is None else timedelta(hours=hours)
    one = Waiting("check", "east", done, 0, typical, typical, typical, timedelta())

    assert is_slow(one, timedelta(hours=2)) is slow
    assert not is_slow(one, None)


def test_without_cases_there_is_no_picture(as_person: AsPerson) -> None:
    assert not as_person("auditor").get("/audit/mining").tree.xpath("//svg")


def test_a_history_that_conforms_agrees(as_person: AsPerson, case: str) -> None:
    (row,) = as_person("auditor").get("/audit/conformance").tree.xpath("//tbody/tr")

    assert row.xpath(".//*[@class='tag ok']")
    assert f"/audit/cases/{case}" in row.xpath(".//a/@href")[0]


def test_a_history_that_does_not_conform_is_named_with_its_moment(
    as_person: AsPerson, case: str, platform: Platform
) -> None:
    with platform.database.write() as connection:
        where = (t.history.c.stream == f"case:{case}", t.history.c.type == "ElementCompleted")
        seq, body = connection.execute(select(t.history.c.seq, t.history.c.body).where(*where)).all()[-1]
        changed = body.replace(b'"via":"f2"', b'"via":"f1"')
        assert changed != body
        connection.execute(t.history.update().where(*where, t.history.c.seq == seq).values(body=changed))

    (row,) = as_person("auditor").get("/audit/conformance").tree.xpath("//tbody/tr")

    assert row.xpath(".//*[@class='tag bad']")
    assert row.xpath(".//a/@href")[0].endswith(f"?at={seq}")


@pytest.mark.parametrize("path", ["/audit/conformance", "/audit/mining"])
def test_staff_have_no_such_pages(as_person: AsPerson, path: str) -> None:
    for login in ("clerk.a", "admin"):
        assert as_person(login).get(path).status == 403
