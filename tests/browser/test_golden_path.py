"""From a telephone call to the archive in a real browser: eight people do their work, then an auditor looks."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from engine.connectors.registry import connectors
from engine.queries.case_states import CaseState, case_state
from engine.queries.verify import verify
from engine.scenarios.sample_files import sample_file
from engine.scenarios.script import StepScript, read_scenario
from engine.scenarios.seed import set_the_stage
from engine.store import tables as t
from engine.store.database import open_database
from engine.store.directory import candidates
from engine.store.run import Platform
from engine.worker import run_due_jobs
from tests.processes.drawing import PROCESSES, ROOT
from tests.web.chromium import follow, say_why
from web.app import create_app
from web.config import Settings

pytestmark = pytest.mark.browser

PEOPLE_MIN = 8
SCENARIO = read_scenario(
    "golden_path_september",
    (PROCESSES / "disability_assessment" / "scenarios" / "golden_path_september.toml").read_bytes(),
)


class Clock:
    """The time, which the story moves."""

    now = datetime(2020, 1, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def platform(sqlite_template: Path, tmp_path: Path) -> Iterator[Platform]:
    """The demonstration's organisations, people and procedures."""
    path = tmp_path / "golden.sqlite"
    shutil.copy(sqlite_template, path)
    database = open_database(f"sqlite:///{path}")
    platform = Platform(database)
    set_the_stage(platform, PROCESSES, ROOT / "forms" / "library", datetime(2026, 9, 1, tzinfo=UTC))
    yield platform
    database.close()


@pytest.fixture
def app(platform: Platform, clock: Clock) -> Any:
    settings = Settings(database_url=platform.database.url, demo=True, plain_http=True)
    return create_app(settings, platform, clock)


class Story:
    """The scenario, played with a mouse and a keyboard."""

    def __init__(self, tab: Any, site: str, platform: Platform, clock: Clock, folder: Path) -> None:
        self.tab, self.site, self.platform, self.clock, self.folder = tab, site, platform, clock, folder
        self.case = ""
        self.people: set[str] = set()

    def log_in(self, login: str) -> None:
        self.people.add(login)
        self.tab.context.clear_cookies()
        self.tab.goto(self.site + "/login")
        follow(self.tab.locator(f'button[value="{login}"]'))

    def login_of(self, tenant: str, who: str) -> str:
        role, _, place = who.partition(":")
        with self.platform.database.read() as connection:
            user = candidates(connection, tenant, role)[int(place or 1) - 1][0]
            return str(connection.execute(select(t.user.c.login).where(t.user.c.id == user)).scalar_one())

    def state(self) -> CaseState:
        with self.platform.database.read() as connection:
            return case_state(connection, self.case)

    def wait(self, until: datetime) -> None:
        """Time passes; the worker does what becomes due."""
        self.clock.now = until
        run_due_jobs(self.platform, connectors(self.folder), until)

    def open_case(self, step: StepScript) -> None:
        self.wait(step.at)
        self.log_in(self.login_of(SCENARIO.tenant, step.who))
        follow(self.tab.get_by_role("link", name="登记新事项").first)
        if self.tab.locator("form [name=applicant_name]").count() == 0:
            follow(self.tab.get_by_role("link", name="重度残疾人上门评残办证").first)
        self.fill(step)
        self.submit()
        with self.platform.database.read() as connection:
            self.case = str(connection.execute(select(t.instance.c.id)).scalar_one())

    def do(self, step: StepScript, due: date | None) -> None:
        self.wait(step.at)
        task = next(task for task in self.state().tasks if task.element == step.task)
        self.log_in(self.login_of(task.tenant_id, step.who or task.role))
        assert self.tab.title().startswith("待办列表")
        row = self.tab.locator("tr", has=self.tab.locator(f'a[href*="{task.id}"]'))
        assert "赵秀兰" in row.inner_text()
        if due is not None:
            assert f"{due.year}年{due.month}月{due.day}日" in row.inner_text()
        follow(row.locator("a").first)
        self.fill(step)
        self.submit()
        assert task.id not in [open_task.id for open_task in self.state().tasks]

    def fill(self, step: StepScript) -> None:
        """Fill in what is visible until everything is, as conditional questions appear one after another."""
        left: dict[str, Any] = {**step.answers, **step.files}
        for _ in range(6):
            for key in [key for key in left if self._visible(key)]:
                self._fill_one(key, left.pop(key))
        assert not left, f"{step.task}: these questions never appeared: {sorted(left)}"

    def _visible(self, key: str) -> bool:
        field = self.tab.locator(f'main [name="{key}"]:not([type=hidden])')
        return bool(field.count()) and field.first.evaluate("e => e.closest('[hidden]') === null")

    def _fill_one(self, key: str, value: Any) -> None:
        field = self.tab.locator(f'main [name="{key}"]:not([type=hidden])')
        kind = field.first.evaluate("e => e.tagName === 'INPUT' ? e.type : e.tagName.toLowerCase()")
        if kind == "file":
            files = [sample_file(name) for name in value]
            field.set_input_files([{"name": f.name, "mimeType": f.media_type, "buffer": f.content} for f in files])
        elif kind == "select":
            field.select_option(str(value))
        elif kind in ("radio", "checkbox"):
            for item in value if isinstance(value, list) else [value]:
                wanted = field if isinstance(item, bool) else self.tab.locator(f'main [name="{key}"][value="{item}"]')
                wanted.first.set_checked(item is not False, force=True)
        else:
            field.fill(value.isoformat() if isinstance(value, date) else str(value))

    def submit(self) -> None:
        """Press the form's first button; what was wrong, if anything, is the failure's message."""
        follow(self.tab.locator("main form button.big").first)
        wrong = self.tab.locator('[role="alert"]')
        assert wrong.count() == 0, f"{self.tab.title()}: {wrong.first.inner_text()}"


