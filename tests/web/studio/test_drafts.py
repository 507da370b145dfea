"""The drafts' pages: opened, listed, their versions brought back; nobody outside the organisation sees them."""

from __future__ import annotations

from engine.commands import drafts as commands
from engine.store.directory import actor_for, user_by_login
from engine.store.run import Platform
from tests.web.conftest import START
from tests.web.studio.test_studio import CHECK, AsPerson

OTHER = CHECK.replace("审核".encode(), "复核".encode())


def save(platform: Platform, login: str, draft_id: str, key: str, content: bytes, base: int) -> int:
    """What the editor's page does."""
    with platform.database.read() as connection:
        found = user_by_login(connection, login)
        assert found is not None
        actor = actor_for(connection, found[0], found[1][0])
    return platform.run(lambda uow: commands.save_file(uow, draft_id, "form", key, content, base), actor, START)


def test_a_draft_is_opened_listed_and_changed_and_its_versions_come_back(
    as_person: AsPerson, platform: Platform
) -> None:
    admin = as_person("admin")
    page = admin.get("/studio/drafts").submit("/studio/drafts", title="复核意见")
    assert page.status == 200
    draft_id = page.path.partition("?")[0].rsplit("/", 1)[1]
    assert "复核意见" in admin.get("/studio/drafts").main

    save(platform, "admin", draft_id, "check", OTHER, 0)
    save(platform, "admin", draft_id, "check", OTHER + b" ", 1)
    page = admin.get(f"/studio/drafts/{draft_id}")
    assert "孙丽" in page.main
    restored = page.submit("/restore$")
    assert "第3版" in restored.main

    emptied = restored.submit("/drop$")
    assert not emptied.tree.xpath("//form[contains(@action, '/drop')]")
    assert "作废" in emptied.submit("/discard$").main


def test_a_draft_without_a_title_is_not_opened(as_person: AsPerson) -> None:
    page = as_person("admin").get("/studio/drafts").submit("/studio/drafts", title="  ")

    assert page.status == 422
    assert page.tree.xpath("//*[@id='title-err']")


def test_a_version_that_never_was_is_not_found(as_person: AsPerson) -> None:
    page = as_person("admin").get("/studio/drafts").submit("/studio/drafts", title="甲")
    path = page.path.partition("?")[0]
    token = page.form("/title").xpath(".//input[@name='_csrf']/@value")[0]

    for revision in ("7", "-1", "x", "9" * 30):
        assert page.browser.post(f"{path}/restore", {"_csrf": token, "revision": revision}).status == 404


def test_another_organisation_sees_nothing_of_it(as_person: AsPerson) -> None:
    page = as_person("admin.a").get("/studio/drafts").submit("/studio/drafts", title="东办内部")
    stranger = as_person("admin")

    assert "东办内部" not in stranger.get("/studio/drafts").main
    assert stranger.get(page.path.partition("?")[0]).status == 404
