"""The auditors' pages: a case as a film, every moment a link, nothing changed by looking, breaks named."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from engine.history.facts import open_fact
from engine.store import tables as t
from engine.store.run import Platform
from tests.web.browser import Browser, Page

AsPerson = Callable[[str], Browser]


@pytest.fixture
def case(as_person: AsPerson, platform: Platform) -> str:
    """A case of the east office that the reviewer has checked; its id."""
    as_person("clerk.a").get("/desk/start/errand").submit("/desk/start/errand", who="李四")
    as_person("reviewer.a").get("/").follow(r"^/desk/tasks/").submit(r"/desk/tasks/[^/]+$", opinion="agree")
    with platform.database.read() as connection:
        return str(connection.execute(select(t.instance.c.id)).scalar_one())


def film_of(page: Page) -> dict:  # type: ignore[type-arg]
    (script,) = page.tree.xpath("//script[@type='application/json']")
    return json.loads(script.text)  # type: ignore[no-any-return]


def test_an_auditor_finds_a_case_by_name_and_opens_its_replay(as_person: AsPerson, case: str) -> None:
    found = as_person("auditor").get("/audit?text=李四")

    replay = found.follow(rf"^/audit/cases/{case}")

    assert replay.status == 200
    assert "李四" in replay.main
    assert as_person("auditor").get("/audit?text=王五").main.count("李四") == 0


def test_every_moment_is_a_link_that_shows_where_the_case_stood_then(as_person: AsPerson, case: str) -> None:
    auditor = as_person("auditor")
    first, last = auditor.get(f"/audit/cases/{case}?at=1"), auditor.get(f"/audit/cases/{case}")

    rows = first.tree.xpath("//tr[@data-seq]")

    assert len(rows) == film_of(first)["count"]
    assert first.tree.xpath("//tr[@aria-current='step']/@data-seq") == ["1"]
    assert last.tree.xpath("//tr[@aria-current='step']/@data-seq") == [str(len(rows))]
    assert not first.tree.xpath("//*[contains(@class,'is-done')][@data-id]")
    assert last.tree.xpath("//*[contains(@class,'is-done')][@data-id]")


def test_the_picture_made_for_a_moment_is_what_the_script_shows_then(as_person: AsPerson, case: str) -> None:
    auditor = as_person("auditor")
    script = film_of(auditor.get(f"/audit/cases/{case}"))

    assert {len(kind["at"]) for kind in script["frames"].values()} == {script["count"]}
    for number in range(1, script["count"] + 1):
        page = auditor.get(f"/audit/cases/{case}?at={number}")
        for figure in page.tree.xpath("//figure[@data-figure]"):
            marks = script["marks"][figure.get("data-figure")]
            drawn = {
                node.get("data-id"): node.get("class").rpartition("is-")[2]
                for node in figure.xpath(".//*[@data-id][contains(@class,' is-')]")
            }
            shown = {
                element: [step for step in steps if step[0] <= number] for element, steps in marks["nodes"].items()
            }
            assert drawn == {element: steps[-1][1] for element, steps in shown.items() if steps}, number
            taken = sorted(flow for flow, since in marks["flows"].items() if since <= number)
            assert sorted(figure.xpath(".//*[contains(@class,'is-taken')]/@data-flow")) == taken, number


def test_the_record_names_people_units_and_steps_never_ids(as_person: AsPerson, case: str) -> None:
    main = as_person("auditor").get(f"/audit/cases/{case}").main

    assert "李娜" in main
    assert "东办" in main
    for word in ("reviewer.a", "clerk.a", "%("):
        assert word not in main


def test_a_changed_answer_is_shown_as_a_difference_in_words(as_person: AsPerson, case: str) -> None:
    page = as_person("auditor").get(f"/audit/cases/{case}")

    listed = page.tree.xpath("//*[contains(@class,'change')]//li")
    changes = " ".join(" ".join(item.text_content().split()) for item in listed)

    assert "李四" in changes
    assert "agree" not in changes  # the option's label, not its value


def test_looking_is_recorded_and_changes_nothing_else(as_person: AsPerson, case: str, platform: Platform) -> None:
    def everything() -> tuple[list[tuple], list[str]]:  # type: ignore[type-arg]
        with platform.database.read() as connection:
            rows = connection.execute(select(t.instance.c.seq, t.instance.c.seal, t.instance.c.state)).all()
            reading = connection.execute(select(t.history.c.body).where(t.history.c.stream == "reading")).scalars()
            return [tuple(row) for row in rows], [type(open_fact(body, {}).event).__name__ for body in reading]

    before, read_before = everything()
    as_person("auditor").get(f"/audit/cases/{case}")
    after, read_after = everything()

    assert before == after
    assert read_before == []
    assert read_after == ["CaseViewed"]


@pytest.mark.parametrize("page", ["", "/verify", "/said/1"])
def test_a_strange_case_and_a_missing_one_answer_alike(as_person: AsPerson, case: str, page: str) -> None:
    for login in ("clerk.a", "admin", "reviewer.a"):
        assert as_person(login).get(f"/audit/cases/{case}{page}").status == 403
    auditor = as_person("auditor")
    assert auditor.get(f"/audit/cases/{case}{page}").status == 200
    assert auditor.get(f"/audit/cases/nothing{page}").status == 404


@pytest.mark.parametrize("at", ["0", "-3", "99999999999", "x", "１", ""])
def test_a_moment_that_does_not_exist_shows_one_that_does(as_person: AsPerson, case: str, at: str) -> None:
    page = as_person("auditor").get(f"/audit/cases/{case}?at={at}")

    assert page.status == 200
    assert len(page.tree.xpath("//tr[@aria-current='step']")) == 1


def test_the_film_is_told_in_parts_as_its_rows_say_it(as_person: AsPerson, case: str, monkeypatch: Any) -> None:
    monkeypatch.setattr("web.audit.moments.ROWS_MAX", 4)
    auditor = as_person("auditor")
    count = film_of(auditor.get(f"/audit/cases/{case}"))["count"]
    assert count > 4

    for first in range(1, count + 1, 4):
        rows = auditor.get(f"/audit/cases/{case}?at={first}").tree.xpath("//tr[@data-seq]/@data-said")
        assert json.loads(auditor.get(f"/audit/cases/{case}/said/{first}").source) == rows


@pytest.mark.parametrize("number", ["0", "-3", "99999999999", "x", "１"])
def test_a_part_that_does_not_exist_tells_one_that_does(as_person: AsPerson, case: str, number: str) -> None:
    told = as_person("auditor").get(f"/audit/cases/{case}/said/{number}")

    assert told.status == 200
    assert json.loads(told.source)


def test_hearing_a_part_is_recorded(as_person: AsPerson, case: str, platform: Platform) -> None:
    as_person("auditor").get(f"/audit/cases/{case}/said/1")

    with platform.database.read() as connection:
        kinds = connection.execute(select(t.history.c.type).where(t.history.c.stream == "reading")).scalars().all()
    assert kinds == ["CaseViewed"]


def test_a_whole_record_is_called_whole(as_person: AsPerson, case: str) -> None:
    page = as_person("auditor").get(f"/audit/cases/{case}/verify")

    assert not page.tree.xpath("//*[@class='errsum']")


def test_a_changed_fact_is_named_with_its_place(as_person: AsPerson, case: str, platform: Platform) -> None:
    with platform.database.write() as connection:
        body = connection.execute(
            select(t.history.c.body).where(t.history.c.stream == f"case:{case}", t.history.c.seq == 3)
        ).scalar_one()
        connection.execute(
            t.history.update()
            .where(t.history.c.stream == f"case:{case}", t.history.c.seq == 3)
            .values(body=body.replace(b'"seq":3', b'"seq":3 '))
        )

    page = as_person("auditor").get(f"/audit/cases/{case}/verify")

    assert f"case:{case}#3" in page.tree.xpath("//*[@class='errsum']")[0].text_content()
