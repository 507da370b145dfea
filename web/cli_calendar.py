"""``shangmen calendar``: the working days that deadlines are counted in, taken over from an official document."""

from __future__ import annotations

import argparse
import tomllib
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from engine.commands.calendars import import_calendar, set_calendar_day
from engine.store.database import Database
from engine.store.directory import system_actor
from engine.store.run import Platform
from engine.store.unit_of_work import UnitOfWork


def add_commands(commands: Any, open_installation: Callable[[], Database]) -> None:
    """Add ``calendar import`` and ``calendar set`` to the program's subcommands."""
    calendar = commands.add_parser("calendar", help="working days").add_subparsers(required=True, metavar="WHAT")
    whole = calendar.add_parser("import", help="take over the official arrangement of whole years from a TOML file")
    whole.add_argument("file", type=Path, help='years = [2027], source = "…", [days] 2027-02-10 = ["off", "春节"]')
    whole.set_defaults(run=lambda options: _run(open_installation(), _import(options.file)))
    one = calendar.add_parser("set", help="say of one day whether it is worked")
    one.add_argument("day", type=date.fromisoformat)
    one.add_argument("kind", choices=("work", "off"))
    one.add_argument("name")
    one.add_argument("source", help="the document that says so")
    one.set_defaults(run=lambda options: _run(open_installation(), _set(options)))


def _run(database: Database, command: Callable[[UnitOfWork], None]) -> None:
    Platform(database).run(command, system_actor(), datetime.now(UTC))
    database.close()


def _import(file: Path) -> Callable[[UnitOfWork], None]:
    data = tomllib.loads(file.read_text())
    days = {date.fromisoformat(day): (_is_worked(kind), name) for day, (kind, name) in data.get("days", {}).items()}
    return lambda uow: import_calendar(uow, data["years"], days, data["source"])


def _is_worked(kind: str) -> bool:
    if kind not in ("work", "off"):
        raise ValueError(f"expected work or off, found {kind}")
    return kind == "work"


def _set(options: argparse.Namespace) -> Callable[[UnitOfWork], None]:
    return lambda uow: set_calendar_day(uow, options.day, options.kind == "work", options.name, options.source)
