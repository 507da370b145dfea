"""A small office with two branches, its people, and browsers for them; the clock is ours."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from argon2 import PasswordHasher
from flask import Flask
from jinja2 import FileSystemBytecodeCache

from engine.commands import deployments, people
from engine.definition.bundle import read_folder
from engine.store import sessions, tables
from engine.store.database import open_database
from engine.store.directory import system_actor
from engine.store.run import Platform
from tests.web.browser import Browser
from web.app import create_app
from web.config import Settings

START = datetime(2026, 9, 7, 9, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
PASSWORD = "eine gute Losung"
ERRAND = Path(__file__).parent / "errand"

UNITS = (("hq", None, "总部", "hq"), ("a", "hq", "东办", "office"), ("b", "hq", "西办", "office"))
PEOPLE = (
    ("clerk.a", "王芳", "a", ["clerk"]),
    ("reviewer.a", "李娜", "a", ["reviewer"]),
    ("reviewer2.a", "张敏", "a", ["reviewer"]),
    ("clerk.b", "刘洋", "b", ["clerk"]),
    ("reviewer.b", "陈静", "b", ["reviewer"]),
    ("chief", "赵强", "hq", ["chief"]),
    ("admin", "孙丽", "hq", ["administrator"]),
    ("admin2", "钱进", "hq", ["administrator"]),
    ("admin.a", "周杰", "a", ["administrator"]),
    ("admin2.a", "冯雪", "a", ["administrator"]),
    ("auditor", "吴磊", "hq", ["auditor"]),
)


class Clock:
    """The time, which tests move."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def pass_time(self, **span: float) -> None:
        self.now += timedelta(**span)


@pytest.fixture(scope="session", autouse=True)
def cheap_hashes() -> Iterator[None]:
    """Passwords are hashed with the least effort: a test logs in often, and nobody guesses here."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sessions, "_HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        yield


@pytest.fixture(scope="session")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> FileSystemBytecodeCache:
    """Templates that one test has compiled serve the next."""
    return FileSystemBytecodeCache(str(tmp_path_factory.mktemp("templates")))


@pytest.fixture(scope="session")
def seeded_file(tmp_path_factory: pytest.TempPathFactory, cheap_hashes: None) -> Path:
    """A database file with the office, its people and one published procedure."""
    file = tmp_path_factory.mktemp("office") / "office.sqlite"
    database = open_database(f"sqlite:///{file}")
    tables.metadata.create_all(database.engine)
    furnish(Platform(database))
    database.close()
    return file


def furnish(platform: Platform) -> None:
    """Puts the office, its people and the procedure into an empty database."""

    def run(command: Callable[..., object], *args: object) -> None:
        platform.run(lambda uow: command(uow, *args), system_actor(), START)

    for unit, parent, name, level in UNITS:
        run(people.add_tenant, unit, parent, name, level, None)
    run(deployments.publish, read_folder(ERRAND, ERRAND / "forms"), "hq", "事项办理")
    for login, name, unit, roles in PEOPLE:
        run(people.add_user, login, name, unit, roles, PASSWORD)


@pytest.fixture
def platform(seeded_file: Path, tmp_path: Path) -> Iterator[Platform]:
    """The office's database, fresh for this test."""
    file = tmp_path / "office.sqlite"
    shutil.copy(seeded_file, file)
    database = open_database(f"sqlite:///{file}")
    yield Platform(database)
    database.close()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def app(platform: Platform, clock: Clock, compiled: FileSystemBytecodeCache) -> Flask:
    app = create_app(Settings(database_url=platform.database.url, plain_http=True), platform, clock)
    app.jinja_env.bytecode_cache = compiled
    return app


@pytest.fixture
def visitor(app: Flask) -> Browser:
    """Somebody who has not logged in."""
    return Browser(app)


@pytest.fixture
def as_person(app: Flask) -> Callable[..., Browser]:
    """login → that person's browser, logged in; whoever is asked what for says ``why``."""

    def log_in(login: str, **options: str) -> Browser:
        browser = Browser(app)
        page = browser.log_in(login, PASSWORD, **options)
        assert page.status == 200, page.text
        return browser

    return log_in
