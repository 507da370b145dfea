"""The check of an upload shows the broken rule, the way that breaks it on the diagram, and what would be different."""

from __future__ import annotations

from engine.store.run import Platform
from tests.web.studio.test_studio import SOURCE, AsPerson, check, deployments, packed

FLOOR = (
    '[[rule]]\nnumber = "R1"\nkind = "must_pass"\ntext = "办结之前必须决定"\nsource = "本单位约定"\n'
    'targets = ["settled"]\nthrough = ["decide"]\n'
).encode()
PAST = SOURCE.replace(
    b'<bpmn:sequenceFlow id="f4" name="\xe4\xb8\x8d\xe5\x90\x8c\xe6\x84\x8f" sourceRef="which" targetRef="refused"/>',
    b'<bpmn:sequenceFlow id="f4" sourceRef="which" targetRef="settled"/>',
).replace(b"<bpmn:incoming>f4</bpmn:incoming>", b"")


def test_a_broken_rule_is_shown_with_its_number_its_source_and_the_way(as_person: AsPerson, platform: Platform) -> None:
    assert PAST != SOURCE
    page = check(as_person("admin"), packed(floor__toml=FLOOR, errand__bpmn=PAST))

    assert page.tree.xpath("//*[@class='errsum']")
    assert "R1" in page.main
    assert "办结之前必须决定" in page.main
    assert "本单位约定" in page.main
    assert "审核 → 意见 → 已办结" in page.main
    assert page.tree.xpath("//*[contains(@class, 'is-stuck')][@data-id='settled']")
    assert page.tree.xpath("//*[contains(@class, 'is-taken')][@data-flow='f4']")
    assert deployments(platform) == 1


def test_what_keeps_to_the_rule_can_be_published_and_the_changes_stand_in_words(as_person: AsPerson) -> None:
    renamed = SOURCE.replace("审核".encode(), "复核".encode())
    page = check(as_person("admin"), packed(floor__toml=FLOOR, errand__bpmn=renamed))

    assert page.status == 200
    assert not page.tree.xpath("//*[@class='errsum']")
    assert "“审核”" in page.main
    assert "“复核”" in page.main
    assert not page.tree.xpath("//*[@id='ways']")


def test_a_diagram_that_was_only_moved_is_said_to_change_nothing(as_person: AsPerson) -> None:
    page = check(as_person("admin"), packed(errand__bpmn=SOURCE.replace(b'x="430" y="80"', b'x="440" y="90"')))

    assert page.status == 200
    assert page.tree.xpath("//section[@aria-labelledby='changed']/p")


def test_english_readers_see_the_same(as_person: AsPerson) -> None:
    admin = as_person("admin")
    admin.get("/studio").follow(r"/language/en")
    page = check(admin, packed(floor__toml=FLOOR, errand__bpmn=PAST))

    assert "Floor rule R1" in page.main
