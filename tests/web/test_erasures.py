"""Two administrators erase a case's personal data: by the page, by the command line; one alone cannot."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select

from engine.commands import instances
from engine.connectors.notify import Outbox
from engine.connectors.registry import connectors, forget
from engine.queries.verify import verify
from engine.store import tables as t
from engine.store.directory import system_actor
from engine.store.run import Platform
from engine.worker import clean_after_erasure
from tests.web.browser import Browser
from tests.web.conftest import Clock
from web import cli

AsPerson = Callable[[str], Browser]
PAGE = "/desk/erasures"
ASKED = {"_legal_basis": "个人信息保护法第47条", "_reason": "本人要求"}


@pytest.fixture
def case(as_person: AsPerson, platform: Platform, clock: Clock) -> tuple[str, str]:
    """A cancelled case of branch A: its id and number."""
    as_person("clerk.a").get("/desk/start/errand").submit("/desk/start/errand", who="李四甲")
    with platform.database.read() as connection:
        row = connection.execute(select(t.instance.c.id, t.instance.c.number)).one()
    platform.run(lambda uow: instances.cancel_instance(uow, row.id, "李四甲撤回"), system_actor(), clock())
    return row.id, row.number


def statuses(platform: Platform) -> list[tuple[str, bool]]:
    with platform.database.read() as connection:
        return [(row.status, row.cleaned_at is not None) for row in connection.execute(select(t.erasure))]


def test_one_administrator_asks_another_confirms_and_the_film_says_so(
    as_person: AsPerson, case: tuple[str, str], platform: Platform, clock: Clock, tmp_path: Path
) -> None:
    first, second, auditor = as_person("admin"), as_person("admin.a"), as_person("auditor")
    before = auditor.get(f"/audit/cases/{case[0]}").source
    assert "李四甲" in before

    asked = first.get(PAGE).submit(PAGE, _number=case[1], **ASKED)
    assert asked.path.endswith("done=requested")
    assert not asked.tree.xpath("//form[contains(@action, 'confirm')]")
    assert first.post(f"{PAGE}/{case[0]}/confirm", _token(first)).status == 422
    done = second.get(PAGE).submit(r"confirm")

    assert done.path.endswith("done=done")
    film = auditor.get(f"/audit/cases/{case[0]}")
    assert "李四甲" not in film.source
    assert ASKED["_legal_basis"] in film.main
    assert "周杰" in film.main
    assert statuses(platform) == [("done", False)]
    assert clean_after_erasure(platform, connectors(tmp_path), clock()) == ()
    assert statuses(platform) == [("done", True)]
    assert clean_after_erasure(platform, {}, clock()) == ()
    for page in (f"/audit/cases/{case[0]}/verify", f"/audit/cases/{case[0]}", PAGE):
        browser = auditor if page.startswith("/audit") else first
        assert browser.get(page).status == 200
    with platform.database.read() as connection:
        assert verify(connection).findings == ()


def _token(browser: Browser) -> dict[str, str]:
    (field,) = browser.get(PAGE).tree.xpath("(//input[@name='_csrf'])[1]")
    return {"_csrf": field.get("value")}


def test_a_declined_erasure_leaves_everything(as_person: AsPerson, case: tuple[str, str], platform: Platform) -> None:
    as_person("admin").get(PAGE).submit(PAGE, _number=case[1], **ASKED)
    second = as_person("admin.a")

    assert second.get(PAGE).submit("decline", _declined="").status == 422
    second.get(PAGE).submit("decline", _declined="保存期未满")

    assert statuses(platform) == [("declined", False)]
    assert "李四甲" in as_person("auditor").get(f"/audit/cases/{case[0]}").source


@pytest.mark.parametrize("missing", ["_legal_basis", "_reason", "_number"])
def test_what_is_missing_is_said_and_nothing_is_asked(
    as_person: AsPerson, case: tuple[str, str], platform: Platform, missing: str
) -> None:
    page = as_person("admin").get(PAGE).submit(PAGE, **{"_number": case[1], **ASKED, missing: " "})

    assert page.status == 422
    assert statuses(platform) == []


def test_a_running_case_and_one_of_others_are_refused(as_person: AsPerson, platform: Platform) -> None:
    as_person("clerk.b").get("/desk/start/errand").submit("/desk/start/errand", who="韩梅")
    with platform.database.read() as connection:
        number = connection.execute(select(t.instance.c.number)).scalar_one()

    running = as_person("admin").get(PAGE).submit(PAGE, _number=number, **ASKED)
    foreign = as_person("admin.a").get(PAGE).submit(PAGE, _number=number, **ASKED)
    missing = as_person("admin.a").get(PAGE).submit(PAGE, _number=number[:-1] + "9", **ASKED)

    assert [page.status for page in (running, foreign, missing)] == [422, 422, 422]
    assert foreign.tree.xpath("string(//*[@id='_number-err'])") == missing.tree.xpath("string(//*[@id='_number-err'])")


def test_messages_of_the_case_that_nobody_picked_up_go_too(tmp_path: Path) -> None:
    known = connectors(tmp_path)
    folder = tmp_path / "outbox"
    folder.mkdir()
    for name in ("abc.3.json", "abcd.3.json", "abc.11.json"):
        (folder / name).write_text(json.dumps({"text": "王小芳"}))

    assert isinstance(known["notify"], Outbox)
    assert forget(known, "abc") == 2
    assert [path.name for path in folder.iterdir()] == ["abcd.3.json"]


def test_the_command_line_holds_the_two_person_rule_too(
    case: tuple[str, str], platform: Platform, monkeypatch: pytest.MonkeyPatch, tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.setenv("SHANGMEN_DATABASE", platform.database.url)
    asked = ["erase", "request", case[1], "--by", "admin", "--reason", "x", "--legal-basis", "y"]
    confirm = ["erase", "confirm", case[1], "--data", str(tmp_path / "files"), "--by"]
    with pytest.raises(SystemExit, match="no such user"):
        cli.main([*asked[:4], "clerk.a", *asked[5:]])
    cli.main(asked)
    with pytest.raises(SystemExit, match="another person"):
        cli.main([*confirm, "admin"])
    assert statuses(platform) == [("requested", False)]

    cli.main([*confirm, "admin.a"])

    assert statuses(platform) == [("done", True)]
    assert "not in reach" in capsys.readouterr().out
    content = Path(platform.database.engine.url.database or "").read_bytes()
    assert "李四甲".encode() not in content
