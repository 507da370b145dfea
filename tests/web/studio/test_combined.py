"""Two forms made one for two steps that become one: once, whole, and only of what the draft may read."""

from __future__ import annotations

import json
from typing import Any

import pytest

from forms.formjs import read_form
from tests.web.studio.test_editing import AsPerson, Editor, new_draft

NOT_AGREED = 'not(opinion = "agree")'
BOTH = {"first": "check", "second": "decision", "hide": NOT_AGREED, "role": "chief"}


@pytest.fixture
def admin(as_person: AsPerson) -> Editor:
    browser = as_person("admin")
    return Editor(browser, new_draft(browser))


def files_of(editor: Editor) -> list[str]:
    """What the draft holds, by the links of its page to take each out again."""
    page = editor.browser.get(editor.address)
    return [str(key) for key in page.tree.xpath("//form[contains(@action, '/drop')]//input[@name='key']/@value")]


def change(editor: Editor, key: str, base: int, **changes: Any) -> int:
    """Saves a form of the draft with other components or properties; returns the draft's revision."""
    document = json.loads(editor.source(f"form/{key}"))
    status, answer = editor.save(json.dumps({**document, **changes}), base, f"form/{key}")
    assert status == 200, answer
    return int(answer["revision"])


def component(editor: Editor, form: str, number: int, **changes: Any) -> list[dict[str, Any]]:
    found = list(json.loads(editor.source(f"form/{form}"))["components"])
    found[number] = {**found[number], **changes}
    return found


def test_one_form_asks_what_both_asked(admin: Editor) -> None:
    status, answer = admin.ask("new/combined", BOTH)

    assert (status, answer) == (200, {"key": "check_decision", "name": "审核 · 决定"})
    form = read_form(admin.source("form/check_decision").encode())
    assert [field.key for field in form.fields] == ["who", "opinion", "why", "seen_on", "photo", "approved"]
    assert form.hides["approved"] == (NOT_AGREED,)
    assert form.hides["opinion"] == ()
    assert files_of(admin) == ["check_decision"]


def test_asked_again_it_is_the_same_form_and_no_new_version(admin: Editor) -> None:
    first, again = (admin.ask("new/combined", BOTH)[1] for _ in range(2))

    assert first == again
    assert files_of(admin) == ["check_decision"]
    other = admin.ask("new/combined", {**BOTH, "hide": ""})[1]
    assert other["key"] == "check_decision_2", "another form has another key, and the first stays as it was"
    assert read_form(admin.source("form/check_decision").encode()).hides["approved"] == (NOT_AGREED,)


def test_the_key_of_a_form_that_was_taken_out_is_not_used_again(admin: Editor) -> None:
    admin.ask("new/combined", BOTH)
    admin.browser.get(admin.address).submit("/drop$", kind="form", key="check_decision")
    assert admin.ask("new/combined", BOTH)[1]["key"] == "check_decision_2"


@pytest.mark.parametrize(
    "first", ["nothing", "", "../check", "check\n", "errand", "审核", "x" * 5000, None, 7, ["check"]]
)
def test_a_form_that_is_not_there_makes_nothing(admin: Editor, first: Any) -> None:
    for body in ({**BOTH, "first": first}, {**BOTH, "second": first}):
        assert admin.ask("new/combined", body)[0] == 404
    assert files_of(admin) == []


@pytest.mark.parametrize("body", [None, [], "check", 7, {}, {"first": {}}], ids=repr)
def test_what_is_no_question_makes_nothing(admin: Editor, body: Any) -> None:
    assert admin.ask("new/combined", body)[0] == 404
    assert files_of(admin) == []


def test_one_form_is_not_two(admin: Editor) -> None:
    status, answer = admin.ask("new/combined", {**BOTH, "second": "check"})
    assert (status, files_of(admin)) == (422, [])
    assert "check" in answer["said"]


