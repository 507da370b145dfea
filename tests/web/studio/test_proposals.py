"""Proposals in the browser: all on one page, decided by somebody else; no button and no route for the author."""

from __future__ import annotations

from sqlalchemy import select

from engine.store import tables as t
from engine.store.run import Platform
from tests.web.conftest import Clock
from tests.web.studio.test_floor_review import FLOOR, PAST
from tests.web.studio.test_studio import CHECK, SOURCE, AsPerson, check, deployments, packed, proposed, with_longer_name
from web.routes import ROUTES


def test_a_colleague_sees_comparison_check_and_reach_on_one_page(as_person: AsPerson) -> None:
    as_person("clerk.a").get("/desk/start/errand").submit("/desk/start/errand", who="旧案")
    path = proposed(as_person("admin"), with_longer_name(), title="改名").path.partition("?")[0]

    page = as_person("admin2").get(path)

    assert "孙丽" in page.main
    assert "“复核”" in page.main
    assert "1件" in page.main
    assert "2个" in page.main
    assert page.tree.xpath("//form[contains(@action, '/approve')]")


def test_the_author_sees_no_button_and_every_route_refuses_them(as_person: AsPerson, platform: Platform) -> None:
    author = as_person("admin")
    page = proposed(author, with_longer_name())
    path = page.path.partition("?")[0]

    assert not page.tree.xpath("//form[contains(@action, '/approve') or contains(@action, '/reject')]")
    token = page.form("/withdraw").xpath(".//input[@name='_csrf']/@value")[0]
    draft = page.links
    posts = [endpoint for endpoint, permission in ROUTES.items() if permission == "studio"]
    tried = 0
    for rule in author.client.application.url_map.iter_rules():
        if rule.endpoint in posts and "POST" in (rule.methods or ()):
            with platform.database.read() as connection:
                ids = connection.execute(select(t.proposal.c.id, t.proposal.c.draft_id)).first()
            assert ids is not None
            places = {"proposal_id": ids.id, "draft_id": ids.draft_id, "kind": "process", "key": "errand"}
            if rule.arguments <= places.keys() and rule.endpoint != "proposals.withdraw":
                address = author.client.application.url_map.bind("localhost").build(
                    rule.endpoint, {name: places[name] for name in rule.arguments}, method="POST"
                )
                author.post(address, {"_csrf": token, "reason": "好", "title": "好", "seen": ""})
                tried += 1
    assert tried > 8
    assert draft
    assert deployments(platform) == 1
    assert as_person("admin2").get(path).submit("/approve$").status == 200
    assert deployments(platform) == 2


def test_it_begins_on_its_day(as_person: AsPerson, clock: Clock) -> None:
    path = proposed(as_person("admin"), with_longer_name(), day="2026-09-10").path.partition("?")[0]
    as_person("admin2").get(path).submit("/approve$")

    as_person("clerk.a").get("/desk/start/errand").submit("/desk/start/errand", who="早")
    assert "复核" not in as_person("reviewer.a").get("/").main
    clock.pass_time(days=2, hours=15)  # midnight
    as_person("clerk.a").get("/desk/start/errand").submit("/desk/start/errand", who="晚")
    assert "复核" in as_person("reviewer.a").get("/").main


def test_a_day_that_is_none_or_past_is_refused(as_person: AsPerson) -> None:
    for day in ("gestern", "2026-09-07", "2020-01-01", "2026-13-01"):
        page = proposed(as_person("admin"), with_longer_name(), day=day)
        assert page.status == 422, day
        assert page.tree.xpath("//*[@class='errsum']")


def test_what_breaks_the_floor_is_shown_when_it_is_proposed(as_person: AsPerson) -> None:
    page = proposed(as_person("admin"), packed(floor__toml=FLOOR, errand__bpmn=PAST))

    assert page.status == 422
    assert "R1" in page.main


def test_sent_back_with_a_reason_and_without_one_not(as_person: AsPerson) -> None:
    path = proposed(as_person("admin"), with_longer_name()).path.partition("?")[0]
    colleague = as_person("admin2").get(path)

    assert colleague.submit("/reject$", reason=" ").status == 422
    assert "先问问" in colleague.submit("/reject$", reason="先问问").main
    assert "先问问" in as_person("admin").get("/studio/drafts").follow(r"/studio/drafts/[0-9a-f]+$").main


def test_the_former_version_is_one_click_away(as_person: AsPerson, platform: Platform) -> None:
    path = proposed(as_person("admin"), with_longer_name()).path.partition("?")[0]
    published = as_person("admin2").get(path).submit("/approve$")

    back = published.submit("/back$")

    assert back.status == 200
    assert deployments(platform) == 2
    as_person("admin").get(back.path.partition("?")[0]).submit("/approve$")
    assert deployments(platform) == 3
    as_person("clerk.a").get("/desk/start/errand").submit("/desk/start/errand", who="又")
    assert "复核" not in as_person("reviewer.a").get("/").main


