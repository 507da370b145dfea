"""README's promises: its commands stand where .ci/run finds them, both languages agree, and its paths exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.packaging.pictures import DRAWN, draw, path_of

ROOT = Path(__file__).parents[2]
ENGLISH = (ROOT / "README.md").read_text("utf-8")
CHINESE = (ROOT / "README.zh-CN.md").read_text("utf-8")


def commands(text: str) -> list[str]:
    return re.findall(r"```sh\n(.+?)\n```", text, re.DOTALL)


def test_both_languages_give_the_same_two_commands() -> None:
    assert len(commands(ENGLISH)) == 2
    assert commands(ENGLISH) == commands(CHINESE)


@pytest.mark.parametrize("mark", ["install", "test"])
def test_the_commands_stand_after_the_marks_that_ci_looks_for(mark: str) -> None:
    assert re.search(rf"<!-- {mark} -->\n```sh\n.+ && .+\n```", ENGLISH)
    assert f"from_readme {mark}" in (ROOT / ".ci/run").read_text("utf-8")


@pytest.mark.parametrize("text", [ENGLISH, CHINESE], ids=["en", "zh-CN"])
def test_every_file_that_is_named_exists(text: str) -> None:
    named = set(re.findall(r"\]\(((?!https?:)[^)#]+)\)", text))
    named |= {path for path in re.findall(r"`([\w./<>*-]+/[\w./<>*-]*)`", text) if not path.startswith("/")}

    for path in named:
        pattern = re.sub(r"<[^>]+>", "*", path.rstrip("/"))
        assert list(ROOT.glob(pattern)), path


@pytest.mark.parametrize("name", DRAWN)
def test_the_pictures_are_those_of_the_present_diagrams(name: str) -> None:
    assert path_of(name).read_text("utf-8") == draw(name), "draw them again: python -m tests.packaging.pictures"
