"""Units in the browser: the tree, each change with what would follow, planned days, and what is not one's own."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from engine.commands.people import add_tenant, add_user, disable_user
from engine.following import tend_units
from engine.queries.people import everybody
from engine.store.directory import system_actor
from engine.store.run import Platform
from tests.web.browser import Browser, Page
from tests.web.conftest import START, Clock

AsPerson = Callable[[str], Browser]


@pytest.fixture
def chief(as_person: AsPerson) -> Browser:
    return as_person("admin")


def change(browser: Browser, unit: str, kind: str, **words: str) -> Page:
    """Ask, look at what would follow, confirm."""
    shown = browser.get(f"/units/{unit}/{kind}").submit(rf"/units/{unit}/{kind}", **words)
    assert shown.status == 200, shown.text
    return confirm(shown)


def confirm(shown: Page) -> Page:
    """Press the button below what would follow."""
    form = next(form for form in shown.tree.xpath("//form") if form.xpath(".//input[@name='_shown']"))
    sent = {field.get("name"): field.get("value") for field in form.xpath(".//input[@name]")}
    return shown.browser.post(shown.path, sent)


def tend(platform: Platform, clock: Clock) -> None:
    clock.pass_time(minutes=1)
    tend_units(platform, clock())


def test_the_tree_shows_codes_levels_days_and_people(chief: Browser) -> None:
    page = change(chief, "hq", "add", tenant="c", name="南办", level="office", code="410825")

    assert "单位已设立" in page.text or "The unit is added" in page.text
    tree = chief.get("/units").text
    assert "南办" in tree and "410825" in tree and "2026年9月7日" in tree


def test_what_would_follow_is_shown_and_nothing_is_done_before_it_is_confirmed(
    chief: Browser, as_person: AsPerson
) -> None:
    as_person("clerk.a").get("/desk/start/errand").submit("/desk/start/errand", who="李四")

    shown = chief.get("/units/a/merge").submit("/units/a/merge", other="b")

    assert "移交的在办事项：1 件" in shown.text and "王芳" in shown.text
    assert "并入" not in chief.get("/units/a").tree.xpath("string(//section[@aria-labelledby='history'])")
    assert confirm(shown).status == 200
    assert "西办" in chief.get("/units/a").text


def test_people_and_cases_are_the_other_unit_s_after_a_merge(
    chief: Browser, as_person: AsPerson, platform: Platform, clock: Clock
) -> None:
    as_person("clerk.a").get("/desk/start/errand").submit("/desk/start/errand", who="李四")
    assert "李四" not in as_person("reviewer.b").get("/desk").text

    change(chief, "a", "merge", other="b")
    tend(platform, clock)

    assert "李四" in as_person("reviewer.b").get("/desk").text
    mine = as_person("clerk.a")
    assert "西办" in mine.get("/desk").text
    case = mine.get("/desk/cases").follow(r"/desk/cases/[0-9a-f]+")
    assert "东办并入西办" in case.text


def test_a_confirmation_of_what_is_so_no_more_shows_it_anew(chief: Browser, as_person: AsPerson) -> None:
    shown = chief.get("/units/a/merge").submit("/units/a/merge", other="b")
    as_person("clerk.a").get("/desk/start/errand").submit("/desk/start/errand", who="李四")

    again = confirm(shown)

    assert again.status == 409 and "移交的在办事项：1 件" in again.text
    assert confirm(again).status == 200


def test_what_cannot_be_says_why_beside_the_field_and_offers_no_button(chief: Browser) -> None:
    for unit, kind, words, field in (
        ("hq", "add", {"tenant": "a", "name": "又一", "level": "office"}, "#tenant"),
        ("a", "rename", {"name": "西办"}, "#name"),
        ("a", "rename", {"name": "北办", "since": "2020-01-01"}, "#since"),
        ("a", "rename", {"name": "北办", "since": "tomorrow"}, "#since"),
        ("a", "merge", {"other": "nowhere"}, "#other"),
    ):
        page = chief.get(f"/units/{unit}/{kind}").submit(rf"/units/{unit}/{kind}", **words)
        assert page.status == 422, (unit, kind)
        assert page.tree.find_class("errsum")[0].xpath(".//a/@href")[0] == field
        assert not page.tree.xpath("//input[@name='_shown']")


def test_a_planned_change_can_be_seen_and_called_off(
    as_person: AsPerson, chief: Browser, platform: Platform, clock: Clock
) -> None:
    page = change(chief, "a", "rename", name="东城办", since="2026-09-10")
    assert "计划" in page.text

    chief.get("/units").submit(r"/units/changes/.*/off")
    clock.pass_time(days=4)
    tend(platform, clock)
    chief = as_person("admin")  # a session does not last for days
    assert "东城办" not in chief.get("/units").tree.xpath("string(//table)")

    change(chief, "a", "rename", name="东城办", since="2026-09-13")
    clock.pass_time(days=3)
    tend(platform, clock)
    assert "东城办" in as_person("admin").get("/units").tree.xpath("string(//table)")


def test_a_renamed_unit_keeps_its_old_name_in_what_was_done_before(
    chief: Browser, as_person: AsPerson, clock: Clock
) -> None:
    clerk = as_person("clerk.a")
    clerk.get("/desk/start/errand").submit("/desk/start/errand", who="李四")
    clock.pass_time(minutes=1)
    change(chief, "a", "rename", name="东城办")
    clock.pass_time(minutes=1)
    as_person("reviewer.a").get("/desk").follow(r"/desk/tasks/").submit("/claim")

    story = clerk.get("/desk/cases").follow(r"/desk/cases/[0-9a-f]+").tree.find_class("story")[0].text_content()

    assert "（东办）" in story or "(东办)" in story
    assert "(东城办)" in story or "（东城办）" in story


def test_where_nobody_could_do_the_work_is_said_and_is_not_where_somebody_can(
    chief: Browser, platform: Platform
) -> None:
    assert "无人可办" not in chief.get("/units").text

    with platform.database.read() as connection:
        reviewer = next(person.id for person in everybody(connection) if person.login == "reviewer.b")
    platform.run(lambda uow: disable_user(uow, reviewer), system_actor(), START)

    vacant = chief.get("/units").tree.xpath("string(//section[@aria-labelledby='vacant'])")
    assert "西办" in vacant and "东办" not in vacant


def test_who_is_left_without_a_unit_is_named(chief: Browser, platform: Platform) -> None:
    def add(uow: object) -> None:
        add_tenant(uow, "c", "hq", "南办", "hq", None)  # type: ignore[arg-type]
        add_user(uow, "lone", "孤星", "c", ["clerk"])  # type: ignore[arg-type]

    platform.run(add, system_actor(), START)
    assert "孤星" not in chief.get("/units").text

    change(chief, "c", "close")

    assert "孤星" in chief.get("/units").tree.xpath("string(//section[@aria-labelledby='unhoused'])")


@pytest.mark.parametrize("kind", ["add", "rename", "move", "close", "merge"])
def test_another_s_unit_answers_like_one_that_is_not(as_person: AsPerson, kind: str) -> None:
    browser = as_person("admin.a")
    for method in (browser.client.get, browser.client.post):
        token = re.search(r'name="_csrf" value="([^"]+)"', browser.client.get("/account").get_data(as_text=True))
        data = {"_csrf": token.group(1) if token else "", "since": "2026-09-07"}
        answers = [
            method(f"/units/{unit}/{kind}", **({"data": data} if method == browser.client.post else {}))
            for unit in ("b", "hq", "missing")
        ]
        assert {answer.status_code for answer in answers} == {404}
        bodies = {re.sub(r'value="[^"]+"|/units/[a-z]+', "", answer.get_data(as_text=True)) for answer in answers}
        assert len(bodies) == 1


def test_one_s_own_unit_is_not_one_s_own_to_change(as_person: AsPerson) -> None:
    browser = as_person("admin.a")

    assert browser.get("/units/a").status == 200
    assert browser.get("/units/a/add").status == 200
    for kind in ("rename", "move", "close", "merge"):
        assert browser.get(f"/units/a/{kind}").status == 404
    assert "西办" not in browser.get("/units").text
