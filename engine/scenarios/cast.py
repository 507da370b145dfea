"""The organisations and people of a demonstration or a test, from data, through the ordinary commands."""

from __future__ import annotations

import tomllib
from datetime import datetime
from pathlib import Path

from engine.commands.calendars import import_calendar
from engine.commands.deployments import publish
from engine.commands.people import add_tenant, add_user, grant_role
from engine.definition.bundle import read_folder
from engine.scenarios.holidays import official_exceptions, official_years
from engine.store.directory import system_actor
from engine.store.run import Platform
from engine.store.unit_of_work import UnitOfWork

SYSTEM = system_actor()


def add_organisations(platform: Platform, content: bytes, now: datetime) -> None:
    """Add the ``[[tenant]]`` tables of a TOML file, parents first."""

    def command(uow: UnitOfWork) -> None:
        for raw in tomllib.loads(content.decode())["tenant"]:
            add_tenant(uow, raw["id"], raw.get("parent"), raw["name"], raw["level"], raw.get("code"))

    platform.run(command, SYSTEM, now)


def add_people(platform: Platform, content: bytes, now: datetime) -> None:
    """Add the ``[[user]]`` tables of a TOML file with their ``[[user.role]]``. They have no password."""

    def command(uow: UnitOfWork) -> None:
        for raw in tomllib.loads(content.decode())["user"]:
            first, *others = raw["role"]
            user_id = add_user(uow, raw["login"], raw["name"], first["tenant"], [first["role"]])
            for role in others:
                grant_role(uow, user_id, role["tenant"], role["role"])

    platform.run(command, SYSTEM, now)


def add_calendar(platform: Platform, now: datetime) -> None:
    """Import the official arrangements that the maintained package knows."""
    years = official_years()
    platform.run(lambda uow: import_calendar(uow, years, official_exceptions(years), "chinesecalendar"), SYSTEM, now)


def publish_folder(platform: Platform, folder: Path, forms_root: Path, now: datetime) -> None:
    """Publish a procedure folder for the organisation that its manifest names."""
    bundle = read_folder(folder, forms_root)
    tenant = bundle.manifest["tenant"]
    platform.run(lambda uow: publish(uow, bundle, tenant, bundle.title), SYSTEM, now)
