"""A form in a real browser: conditions show and hide, hidden answers are not sent, drafts are kept, axe is content."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask, g, render_template_string, request, url_for
from werkzeug.datastructures import MultiDict

from forms.schema import Form
from forms.submission import Problems, check
from tests.forms.made import Evaluator, choices, made, textfield
from tests.forms.test_library import OPTIONS, evaluate, form_of
from tests.web.chromium import chrome, faults
from web import language
from web.assets_build import read_manifest
from web.render import assets
from web.render.forms import form_view

pytestmark = pytest.mark.browser
__all__ = ["chrome"]

SITE = "http://forms.test"
SECURE = "https://forms.test"
PAGE = """<!doctype html><html lang="{{ language }}"><head><meta charset="utf-8"><title>Form</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="{{ url_for('static', filename='app.css') }}">{{ asset_tags('form.js') }}</head>
<body><main><div class="wrap narrow">
{% from 'parts.html' import error_summary with context %}{{ error_summary(problems) }}<h1>{{ title }}</h1>
{% from 'render/form.html' import form_fields with context %}
<form method="post" action="/done" enctype="multipart/form-data" novalidate data-form data-draft-url="/draft">
<input type="hidden" name="_csrf" value="1">{{ form_fields(view) }}<button class="btn">{{ _('Submit') }}</button></form>
</div></main></body></html>"""

CASES = made(
    {"type": "radio", "key": "mode", "label": "方式", "values": choices("a", "b")},
    textfield("reason", "理由", properties={"required_when": '=mode = "a"'}),
    {"type": "group", "label": "详情", "conditional": {"hide": '=mode != "b"'}, "components": [
        {"type": "checkbox", "key": "more", "label": "更多"},
        textfield("detail", "说明", conditional={"hide": "=not(more)"}),
    ]},
    {"type": "checklist", "key": "list", "label": "清单", "values": choices("x", "y")},
    textfield("listed", "清单说明", conditional={"hide": '=not(list contains(list, "y"))'}),
    {"type": "filepicker", "key": "photo", "label": "照片", "accept": ".jpg,.png"},
    {"type": "number", "key": "count", "label": "数量"},
    textfield("many", "为何多", conditional={"hide": "=not(count > 3)"}),
)  # fmt: skip


class Site:
    """Answers a browser's requests without a server; remembers what was posted."""

    def __init__(self, context: Any, form: Form, view_of: Callable[[], Any], problems: Any) -> None:
        self.posted: dict[str, MultiDict[str, str]] = {}
        self.files: dict[str, bytes] = {}
        self.app = Flask("web")
        self.app.jinja_env.trim_blocks = self.app.jinja_env.lstrip_blocks = True
        language.init_app(self.app)
        self.app.jinja_env.globals.update(asset_tags=assets.asset_tags)

        @self.app.get("/")
        def page() -> str:
            g.language = "zh-CN"
            return render_template_string(PAGE, view=view_of(), title=form.title, problems=problems)

        @self.app.post("/draft")
        @self.app.post("/done")
        def post() -> str:
            self.posted[request.path] = request.form
            self.files.update({file.filename or "": file.stream.read() for file in request.files.values()})
            return "ok"

        context.route("**/*", self._answer)

    def _answer(self, route: Any) -> None:
        asked = route.request
        answer = self.app.test_client().open(
            asked.url.removeprefix(SITE).removeprefix(SECURE),
            method=asked.method,
            data=asked.post_data_buffer,
            headers={"Content-Type": asked.headers.get("content-type", "")},
        )
        route.fulfill(status=answer.status_code, headers=dict(answer.headers), body=answer.data)


@pytest.fixture
def open_form(chrome: Any) -> Iterator[Callable[..., Any]]:
    if "form.js" not in read_manifest():
        pytest.skip(
            "The scripts of the pages are not built: install the project from its source tree (pip install -e .)."
        )
    contexts = []

    def open_tab(
        form: Form, view_of: Callable[[], Any], scripts: bool = True, width: int = 1366, problems: Any = (),
        site: str = SITE, **more: Any,
    ) -> Any:  # fmt: skip
        viewport = {"width": width, "height": 900}
        context = chrome.new_context(java_script_enabled=scripts, viewport=viewport, ignore_https_errors=True, **more)
        contexts.append(context)
        tab = context.new_page()
        tab.site = Site(context, form, view_of, problems)
        tab.complaints = []
        tab.on("pageerror", lambda error: tab.complaints.append(str(error)))
        tab.goto(site + "/")
        return tab

    yield open_tab
    for context in contexts:
        context.close()


