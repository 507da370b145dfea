"""The calendar's page: seen by every administrator, kept by the organisation at the top, provisional years marked."""

from __future__ import annotations

from sqlalchemy import select

from engine.store import tables as t
from engine.store.run import Platform
from tests.web.studio.test_studio import AsPerson

DAY = {"day": "2026-10-05", "kind": "off", "name": "中秋调休", "source": "通知2026-1"}


def days(platform: Platform) -> list[tuple[str, bool]]:
    with platform.database.read() as connection:
        return [(str(row.day), row.working) for row in connection.execute(select(t.calendar_day))]


def test_the_head_office_sets_a_day_and_everybody_sees_it(as_person: AsPerson, platform: Platform) -> None:
    page = as_person("admin").get("/studio/calendar?year=2026")
    assert "暂定" in page.main

    done = page.submit("/calendar/day", **DAY)

    assert done.status == 200
    assert days(platform) == [("2026-10-05", False)]
    assert "中秋调休" in as_person("admin.a").get("/studio/calendar?year=2026").main


def test_an_office_below_looks_and_cannot_change(as_person: AsPerson, platform: Platform) -> None:
    below = as_person("admin.a")
    page = below.get("/studio/calendar?year=2026")
    assert not page.tree.xpath("//form[contains(@action, '/calendar')]")

    token = below.get("/studio/drafts").form("/studio/drafts$").xpath(".//input[@name='_csrf']/@value")[0]
    assert below.post("/studio/calendar/day", {"_csrf": token, **DAY}).status == 422
    assert below.post("/studio/calendar/year", {"_csrf": token, "year": "2025"}).status == 422
    assert days(platform) == []


def test_a_known_year_is_taken_over_whole(as_person: AsPerson, platform: Platform) -> None:
    done = as_person("admin").get("/studio/calendar?year=2024").submit("/calendar/year")

    assert "暂定" not in done.main
    assert ("2024-10-01", False) in days(platform)
    assert as_person("admin").get("/studio/calendar?year=2025").status == 200


def test_a_year_that_nobody_knows_and_days_that_are_none_are_refused(as_person: AsPerson, platform: Platform) -> None:
    page = as_person("admin").get("/studio/calendar?year=2026")
    token = page.form("/calendar/day").xpath(".//input[@name='_csrf']/@value")[0]

    assert page.browser.post("/studio/calendar/year", {"_csrf": token, "year": "2099"}).status == 422
    for wrong in ({"day": "morgen"}, {"kind": "half"}, {"name": " "}, {"source": ""}, {"day": "9999-01-01"}):
        assert page.browser.post("/studio/calendar/day", {"_csrf": token, **DAY, **wrong}).status == 422, wrong
    for year in ("0", "x", "99999"):
        assert page.browser.get(f"/studio/calendar?year={year}").status == 200
    assert days(platform) == []
