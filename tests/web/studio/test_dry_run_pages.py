"""The dry run's pages: a story recorded by clicking comes true, breaks when the draft changes, and is told on."""

from __future__ import annotations

import re

from engine.store.run import Platform
from tests.web.browser import Page
from tests.web.studio.test_drafts import save
from tests.web.studio.test_studio import CHECK, AsPerson

QUESTION = '{"type": "textfield", "key": "reference", "label": "文号", "validate": {"required": true}}'
NEW_QUESTION = CHECK.replace(b'"components": [', f'"components": [{QUESTION},'.encode(), 1)


def opened(as_person: AsPerson) -> Page:
    return as_person("admin").get("/studio/drafts").submit("/studio/drafts", title="试办")


def recorded(page: Page) -> tuple[str, Page]:
    """A story to its end: noted, agreed to, decided. Returns the draft's address and the story's page."""
    draft = page.path.partition("?")[0]
    new = page.browser.get(f"{draft}/record")
    page = new.submit("/record$", _title="顺利办结", _at="2026-09-07T09:00", who="李四")
    assert page.status == 200, page.main
    page = page.submit("/step$", opinion="agree")
    assert page.status == 200, page.main
    page = page.submit("/step$")
    assert "已办结" in page.main
    return draft, page.submit("/finish$")


def test_a_story_is_recorded_by_clicking_and_told_with_every_dry_run(as_person: AsPerson) -> None:
    page = opened(as_person)
    empty = page.browser.get(page.path.partition("?")[0] + "/stories")
    assert "还没有" in empty.main

    draft, story = recorded(page)

    assert "情景故事已录好" in story.main
    told = page.browser.get(f"{draft}/stories")
    assert "全部如愿" in told.main
    assert "顺利办结" in told.main
    assert "撤回" in told.main, "nobody tells of a withdrawal: it is named as a gap"


def test_what_a_form_would_refuse_is_not_recorded(as_person: AsPerson) -> None:
    page = opened(as_person)
    draft = page.path.partition("?")[0]

    nameless = page.browser.get(f"{draft}/record").submit("/record$", _title="", who="李四")
    begun = page.browser.get(f"{draft}/record").submit("/record$", _title="甲", who="李四")
    wrong = begun.submit("/step$", opinion="perhaps")

    assert nameless.status == 422
    assert wrong.status == 422
    assert "事项已开办" in wrong.main, "no step stands in the story so far"
    assert "事项已开办" not in begun.submit("/step$", opinion="agree").main


def test_a_draft_that_breaks_a_story_says_where_and_lets_it_be_told_on(as_person: AsPerson, platform: Platform) -> None:
    page = opened(as_person)
    draft, _ = recorded(page)
    id_ = draft.rsplit("/", 1)[1]
    save(platform, "admin", id_, "check", NEW_QUESTION, 4)

    broken = page.browser.get(f"{draft}/stories")
    assert "1 个走不通" in broken.main
    story = broken.follow(r"/stories/recorded_")
    assert "文号" in story.main

    again = story.submit("/continue$")
    assert again.status == 200
    page = again.submit("/step$", opinion="agree", reference="甲字1号").submit("/step$")
    assert "已办结" in page.main
    page.submit("/finish$")
    assert "全部如愿" in page.browser.get(f"{draft}/stories").main


def test_time_passes_and_steps_are_taken_back(as_person: AsPerson) -> None:
    page = opened(as_person)
    draft = page.path.partition("?")[0]
    page = page.browser.get(f"{draft}/record").submit("/record$", _title="甲", _at="2026-09-07T09:00", who="李四")

    later = page.submit("/wait$", _at="2026-09-09T09:00")
    assert re.search("2026年9月9日", later.main)
    back = later.submit("/undo$")
    assert re.search("2026年9月7日", back.main)
    assert not back.tree.xpath("//form[contains(@action, '/undo')]")


def test_a_story_that_is_not_there_is_not_found(as_person: AsPerson) -> None:
    page = opened(as_person)
    draft = page.path.partition("?")[0]

    assert page.browser.get(f"{draft}/stories/nothing").status == 404
    assert page.browser.get(f"{draft}/record/nothing").status == 404
    assert as_person("admin.a").get(f"{draft}/stories").status == 404


def test_the_second_person_sees_the_dry_run(as_person: AsPerson) -> None:
    draft, _ = recorded(opened(as_person))
    page = as_person("admin").get(draft).submit("/propose$", title="试办")

    seen = as_person("admin2").get(page.path.partition("?")[0])

    assert "试运行" in seen.main
    assert "顺利办结" in seen.main