def case_view() -> Any:
    return form_view(CASES, frozenset(), {}, Evaluator())


def test_answers_show_and_hide_what_depends_on_them(open_form: Any) -> None:
    tab = open_form(CASES, case_view)
    assert not tab.is_visible("#detail") and not tab.is_visible("#more") and not tab.is_visible("#listed")

    tab.check("input[name=mode][value=b]")
    assert tab.is_visible("#more") and not tab.is_visible("#detail")
    tab.check("#more")
    assert tab.is_visible("#detail")
    tab.check("input[name=mode][value=a]")
    assert not tab.is_visible("#more") and not tab.is_visible("#detail")

    tab.check("input[name=list][value=y]")
    assert tab.is_visible("#listed")
    tab.fill("#count", "4")
    assert tab.is_visible("#many")
    tab.fill("#count", "3")
    assert not tab.is_visible("#many")


def test_what_is_hidden_is_not_sent(open_form: Any) -> None:
    tab = open_form(CASES, case_view)
    tab.check("input[name=mode][value=b]")
    tab.check("#more")
    tab.fill("#detail", "写过的")
    tab.check("input[name=mode][value=a]")
    tab.click("button")
    tab.wait_for_url("**/done")

    sent = tab.site.posted["/done"]
    assert sent["mode"] == "a"
    assert "detail" not in sent and "more" not in sent


def test_what_comes_back_has_kept_its_text_and_is_sent(open_form: Any) -> None:
    tab = open_form(CASES, case_view)
    tab.check("input[name=mode][value=b]")
    tab.check("#more")
    tab.fill("#detail", "写过的")
    tab.check("input[name=mode][value=a]")
    tab.check("input[name=mode][value=b]")
    tab.click("button")
    tab.wait_for_url("**/done")

    assert tab.site.posted["/done"]["detail"] == "写过的"


def test_a_mark_says_whether_an_answer_is_needed_now(open_form: Any) -> None:
    tab = open_form(CASES, case_view)
    mark = tab.locator("label[for=reason] .opt")
    before = mark.text_content()
    tab.check("input[name=mode][value=a]")

    assert before
    assert mark.text_content() == ""


def test_hints_of_conditions_are_for_pages_without_scripts(open_form: Any) -> None:
    assert open_form(CASES, case_view).locator("[data-when]").count() == 0
    plain = open_form(CASES, case_view, scripts=False)

    assert plain.locator("[data-when]").count() == 4
    assert plain.is_visible("#detail")


def test_a_draft_is_kept_when_the_page_is_left_alone(open_form: Any) -> None:
    tab = open_form(CASES, case_view)
    tab.fill("#reason", "草稿")
    tab.evaluate("""() => {
        Object.defineProperty(document, 'visibilityState', {value: 'hidden'});
        document.dispatchEvent(new Event('visibilitychange'));
    }""")
    tab.wait_for_function("document.querySelector('[data-draft-status]').textContent !== ''")

    assert tab.site.posted["/draft"]["reason"] == "草稿"
    assert tab.site.posted["/draft"]["_csrf"] == "1"


def test_nothing_is_kept_of_a_page_nobody_touched(open_form: Any) -> None:
    tab = open_form(CASES, case_view)
    tab.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    tab.wait_for_timeout(200)

    assert tab.site.posted == {}


def _picture(edge: int) -> bytes:
    """A PNG of noise, which no lossless format makes small."""
    import random
    import struct
    import zlib

    noise = random.Random(1)
    rows = b"".join(b"\x00" + noise.randbytes(edge * 3) for _ in range(edge))

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", edge, edge, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows, 1)) + chunk(b"IEND", b"")


