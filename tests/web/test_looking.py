"""Every look leaves its entry, one a day for staff and one each time for auditors; and auditors write nothing else."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from engine.commands import jobs, reading
from engine.history.events import CasesSearched, CaseViewed, LoggedIn, LoggedOut, LogInFailed
from engine.queries.verify import verify
from engine.store import tables as t
from engine.store.access_notes import waiting_notes
from engine.store.leftovers import clear_away
from engine.store.reading import facts_of
from engine.store.run import Platform
from tests.web.browser import Browser
from tests.web.conftest import PASSWORD, Clock
from web.routes import ROUTES

AsPerson = Callable[[str], Browser]


@pytest.fixture
def case(as_person: AsPerson, platform: Platform) -> str:
    """A case of branch A; its id."""
    as_person("clerk.a").get("/desk/start/errand").submit("/desk/start/errand", who="李四甲")
    with platform.database.read() as connection:
        return str(connection.execute(select(t.instance.c.id)).scalar_one())


def noted(platform: Platform, kind: type) -> list[Any]:
    with platform.database.read() as connection:
        return [one.event for one in waiting_notes(connection) if isinstance(one.event, kind)]


def seal(platform: Platform, clock: Clock) -> int:
    return platform.run(reading.seal_notes, jobs.MACHINE, clock())


def test_a_look_of_the_desk_is_noted_once_a_day_for_each_part(
    as_person: AsPerson, case: str, platform: Platform, clock: Clock
) -> None:
    reviewer = as_person("reviewer.a")
    for _ in range(3):
        reviewer.get(f"/desk/cases/{case}")
    assert [look.page for look in noted(platform, CaseViewed) if look.page == "case"] == ["case"]

    reviewer.get("/desk").follow(r"^/desk/tasks/")
    assert noted(platform, CaseViewed)[-1].page == "task"
    assert noted(platform, CaseViewed)[-1].part
    assert seal(platform, clock) > 0
    reviewer.get(f"/desk/cases/{case}")
    assert noted(platform, CaseViewed) == []  # sealed, but the day is not over
    clock.pass_time(minutes=29)
    as_person("reviewer2.a").get(f"/desk/cases/{case}")
    assert len(noted(platform, CaseViewed)) == 1
    clock.pass_time(days=1)
    as_person("reviewer.a").get(f"/desk/cases/{case}")
    assert len(noted(platform, CaseViewed)) == 2


def test_notes_are_sealed_with_their_own_time_and_person_and_the_record_is_whole(
    as_person: AsPerson, case: str, platform: Platform, clock: Clock
) -> None:
    as_person("reviewer.a").get(f"/desk/cases/{case}")
    looked_at = clock()
    clock.pass_time(hours=1)
    seal(platform, clock)

    with platform.database.read() as connection:
        facts = [fact for fact in facts_of(connection, "reading") if isinstance(fact.event, CaseViewed)]
        people = dict(connection.execute(select(t.user.c.id, t.user.c.login)).all())
        assert verify(connection).findings == ()
    assert [(people[fact.actor], fact.tenant, fact.at) for fact in facts][-1] == ("reviewer.a", "a", looked_at)
    assert seal(platform, clock) == 0


def test_sealed_notes_go_when_their_day_is_over_and_others_stay(
    as_person: AsPerson, case: str, platform: Platform, clock: Clock
) -> None:
    seal(platform, clock)
    as_person("reviewer.a").get(f"/desk/cases/{case}")
    clear_away(platform.database, clock() + timedelta(days=3))

    with platform.database.read() as connection:
        assert [row.sealed for row in connection.execute(select(t.access_note))].count(True) == 0
    assert len(noted(platform, CaseViewed)) == 1


def test_log_ins_failed_ones_and_log_outs_are_facts(visitor: Browser, platform: Platform) -> None:
    for name in ("auditor", "geheimes Wort"):
        visitor.get("/login").submit("/login", login=name, password="falsch")
    visitor.get("/login").submit("/login", login="auditor", password=PASSWORD)
    visitor.get("/account").submit("/logout")

    failed = noted(platform, LogInFailed)
    assert [bool(one.user) for one in failed] == [True, False]
    assert len(noted(platform, LoggedIn)) == 1
    assert len(noted(platform, LoggedOut)) == 1
    with platform.database.read() as connection:
        assert "geheimes" not in str(connection.execute(select(t.access_note)).all())


def test_a_search_is_noted_with_what_it_found_but_not_with_its_text(
    as_person: AsPerson, case: str, platform: Platform
) -> None:
    as_person("reviewer.a").get("/desk/cases?text=李四甲")
    as_person("reviewer.a").get("/desk/cases")
    as_person("auditor").get("/audit?text=李四甲")

    assert [(one.where, one.hits, one.cases) for one in noted(platform, CasesSearched)] == [
        ("desk", 1, [case]),
        ("audit", 1, [case]),
    ]
    with platform.database.read() as connection:
        assert "李四甲" not in str(connection.execute(select(t.access_note)).all())


def test_the_person_concerned_can_be_told_who_looked(
    as_person: AsPerson, case: str, platform: Platform, clock: Clock
) -> None:
    with platform.database.read() as connection:
        number = connection.execute(select(t.instance.c.number)).scalar_one()
    as_person("reviewer.a").get(f"/desk/cases/{case}")
    seal(platform, clock)
    as_person("auditor").get(f"/audit/cases/{case}")

    for login in ("admin", "auditor"):
        page = as_person(login).get(f"/looks?number={number}")
        assert "李娜" in page.main
        assert "吴磊" in page.main
        assert "李四甲" not in page.main
    assert as_person("admin").get("/looks?number=nothing").status == 404
    assert as_person("clerk.a").get(f"/looks?number={number}").status == 403
    assert "孙丽" in as_person("admin.a").get(f"/looks?number={number}").main  # that look was recorded, too


def test_a_case_of_others_is_told_like_one_that_does_not_exist(as_person: AsPerson, platform: Platform) -> None:
    as_person("clerk.b").get("/desk/start/errand").submit("/desk/start/errand", who="韩梅")
    with platform.database.read() as connection:
        number = connection.execute(select(t.instance.c.number)).scalar_one()
    admin = as_person("admin.a")

    theirs, nothing = admin.get(f"/looks?number={number}"), admin.get(f"/looks?number={number[:-1]}8")

    assert (theirs.status, theirs.main.replace(number, "")) == (404, nothing.main.replace(number[:-1] + "8", ""))


# ------------------------------------------------------------------ an auditor writes nothing but that they looked

ACCESS = {"access_note", "web_session"}


def contents(platform: Platform) -> dict[str, list[str]]:
    """Every row of every table but those of looking."""
    found = {}
    with platform.database.read() as connection:
        for table in t.metadata.sorted_tables:
            rows = [str(tuple(row)) for row in connection.execute(select(table))]
            if table.name in ("history", "payload", "stream"):
                rows = [row for row in rows if not row.startswith("('reading'")]
            if table.name not in ACCESS:
                found[table.name] = sorted(rows)
    return found


def readings(platform: Platform) -> int:
    with platform.database.read() as connection:
        sealed = select(func.count()).select_from(t.history).where(t.history.c.stream == "reading")
        waiting = select(func.count()).select_from(t.access_note)
        return int(connection.execute(sealed).scalar_one() + connection.execute(waiting).scalar_one())


def addresses(app: Flask, platform: Platform, case: str) -> Iterator[tuple[str, str, str]]:
    """Every route with every method; what it names is the case and its open task."""
    with platform.database.read() as connection:
        task = connection.execute(select(t.user_task.c.id).where(t.user_task.c.status == "open")).scalar_one()
    names = {"<instance_id>": case, "<task_id>": task}
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith(("/login", "/logout", "/account")):
            continue  # their own account: that they log in and out is recorded above
        path = re.sub(r"<[^>]+>", lambda found: names.get(found[0], f"{case}.1"), rule.rule)
        for method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"):
            yield path, method, rule.endpoint


def test_an_auditor_writes_nothing_by_any_route_and_method(
    app: Flask, as_person: AsPerson, case: str, platform: Platform
) -> None:
    auditor = as_person("auditor")
    (token,) = auditor.get("/account").tree.xpath("(//input[@name='_csrf'])[1]/@value")
    before, tried = contents(platform), 0
    posted = {"_csrf": token, "_reason": "x", "_number": "x", "_legal_basis": "x", "title": "x", "opinion": "agree"}

    for path, method, _ in addresses(app, platform, case):
        sent = posted if method not in ("GET", "HEAD", "OPTIONS") else None
        auditor.client.open(f"{path}?purpose=x&seed=1&form=csv&number=x", method=method, data=sent)
        tried += 1

    assert tried > 300
    assert contents(platform) == before


def test_a_reviewer_does_write_by_the_same_walk(app: Flask, as_person: AsPerson, case: str, platform: Platform) -> None:
    reviewer = as_person("reviewer.a")
    (token,) = reviewer.get("/account").tree.xpath("(//input[@name='_csrf'])[1]/@value")
    before = contents(platform)

    for path, method, _ in addresses(app, platform, case):
        if method == "POST":
            reviewer.client.open(path, method=method, data={"_csrf": token, "opinion": "agree"})

    assert contents(platform) != before


def test_each_look_of_an_auditor_leaves_its_entry(
    app: Flask, as_person: AsPerson, case: str, platform: Platform
) -> None:
    auditor, silent = as_person("auditor"), []
    for rule in app.url_map.iter_rules():
        if ROUTES[rule.endpoint] == "audit" and "instance_id" in rule.arguments and "GET" in rule.methods:
            path = re.sub(r"<[^>]+>", lambda found: case if "instance" in found[0] else "check", rule.rule)
            for _ in range(2):
                before = readings(platform)
                response = auditor.client.get(f"{path}?purpose=x")
                if response.status_code == 200 and readings(platform) == before:
                    silent.append(path)

    assert silent == []
