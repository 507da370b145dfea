"""``shangmen message``: other software reaches the case that it means, once, and nobody else's."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from sqlalchemy import select

from engine.store import tables as t
from engine.store.run import Platform
from tests.web.studio.moving import open_case
from tests.web.studio.test_migrate import AsPerson
from web import cli

Run = Callable[..., dict[str, object]]


@pytest.fixture
def number(as_person: AsPerson, platform: Platform, monkeypatch: pytest.MonkeyPatch) -> str:
    """The number of a case of branch A that waits to be withdrawn."""
    case = open_case(as_person, "李四")
    monkeypatch.setenv("SHANGMEN_DATABASE", platform.database.url)
    with platform.database.read() as connection:
        return str(connection.execute(select(t.instance.c.number).where(t.instance.c.id == case)).scalar_one())


@pytest.fixture
def send(capsys: pytest.CaptureFixture[str]) -> Run:
    def run(*arguments: str) -> dict[str, object]:
        cli.main(["message", *arguments])
        return dict(json.loads(capsys.readouterr().out))

    return run


def outcome(platform: Platform) -> str:
    with platform.database.read() as connection:
        return str(connection.execute(select(t.instance.c.outcome)).scalar_one())


def test_a_message_with_the_number_of_a_case_reaches_it_once(number: str, send: Run, platform: Platform) -> None:
    letter = (
        "send",
        "撤回",
        "--key",
        number,
        "--unit",
        "a",
        "--id",
        "post-1",
        "--payload",
        '{"withdrawn_because": "不办了"}',
    )

    first, again = send(*letter), send(*letter)

    assert first == again
    assert (first["status"], first["number"]) == ("delivered", number)
    assert outcome(platform) == "withdrawn"


def test_another_unit_does_not_reach_it_and_the_message_is_kept(number: str, send: Run, platform: Platform) -> None:
    answer = send(
        "send", "撤回", "--key", number, "--unit", "b", "--id", "post-1", "--payload", '{"withdrawn_because": "不办了"}'
    )

    assert answer["status"] == "waiting"
    assert answer["instance"] in ("", None)
    assert outcome(platform) == ""


def test_a_signal_says_how_many_cases_waited(number: str, send: Run) -> None:
    assert send("signal", "停办", "--unit", "a", "--id", "1")["cases"] == 0


@pytest.mark.parametrize(
    "arguments", [("--unit", "nowhere"), ("--unit", "a", "--payload", "[1]"), ("--unit", "a", "--payload", "{")]
)
def test_what_cannot_be_meant_is_refused(number: str, platform: Platform, arguments: tuple[str, ...]) -> None:
    with pytest.raises(SystemExit) as refused:
        cli.main(["message", "send", "撤回", "--key", number, "--id", "1", *arguments])

    assert str(refused.value).startswith("shangmen: ")
    assert outcome(platform) == ""


def test_what_the_form_lacks_is_said(number: str) -> None:
    with pytest.raises(SystemExit, match="withdrawn_because"):
        cli.main(["message", "send", "撤回", "--key", number, "--unit", "a", "--id", "1"])