@pytest.mark.parametrize("hide", ["not(", "true) or (", "a" * 2001, "=1 +", "\x00"])
def test_a_condition_that_is_none_makes_nothing(admin: Editor, hide: str) -> None:
    status, answer = admin.ask("new/combined", {**BOTH, "hide": hide})
    assert (status, files_of(admin)) == (422, [])
    assert answer["said"]


def test_two_questions_of_one_name_that_differ_are_not_made_one(admin: Editor) -> None:
    opinion = json.loads(admin.source("form/check"))["components"][1]
    other = {**opinion, "values": [{"label": "符合", "value": "met"}]}
    revision = change(admin, "decision", 0, components=[*component(admin, "decision", 0), other])

    status, answer = admin.ask("new/combined", BOTH)

    assert status == 422
    assert "opinion" in answer["said"]
    assert files_of(admin) == ["decision"]
    same = [*component(admin, "decision", 0), {**opinion, "label": "决定人的意见"}]
    change(admin, "decision", revision, components=same[:1] + same[2:])
    status, answer = admin.ask("new/combined", BOTH)
    assert status == 200, "the same question in other words is the same question"
    form = read_form(admin.source(f"form/{answer['key']}").encode())
    assert [field.label for field in form.fields if field.key == "opinion"] == ["意见"]


def test_a_question_that_another_role_answers_does_not_get_lost(admin: Editor) -> None:
    mine = component(admin, "check", 1, properties={"write": "reviewer"})
    change(admin, "check", 0, components=mine)

    status, answer = admin.ask("new/combined", BOTH)

    assert (status, files_of(admin)) == (422, ["check"])
    assert "意见" in answer["said"]
    assert "审核人" in answer["said"]
    assert admin.ask("new/combined", {**BOTH, "role": "reviewer"})[0] == 200, "it is theirs"


def test_two_forms_that_are_too_large_together_make_nothing(admin: Editor) -> None:
    many = [{"type": "text", "id": f"t{n}", "text": "说明"} for n in range(300)]
    revision = change(admin, "check", 0, components=[*component(admin, "check", 0), *many])
    assert admin.ask("new/combined", BOTH)[0] == 200, "one of them is not too large"
    revision = change(admin, "decision", revision + 2, components=[*component(admin, "decision", 0), *many])

    status, answer = admin.ask("new/combined", BOTH)

    assert status == 422
    assert "500" in answer["said"]
    assert files_of(admin) == ["check", "check_decision", "decision"]


def test_a_form_that_only_changes_another_is_not_one_of_two(admin: Editor) -> None:
    document = {"schemaVersion": 19, "type": "default", "id": "decision", "properties": {"extends": "check"}}
    status, _ = admin.save(json.dumps({**document, "components": []}), 0, "form/decision")
    assert status == 200
    status, answer = admin.ask("new/combined", BOTH)
    assert (status, files_of(admin)) == (422, ["decision"])
    assert "check" in answer["said"]


def test_a_form_that_cannot_be_read_is_not_one_of_two(admin: Editor) -> None:
    assert admin.save('{"type": "default"}', 0, "form/decision")[0] == 200
    assert admin.ask("new/combined", BOTH)[0] == 422


def test_nobody_makes_forms_one_in_another_organisation_s_draft(admin: Editor, as_person: AsPerson) -> None:
    stranger = Editor(as_person("admin.a"), admin.address.rpartition("/")[2])
    assert stranger.ask("new/combined", BOTH)[0] == 404
    missing = Editor(as_person("admin.a"), "0" * 16)
    assert missing.ask("new/combined", BOTH)[0] == 404
    assert admin.ask("new/combined", BOTH, token="x")[0] in (400, 403)
    assert files_of(admin) == []


def test_nothing_is_made_one_in_a_draft_that_is_closed(admin: Editor) -> None:
    admin.browser.get(admin.address).submit("/discard$")
    assert admin.ask("new/combined", BOTH)[0] == 422
