"""The demonstration's organisations, people and procedures in a browser, and stories told on the platform itself."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from engine.connectors.registry import connectors
from engine.scenarios.player import Played, Stage, play
from engine.scenarios.script import Scenario, StepScript
from engine.scenarios.seed import set_the_stage
from engine.store.database import open_database
from engine.store.run import Platform
from tests.processes.drawing import PROCESSES, ROOT
from tests.variations.hand import Hand
from tests.web.chromium import chrome, site
from web.app import create_app
from web.config import Settings

__all__ = ["chrome", "site"]

PUBLISHED_AT = datetime(2026, 9, 1, 9, 0, tzinfo=ZoneInfo("Asia/Shanghai"))


@pytest.fixture(scope="module")
def stage_file(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("stage") / "stage.sqlite"
    shutil.copy(sqlite_template, path)
    platform = Platform(open_database(f"sqlite:///{path}"))
    set_the_stage(platform, PROCESSES, ROOT / "forms" / "library", datetime(2026, 1, 1, tzinfo=UTC))
    platform.database.close()
    return path


@pytest.fixture
def platform(stage_file: Path, tmp_path: Path) -> Iterator[Platform]:
    path = tmp_path / "stage.sqlite"
    shutil.copy(stage_file, path)
    found = Platform(open_database(f"sqlite:///{path}"))
    yield found
    found.database.close()


@pytest.fixture
def app(platform: Platform) -> Any:
    settings = Settings(database_url=platform.database.url, demo=True, plain_http=True)
    return create_app(settings, platform, lambda: PUBLISHED_AT)


@pytest.fixture
def hand(chrome: Any, site: str) -> Iterator[Hand]:
    context = chrome.new_context(viewport={"width": 1366, "height": 900}, locale="zh-CN")
    tab = context.new_page()
    tab.set_default_timeout(90_000)  # a proposal is judged whole; on a busy machine that takes a while
    tab.complaints = []
    tab.on("pageerror", lambda error: tab.complaints.append(str(error)))
    yield Hand(tab, site)
    assert tab.complaints == []
    context.close()


@pytest.fixture
def tell(platform: Platform, tmp_path: Path) -> Callable[..., Played]:
    """Play a story on the platform."""
    known = connectors(tmp_path)
    return lambda story, **stage: play(platform, known, story, Stage(**stage))


def told_otherwise(story: Scenario, after: str, *steps: StepScript, **changes: Any) -> Scenario:
    """The story with ``steps`` put in after the first step of task ``after``, and no expectations but its end."""
    number = next(n for n, step in enumerate(story.steps) if step.task == after)
    plain = [replace(step, expect=type(step.expect)()) for step in story.steps]
    return replace(story, steps=(*plain[: number + 1], *steps, *plain[number + 1 :]), **changes)