def test_from_a_telephone_call_to_the_archive(
    chrome: Any,
    site: str,
    platform: Platform,
    clock: Clock,
    tmp_path: Path,
) -> None:
    context = chrome.new_context(viewport={"width": 1366, "height": 900}, locale="zh-CN")
    tab = context.new_page()
    complaints: list[str] = []
    tab.on("pageerror", lambda error: complaints.append(str(error)))
    tab.on(
        "request",
        lambda asked: complaints.append(asked.url) if not asked.url.startswith((site, "data:", "blob:")) else None,
    )
    story = Story(tab, site, platform, clock, tmp_path)

    dues: dict[str, date] = dict(SCENARIO.start.expect.due)
    story.open_case(SCENARIO.start)
    for step in SCENARIO.steps:
        if step.is_waiting:
            story.wait(step.at)
        else:
            story.do(step, dues.pop(step.task, None))
        dues.update(step.expect.due)

    story.wait(clock.now)  # the machine keeps the dossier
    assert story.state().outcome == "archived"
    assert len(story.people) >= PEOPLE_MIN
    assert complaints == []
    _auditor_looks(story)
    with platform.database.read() as connection:
        assert verify(connection).findings == ()
    context.close()


def _auditor_looks(story: Story) -> None:
    """Find the case, step to its end by keyboard, and read the same in the table."""
    story.clock.now += timedelta(hours=1)
    story.log_in("fan.bing")
    tab = story.tab
    say_why(tab)
    tab.goto(f"{story.site}/audit/cases/{story.case}")
    text = tab.locator("main").inner_text()
    assert "赵秀兰" in text
    assert "2026年9月7日" in text
    facts = _last_fact(story.platform, story.case)
    tab.goto(f"{story.site}/audit/cases/{story.case}?at={facts['seq']}")
    assert "已归档" in tab.locator("main").inner_text() or "归档" in tab.locator("main").inner_text()


def _last_fact(platform: Platform, case: str) -> Mapping[str, Any]:
    with platform.database.read() as connection:
        row = (
            connection.execute(
                select(t.history).where(t.history.c.stream == f"case:{case}").order_by(t.history.c.seq.desc())
            )
            .mappings()
            .first()
        )
    assert row is not None
    return row
