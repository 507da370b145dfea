"""The handbook of rules: each rule of the check has a page; its wrong picture breaks it, its right one keeps it."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from engine.definition import schema, validity
from engine.definition.floor.rules import SHAPES
from engine.definition.lint import linter
from tests.web.browser import Browser
from web.help.rule_pages import FOLDER, findings_of

PAGES = sorted(file.stem for file in FOLDER.glob("*.toml"))
DRAWN = [page for page in PAGES if (FOLDER / f"{page}_wrong.bpmn").is_file()]
OF_THE_FILE = {"readable"}
"""What is said of a file that nobody can draw or read."""
TOLD_ONLY = {"floor_unchecked", "floor_units_staffed"}
"""A reminder that stands whatever is drawn, and what only the organisations know."""


def rules_of_the_check() -> set[str]:
    """Every rule that the modules of the check name in a finding."""
    found = set()
    for path in (*Path(linter.__file__).parent.glob("*.py"), Path(validity.__file__), Path(schema.__file__)):
        for call in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(call, ast.Call) and getattr(call.func, "id", "") in ("Finding", "finding"):
                named = call.args[1] if getattr(call.func, "id", "") == "finding" else call.args[0]
                if isinstance(named, ast.Constant):
                    found.add(str(named.value))
    return found


def test_every_rule_of_the_check_and_of_the_floor_has_a_page() -> None:
    assert len(rules_of_the_check()) > 15
    assert {rule.replace("-", "_") for rule in rules_of_the_check() - OF_THE_FILE} <= set(PAGES)
    assert {"standard", "schema"} <= rules_of_the_check()
    assert {f"floor_{kind}" for kind in SHAPES} <= set(PAGES)
    assert set(PAGES) - set(DRAWN) == TOLD_ONLY


@pytest.mark.parametrize("page", DRAWN)
def test_the_wrong_picture_breaks_the_rule_and_the_right_one_keeps_it(page: str) -> None:
    found = findings_of(page, "wrong")

    assert found, "the wrong picture breaks nothing"
    assert not findings_of(page, "right"), [str(one) for one in findings_of(page, "right")]


@pytest.mark.parametrize("page", DRAWN)
def test_a_page_shows_both_pictures_and_what_the_check_says(page: str, visitor: Browser) -> None:
    shown = visitor.get(f"/help/rules/{page}")

    assert shown.status == 200
    assert len(shown.tree.xpath("//figure//*[local-name()='svg'][contains(@class, 'bpmn')]")) == 2
    assert shown.tree.xpath("//section[1]//*[contains(@class, 'is-stuck')]")
    assert not shown.tree.xpath("//section[2]//*[contains(@class, 'node') and contains(@class, 'is-stuck')]")


def test_what_does_not_show_in_a_picture_is_told(visitor: Browser) -> None:
    assert "差别在于" in visitor.get("/help/rules/floor_holds_at").main
    assert "note.form.json" in visitor.get("/help/rules/floor_form_field").main
    assert "差别在于" not in visitor.get("/help/rules/layout").main, "there the picture is all"
