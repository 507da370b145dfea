"""The desk, by address and as a named person: a case from its note to its end, without scripts."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest

from engine.commands.people import grant_role
from engine.queries.people import everybody
from engine.store.directory import system_actor
from engine.store.run import Platform
from tests.web.browser import Browser, Page
from tests.web.conftest import START, Clock

AsPerson = Callable[[str], Browser]
JPEG = b"\xff\xd8\xff\xe0" + b"\0" * 100


def open_case(clerk: Browser, who: str = "李四", **more: str) -> Page:
    return clerk.get("/desk/start/errand").submit("/desk/start/errand", who=who, **more)


def first_task(browser: Browser) -> Page:
    return browser.get("/desk").follow(r"^/desk/tasks/")


def test_a_stranger_completes_the_first_waiting_task_in_two_clicks(as_person: AsPerson) -> None:
    open_case(as_person("clerk.a"))

    worklist = as_person("reviewer.a").get("/")
    task = worklist.follow(r"^/desk/tasks/")
    done = task.submit(r"/desk/tasks/[^/]+$", opinion="agree")

    assert done.browser.trail[-1].startswith("/desk?done=completed")
    assert "已提交" in done.main
    assert "/desk/tasks/" in as_person("chief").get("/desk").source


def test_who_does_not_have_the_role_sees_no_task_and_cannot_open_it(as_person: AsPerson) -> None:
    open_case(as_person("clerk.a"))
    task = as_person("reviewer.a").get("/desk").link(r"^/desk/tasks/")

    other = as_person("reviewer.b")
    assert "/desk/tasks/" not in other.get("/desk").source
    assert other.get(task).status == 404


def test_who_may_see_the_case_but_not_do_the_task_is_led_to_the_case(as_person: AsPerson) -> None:
    clerk = as_person("clerk.a")
    open_case(clerk)
    task = as_person("reviewer.a").get("/desk").link(r"^/desk/tasks/")

    page = clerk.get(task)
    assert page.path.startswith("/desk/cases/")
    assert "审核" in page.main


def test_a_form_with_problems_comes_back_as_it_was_typed_with_a_summary_that_leads_to_the_fields(
    as_person: AsPerson,
) -> None:
    page = open_case(as_person("clerk.a"), who="", what="一段话")

    assert page.status == 422
    assert page.title.startswith("错误")
    summary = page.tree.find_class("errsum")[0]
    assert summary.get("autofocus") is not None
    assert summary.xpath(".//a/@href") == ["#who"]
    assert page.tree.get_element_by_id("who").get("aria-invalid") == "true"
    assert page.tree.get_element_by_id("what").text.strip() == "一段话"


def test_a_hidden_answer_that_is_posted_is_refused_and_nothing_is_written(as_person: AsPerson) -> None:
    open_case(as_person("clerk.a"))
    reviewer = as_person("reviewer.a")

    page = first_task(reviewer).submit(r"/desk/tasks/[^/]+$", opinion="agree", why="nicht gefragt")
    assert page.status == 422
    assert "/desk/tasks/" in reviewer.get("/desk").source


def test_a_draft_is_there_again_and_is_no_submission(as_person: AsPerson) -> None:
    open_case(as_person("clerk.a"))
    reviewer = as_person("reviewer.a")

    page = first_task(reviewer).submit("/draft$", opinion="refuse", why="再看看")
    assert "草稿" in page.main
    assert page.tree.get_element_by_id("why").text.strip() == "再看看"
    assert page.tree.xpath("//input[@name='opinion'][@checked]/@value") == ["refuse"]
    assert "草稿" in reviewer.get("/desk").main


def test_what_one_takes_on_others_no_longer_see_until_it_is_put_back(as_person: AsPerson) -> None:
    open_case(as_person("clerk.a"))
    mine, other = as_person("reviewer.a"), as_person("reviewer2.a")
    task = mine.get("/desk").link(r"^/desk/tasks/")

    mine.get(task).submit("/claim$")
    assert "/desk/tasks/" not in other.get("/desk").source
    assert "李娜" in other.get(task).main
    assert "/desk/tasks/" in mine.get("/desk?view=mine").source

    mine.get(task).submit("/release$")
    assert "/desk/tasks/" in other.get("/desk").source


def test_a_task_changes_hands_only_with_a_reason(as_person: AsPerson) -> None:
    open_case(as_person("clerk.a"))
    mine, other = as_person("reviewer.a"), as_person("reviewer2.a")

    refused = first_task(mine).submit("/reassign$", _reason=" ")
    assert refused.status == 422
    assert "原因" in refused.tree.find_class("errsum")[0].text_content()

    first_task(mine).submit("/reassign$", _reason="休假")
    assert "/desk/tasks/" not in mine.get("/desk").source
    assert "/desk/tasks/" in other.get("/desk?view=mine").source
    assert "休假" in other.get("/desk?view=mine").follow("/desk/tasks/").main


def test_who_comes_second_learns_that_the_task_is_done(as_person: AsPerson) -> None:
    open_case(as_person("clerk.a"))
    first, second = as_person("reviewer.a"), as_person("reviewer2.a")
    late = first_task(second)

    first_task(first).submit(r"/desk/tasks/[^/]+$", opinion="agree")
    page = late.submit(r"/desk/tasks/[^/]+$", opinion="refuse", why="不行")
    assert page.status == 409
    assert "已经办理完毕" in page.main


def test_who_may_not_do_both_is_told_and_keeps_what_was_typed(as_person: AsPerson, platform: Platform) -> None:
    with platform.database.read() as connection:
        reviewer = next(person.id for person in everybody(connection) if person.login == "reviewer.a")
    platform.run(lambda uow: grant_role(uow, reviewer, "hq", "chief"), system_actor(), START)
    open_case(as_person("clerk.a"))
    browser = as_person("reviewer.a")
    first_task(browser).submit(r"/desk/tasks/[^/]+$", opinion="agree")
    browser.get("/account").submit("/account/unit", tenant="hq")

    page = first_task(browser).submit(r"/desk/tasks/[^/]+$", approved="true")
    assert page.status == 422
    assert "由不同的人办理" in page.tree.find_class("errsum")[0].text_content()
    assert page.tree.xpath("//input[@name='approved'][@checked]")
    as_person("chief").get("/desk").follow("/desk/tasks/").submit(r"/desk/tasks/[^/]+$", approved="true")
    assert "/desk/tasks/" not in browser.get("/desk").source


def test_a_photo_travels_with_the_case_and_comes_back_only_as_a_download(as_person: AsPerson) -> None:
    clerk = as_person("clerk.a")
    open_case(clerk)
    reviewer = as_person("reviewer.a")

    first_task(reviewer).submit(r"/desk/tasks/[^/]+$", opinion="agree", photo=(io.BytesIO(JPEG), "照片.jpg"))
    case = clerk.get("/desk/cases").follow(r"/desk/cases/[0-9a-f]")
    response = clerk.client.get(case.link("/files/"))
    assert response.data == JPEG
    assert response.headers["Content-Disposition"].startswith("attachment")
    assert "sandbox" in response.headers["Content-Security-Policy"]
    assert as_person("clerk.b").get(case.link("/files/")).status == 404


@pytest.mark.parametrize("name", ["page.html", "照片.jpg.exe", "照片.png"])
def test_a_file_of_the_wrong_kind_is_refused(as_person: AsPerson, name: str) -> None:
    open_case(as_person("clerk.a"))
    content = b"<script>" if name.endswith("html") else JPEG

    page = first_task(as_person("reviewer.a")).submit(
        r"/desk/tasks/[^/]+$", opinion="agree", photo=(io.BytesIO(content), name)
    )
    assert page.status == 422
    assert page.tree.find_class("errsum")[0].xpath(".//a/@href") == ["#photo"]
    assert "重新选择文件" in page.main


def test_what_a_case_waits_for_is_reported_from_its_page(as_person: AsPerson) -> None:
    clerk = as_person("clerk.a")
    open_case(clerk)
    report = clerk.get("/desk/cases").follow(r"/desk/cases/[0-9a-f]").follow("/reports/")

    assert report.submit("/reports/", withdrawn_because="").status == 422
    page = report.submit("/reports/", withdrawn_because="不办了")
    assert "已撤回" in page.main
    assert "/desk/tasks/" not in as_person("reviewer.a").get("/desk").source


def test_who_may_not_report_is_not_offered_it(as_person: AsPerson) -> None:
    clerk = as_person("clerk.a")
    open_case(clerk)
    address = clerk.get("/desk/cases").follow(r"/desk/cases/[0-9a-f]").link("/reports/")

    reviewer = as_person("reviewer.a")
    assert "/reports/" not in reviewer.get(address.split("/reports/")[0]).source
    assert reviewer.get(address).status == 404


# ------------------------------------------------------------------ the worklist


def test_the_worklist_is_searched_filtered_and_sorted(as_person: AsPerson, clock: Clock) -> None:
    clerk = as_person("clerk.a")
    for who in ("王五", "赵六", "钱七"):
        open_case(clerk, who=who)
        clock.pass_time(minutes=1)
    reviewer = as_person("reviewer.a")

    assert reviewer.get("/desk?text=赵六").source.count('class="go"') == 1
    assert reviewer.get("/desk?text=SX2026").source.count('class="go"') == 3
    assert "没有符合条件" in reviewer.get("/desk?text=孙八").main
    assert reviewer.get("/desk?element=check").source.count('class="go"') == 3
    assert reviewer.get("/desk?element=decide").source.count('class="go"') == 0
    words = reviewer.get("/desk?sort=created").main
    assert words.index("王五") < words.index("赵六") < words.index("钱七")


def test_what_is_overdue_is_said_in_words_and_counted(as_person: AsPerson, clock: Clock) -> None:
    open_case(as_person("clerk.a"))
    reviewer = as_person("reviewer.a")
    assert "还剩 3 天" in reviewer.get("/desk").main

    clock.pass_time(days=3)
    assert "今天到期" in as_person("reviewer.a").get("/desk").main

    clock.pass_time(days=2)
    reviewer = as_person("reviewer.a")
    assert "已超期 2 天" in reviewer.get("/desk").main
    assert "已超期: 1" in reviewer.get("/desk").main
    assert reviewer.get("/desk?due=overdue").source.count('class="go"') == 1
    assert reviewer.get("/desk?due=soon").source.count('class="go"') == 0


def test_after_a_task_the_next_one_is_one_click_away(as_person: AsPerson, clock: Clock) -> None:
    clerk = as_person("clerk.a")
    open_case(clerk, who="王五")
    clock.pass_time(minutes=1)
    open_case(clerk, who="赵六")

    page = first_task(as_person("reviewer.a")).submit(r"/desk/tasks/[^/]+$", opinion="agree")
    offered = page.tree.find_class("done")[0].xpath(".//a")
    assert "赵六" in offered[0].text_content()
    assert page.browser.get(offered[0].get("href")).status == 200


def test_a_long_worklist_has_pages(as_person: AsPerson) -> None:
    clerk = as_person("clerk.a")
    for _ in range(26):
        open_case(clerk)
    reviewer = as_person("reviewer.a")

    first = reviewer.get("/desk")
    assert first.source.count('class="go"') == 25
    second = first.follow(r"page=2")
    assert second.source.count('class="go"') == 1
    assert reviewer.get("/desk?page=99").source.count('class="go"') == 1


@pytest.mark.parametrize("query", ["page=-1", "page=x", "page=99999999999999999999", "view=all", "sort=;drop", "due=x",
                                   "text=%25%5C_%27", "text=" + "x" * 5000])  # fmt: skip
def test_whatever_stands_in_the_address_the_worklist_opens(as_person: AsPerson, query: str) -> None:
    assert as_person("reviewer.a").get("/desk?" + query).status == 200


def test_a_nul_in_the_address_is_refused(as_person: AsPerson) -> None:
    assert as_person("reviewer.a").get("/desk?element=%00").status == 400


def test_the_page_of_a_task_is_light(as_person: AsPerson) -> None:
    open_case(as_person("clerk.a"))
    reviewer = as_person("reviewer.a")
    task = reviewer.get("/desk").link("/desk/tasks/")

    page = reviewer.client.get(task, headers={"Accept-Encoding": "gzip"})
    sheet = reviewer.client.get("/static/app.css", headers={"Accept-Encoding": "gzip"})
    assert len(page.data) + len(sheet.data) < 25_000
