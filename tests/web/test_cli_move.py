"""``shangmen move`` says what would become of each case, and with a reason moves them."""

from __future__ import annotations

import pytest

from engine.store.run import Platform
from tests.web.studio.moving import newer_version, open_case
from tests.web.studio.test_migrate import STEP, AsPerson
from web import cli


@pytest.fixture
def outdated(as_person: AsPerson, platform: Platform, monkeypatch: pytest.MonkeyPatch) -> str:
    case = open_case(as_person, "李四")
    newer_version(platform, **STEP)
    monkeypatch.setenv("SHANGMEN_DATABASE", platform.database.url)
    return case


def run(*arguments: str) -> int:
    try:
        cli.main(["move", "errand", *arguments])
    except SystemExit as end:
        return int(end.code or 0) if not isinstance(end.code, str) else 1
    return 0


def test_without_a_reason_it_only_plans(outdated: str, as_person: AsPerson, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--by", "admin") == 0
    assert "stays: Expected 审核" in capsys.readouterr().out
    assert run("--by", "admin", "--to", "check=look") == 0
    assert "1 of 1 cases can move" in capsys.readouterr().out
    assert "新办法" not in as_person("reviewer.a").get(f"/desk/cases/{outdated}").main


def test_with_a_reason_it_moves(outdated: str, as_person: AsPerson, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--by", "admin", "--to", "check=look", "--reason", "新办法") == 0
    assert "1 of 1 cases moved." in capsys.readouterr().out
    assert "新办法" in as_person("reviewer.a").get(f"/desk/cases/{outdated}").main
    assert run("--by", "admin") == 0
    assert "0 of 0" in capsys.readouterr().out


@pytest.mark.parametrize(
    "arguments",
    [("--by", "clerk.a"), ("--by", "nobody"), ("--by", "admin", "--to", "x"), ("--by", "admin", "--unit", "nowhere")],
)
def test_what_cannot_be_meant_is_refused(outdated: str, arguments: tuple[str, ...]) -> None:
    assert run(*arguments, "--reason", "x") != 0
