"""Why somebody looks: auditors and who has no part in a case say it first; it stands in each entry and stays."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from engine.commands import people
from engine.history.events import CaseViewed, DossierMade, SampleDrawn
from engine.history.facts import Fact
from engine.queries.readings import readings_of
from engine.store import tables as t
from engine.store.directory import system_actor
from engine.store.run import Platform
from tests.web.browser import Browser
from tests.web.conftest import PASSWORD, START, Clock
from tests.web.test_every_look import pages
from tests.web.test_looking import seal
from web import purpose
from web.routes import ROUTES

AsPerson = Callable[..., Browser]
WHY = "信访件2026第7号"


@pytest.fixture
def case(as_person: AsPerson, platform: Platform) -> str:
    """A case of branch A; its id."""
    as_person("clerk.a").get("/desk/start/errand").submit("/desk/start/errand", who="李四甲")
    with platform.database.read() as connection:
        return str(connection.execute(select(t.instance.c.id)).scalar_one())


def looks(platform: Platform, case: str) -> list[Fact]:
    """The looks at a case, the oldest first."""
    with platform.database.read() as connection:
        return list(reversed(readings_of(connection, case).facts))


def whys(platform: Platform, case: str) -> list[tuple[str, str]]:
    return [(fact.event.purpose_key, fact.event.purpose) for fact in looks(platform, case)]  # type: ignore[attr-defined]


def test_an_auditor_is_asked_once_before_the_first_look(as_person: AsPerson, case: str, platform: Platform) -> None:
    before = len(looks(platform, case))
    auditor = as_person("auditor", why="")
    page = auditor.get(f"/audit/cases/{case}?at=2")

    assert auditor.trail[-1].startswith("/purpose?next=")
    assert "李四甲" not in page.text
    assert len(looks(platform, case)) == before, "nothing was shown, so nothing was looked at"

    page = page.submit("/purpose", purpose="complaint", words=WHY)
    assert auditor.trail[-1] == f"/audit/cases/{case}?at=2", "and from there to what was asked for"
    assert WHY in page.main
    auditor.get(f"/audit/cases/{case}/whole")
    assert auditor.trail == [f"/audit/cases/{case}/whole"], "not again in this sitting"
    assert whys(platform, case)[before:] == [("complaint", WHY)] * 2

    auditor.post("/logout", {"_csrf": page.tree.xpath("(//input[@name='_csrf'])[1]/@value")[0]})
    auditor.log_in("auditor", PASSWORD, why="")
    assert auditor.trail[-1].startswith("/purpose"), "the next sitting asks again"


def test_no_page_for_auditors_opens_without_a_purpose(
    app: Flask, as_person: AsPerson, case: str, platform: Platform
) -> None:
    auditor, opened = as_person("auditor", why=""), set()
    before, tried = len(looks(platform, case)), 0
    for endpoint, path in pages(app, platform, case):
        if ROUTES[endpoint] == "audit":
            response = auditor.client.get(path)
            tried += 1
            if response.status_code != 303 or not response.headers["Location"].startswith("/purpose"):
                opened.add(endpoint)

    assert tried > 30
    assert opened == set()
    assert len(looks(platform, case)) == before


def test_the_question_does_not_say_whether_there_is_such_a_case(as_person: AsPerson, case: str) -> None:
    auditor = as_person("auditor", why="")
    there, nowhere = (auditor.client.get(f"/audit/cases/{one}") for one in (case, "c0ffee"))

    assert there.status_code == nowhere.status_code == 303
    assert nowhere.headers["Location"].replace("c0ffee", "") == there.headers["Location"].replace(case, "")


HOSTILE: list[dict[str, Any]] = [
    {"purpose": "", "words": WHY},
    {"purpose": "complaint", "words": ""},
    {"purpose": "complaint", "words": " \t\n　 "},
    {"purpose": "complaint", "words": "长" * 201},
    {"purpose": "complaint", "words": "x" * 100_000},
    {"purpose": "complaint", "words": "看‮不见"},
    {"purpose": "complaint", "words": "a\x07b"},
    {"purpose": "work", "words": WHY},  # what nobody states
    {"purpose": "none of these", "words": WHY},
    {"purpose": "x" * 10_000, "words": WHY},
]


@pytest.mark.parametrize("answers", HOSTILE, ids=range(len(HOSTILE)))
@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_a_purpose_that_is_none_is_refused_and_opens_nothing(
    as_person: AsPerson, case: str, answers: dict[str, Any], language: str
) -> None:
    auditor = as_person("auditor", why="")
    auditor.get(f"/language/{language}")
    page = auditor.get("/purpose").submit("/purpose", **answers)

    assert page.status == 422
    assert ("应为" in page.main or "应当" in page.main) if language == "zh-CN" else "Expected" in page.main
    assert len(page.source) < 30_000
    assert auditor.client.get("/audit").status_code == 303


@pytest.mark.parametrize("words", ["长" * 200, "  a  ", "<script>alert(1)</script>", "=cmd()", "%(task)s {x}"])
def test_words_of_any_kind_are_kept_as_words(as_person: AsPerson, case: str, platform: Platform, words: str) -> None:
    auditor = as_person("auditor", why="")
    auditor.get("/purpose").submit("/purpose", purpose="other", words=words)
    auditor.get(f"/audit/cases/{case}")
    page = auditor.get(f"/audit/cases/{case}/readers")

    assert whys(platform, case)[-1][0] == "other"
    assert words.strip() in page.main
    assert "<script>alert" not in page.source


def test_what_was_looked_at_keeps_its_purpose(as_person: AsPerson, case: str, platform: Platform, clock: Clock) -> None:
    auditor = as_person("auditor", why=WHY)
    auditor.get(f"/audit/cases/{case}?purpose=other&purpose_key=other")
    seal(platform, clock)
    auditor.get("/purpose").submit("/purpose", purpose="quality", words="另一件事")
    auditor.get(f"/audit/cases/{case}?purpose=other")

    found = [one.event for one in looks(platform, case) if getattr(one.event, "page", "") == "replay"]
    assert [(look.purpose_key, look.purpose) for look in found] == [  # type: ignore[attr-defined]
        ("inspection", WHY),
        ("quality", "另一件事"),
    ]
    page = auditor.get(f"/audit/cases/{case}/readers")
    assert WHY in page.main
    assert "另一件事" in page.main


def test_staff_are_not_asked_about_their_own_work(as_person: AsPerson, case: str, platform: Platform) -> None:
    reviewer = as_person("reviewer.a")
    assert reviewer.trail[-1] == "/desk"
    reviewer.get(f"/desk/cases/{case}")
    assert reviewer.trail == [f"/desk/cases/{case}"]
    reviewer.get("/desk").follow(r"^/desk/tasks/")

    found = dict(whys(platform, case)[-3:])
    assert found["work"] == ""
    assert found["task"] == "审核"
    assert "overview" in found


def supervise(platform: Platform) -> None:
    """Somebody at the head office who works in cases, but in none of this branch."""
    platform.run(
        lambda uow: people.add_user(uow, "overseer", "郑凯", "hq", ["reviewer"], PASSWORD), system_actor(), START
    )


def test_who_has_no_part_in_a_case_says_why(as_person: AsPerson, case: str, platform: Platform) -> None:
    supervise(platform)
    overseer = as_person("overseer")
    assert overseer.trail[-1] == "/desk", "the worklist asks nothing"
    page = overseer.get(f"/desk/cases/{case}")
    assert overseer.trail[-1].startswith("/purpose")
    assert "李四甲" not in page.main

    page = page.submit("/purpose", purpose="quality", words=WHY)
    assert overseer.trail[-1] == f"/desk/cases/{case}"
    assert WHY in page.main
    assert whys(platform, case)[-1] == ("quality", WHY)

    nothing = as_person("overseer").get("/desk/cases/c0ffee")
    assert nothing.status == 404, "who asks for what there is not is not asked"
    assert as_person("clerk.b").get(f"/desk/cases/{case}").status == 404


def test_another_unit_is_another_sitting(as_person: AsPerson, case: str, platform: Platform) -> None:
    platform.run(lambda uow: people.add_user(uow, "both", "何洁", "hq", ["auditor"], PASSWORD), system_actor(), START)
    with platform.database.read() as connection:
        user = connection.execute(select(t.user.c.id).where(t.user.c.login == "both")).scalar_one()
    platform.run(lambda uow: people.grant_role(uow, user, "a", "auditor"), system_actor(), START)
    both = as_person("both", why=WHY)
    assert both.client.get("/audit").status_code == 200
    page = both.get("/account")
    page.submit("/account/unit", tenant="a")

    assert both.client.get("/audit").status_code == 303


def test_what_leaves_says_what_for(as_person: AsPerson, case: str, platform: Platform) -> None:
    auditor = as_person("auditor", why=WHY)
    assert WHY in auditor.get("/audit/exports").source, "the purpose of the sitting is proposed"
    auditor.get(f"/audit/cases/{case}/dossier?purpose=卷宗调取")
    auditor.get("/audit/sample?seed=7")

    (taken,) = [fact.event for fact in looks(platform, case) if isinstance(fact.event, DossierMade)]
    (drawn,) = [fact.event for fact in looks(platform, case) if isinstance(fact.event, SampleDrawn)]
    assert (taken.purpose_key, taken.purpose) == ("inspection", "卷宗调取")
    assert (drawn.purpose_key, drawn.purpose) == ("inspection", WHY)


def test_the_answer_to_the_person_concerned_says_why(as_person: AsPerson, case: str, platform: Platform) -> None:
    with platform.database.read() as connection:
        number = connection.execute(select(t.instance.c.number)).scalar_one()
    as_person("auditor", why=WHY).get(f"/audit/cases/{case}")
    admin = as_person("admin")
    admin.get(f"/looks?number={number}")
    page = admin.get(f"/looks?number={number}")

    assert WHY in page.main
    assert "计划内的监督检查" in page.main
    assert "答复当事人查询" in page.main, "and that looking itself has its purpose"


def test_old_entries_without_a_purpose_stay_readable() -> None:
    assert purpose.in_words("", "") == ""
    assert purpose.in_words("", "旧的说明") == "旧的说明"
    assert purpose.in_words("gone", "x").endswith("x")
    assert CaseViewed("c", "1", "replay").purpose_key == ""


def test_keys_of_the_list_are_not_those_that_nobody_states() -> None:
    assert not purpose.LIST.keys() & purpose.NOT_ASKED.keys()
    assert len(purpose.LIST) >= 5
    assert all(len(one.key) <= 40 and one.names["en"] and one.names["zh"] for one in purpose.LIST.values())
