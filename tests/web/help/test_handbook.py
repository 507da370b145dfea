"""The handbook: every page in both languages, every link leads somewhere, and Markdown stays text."""

from __future__ import annotations

import re

import pytest

from engine.history.events import TYPES
from tests.web.browser import Browser
from web.help import FIRST, FOLDER, SUBJECTS
from web.render.markdown import markdown

PAGES = sorted({file.relative_to(FOLDER).as_posix().split(".")[0] for file in FOLDER.rglob("*.md")})


@pytest.mark.parametrize("page", PAGES)
def test_every_page_is_written_in_both_languages_and_has_a_title(page: str, visitor: Browser) -> None:
    for language in ("zh", "en"):
        assert (FOLDER / f"{page}.{language}.md").is_file(), language
    shown = visitor.get(f"/help/{page}")
    assert shown.status == 200
    assert shown.tree.xpath("//h1")


def test_the_contents_list_every_page(visitor: Browser) -> None:
    links = {link.removeprefix("/help/") for link in visitor.get("/help").links if link.startswith("/help/")}

    assert links == set(PAGES)
    assert set(FIRST) <= set(PAGES)
    assert {page.split("/")[0] for page in PAGES if "/" in page} <= set(SUBJECTS)


@pytest.mark.parametrize("page", PAGES)
def test_every_link_of_the_handbook_leads_to_a_page_of_it(page: str) -> None:
    for language in ("zh", "en"):
        text = (FOLDER / f"{page}.{language}.md").read_text("utf-8")
        for link in re.findall(r"\]\(([^)\s]+)\)", re.sub(r"`[^`]*`", "", text)):
            target = (FOLDER / page).parent / link.split("#")[0]
            assert target.with_name(target.name + f".{language}.md").is_file(), link


@pytest.mark.parametrize(
    "path", ["../config", "..%2f..%2fpyproject", "desk.zh", "pictures/../x", "nothing", "pictures/nothing.svg"]
)
def test_nothing_outside_the_handbook_can_be_read(path: str, visitor: Browser) -> None:
    assert visitor.get(f"/help/{path}").status == 404


def test_every_kind_of_fact_stands_in_the_handbook(visitor: Browser) -> None:
    page = visitor.get("/help/history")

    assert len(page.tree.xpath("//tbody/tr")) == len(TYPES)
    assert "%(" not in page.main


def test_text_that_looks_like_html_stays_text() -> None:
    said = markdown(
        "# <b>x</b>\n\n<script>alert(1)</script> [x](javascript:alert(1)) [y](//host) `<i>`\n\n| <u> |\n|---|\n| a |"
    )

    assert "<script" not in said
    assert "<b>" not in said
    assert "href" not in said
    assert "<code>&lt;i&gt;</code>" in said


def test_lists_tables_code_and_emphasis_come_out_as_written() -> None:
    said = markdown(
        "1. one\n2. two **bold**\n\n- a\n  and more\n\n| A | B |\n|---|---|\n| `x | y` | 2 |\n\n```\n1 < 2\n```"
    )

    assert "<ol><li>one</li><li>two <strong>bold</strong></li></ol>" in said
    assert "<ul><li>a and more</li></ul>" in said
    assert "<td><code>x | y</code></td><td>2</td>" in said
    assert "<pre tabindex=0><code>1 &lt; 2</code></pre>" in said
