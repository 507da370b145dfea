"""A look names the fields whose answers it showed: on the film, at one moment, in the form of a task, in a search."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from sqlalchemy import select

from engine.history.events import CasesSearched, CaseViewed, UserTaskCompleted
from engine.store import tables as t
from engine.store.access_notes import waiting_notes
from engine.store.reading import facts_of
from engine.store.run import Platform
from tests.web.browser import Browser
from tests.web.conftest import Clock
from tests.web.test_looking import seal

AsPerson = Callable[..., Browser]


@pytest.fixture
def case(as_person: AsPerson, platform: Platform) -> str:
    """A case that was asked for with a subject; its id."""
    as_person("clerk.a").get("/desk/start/errand").submit("/desk/start/errand", who="李四甲", what="修路")
    with platform.database.read() as connection:
        return str(connection.execute(select(t.instance.c.id)).scalar_one())


def decide(as_person: AsPerson, **answers: object) -> None:
    page = as_person("reviewer.a").get("/desk").follow(r"^/desk/tasks/")
    page.submit(r"/desk/tasks/[^/]+$", **{"opinion": "refuse" if "why" in answers else "agree", **answers})


def shown(platform: Platform, clock: Clock, page: str) -> list[list[str]]:
    """The fields of every look at this page, the oldest first."""
    seal(platform, clock)
    with platform.database.read() as connection:
        looks = [fact.event for fact in facts_of(connection, "reading")]
    return [look.fields for look in looks if isinstance(look, CaseViewed) and look.page == page]


def test_the_film_names_the_answers_that_it_tells(
    as_person: AsPerson, case: str, platform: Platform, clock: Clock
) -> None:
    auditor = as_person("auditor")
    auditor.get(f"/audit/cases/{case}")
    decide(as_person, why="材料不全")
    auditor.get(f"/audit/cases/{case}")

    before, after = shown(platform, clock, "replay")
    assert {"who", "what"} <= set(before)
    assert not {"opinion", "why"} & set(before), "nobody had given an opinion yet"
    assert {"who", "what", "opinion", "why"} <= set(after)


def test_one_moment_names_its_own_answers_only(
    as_person: AsPerson, case: str, platform: Platform, clock: Clock
) -> None:
    decide(as_person, why="材料不全")
    with platform.database.read() as connection:
        facts = list(facts_of(connection, f"case:{case}"))
    done = next(n for n, fact in enumerate(facts, 1) if isinstance(fact.event, UserTaskCompleted))
    auditor = as_person("auditor")
    auditor.get(f"/audit/cases/{case}/moments/{done}")
    auditor.get(f"/audit/cases/{case}/moments/{done - 1}")

    answered, other = shown(platform, clock, "moment")
    assert {"opinion", "why", "who"} <= set(answered)
    assert not {"opinion", "why"} & set(other)
    assert "who" in other, "the title stands above every moment"


@pytest.mark.parametrize("page", ["whole", "film.txt", "why/check"])
def test_the_other_ways_of_telling_a_film_name_them_too(
    as_person: AsPerson, case: str, platform: Platform, clock: Clock, page: str
) -> None:
    decide(as_person, why="材料不全")
    as_person("auditor").get(f"/audit/cases/{case}/{page}")

    (fields,) = shown(platform, clock, {"film.txt": "text", "why/check": "why"}.get(page, page))
    assert {"who", "opinion", "why"} <= set(fields)
    page = as_person("auditor").get(f"/audit/cases/{case}/readers").main
    assert "显示的栏目：" in page
    assert "理由" in page


def test_the_form_of_a_task_names_what_stood_in_it(
    as_person: AsPerson, case: str, platform: Platform, clock: Clock
) -> None:
    as_person("reviewer.a").get("/desk").follow(r"^/desk/tasks/")

    (fields,) = shown(platform, clock, "task")
    assert fields == ["who"], "the subject is on no form of this task, the opinion not given yet"


def test_the_page_of_a_case_names_its_title_and_the_files_it_lists(
    as_person: AsPerson, case: str, platform: Platform, clock: Clock
) -> None:
    reviewer = as_person("reviewer.a")
    reviewer.get(f"/desk/cases/{case}")
    picture = (io.BytesIO(b"\x89PNG\r\n\x1a\n" + b"\0" * 40), "p.png")
    decide(as_person, photo=picture)
    clock.pass_time(days=1)
    as_person("reviewer.a").get(f"/desk/cases/{case}")

    looks = shown(platform, clock, "case")
    assert looks[0] == ["who"]
    assert looks[-1] == ["photo", "who"]


def test_a_search_names_the_fields_it_showed_and_not_what_was_searched(
    as_person: AsPerson, case: str, platform: Platform
) -> None:
    auditor = as_person("auditor")
    auditor.get("/audit/search?value=修路")
    auditor.get("/audit/search?value=nothing")
    with platform.database.read() as connection:
        found = [one.event for one in waiting_notes(connection) if isinstance(one.event, CasesSearched)]

    assert [one.fields for one in found] == [["what"], []]


def test_the_person_concerned_reads_the_names_of_the_fields(as_person: AsPerson, case: str, platform: Platform) -> None:
    with platform.database.read() as connection:
        number = connection.execute(select(t.instance.c.number)).scalar_one()
    as_person("auditor").get(f"/audit/cases/{case}")
    page = as_person("admin").get(f"/looks?number={number}")

    assert "显示的栏目：" in page.main
    assert "事由" in page.main
    assert "修路" not in page.main
