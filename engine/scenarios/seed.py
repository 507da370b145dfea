"""Make a demonstration: its organisations, people and procedures, and cases in all stages, by playing scenarios."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from engine.connectors.registry import Connector
from engine.scenarios.cast import add_calendar, add_organisations, add_people, publish_folder
from engine.scenarios.ground import ScenarioFailed
from engine.scenarios.player import Stage, play
from engine.scenarios.script import Scenario, read_scenario
from engine.store.run import Platform

Say = Callable[[str], None]


def procedure_folders(processes: Path) -> list[Path]:
    """The procedure folders: each has a ``bundle.toml``."""
    return sorted(path.parent for path in processes.glob("*/bundle.toml"))


def read_scenarios(folder: Path) -> list[Scenario]:
    """All scenarios of a procedure folder, by name. Raises ``Rejected`` for one that cannot be read."""
    return [read_scenario(path.stem, path.read_bytes()) for path in sorted((folder / "scenarios").glob("*.toml"))]


def set_the_stage(platform: Platform, processes: Path, forms_root: Path, at: datetime) -> None:
    """Calendar, organisations, people and procedures, as if done at ``at``."""
    add_calendar(platform, at)
    for folder in procedure_folders(processes):
        for name, add in (("organisations", add_organisations), ("people", add_people)):
            path = folder / "demo" / f"{name}.toml"
            if path.exists():
                add(platform, path.read_bytes(), at)
    for folder in procedure_folders(processes):
        publish_folder(platform, folder, forms_root, at)


def seed(
    platform: Platform,
    connectors: Mapping[str, Connector],
    processes: Path,
    forms_root: Path,
    now: datetime,
    say: Say = lambda line: None,
) -> int:
    """Fill an empty database with a living demonstration as of ``now``. Returns the number of cases.

    Every play starts some days ago and stops where the scenario would go beyond ``now``.
    """
    say("organisations, people, procedures")
    set_the_stage(platform, processes, forms_root, now - timedelta(days=90))
    count = 0
    for folder in procedure_folders(processes):
        plays = folder / "demo" / "plays.toml"
        if not plays.exists():
            continue
        scenarios = {scenario.key: scenario for scenario in read_scenarios(folder)}
        listed = tomllib.loads(plays.read_text())["play"]
        for number, raw in enumerate(sorted(listed, key=lambda play: -play["start_days_ago"]), 1):
            _play_one(platform, connectors, scenarios[raw["scenario"]], raw, now, say)
            count += 1
            if number % 10 == 0:
                say(f"{number} / {len(listed)}")
    return count


def _play_one(
    platform: Platform,
    connectors: Mapping[str, Connector],
    scenario: Scenario,
    raw: Mapping[str, Any],
    now: datetime,
    say: Say,
) -> None:
    """A story that does not fit its new days stays where it stands: the case is real, and that is said."""
    wanted = (now - timedelta(days=raw["start_days_ago"])).date()
    shift = timedelta(days=(wanted - scenario.start.at.date()).days)
    try:
        play(platform, connectors, scenario, Stage(raw.get("tenant", ""), raw.get("overrides", {}), shift, now))
    except ScenarioFailed as failed:
        say(f"  {failed}")