def test_an_organisation_below_or_beside_sees_nothing_of_it(as_person: AsPerson) -> None:
    above = proposed(as_person("admin"), with_longer_name()).path.partition("?")[0]
    below = proposed(as_person("admin.a"), with_longer_name()).path.partition("?")[0]

    assert as_person("admin.a").get(above).status == 404
    assert as_person("admin").get(below).status == 200
    assert as_person("admin").get(below).submit("/approve$").status == 200


def test_a_check_says_what_is_wrong_and_where_to_go(as_person: AsPerson) -> None:
    good, bad = check(as_person("admin"), with_longer_name()), check(as_person("admin"), packed(errand__bpmn=b"<x"))

    assert good.tree.xpath("//*[@class='done']")
    assert not bad.tree.xpath("//*[@class='done'][contains(., '检查')]")
    assert bad.tree.xpath("//*[@class='errsum']")


def test_who_could_not_go_on_with_their_own_version_is_told_before_it_is_published(as_person: AsPerson) -> None:
    below = as_person("admin.a")
    wide = SOURCE.replace("审核".encode(), "东办审核".encode())
    path = proposed(below, packed(errand__bpmn=wide)).path.partition("?")[0]
    as_person("admin2.a").get(path).submit("/approve$")
    author, colleague = as_person("admin"), as_person("admin2")

    harmless = proposed(author, with_longer_name()).path.partition("?")[0]
    assert "东办" in colleague.get(harmless).main
    assert "不能开始新办件" not in colleague.get(harmless).main
    author.get(harmless).submit("/withdraw$")
    breaking = packed(errand__bpmn=SOURCE.replace(b'sm:form="check"', b'sm:form="decision"'), check__form__json=None)
    draft = check(author, breaking).follow(r"/studio/drafts/[0-9a-f]+$").path.partition("?")[0]
    page = author.get("/studio")
    token = page.form("/adjust$").xpath(".//input[@name='_csrf']/@value")[0]
    kind = {"_csrf": token, "kind": "form", "key": "check", "base": "1"}
    assert author.post(f"{draft}/remove", kind).status == 200
    proposal = author.get(draft).submit("/propose$").path.partition("?")[0]

    assert "不能开始新办件" in colleague.get(proposal).main


def test_what_was_published_says_for_ever_what_it_changed(as_person: AsPerson) -> None:
    first = proposed(as_person("admin"), with_longer_name()).path.partition("?")[0]
    assert "本次发布改了什么" not in as_person("admin2").get(first).main
    as_person("admin2").get(first).submit("/approve$")
    second = proposed(as_person("admin"), packed(errand__bpmn=SOURCE.replace("审核".encode(), "三核".encode())))
    as_person("admin2").get(second.path.partition("?")[0]).submit("/approve$")

    said = as_person("admin").get(first).main.partition("本次发布改了什么")[2]
    assert "“审核”" in said.partition("影响范围")[0]
    assert "“复核”" in said.partition("影响范围")[0]
    assert "三核" not in said


def test_a_remark_is_about_the_change_that_made_it_and_not_about_the_next(as_person: AsPerson) -> None:
    unused = packed(spare__form__json=CHECK.replace(b'"check"', b'"spare"', 1))
    made = check(as_person("admin"), unused)
    remark = "//section[@aria-labelledby='warnings']//li[contains(., 'spare')]"
    assert made.tree.xpath(remark)
    assert made.tree.xpath(f"{remark}/a[starts-with(@href, '/help/rules/')]"), "it says why"
    path = made.follow(r"/studio/drafts/[0-9a-f]+$").submit("/propose$").path.partition("?")[0]
    as_person("admin2").get(path).submit("/approve$")

    later = check(as_person("admin"), with_longer_name())
    assert not later.tree.xpath(remark)
    assert later.tree.xpath("//details[contains(summary, '与本次修改无关')]//li[contains(., 'spare')]")


def test_the_list_shows_what_waits_and_what_became_of_the_others(as_person: AsPerson) -> None:
    author, colleague = as_person("admin"), as_person("admin2")
    assert "没有待" in colleague.get("/studio/proposals").main

    proposed(author, with_longer_name(), title="改名")
    assert "待审核" in colleague.get("/studio/proposals").main.split("状态")[1]
    colleague.get("/studio/proposals").follow(r"/studio/proposals/[0-9a-f]+$").submit("/reject$", reason="不行")
    again = proposed(author, with_longer_name(), title="再来").path.partition("?")[0]
    colleague.get(again).submit("/approve$")

    decided = colleague.get("/studio/proposals").main
    assert "退回" in decided
    assert "已发布" in decided
