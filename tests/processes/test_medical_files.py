"""Medical reports are for physicians and the county: the village, which sees the case, finds its own files only."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from sqlalchemy import Connection, select

from engine.connectors.registry import connectors
from engine.errors import NotFound
from engine.model import Actor
from engine.queries.case_files import unseen_digests
from engine.queries.cases import case_page, file_content
from engine.scenarios.player import play
from engine.scenarios.seed import set_the_stage
from engine.store import tables as t
from engine.store.database import open_database
from engine.store.directory import actor_for, candidates
from engine.store.run import Platform
from tests.forms.made import made
from tests.processes.test_scenarios import LONG_AGO, PROCESSES, ROOT, SCENARIOS

REPORT, POSTING = "audiogram.pdf", "posting-first-day.jpg"
Told = tuple[Platform, str]


@pytest.fixture(scope="module")
def told(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Told:
    """The story in which a hospital's report is handed in, told to its end."""
    folder = tmp_path_factory.mktemp("files")
    shutil.copy(sqlite_template, folder / "stage.sqlite")
    platform = Platform(open_database(f"sqlite:///{folder / 'stage.sqlite'}"))
    set_the_stage(platform, PROCESSES, ROOT / "forms" / "library", LONG_AGO)
    return platform, play(platform, connectors(folder), SCENARIOS["needs_instruments"]).instance


def somebody(connection: Connection, instance: str, role: str) -> Actor:
    """A person with this role at the unit where the case had its work for it."""
    task = t.user_task.c
    unit = connection.execute(select(task.tenant_id).where(task.instance_id == instance, task.role == role)).scalar()
    return actor_for(connection, candidates(connection, unit or "", role)[0][0], unit or "")


def files_of(told: Told, role: str) -> dict[str, str]:
    """Name → id of the files on the page of the case."""
    platform, instance = told
    with platform.database.read() as connection:
        page = case_page(connection, platform.known, somebody(connection, instance, role), instance)
        return {file.name: file.id for file in page.files}


def test_the_physician_and_the_county_find_the_report(told: Told) -> None:
    assert REPORT in files_of(told, "assessor")
    assert REPORT in files_of(told, "county_clerk")


def test_the_village_finds_its_photo_and_not_the_report(told: Told) -> None:
    found = files_of(told, "village_clerk")

    assert POSTING in found
    assert REPORT not in found


def test_what_is_not_on_the_page_cannot_be_fetched_by_its_address_either(told: Told) -> None:
    platform, instance = told
    report = files_of(told, "assessor")[REPORT]

    with platform.database.read() as connection:
        physician = somebody(connection, instance, "assessor")
        village = somebody(connection, instance, "village_clerk")
        assert file_content(connection, platform.known, physician, instance, report)[1].startswith(b"%PDF-")
        with pytest.raises(NotFound):
            file_content(connection, platform.known, village, instance, report)


def test_a_file_that_was_also_handed_in_for_a_visible_field_is_visible() -> None:
    picker = {"type": "filepicker", "label": "文件"}
    form = made({**picker, "key": "open"}, {**picker, "key": "shut", "properties": {"see": "doctor"}})
    both, one = {"digest": "both", "name": "b"}, {"digest": "one", "name": "o"}
    variables = {"open": [both], "shut": [both, one]}

    assert unseen_digests([form], variables, frozenset({"clerk"})) == {"one"}
    assert unseen_digests([form], variables, frozenset({"doctor"})) == frozenset()
    assert unseen_digests([form], {}, frozenset()) == frozenset()
