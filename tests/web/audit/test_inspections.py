"""Samples, mining and exports on the auditors' pages: recorded, bounded, and for nobody else."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from sqlalchemy import select

from engine.history.facts import open_fact
from engine.history.seal import digest
from engine.store import tables as t
from engine.store.run import Platform
from tests.audit.readers import read_csv, read_json_lines, read_ocel, read_xes
from tests.web.browser import Browser, Page
from tests.web.conftest import Clock

AsPerson = Callable[[str], Browser]
READERS = {"xes": read_xes, "ocel": read_ocel, "csv": read_csv, "jsonl": read_json_lines}
PAGES = ("/audit/sample", "/audit/sample?seed=x", "/audit/mining", "/audit/exports", "/audit/exports/file?purpose=x")


@pytest.fixture
def cases(as_person: AsPerson) -> None:
    """A case in each branch; the one in the east was checked."""
    for login, who in (("clerk.a", "李四"), ("clerk.b", "王五")):
        as_person(login).get("/desk/start/errand").submit("/desk/start/errand", who=who)
    as_person("reviewer.a").get("/").follow(r"^/desk/tasks/").submit(r"/desk/tasks/[^/]+$", opinion="agree")


def recorded(platform: Platform, kind: str) -> list[Any]:
    with platform.database.read() as connection:
        bodies = connection.execute(select(t.history.c.body).where(t.history.c.type == kind)).scalars()
        return [open_fact(body, {}).event for body in bodies]


def test_a_sample_is_drawn_shown_and_recorded(as_person: AsPerson, cases: None, platform: Platform) -> None:
    auditor = as_person("auditor")
    assert recorded(platform, "SampleDrawn") == []
    first = auditor.get("/audit/sample?seed=7f3a&size=2")
    again = auditor.get("/audit/sample?seed=7f3a&size=2")

    drawn = [link for link in first.links if "/audit/cases/" in link]
    assert len(drawn) == 2
    assert drawn == [link for link in again.links if "/audit/cases/" in link]
    (note, other) = recorded(platform, "SampleDrawn")
    assert note == other
    assert (note.seed, note.size, note.population) == ("7f3a", 2, 2)
    assert note.digest in first.main
    assert all(any(case in link for link in drawn) for case in note.cases)


def test_asking_for_a_sample_draws_none(as_person: AsPerson, cases: None, platform: Platform) -> None:
    page = as_person("auditor").get("/audit/sample")

    assert page.status == 200
    assert recorded(platform, "SampleDrawn") == []


@pytest.mark.parametrize("form", sorted(READERS))
def test_an_export_can_be_read_back_and_is_recorded(
    as_person: AsPerson, cases: None, platform: Platform, form: str
) -> None:
    response = as_person("auditor").client.get(f"/audit/exports/file?form={form}&purpose=Pruefung")
    content = response.get_data()

    log = READERS[form](content)
    assert len(log) == 2
    assert all(len(rows) >= 2 for rows in log.values())
    assert "李四" not in content.decode()
    (note,) = recorded(platform, "CasesExported")
    assert (note.count, note.named, note.digest, note.purpose) == (2, False, digest(content), "Pruefung")


def test_names_are_given_when_asked_for_and_that_is_recorded(
    as_person: AsPerson, cases: None, platform: Platform
) -> None:
    text = as_person("auditor").client.get("/audit/exports/file?form=csv&names=yes&purpose=x").get_data(as_text=True)

    assert "李娜" in text
    assert recorded(platform, "CasesExported")[0].named


@pytest.mark.parametrize(
    "path", ["/audit/exports/file", "/audit/sample?seed=x&size=0", "/audit/mining?from=2026-02-30"]
)
def test_what_cannot_be_done_is_refused_and_not_recorded(
    as_person: AsPerson, cases: None, platform: Platform, path: str
) -> None:
    assert as_person("auditor").get(path).status == 422
    assert recorded(platform, "CasesExported") + recorded(platform, "SampleDrawn") == []


def test_ways_and_waiting_times_are_told(as_person: AsPerson, cases: None) -> None:
    auditor = as_person("auditor")

    assert "审核" in auditor.get("/audit/mining").main
    assert "审核" not in auditor.get("/audit/mining?until=2020-01-01").main


@pytest.mark.parametrize("path", PAGES)
def test_nobody_but_an_auditor_opens_these_pages(as_person: AsPerson, path: str) -> None:
    assert as_person("auditor").get(path).status == 200
    for login in ("clerk.a", "admin"):
        assert as_person(login).get(path).status == 403


def test_a_sample_can_be_drawn_again_when_other_cases_have_come_and_these_have_moved_on(
    as_person: AsPerson, cases: None, platform: Platform, clock: Clock
) -> None:
    auditor = as_person("auditor")
    clock.pass_time(minutes=1)
    first = auditor.get("/audit/sample?seed=7f3a&size=2&state=running")
    link = first.link("as_of=")
    clock.pass_time(minutes=5)
    as_person("clerk.a").get("/desk/start/errand").submit("/desk/start/errand", who="后来的人")
    as_person("reviewer.b").get("/desk").follow(r"^/desk/tasks/").submit(r"/desk/tasks/[^/]+$", opinion="disagree")
    clock.pass_time(minutes=5)

    table = [page.tree.xpath("string(//table)") for page in (first, auditor.get(link))]
    assert table[0] == table[1]
    now = auditor.get("/audit/sample?seed=7f3a&size=2&state=running")
    assert digest_of(now) != digest_of(first) == digest_of(auditor.get(link))

    noted = recorded(platform, "SampleDrawn")
    assert {note.state for note in noted} == {"running"}
    assert len({note.as_of for note in noted}) == 2
    assert len({(note.as_of, note.digest) for note in noted}) == 2, "one moment, one population"


def digest_of(page: Page) -> str:
    (found,) = re.findall(r"[0-9a-f]{64}", page.text)
    return str(found)


@pytest.mark.parametrize(
    "moment", ["tomorrow", "2026-09-07", "2026-09-07T09:00:00", "2999-01-01T00:00:00+08:00", "9" * 99]
)
def test_what_is_no_past_moment_is_refused(as_person: AsPerson, cases: None, moment: str) -> None:
    page = as_person("auditor").get(f"/audit/sample?seed=x&as_of={quote(moment)}")

    assert page.status == 422
