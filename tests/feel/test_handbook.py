"""The handbook has a page per built-in function in both languages, and every example on every page runs."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from pathlib import Path

import pytest

from engine.calendar import Calendar
from engine.feel import BUILTINS, Environment, Evaluation, compile_expression, equal
from engine.feel.builtins.working_days import CHINESE_NAMES

FOLDER = Path(__file__).parents[2] / "web" / "help" / "feel"
PAGES = sorted(FOLDER.glob("*.md"))
HOLIDAYS = {date(2026, 10, day): False for day in range(1, 8)} | {date(2026, 10, 10): True}
THERE = Environment(
    now=datetime(2026, 9, 30, 16, tzinfo=timezone(timedelta(hours=8))),
    calendar=Calendar("handbook", HOLIDAYS, frozenset({2026})),
)


def examples(page: Path) -> list[tuple[str, str]]:
    """The expressions of a page and what they yield: the rows of tables whose last column is headed "="."""
    found: list[tuple[str, str]] = []
    inside = False
    for line in page.read_text(encoding="utf-8").splitlines():
        if not line.startswith("|"):
            inside = False
            continue
        cells = [cell.strip() for cell in line.strip().strip("|").split(" | ")]
        if cells[-1] == "=":
            inside = True
        elif inside and not line.startswith("|---"):
            found.append((cells[0].strip("`"), cells[1].strip("`")))
    return found


EXAMPLES = [(page.name, *example) for page in PAGES for example in examples(page)]


@pytest.mark.parametrize(("page", "text", "result"), EXAMPLES, ids=[f"{page}-{text}" for page, text, _ in EXAMPLES])
def test_an_example_yields_what_its_page_says(page: str, text: str, result: str) -> None:
    found = compile_expression(text).run({}, Evaluation(THERE))
    expected = compile_expression(result).run({}, Evaluation(THERE))

    assert equal(found, expected) is True, f"{page}: {text} yields {found}"


@pytest.mark.parametrize("name", sorted(set(BUILTINS) - set(CHINESE_NAMES)))
@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_function_has_a_page_that_shows_it_at_work(name: str, language: str) -> None:
    page = FOLDER / f"{name.replace(' ', '_')}.{language}.md"
    text = page.read_text(encoding="utf-8")

    assert text.startswith(f"# {name}")
    assert any(name in example or _chinese(name) in example for example, _ in examples(page))


@pytest.mark.parametrize(("chinese", "english"), sorted(CHINESE_NAMES.items()))
def test_a_second_name_is_told_on_the_page_of_the_first(chinese: str, english: str) -> None:
    for language in ("en", "zh"):
        page = FOLDER / f"{english.replace(' ', '_')}.{language}.md"
        assert f"`{chinese}`" in page.read_text(encoding="utf-8")


def test_there_is_no_page_without_a_function() -> None:
    names = {page.name.split(".")[0].replace("_", " ") for page in PAGES}

    assert names - set(BUILTINS) == {"expressions", "expressions in forms"}
    assert len(PAGES) == 2 * len(names)


def test_an_example_that_is_wrong_would_be_noticed() -> None:
    with pytest.raises(AssertionError):
        test_an_example_yields_what_its_page_says("none", "1 + 1", "3")


def _chinese(name: str) -> str:
    return next((chinese for chinese, english in CHINESE_NAMES.items() if english == name), name)
