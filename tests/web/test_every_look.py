"""Whoever opens a page that shows a case leaves an entry that names it: every route is walked in every role."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from engine.commands.correlation import correlate_message
from engine.commands.migration_orders import order_moves
from engine.history.events import CasesSearched
from engine.queries.readings import readings_of
from engine.store import tables as t
from engine.store.access_notes import waiting_notes
from engine.store.directory import actor_for, user_by_login
from engine.store.run import Platform
from tests.web.browser import Browser
from tests.web.conftest import Clock
from tests.web.test_looking import readings, seal
from tests.web.test_undelivered import SOFTWARE
from web import looking
from web.routes import ROUTES

AsPerson = Callable[[str], Browser]
NAME = "欧阳慕容"
STAFF = ("clerk.a", "reviewer.a", "chief", "admin", "admin.a")

NO_CASE_ON_IT = {
    "audit.exports": "the form that asks in which form and for what purpose",
    "audit.sample": "without a seed it is the form that asks for one",
    "audit.search": "without a question it is the form that asks for one",
}
"""Pages for auditors that show nothing of any case, and why."""


@pytest.fixture
def case(as_person: AsPerson, platform: Platform, clock: Clock) -> str:
    """A case on every kind of list: with a task, a message nobody got, something stuck and an order. Its id."""
    for name in (NAME, NAME + "之子"):
        as_person("clerk.a").get("/desk/start/errand").submit("/desk/start/errand", who=name)
    with platform.database.read() as connection:
        (case, _) = connection.execute(select(t.instance.c.id).order_by(t.instance.c.number)).scalars()
    admin = _actor(platform, "admin")
    platform.run(lambda uow: correlate_message(uow, "撤回", (), {"withdrawn_because": "不"}, "r-1"), SOFTWARE, clock())
    platform.run(lambda uow: order_moves(uow, "errand", [(case, {})], {}, "内部"), admin, clock())
    stuck = {"id": f"{case}.9", "instance_id": case, "element": "check", "name": "审核", "template": "Stuck."}
    with platform.database.write() as connection:  # no diagram of the office gets stuck
        values = {**stuck, "params": {}, "created_at": clock(), "status": "open", "reason": ""}
        connection.execute(t.incident.insert().values(values))
    return str(case)


def _actor(platform: Platform, login: str) -> Any:
    with platform.database.read() as connection:
        user, units = user_by_login(connection, login) or ("", [])
        return actor_for(connection, user, units[0])


def pages(app: Flask, platform: Platform, case: str) -> Iterator[tuple[str, str]]:
    """(endpoint, address) of every page that can be asked for, about the case where it takes one."""
    with platform.database.read() as connection:
        number = connection.execute(select(t.instance.c.number).where(t.instance.c.id == case)).scalar_one()
        places = {
            "instance_id": case,
            "task_id": connection.execute(select(t.user_task.c.id).where(t.user_task.c.instance_id == case)).scalar(),
            "wait_id": connection.execute(
                select(t.message_wait.c.id).where(t.message_wait.c.instance_id == case)
            ).scalar(),
            "order_id": connection.execute(select(t.migration_batch.c.id)).scalar(),
            "incident_id": f"{case}.9",
            "element_id": "check",
            "number": "1",
            "procedure": "errand",
        }
    for rule in app.url_map.iter_rules():
        if "GET" in (rule.methods or ()) and rule.endpoint != "login.leave":
            path = re.sub(r"<(?:\w+:)?(\w+)>", lambda found: str(places.get(found[1], "1")), rule.rule)
            yield rule.endpoint, path
            yield rule.endpoint, f"{path}?purpose=x&seed=1&names=yes&value={NAME}&text={NAME}&number={number}"


def silent(app: Flask, platform: Platform, browser: Browser, case: str) -> set[str]:
    """The pages that showed the name of the person or the number of the case and left no entry about it."""
    found = set()
    with platform.database.read() as connection:
        number = connection.execute(select(t.instance.c.number).where(t.instance.c.id == case)).scalar_one()
    for endpoint, path in pages(app, platform, case):
        _forget(platform)
        response = browser.client.get(path)
        asked = NAME in path or number in path
        body = response.get_data().decode(errors="replace")
        shown = case in body or (not asked and (NAME in body or number in body))
        if response.status_code == 200 and shown and not _about(platform, case):
            found.add(endpoint)
    return found


def _forget(platform: Platform) -> None:
    """So that the next look is the first of its day."""
    with platform.database.write() as connection:
        connection.execute(t.access_note.delete())
        connection.execute(t.history.delete().where(t.history.c.stream == "reading"))
        connection.execute(t.payload.delete().where(t.payload.c.stream == "reading"))
        connection.execute(t.stream.delete().where(t.stream.c.id == "reading"))


def _about(platform: Platform, case: str) -> int:
    with platform.database.read() as connection:
        return len(readings_of(connection, case).facts)


@pytest.mark.parametrize("login", [*STAFF, "auditor"])
def test_no_page_shows_a_case_without_an_entry_that_names_it(
    app: Flask, as_person: AsPerson, case: str, platform: Platform, login: str
) -> None:
    assert silent(app, platform, as_person(login), case) == set()


@pytest.mark.parametrize(
    ("login", "least"),
    [
        ("reviewer.a", {"worklist.index", "cases.index", "cases.show", "tasks.show"}),
        ("clerk.a", {"cases.index", "cases.show", "messages.ask"}),
        ("admin", {"incidents.index", "undelivered.index", "orders.show"}),
        ("auditor", {"audit.index", "audit.replay", "audit.search", "audit.conformance"}),
    ],
)
def test_the_walk_finds_what_leaves_none(
    app: Flask,
    as_person: AsPerson,
    case: str,
    platform: Platform,
    login: str,
    least: set[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(looking, "_note", lambda *_: None)
    monkeypatch.setattr(looking, "note_reading", lambda *_: None)

    assert silent(app, platform, as_person(login), case) >= least


def test_every_page_for_auditors_leaves_an_entry_each_time(
    app: Flask, as_person: AsPerson, case: str, platform: Platform
) -> None:
    auditor, quiet, seen = as_person("auditor"), set(), 0
    for endpoint, path in pages(app, platform, case):
        if ROUTES[endpoint] == "audit":
            for _ in range(2):
                before = readings(platform)
                if auditor.client.get(path).status_code == 200:
                    seen += 1
                    if readings(platform) == before:
                        quiet.add((endpoint, "?" in path))

    assert seen > 40
    assert quiet == {(endpoint, False) for endpoint in NO_CASE_ON_IT} | {("audit.exports", True)}


def test_a_search_of_the_worklist_is_recorded_as_a_search(as_person: AsPerson, case: str, platform: Platform) -> None:
    as_person("reviewer.a").get(f"/desk?text={NAME}")
    with platform.database.read() as connection:
        found = [one.event for one in waiting_notes(connection) if isinstance(one.event, CasesSearched)]

    assert [(one.where, case in one.cases) for one in found] == [("worklist", True)]


def test_the_same_list_counts_once_a_day_and_another_one_again(
    as_person: AsPerson, case: str, platform: Platform, clock: Clock
) -> None:
    reviewer = as_person("reviewer.a")
    for _ in range(3):
        reviewer.get("/desk")
    assert _about(platform, case) == 1
    as_person("clerk.a").get("/desk/start/errand").submit("/desk/start/errand", who="李四")
    reviewer.get("/desk")
    assert _about(platform, case) == 2

    number = as_person("clerk.a").get(f"/desk/cases/{case}").tree.findtext(".//dd[@class='num']")
    page = as_person("auditor").get(f"/looks?number={number}")

    rows = [" ".join(row.text_content().split()) for row in page.tree.xpath("//tbody/tr")]
    assert len([row for row in rows if "李娜" in row]) == 1, "the lists of one day are one line"


def test_who_took_a_case_away_in_an_export_with_names_can_be_told(
    as_person: AsPerson, case: str, platform: Platform, clock: Clock
) -> None:
    auditor = as_person("auditor")
    _forget(platform)
    for names, count in (("no", 0), ("yes", 1)):
        assert auditor.get(f"/audit/exports/file?form=csv&purpose=x&names={names}").status == 200
        seal(platform, clock)
        assert _about(platform, case) == count


def test_a_refused_form_shows_the_case_and_leaves_an_entry(as_person: AsPerson, case: str, platform: Platform) -> None:
    reviewer = as_person("reviewer.a")
    (token,) = reviewer.get("/account").tree.xpath("(//input[@name='_csrf'])[1]/@value")
    with platform.database.read() as connection:
        task = connection.execute(select(t.user_task.c.id).where(t.user_task.c.instance_id == case)).scalar()

    _forget(platform)
    response = reviewer.client.post(f"/desk/tasks/{task}", data={"_csrf": token, "opinion": "?"})

    assert response.status_code == 422
    assert NAME in response.get_data(as_text=True)
    assert _about(platform, case) == 1
