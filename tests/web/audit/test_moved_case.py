"""The film of a case that was moved: until then on the old picture, from then on the new one."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from engine.store.run import Platform
from engine.worker import run_order
from tests.web.browser import Browser, Page
from tests.web.conftest import Clock
from tests.web.studio.moving import newer_version, open_case
from tests.web.studio.test_migrate import STEP

AsPerson = Callable[[str], Browser]


@pytest.fixture
def case(as_person: AsPerson, platform: Platform, clock: Clock) -> str:
    case = open_case(as_person, "李四")
    newer_version(platform, **STEP, 审核="复核")
    admin = as_person("admin")
    page = admin.get("/studio/migrate/errand?to.check=look").submit("/studio/migrate", _reason="新办法施行")
    run_order(platform, page.path.rsplit("/", 1)[1], clock)
    as_person("reviewer.a").get("/desk").follow(r"/desk/tasks/").submit("/desk/tasks/", opinion="agree", note="好")
    return case


def shown(page: Page) -> set[str]:
    """The steps on the pictures that are not hidden."""
    return set(page.tree.xpath("//figure[not(@hidden)]//*[contains(@class, 'node')]/@data-id"))


def moment_of(page: Page, words: str) -> int:
    rows = page.tree.xpath("//table[contains(@class, 'record')]//tr[@data-seq]")
    return next(number for number, row in enumerate(rows, 1) if words in row.get("data-said"))


def test_the_film_changes_its_picture_when_the_case_is_moved(as_person: AsPerson, case: str) -> None:
    auditor = as_person("auditor")
    page = auditor.get(f"/audit/cases/{case}")
    moved = moment_of(page, "新办法施行")

    before, after = (auditor.get(f"/audit/cases/{case}?at={at}") for at in (moved - 1, moved))

    assert "check" in shown(before) and "look" not in shown(before)
    assert "look" in shown(after) and "check" not in shown(after)
    assert "孙丽" in after.tree.xpath("string(//p[contains(@class, 'said')])")
    assert "look" in shown(page)


def test_everything_about_a_moved_case_can_be_opened(as_person: AsPerson, case: str) -> None:
    auditor = as_person("auditor")
    for path in ("", "/whole", "/film.txt", "/moments/1", "/dossier?purpose=x", "/verify", "/why/check", "/why/look"):
        page = auditor.get(f"/audit/cases/{case}{path}")
        assert page.status == 200, path
    assert "复核" in as_person("clerk.a").get(f"/desk/cases/{case}").main


def test_the_film_of_a_case_that_was_not_moved_has_one_version(as_person: AsPerson) -> None:
    case = open_case(as_person, "王五")
    page = as_person("auditor").get(f"/audit/cases/{case}")
    assert "check" in shown(page)
    assert "~1" not in page.source
