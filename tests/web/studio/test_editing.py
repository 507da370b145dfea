"""What the editors' scripts ask the server: saving, checking, reading an expression; and what is refused."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.web.browser import Browser
from web.assets_build import FRONTEND
from web.studio.editor_words import WORDS

AsPerson = Callable[[str], Browser]
SAID = re.compile(r"\bsay\(\s*(?:'((?:[^'\\]|\\.)*)'|\"((?:[^\"\\]|\\.)*)\")")


class Editor:
    """One person's editor of one draft, without a browser."""

    def __init__(self, browser: Browser, draft: str) -> None:
        self.browser, self.address = browser, f"/studio/drafts/{draft}"
        self.token = browser.get("/account").form("/account/password").xpath(".//input[@name='_csrf']/@value")[0]

    def ask(self, path: str, body: Any, token: str | None = None) -> tuple[int, Any]:
        response = self.browser.client.post(
            f"{self.address}/{path}", json=body, headers={"X-CSRF-Token": self.token if token is None else token}
        )
        return response.status_code, response.get_json(silent=True)

    def source(self, place: str = "process/errand") -> str:
        return self.browser.client.get(f"{self.address}/source/{place}").get_data(as_text=True)

    def save(self, content: str, base: Any = 0, place: str = "process/errand") -> tuple[int, Any]:
        return self.ask(f"save/{place}", {"base_revision": base, "content": content})


def new_draft(browser: Browser) -> str:
    page = browser.get("/studio/drafts").submit("/studio/drafts$", procedure="errand", title="改一改")
    assert page.status == 200, page.text
    return page.path.split("?")[0].rpartition("/")[2]


@pytest.fixture
def admin(as_person: AsPerson) -> Editor:
    browser = as_person("admin")
    return Editor(browser, new_draft(browser))


def test_a_saved_diagram_answers_its_revision_and_what_the_check_says(admin: Editor) -> None:
    without_form = admin.source().replace(' sm:form="check"', "")

    status, answer = admin.save(without_form)

    assert (status, answer["revision"]) == (200, 1)
    (found,) = [one for one in answer["findings"] if one["severity"] == "error"]
    assert (found["kind"], found["key"], found["element"], found["element_name"]) == (
        "process", "errand", "check", "审核",
    )  # fmt: skip
    assert "表单" in found["said"]
    assert 'data-step="check"' in answer["outline"]


def test_a_diagram_that_keeps_the_rules_has_no_errors(admin: Editor) -> None:
    status, answer = admin.save(admin.source().replace('name="审核"', 'name="复核"'))

    assert status == 200
    assert [one["said"] for one in answer["findings"] if one["severity"] == "error"] == []
    assert 'name="复核"' in admin.source()


def test_what_an_editor_writes_anew_keeps_the_lines_that_nobody_touched(admin: Editor) -> None:
    before = admin.source()
    rewritten = re.sub(r">\s+<", "><", before).replace('name="审核"', 'name="复核"')

    admin.save(rewritten)

    assert admin.source() == before.replace('name="审核"', 'name="复核"')


def test_checking_saves_nothing(admin: Editor) -> None:
    status, answer = admin.ask("check", {})

    assert status == 200
    assert answer["findings"] is not None
    assert admin.save(admin.source().replace("审核", "复核"))[1]["revision"] == 1


def test_the_second_of_two_is_told_and_nothing_is_written_over(admin: Editor, as_person: AsPerson, app: Any) -> None:
    other = Editor(as_person("admin2"), admin.address.rpartition("/")[2])
    opened = admin.source()
    assert other.save(opened.replace("审核", "他的"))[0] == 200

    status, answer = admin.save(opened.replace("审核", "我的"))

    assert (status, answer["revision"]) == (409, 1)
    assert "errand" in answer["said"]
    assert "他的" in admin.source()
    assert admin.save(opened.replace("审核", "我的"), base=answer["revision"])[0] == 200
    assert "我的" in admin.source()


@pytest.mark.parametrize(
    ("content", "base", "status"),
    [
        ("<broken", 0, 422),
        ('<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', 0, 422),
        (7, 0, 422),
        ("<a/>", "0", 422),
        ("<a/>", True, 422),
        ("<a/>", 99, 422),
        ("<a/>", -1, 422),
    ],
)
def test_what_is_no_file_is_refused_and_changes_nothing(
    admin: Editor, content: Any, base: Any, status: int
) -> None:  # fmt: skip
    before = admin.source()

    found, answer = admin.save(content, base)

    assert found == status
    assert answer["said"]
    assert admin.source() == before


