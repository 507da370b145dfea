"""A case that is sent back and corrected: ordinary work, with the data of that moment, and the old record stays."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from engine.commands.people import add_user
from engine.queries.reexecution import re_execute
from engine.store import tables as t
from engine.store.database import Database
from engine.store.directory import system_actor
from engine.store.run import Platform
from tests.web.browser import Browser
from tests.web.conftest import PASSWORD
from tests.world import World
from web.app import create_app
from web.config import Settings


@pytest.fixture
def office(sqlite_database: Database) -> World:
    """A world whose auditor can log in."""
    world = World(Platform(sqlite_database)).furnish()
    world.platform.run(
        lambda uow: add_user(uow, "looker", "核查员", "north", ["auditor"], PASSWORD), system_actor(), world.now
    )
    return world


def auditor(world: World, language: str = "en") -> Browser:
    settings = Settings(database_url=world.platform.database.url, plain_http=True)
    browser = Browser(create_app(settings, world.platform, lambda: world.now))
    browser.log_in("looker", PASSWORD)
    browser.get(f"/language/{language}")
    return browser


def bodies(world: World, case: str) -> list[bytes]:
    with world.platform.database.read() as connection:
        rows = connection.execute(
            select(t.history.c.body).where(t.history.c.stream == f"case:{case}").order_by(t.history.c.seq)
        )
        return [bytes(row.body) for row in rows]


def sent_back(world: World) -> str:
    case = world.start()
    world.now += timedelta(days=1)
    world.complete(case, "check", note="first", outcome="back")
    world.now += timedelta(days=1)
    return case


def test_what_is_sent_back_opens_with_the_data_of_that_moment(office: World) -> None:
    case = sent_back(office)

    assert office.open(case) == ["check"]
    with office.platform.database.read() as connection:
        assert office.state(case).variables(office.platform.known, connection)["note"] == "first"


def test_a_correction_adds_to_the_record_and_changes_nothing_of_it(office: World) -> None:
    case = sent_back(office)
    before = bodies(office, case)

    office.complete(case, "check", note="second", outcome="forward")

    after = bodies(office, case)
    assert after[: len(before)] == before
    assert len(after) > len(before)
    assert office.verdict().findings == ()
    with office.platform.database.read() as connection:
        assert re_execute(connection, office.platform.known, case).difference is None


@pytest.mark.parametrize(
    ("language", "back", "kept"),
    [("en", "has come back here", "stay in the record"), ("zh-CN", "退回到此", "保留在记录中")],
)
def test_the_film_says_that_it_came_back_and_where_the_old_answers_are(
    office: World, language: str, back: str, kept: str
) -> None:
    case = sent_back(office)
    browser = auditor(office, language)

    assert back in browser.get(f"/audit/cases/{case}/whole").main
    assert kept not in browser.get(f"/audit/cases/{case}/whole").main.split(back)[1]
    office.complete(case, "check", note="second", outcome="forward")
    told = browser.get(f"/audit/cases/{case}/whole").main

    assert kept in told.split(back)[1]
    assert "first" in told
    assert "second" in told


def test_a_case_that_went_straight_on_has_not_come_back(office: World) -> None:
    case = office.start()
    office.complete(case, "check", note="case", outcome="forward")

    told = auditor(office).get(f"/audit/cases/{case}/whole").main

    assert "come back" not in told
    assert "stay in the record" not in told
