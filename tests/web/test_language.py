"""Chinese first, English second: the catalogue is complete and true to its places, and the switch works."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask

from engine.errors import Rejected
from tests.web import messages
from tests.web.browser import Browser
from web import language
from web.render.words import LEVELS, ROLES

AsPerson = Callable[[str], Browser]
CHINESE = re.compile(r"[\u4e00-\u9fff]")
PLACE = re.compile(r"%\(([a-z_]+)\)[sd]")


def test_every_sentence_has_its_chinese() -> None:
    translated = {str(message.id) for message in messages.read() if message.id and message.string}
    missing = sorted(messages.all_messages() - translated)

    assert not missing, f"run python -m tests.web.messages and translate: {missing[:20]}"


def test_no_translation_loses_or_invents_a_place() -> None:
    pairs = [(str(message.id), str(message.string)) for message in messages.read() if message.id and message.string]
    wrong = [english for english, chinese in pairs if set(PLACE.findall(english)) != set(PLACE.findall(chinese))]

    assert not wrong


def test_no_translation_is_english() -> None:
    only_marks = re.compile(r"[\s\W]*")
    english = [
        message.id
        for message in messages.read()
        if message.id
        and message.string
        and not CHINESE.search(str(message.string))
        and not only_marks.fullmatch(PLACE.sub("", str(message.string)))
    ]

    assert not english


ONE_WORD = {"案件": "事项", "个案": "事项", "用途（": "目的（"}


@pytest.mark.parametrize("other", ONE_WORD)
def test_one_thing_has_one_name(other: str) -> None:
    """Who reads 事项 on one page and 案件 on the next looks for a difference."""
    assert [str(m.id) for m in messages.read() if other in str(m.string)] == [], f"say {ONE_WORD[other]}"


def test_the_extractor_finds_a_sentence_and_leaves_other_texts_alone(tmp_path) -> None:
    file = tmp_path / "sample.py"
    file.write_text(
        '"""A docstring with %(places)s is not said."""\n'
        'raise Rejected("Expected it.")\nx = "a key"\ny = pick("Too much of %(thing)s here.")\nz = _("Word")\n'
    )

    assert set(messages.said_in_python(file)) == {"Expected it.", "Too much of %(thing)s here.", "Word"}


def test_a_newcomer_reads_chinese_and_switches_to_english_and_back(visitor: Browser) -> None:
    page = visitor.get("/login")
    assert page.tree.get("lang") == "zh-CN"
    assert "登录" in page.main

    page = page.follow(r"/language/en")
    assert page.path == "/login"
    assert page.tree.get("lang") == "en"
    assert "Log in" in page.main

    assert page.follow(r"/language/zh-CN").tree.get("lang") == "zh-CN"


@pytest.mark.parametrize("back", ["https://evil.example", "//evil.example", "/\\evil.example"])
def test_the_switch_leads_to_no_other_host(visitor: Browser, back: str) -> None:
    response = visitor.client.get("/language/en", query_string={"back": back})

    assert response.headers["Location"] == "/"


def test_large_letters_are_kept_from_page_to_page(visitor: Browser) -> None:
    page = visitor.get("/login")
    assert page.tree.get("class") is None

    page = page.follow("/text/large")
    assert page.path == "/login"
    assert visitor.get("/nothing").tree.get("class") == "large"
    assert page.follow("/text/usual").tree.get("class") is None
    assert visitor.get("/text/huge").status == 404


def test_an_unknown_language_is_not_found(visitor: Browser) -> None:
    assert visitor.get("/language/xx").status == 404


def test_the_words_of_the_procedure_have_their_english(as_person: AsPerson) -> None:
    clerk = as_person("clerk.a")
    clerk.get("/desk/start/errand").submit("/desk/start/errand", who="李四")
    reviewer = as_person("reviewer.a")
    reviewer.get("/language/en")

    page = reviewer.get("/desk")
    assert "Check" in page.main
    assert "Reviewer" in page.text
    assert "days left" in page.main


def test_chinese_names_in_an_english_page_say_that_they_are_chinese(as_person: AsPerson) -> None:
    clerk = as_person("clerk.a")
    clerk.get("/desk/start/errand").submit("/desk/start/errand", who="<b>李四</b>")
    page = clerk.get("/desk/cases")
    assert not page.tree.xpath("//main//span[@lang]")

    clerk.get("/language/en")
    page = clerk.get("/desk/cases")
    spans = page.tree.xpath("//main//span[@lang='zh-CN']")
    assert any("李四" in span.text_content() for span in spans)
    assert not page.tree.xpath("//main//b")


def test_walking_the_pages_in_chinese_misses_no_sentence(as_person: AsPerson) -> None:
    language.missing.clear()
    clerk = as_person("clerk.a")
    clerk.get("/desk/start/errand").submit("/desk/start/errand", who="李四")
    for login, paths in {
        "reviewer.a": ("/desk", "/desk/cases", "/desk/start", "/account"),
        "admin": ("/people", "/people/add", "/desk/incidents", "/desk/undelivered", "/studio"),
        "auditor": ("/audit", "/nothing"),
    }.items():
        browser = as_person(login)
        for path in paths:
            browser.get(path)
    as_person("reviewer.a").get("/desk").follow("/desk/tasks/").submit(r"/desk/tasks/[^/]+$", opinion="")

    assert not language.missing


def test_dates_and_lists_are_written_as_people_write_them() -> None:
    from datetime import date

    assert language.day(date(2026, 9, 23), "zh-CN") == "2026年9月23日"
    assert language.day(date(2026, 9, 23), "en") == "23 September 2026"
    assert language.show(["a", "b"], "zh-CN") == "a、b"
    assert language.show(["a", "b"], "en") == "a, b"


def test_a_sentence_whose_values_do_not_fit_is_still_said() -> None:
    assert language.translate("Expected %(this)s.", {"that": 1}, "en") == "Expected %(this)s."


def test_ids_of_levels_and_roles_in_the_engine_s_sentences_are_said_by_name(app: Flask) -> None:
    no_unit = Rejected("Expected a unit of level %(level)s near the case but found none.", level="office")
    wants = Rejected("Expected %(roles)s.", roles=["clerk", "chief"])
    with app.test_request_context("/login"):
        app.preprocess_request()
        assert "经办人" in language.say(wants)
        assert "clerk" not in language.say(wants)
        assert "office" in language.say(no_unit), "without a name in a manifest the id is all there is"


def test_every_place_for_a_level_or_a_role_is_known() -> None:
    """Whoever writes a sentence with another place for one adds it to ``web.render.words``, or people read an id."""
    places = {place for sentence in messages.all_messages() for place in PLACE.findall(sentence)}
    named = {place for place in places if re.search("level|role", place)}

    assert named
    assert named <= {*LEVELS, *ROLES}
