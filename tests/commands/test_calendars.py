"""The calendar is data: a day set by hand moves the deadlines that are counted afterwards, and only those."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from engine.commands.calendars import import_calendar, set_calendar_day
from engine.errors import Rejected
from engine.store.database import Database
from engine.store.directory import system_actor
from tests.world import World, flow, process, user_task
from web.cli import main

DUE = process(
    "review",
    '<startEvent id="begin"/>'
    + user_task("check", more='sm:dueWorkingDays="=2"')
    + '<endEvent id="done"/>'
    + flow(1, "begin", "check")
    + flow(2, "check", "done"),
)


def due(world: World, case: str) -> date:
    at = world.state(case).tasks[0].due_at
    assert at is not None
    return at.date()


def test_a_holiday_set_by_hand_moves_later_deadlines_and_not_earlier_ones(make_world: Callable[..., World]) -> None:
    world = make_world(DUE)
    before = world.start()

    world.platform.run(
        lambda uow: set_calendar_day(uow, date(2026, 3, 3), False, "holiday", "a document"), system_actor(), world.now
    )
    after = world.start()

    assert (due(world, before), due(world, after)) == (date(2026, 3, 4), date(2026, 3, 5))
    assert world.verdict().findings == ()


def test_a_year_with_an_official_arrangement_is_no_longer_provisional(make_world: Callable[..., World]) -> None:
    world = make_world(DUE)
    assert _provisional(world, world.start())

    world.platform.run(lambda uow: import_calendar(uow, [2026], {}, "a document"), system_actor(), world.now)

    assert not _provisional(world, world.start())


def _provisional(world: World, case: str) -> bool:
    from sqlalchemy import select

    from engine.store import tables as t

    with world.platform.database.read() as connection:
        return bool(
            connection.execute(
                select(t.user_task.c.due_provisional).where(t.user_task.c.instance_id == case)
            ).scalar_one()
        )


def test_a_day_without_a_document_is_refused(world: World) -> None:
    with pytest.raises(Rejected, match="document"):
        world.platform.run(
            lambda uow: set_calendar_day(uow, date(2026, 3, 3), False, "holiday", " "), system_actor(), world.now
        )


def test_the_command_line_takes_over_a_year(
    sqlite_database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHANGMEN_DATABASE", sqlite_database.url)
    file = tmp_path / "2026.toml"
    file.write_text('years = [2026]\nsource = "a document"\n[days]\n2026-03-03 = ["off", "holiday"]\n')
    world = World(_platform(sqlite_database)).furnish(DUE)

    main(["calendar", "import", str(file)])
    main(["calendar", "set", "2026-03-04", "off", "holiday", "a document"])

    assert due(world, world.start()) == date(2026, 3, 6)


def _platform(database: Database):  # type: ignore[no-untyped-def]
    from engine.store.run import Platform

    return Platform(database)
