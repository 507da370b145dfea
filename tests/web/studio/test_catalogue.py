"""The list of procedures: whose version holds, adjusting by one click, and parameters beside what is inherited."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest
from sqlalchemy import select

from engine.commands.deployments import publish
from engine.definition.bundle import Bundle, read_folder
from engine.store import tables as t
from engine.store.directory import system_actor
from engine.store.run import Platform
from tests.web.browser import Browser, Page
from tests.web.conftest import ERRAND, START
from tests.web.studio.test_studio import CHECK, AsPerson

PROFILE = """# 期限
days = { type = "integer", value = 5, unit = "working days", label = "办理期限", source = "章程", min = 2, max = 10 }
strict = { type = "boolean", value = true, label = "从严" }
places = { type = "list", value = ["前台"], label = "地点" }
papers = { type = "list", value = [], label = "材料", options = { card = "身份证", photo = "照片" } }
way = { type = "string", value = "mail", label = "送达", options = { mail = "邮寄", hand = "送上门" } }
""".encode()


@pytest.fixture
def with_parameters(platform: Platform) -> Platform:
    """The errand with local parameters, published by the head office."""
    whole = read_folder(ERRAND, ERRAND / "forms")
    added = Bundle(whole.procedure, whole.title, {("profile", "errand"): PROFILE}, whole.manifest)
    platform.run(lambda uow: publish(uow, added, "hq", ""), system_actor(), START)
    return platform


def published_by_two(author: Browser, colleague: Browser, draft: Page) -> Page:
    """Ask a colleague, who agrees."""
    proposal = draft.submit("/propose$", title="改").path.partition("?")[0]
    return colleague.get(proposal).submit("/approve$")


def adjust(admin: Browser, kind: str, key: str = "errand", action: str = "/adjust$") -> Page:
    """Press the button beside a file."""
    page = admin.get("/studio")
    token = page.form(action).xpath(".//input[@name='_csrf']/@value")[0]
    path = "/studio/drafts" + action.rstrip("$")
    return admin.post(path, {"_csrf": token, "procedure": "errand", "kind": kind, "key": key})


def profile_of(platform: Platform) -> Any:
    with platform.database.read() as connection:
        content = connection.execute(
            select(t.file.c.content)
            .join(t.resource, t.resource.c.checksum == t.file.c.digest)
            .where(t.resource.c.tenant_id == "a", t.resource.c.kind == "profile")
        ).scalar_one()
    return tomllib.loads(bytes(content).decode())


def test_parameters_are_adjusted_beside_what_is_inherited_and_only_those_that_differ_are_written(
    as_person: AsPerson, with_parameters: Platform
) -> None:
    admin = as_person("admin.a")
    page = adjust(admin, "profile")
    assert "2至10" in page.main
    assert "总部" in page.main

    saved = page.submit("/profile/errand$", **{"p.days": "7", "p.strict": "true"})
    assert saved.tree.xpath("//input[@name='p.days']/@value") == ["7"]
    draft = saved.follow(r"/studio/drafts/[0-9a-f]+$")
    assert "“办理期限”" in draft.main
    done = published_by_two(admin, as_person("admin2.a"), draft)

    assert done.status == 200
    assert profile_of(with_parameters) == {"days": {"type": "integer", "value": 7}}
    shown = admin.get("/studio").main
    assert "7" in shown
    assert "5 · 总部" in shown


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("p.days", "11"),
        ("p.days", "viele"),
        ("p.days", "1"),
        ("p.strict", "vielleicht"),
        ("p.papers", "pass"),
        ("p.papers", ["card", "pass"]),
        ("p.papers", "card\npass"),
        ("p.way", "drone"),
    ],
)
def test_a_value_out_of_bounds_or_of_another_type_is_refused_beside_its_field(
    as_person: AsPerson, with_parameters: Platform, name: str, typed: str
) -> None:
    page = adjust(as_person("admin.a"), "profile")

    refused = page.submit("/profile/errand$", **{name: typed})

    assert refused.status == 422
    assert refused.tree.xpath(f"//*[@id='{name}-err']")
    assert "（0）" not in refused.main
    with with_parameters.database.read() as connection:
        assert connection.execute(select(t.draft.c.revision)).scalar_one() == 0


def test_what_a_parameter_may_list_is_ticked_and_nothing_ticked_is_as_above(
    as_person: AsPerson, with_parameters: Platform
) -> None:
    def ticked(page: Page) -> list[str]:
        return [str(value) for value in page.tree.xpath("//input[@name='p.papers'][@checked]/@value")]

    page = adjust(as_person("admin.a"), "profile")
    assert "身份证" in page.main
    assert ticked(page) == []

    saved = page.submit("/profile/errand$", **{"p.papers": ["", "card", "photo"]})
    assert ticked(saved) == ["card", "photo"]
    assert ticked(saved.submit("/profile/errand$", **{"p.papers": ["", "photo"]})) == ["photo"]
    none = saved.browser.get(saved.path.partition("?")[0]).submit("/profile/errand$", **{"p.papers": ""})
    assert ticked(none) == []
    assert "邮寄" in page.main, "from above, by its name"
    by_hand = none.submit("/profile/errand$", **{"p.way": "hand"})
    assert by_hand.tree.xpath("//select[@name='p.way']/option[@selected]/text()") == ["送上门"]


def test_the_inherited_value_is_no_value_of_one_s_own(as_person: AsPerson, with_parameters: Platform) -> None:
    page = adjust(as_person("admin.a"), "profile").submit("/profile/errand$", **{"p.days": "5", "p.places": "前台\n"})

    assert page.tree.xpath("//input[@name='p.days']/@value") == [""]
    with with_parameters.database.read() as connection:
        assert connection.execute(select(t.draft.c.revision)).scalar_one() == 0


def test_two_people_in_the_parameters_do_not_write_over_each_other(
    as_person: AsPerson, with_parameters: Platform
) -> None:
    first = adjust(as_person("admin.a"), "profile")
    second = as_person("admin2.a").get(first.path.partition("?")[0])
    first.submit("/profile/errand$", **{"p.days": "7"})

    refused = second.submit("/profile/errand$", **{"p.days": "8"})

    assert refused.status == 409
    assert "周杰" in refused.main
    assert refused.tree.xpath("//input[@name='p.days']/@value") == ["8"]


def test_a_form_is_adjusted_and_its_own_version_taken_away_again(as_person: AsPerson, platform: Platform) -> None:
    admin, colleague = as_person("admin.a"), as_person("admin2.a")
    draft = adjust(admin, "words").follow(r"/studio/drafts/[0-9a-f]+$").path.partition("?")[0]
    page = admin.get(f"{draft}/text/form/check")
    saved = page.submit("/text/form/check$", content=CHECK.decode().replace("意见", "看法"))
    assert saved.status == 200
    published_by_two(admin, colleague, admin.get(draft))
    assert "东办" in admin.get("/studio/files/a:errand:form:check@1").main

    taken = adjust(admin, "form", "check", "/unadjust$")
    assert taken.status == 200
    published_by_two(admin, colleague, taken)
    assert "a:errand:form:check@1" not in admin.get("/studio").source
    with platform.database.read() as connection:
        rows = connection.execute(
            select(t.resource.c.version, t.resource.c.withdrawn).where(t.resource.c.tenant_id == "a")
        )
        assert sorted((row.version, row.withdrawn) for row in rows) == [(1, False), (2, True)]


def test_nothing_of_one_s_own_means_nothing_to_take_away(as_person: AsPerson) -> None:
    admin = as_person("admin.a")

    assert not admin.get("/studio").tree.xpath("//form[contains(@action, '/unadjust')]")
    page = admin.get("/studio")
    token = page.form("/adjust$").xpath(".//input[@name='_csrf']/@value")[0]
    sent = {"_csrf": token, "procedure": "errand", "kind": "form", "key": "check"}
    assert admin.post("/studio/drafts/unadjust", sent).status == 404
    assert admin.post("/studio/drafts/adjust", {**sent, "procedure": "nowhere"}).status == 404
    assert admin.post("/studio/drafts/adjust", {**sent, "kind": "program"}).status == 422


def test_another_unit_is_looked_at_and_not_changed(as_person: AsPerson) -> None:
    page = as_person("admin").get("/studio?unit=a")

    assert not page.tree.xpath("//form[contains(@action, '/adjust')]")


def test_a_new_version_above_is_a_task_with_three_versions_in_words(as_person: AsPerson, platform: Platform) -> None:
    admin, colleague = as_person("admin.a"), as_person("admin2.a")
    for author, other, words in ((admin, colleague, "看法"), (as_person("admin"), as_person("admin2"), "主张")):
        draft = adjust(author, "words").follow(r"/studio/drafts/[0-9a-f]+$").path.partition("?")[0]
        text = author.get(f"{draft}/text/form/check")
        text.submit("/text/form/check$", content=CHECK.decode().replace("意见", words))
        assert published_by_two(author, other, author.get(draft)).status == 200

    page = admin.get("/studio").follow(r"/studio/overrides/o-")

    assert page.status == 200
    assert "看法" in page.main
    assert "主张" in page.main
    assert as_person("admin").get(page.path).status == 404
    assert page.submit("/studio/overrides/", how="nothing").status == 422
    kept = page.submit("/studio/overrides/", how="kept")
    assert not [link for link in kept.links if "/overrides/" in link]


def test_parameters_above_are_compared_with_one_s_own_few_and_no_other_seems_to_be_gone(
    as_person: AsPerson, with_parameters: Platform
) -> None:
    below, above = as_person("admin.a"), as_person("admin")
    for author, other, days in ((below, as_person("admin2.a"), "7"), (above, as_person("admin2"), "6")):
        saved = adjust(author, "profile").submit("/profile/errand$", **{"p.days": days})
        draft = saved.follow(r"/studio/drafts/[0-9a-f]+$")
        assert published_by_two(author, other, draft).status == 200

    page = below.get("/studio").follow(r"/studio/overrides/o-")

    def told(section: str) -> list[str]:
        return [li.text_content() for li in page.tree.xpath(f"//section[@aria-labelledby='{section}']//li")]

    assert told("above") == ["“办理期限”由 5 改为 6 个工作日。"]
    assert told("ours") == ["“办理期限”由 5 改为 7 个工作日。"]
    assert told("between") == ["“办理期限”由 6 改为 7 个工作日。"]