@pytest.mark.parametrize(("edge", "name"), [(1000, "big.jpg"), (100, "big.png")])
def test_a_large_photo_is_made_smaller_and_a_small_one_is_left_alone(open_form: Any, edge: int, name: str) -> None:
    original = _picture(edge)
    tab = open_form(CASES, case_view)
    tab.set_input_files("#photo", {"name": "big.png", "mimeType": "image/png", "buffer": original})
    tab.click("button")
    tab.wait_for_url("**/done")

    sent = tab.site.files[name]
    assert (sent == original) if edge == 100 else (sent.startswith(b"\xff\xd8") and len(sent) < len(original) / 2)


@pytest.mark.parametrize("key", ["application_full", "assessment", "county_review", "dispatch", "visit_plan"])
def test_axe_finds_nothing_in_a_form_first_seen_or_refused(open_form: Any, key: str) -> None:
    form = form_of(key)
    roles = frozenset().union(*(field.write or field.see for field in form.fields)) | {"anybody"}
    refused = check(form, roles, {}, {}, {}, evaluate, OPTIONS)
    assert isinstance(refused, Problems)

    wide = open_form(form, lambda: form_view(form, roles, {}, evaluate, OPTIONS))
    assert faults(wide) == []
    again = form_view(form, roles, {}, evaluate, OPTIONS, {}, refused.problems)
    narrow = open_form(form, lambda: again, width=360, problems=refused.problems)
    assert faults(narrow) == []
    assert narrow.evaluate("document.activeElement.className") == "errsum"


def test_the_assets_are_found_by_the_page(open_form: Any) -> None:
    tab = open_form(CASES, case_view)

    with tab.site.app.test_request_context("/"):
        assert url_for("static", filename="app.css") == "/static/app.css"
    assert tab.locator("script[type=module]").count() == 1


WHERE = made(textfield("where", "到达地点", description="只记到约十米", properties={"check": "place"}))
HERE = {"latitude": 35.12345, "longitude": 113.05678, "accuracy": 24.4}


def where_view() -> Any:
    return form_view(WHERE, frozenset(), {}, Evaluator())


def test_where_one_is_is_noted_at_a_click_can_be_changed_and_is_sent(open_form: Any) -> None:
    tab = open_form(WHERE, where_view, site=SECURE, geolocation=HERE, permissions=["geolocation"])
    assert tab.input_value("#where") == "", "nothing is noted unasked"

    tab.click("text=记下现在的位置")
    tab.wait_for_function("document.querySelector('#where').value")

    assert tab.input_value("#where") in ("35.1234,113.0568", "35.1235,113.0568")
    assert "24米" in tab.text_content("[data-place] [role=status]")
    assert tab.site.posted == {}, "and nothing is sent by it"
    tab.click("text=提交")
    tab.wait_for_url("**/done")
    assert tab.site.posted["/done"]["where"].startswith("35.123")
    assert not tab.complaints


def test_where_the_browser_may_not_say_it_the_field_stays_as_it_was(open_form: Any) -> None:
    tab = open_form(WHERE, where_view, site=SECURE, geolocation=HERE, permissions=[])
    tab.fill("#where", "35.1,113.1")

    tab.click("text=记下现在的位置")
    tab.wait_for_function("document.querySelector('[data-place] [role=status]').textContent.includes('未获准')")

    assert tab.input_value("#where") == "35.1,113.1"


@pytest.mark.parametrize(("site", "scripts"), [(SITE, True), (SECURE, False)])
def test_without_a_way_to_know_it_there_is_a_field_and_no_button(open_form: Any, site: str, scripts: bool) -> None:
    tab = open_form(WHERE, where_view, site=site, scripts=scripts)

    assert tab.is_visible("#where")
    assert not tab.is_visible("[data-place]")


@pytest.mark.parametrize("width", [1366, 360])
def test_the_button_that_notes_a_place_can_be_used_by_everybody(open_form: Any, width: int) -> None:
    tab = open_form(WHERE, where_view, site=SECURE, width=width, geolocation=HERE, permissions=["geolocation"])
    assert faults(tab) == []
    tab.focus("#where")
    tab.keyboard.press("Tab")
    tab.keyboard.press("Enter")
    tab.wait_for_function("document.querySelector('#where').value")
    assert tab.evaluate("document.documentElement.scrollWidth") <= width