def test_only_what_has_an_editor_and_exists_is_saved(admin: Editor) -> None:
    assert admin.save("x = 1", place="floor/errand")[0] == 404
    assert admin.save("<a/>", place="process/nothing")[0] == 404
    assert admin.browser.get(f"{admin.address}/edit/process/nothing").status == 404
    assert admin.browser.get(f"{admin.address}/edit/floor/errand").status == 404


def test_a_script_of_another_site_saves_nothing(admin: Editor) -> None:
    before = admin.source()

    assert admin.ask("save/process/errand", {"base_revision": 0, "content": before + "\n"}, token="00")[0] == 400

    assert admin.source() == before


def test_another_organisation_finds_no_such_draft(admin: Editor, as_person: AsPerson) -> None:
    stranger = Editor(as_person("admin.a"), admin.address.rpartition("/")[2])
    missing = Editor(stranger.browser, "0" * 16)

    for path in ("edit/process/errand", "source/process/errand"):
        assert stranger.browser.get(f"{stranger.address}/{path}").status == 404
        assert missing.browser.get(f"{missing.address}/{path}").status == 404
    assert stranger.save("<a/>") == missing.save("<a/>")
    assert stranger.ask("check", {})[0] == missing.ask("check", {})[0] == 404
    assert stranger.ask("expression", {"text": "1"})[0] == 404


@pytest.mark.parametrize(
    ("text", "form", "good"),
    [
        ("=a + 1", "expression", True),
        ("=a +", "expression", False),
        ("P3D", "timer", True),
        ("=duration(", "timer", False),
        ("[1..3], 7", "tests", True),
        ("[1..", "tests", False),
        ("1" * 9_000, "expression", False),
    ],
)
def test_an_expression_is_read_while_one_types(admin: Editor, text: str, form: str, good: bool) -> None:
    status, answer = admin.ask("expression", {"text": text, "form": form})

    assert status == 200
    assert (answer["said"] == "") is good


def test_only_the_editors_pages_let_styles_stand_in_the_page(admin: Editor) -> None:
    editor = admin.browser.get(f"{admin.address}/edit/process/errand")
    draft = admin.browser.get(admin.address)

    assert editor.status == draft.status == 200
    for page, allowed in ((editor, True), (draft, False)):
        policy = page.response.headers["Content-Security-Policy"]
        assert ("'unsafe-inline'" in policy) is allowed
        assert "script-src 'self';" in policy


def test_an_editor_may_choose_from_what_the_procedure_has(admin: Editor) -> None:
    page = admin.browser.get(f"{admin.address}/edit/process/errand")
    known = page.tree.get_element_by_id("known").text

    for word in ('"reviewer"', '"office"', '"decision"', '"errand"', '"duties"'):
        assert word in known


def test_the_page_brings_every_word_that_its_scripts_say() -> None:
    said = {
        (single or double).replace("\\'", "'")
        for file in sorted((FRONTEND / "src").rglob("*.js"))
        for single, double in SAID.findall(file.read_text("utf-8"))
    }

    assert set(WORDS) == said


def test_each_finding_leads_to_the_page_about_its_rule(admin: Editor) -> None:
    _, answer = admin.save(admin.source().replace(' sm:form="check"', ""))

    (found,) = [one for one in answer["findings"] if one["severity"] == "error"]
    assert found["help"] == "/help/rules/form"
    assert admin.browser.get(found["help"]).status == 200
    assert all(one["help"] for one in answer["findings"] if one["kind"] == "process")


def test_what_a_finding_quotes_is_said_in_the_reader_s_language_too(admin: Editor) -> None:
    wrong = admin.source().replace('opinion = "agree"', "opinion = ")
    assert wrong != admin.source()
    _, answer = admin.save(wrong)

    said = [one["said"] for one in answer["findings"] if one["rule"] == "feel"]
    assert said
    assert "条件" in said[0]
    assert not re.search(r"[A-Za-z]{3,} [A-Za-z]{2,}", said[0]), said[0]
