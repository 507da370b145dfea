"""One moment in full: every kind of fact has its reasons, and the form is shown as the person saw it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask, g
from sqlalchemy import select

from engine.history import case_events, migration_events
from engine.history import events as e
from engine.history.facts import Fact
from engine.history.replay import frames
from engine.queries.audit import Film, film
from engine.queries.whence import whence
from engine.store import tables as t
from engine.store.directory import actor_for, user_by_login
from engine.store.run import Platform
from tests.web.audit.test_sentences import AT, example
from tests.web.browser import Browser
from tests.web.conftest import Clock
from tests.web.test_looking import seal
from web.audit.details import Projector

AsPerson = Callable[[str], Browser]
OWN = {case_events.__name__, migration_events.__name__}
KINDS = sorted(name for name, kind in e.TYPES.items() if kind.__module__ in OWN)


@pytest.fixture
def case(as_person: AsPerson, platform: Platform) -> str:
    """A case that the reviewer agreed to, in English; its id."""
    as_person("clerk.a").get("/desk/start/errand").submit("/desk/start/errand", who="李四")
    reviewer = as_person("reviewer.a")
    reviewer.get("/language/en")
    reviewer.get("/").follow(r"^/desk/tasks/").submit(r"/desk/tasks/[^/]+$", opinion="agree")
    with platform.database.read() as connection:
        return str(connection.execute(select(t.instance.c.id)).scalar_one())


def number_of(platform: Platform, case: str, kind: type[e.Event]) -> int:
    return next(n for n, fact in enumerate(film_of(platform, case).facts, 1) if isinstance(fact.event, kind))


def film_of(platform: Platform, case: str) -> Film:
    with platform.database.read() as connection:
        user, units = user_by_login(connection, "auditor") or ("", [])
        return film(connection, platform.known, actor_for(connection, user, units[0]), case)


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_every_kind_of_fact_has_its_reasons(app: Flask, platform: Platform, case: str, language: str) -> None:
    told = film_of(platform, case)
    last = told.facts[-1]
    for name in KINDS:
        new = example(e.TYPES[name])
        if isinstance(new, e.AtElement):
            new = replace(new, element="check", process=told.definition.main)
        if isinstance(new, e.UserTaskCreated):
            new = replace(new, role="reviewer", tenant="a")
        facts = (*told.facts, Fact(last.stream, last.seq + 1, AT, last.actor, last.tenant, new, "x"))
        shown = replace(
            told, names={**told.names, "u1": "李娜", "t1": "东办"}, facts=facts, frames=tuple(frames(facts))
        )
        with app.test_request_context(), ExitStack() as opened, platform.database.read() as connection:
            g.language, g.open = language, opened
            detail = Projector(connection, shown, AT).detail(len(facts))

        assert detail.reasons, name
        for said in (*detail.reasons, detail.moment.line.text, detail.moment.line.who):
            assert said.strip(), name
            for hole in ("%(", "check", "u1", "t1", "reviewer"):
                assert hole not in said, (name, said)


def test_the_form_is_shown_as_the_reviewer_saw_it_in_their_language(
    as_person: AsPerson, platform: Platform, case: str
) -> None:
    number = number_of(platform, case, e.UserTaskCompleted)

    page = as_person("auditor").get(f"/audit/cases/{case}/moments/{number}")

    (seen,) = page.tree.xpath("//section[starts-with(@class,'seen')]")
    assert seen.get("lang") == "en"
    assert "Agree" in " ".join(part.text_content() for part in seen.xpath(".//b"))
    assert not seen.xpath(".//input|.//select|.//textarea")
    assert "English" in seen.text_content()


def test_what_was_only_drafted_or_refused_is_not_told(as_person: AsPerson, platform: Platform) -> None:
    as_person("clerk.a").get("/desk/start/errand").submit("/desk/start/errand", who="李四")
    reviewer = as_person("reviewer.a")
    page = reviewer.get("/").follow(r"^/desk/tasks/")
    page.submit(r"/draft$", why="先记一笔")
    assert page.submit(r"/desk/tasks/[^/]+$", seen_on="昨天").status == 422
    page.submit(r"/desk/tasks/[^/]+$", opinion="refuse", why="情况属实")
    with platform.database.read() as connection:
        case = str(connection.execute(select(t.instance.c.id)).scalar_one())

    told = as_person("auditor").get(f"/audit/cases/{case}/whole").main

    assert "情况属实" in told
    assert "先记一笔" not in told
    assert "昨天" not in told


def test_the_difference_says_before_and_after(as_person: AsPerson, platform: Platform, case: str) -> None:
    auditor = as_person("auditor")
    done, waiting = number_of(platform, case, e.UserTaskCompleted), number_of(platform, case, e.UserTaskCreated)

    (row,) = auditor.get(f"/audit/cases/{case}/moments/{done}").tree.xpath(
        "//table[contains(@class,'difference')]/tbody/tr"
    )
    assert row.xpath(".//ins")
    assert "agree" not in row.text_content()
    assert not auditor.get(f"/audit/cases/{case}/moments/{waiting}").tree.xpath(
        "//table[contains(@class,'difference')]"
    )


def test_who_acted_is_marked_among_those_who_could(as_person: AsPerson, platform: Platform, case: str) -> None:
    auditor = as_person("auditor")
    done, waiting = number_of(platform, case, e.UserTaskCompleted), number_of(platform, case, e.UserTaskCreated)

    acted = auditor.get(f"/audit/cases/{case}/moments/{done}").main
    could = auditor.get(f"/audit/cases/{case}/moments/{waiting}").main

    assert "李娜" in acted
    assert "李娜" in could
    assert "已办理" in acted
    assert "已办理" not in could


@pytest.mark.parametrize("number", ["0", "99999999999", "x", "１"])
def test_a_moment_that_does_not_exist_shows_one_that_does(as_person: AsPerson, case: str, number: str) -> None:
    page = as_person("auditor").get(f"/audit/cases/{case}/moments/{number}")

    assert page.status == 200
    assert len(page.tree.xpath("//section[@class='moment']")) == 1


@pytest.mark.parametrize("path", ["moments/1", "whole", "film.txt"])
def test_nobody_else_looks_and_looking_is_recorded(
    as_person: AsPerson, platform: Platform, case: str, path: str
) -> None:
    assert as_person("clerk.a").get(f"/audit/cases/{case}/{path}").status == 403
    assert as_person("admin").get(f"/audit/cases/{case}/{path}").status == 403
    assert as_person("auditor").get(f"/audit/cases/nothing/{path}").status == 404
    as_person("auditor").client.get(f"/audit/cases/{case}/{path}")

    with platform.database.read() as connection:
        kinds = connection.execute(select(t.history.c.type).where(t.history.c.stream == "reading")).scalars().all()
    assert kinds == ["CaseViewed"]


def test_the_plain_text_says_the_same_as_the_page(as_person: AsPerson, platform: Platform, case: str) -> None:
    auditor = as_person("auditor")
    text = auditor.client.get(f"/audit/cases/{case}/film.txt").get_data(as_text=True)
    page = auditor.get(f"/audit/cases/{case}/whole")

    for reason in page.tree.xpath("//ul[@class='why']/li"):
        assert " ".join(reason.text_content().split()) in text
    assert "<" not in text
    assert "&" not in text


def test_from_where_somebody_acted_is_their_log_in_before_it(
    as_person: AsPerson, case: str, platform: Platform, clock: Clock
) -> None:
    auditor = as_person("auditor")
    auditor.get("/language/en")
    number = number_of(platform, case, e.UserTaskCompleted)
    address = f"/audit/cases/{case}/moments/{number}"

    assert "From wherelogged in on 7 September 2026 09:00" in auditor.get(address).main
    assert "from 127.0.0.1" in auditor.get(address).main
    seal(platform, clock)
    assert "from 127.0.0.1" in auditor.get(address).main, "as well when it is sealed"
    followed = number_of(platform, case, e.ElementCompleted)
    assert "From where" not in auditor.get(f"/audit/cases/{case}/moments/{followed}").main

    with platform.database.read() as connection:
        (fact,) = (f for f in film_of(platform, case).facts if isinstance(f.event, e.UserTaskCompleted))
        assert whence(connection, fact.actor, fact.at + timedelta(hours=13)) is None, "no log-in lasts so long"
        assert whence(connection, fact.actor, fact.at - timedelta(days=1)) is None
        assert whence(connection, "u-nobody", fact.at) is None


def test_the_log_in_that_counts_is_the_last_one_before_the_act(
    as_person: AsPerson, case: str, platform: Platform, clock: Clock
) -> None:
    with platform.database.read() as connection:
        user, _ = user_by_login(connection, "reviewer.a") or ("", [])
    seal(platform, clock)
    begun = clock()
    for minutes in range(1, 40):
        clock.pass_time(minutes=1)
        as_person("reviewer.a" if minutes in (10, 20) else "clerk.b")
        seal(platform, clock)

    with platform.database.read() as connection:
        found = [whence(connection, user, begun + timedelta(minutes=after)) for after in (9, 10, 15, 25, 500)]

    assert [one.at - begun if one else None for one in found] == [timedelta(minutes=m) for m in (0, 10, 10, 20, 20)]


def test_who_had_not_logged_in_is_said_so(as_person: AsPerson, case: str, platform: Platform) -> None:
    with platform.database.write() as connection:
        connection.execute(t.access_note.delete())
    auditor = as_person("auditor")
    auditor.get("/language/en")
    number = number_of(platform, case, e.UserTaskCompleted)

    assert "had not logged in on these pages" in auditor.get(f"/audit/cases/{case}/moments/{number}").main
