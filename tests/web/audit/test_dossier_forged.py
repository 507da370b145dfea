"""The page of a dossier finds every forgery that the single program finds, and names the same first wrong item."""

from __future__ import annotations

import copy
import hashlib
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from engine.commands.sealing import commit_to_log
from engine.connectors.keys import log_signer
from engine.history import hashing
from engine.history.dossier_check import Wrong, check_file
from engine.store import tables as t
from engine.store.directory import system_actor
from engine.store.run import Platform
from tests.audit.test_dossier import FORGERIES, Data, edit
from tests.web.browser import Browser
from tests.web.chromium import chrome
from tests.web.conftest import PASSWORD, Clock, furnish
from web.app import create_app
from web.config import Settings

__all__ = ["chrome"]

DATA = re.compile(rb'(<script type="application/json" id="dossier">)(.*?)(</script>)', re.DOTALL)
END = re.compile(rb"<!-- (sha256|sm3):[0-9a-f]{64} -->\n")


def other_value(data: Data) -> None:
    value = data["facts"][0]["personal"]["variables"]
    value["value"] = value["value"].replace("李四", "李五")


def other_file(data: Data) -> None:
    item = data["resources"][0]
    item["content"] = "AAAA"


OWN = {
    "a personal value": (other_value, "#1"),
    "a definition": (other_file, ""),
    "the last actor": (lambda data: edit(data, len(data["facts"]), actor="u-forger"), "#"),
}


@pytest.fixture(params=hashing.SUITES)
def suite(request: pytest.FixtureRequest) -> Iterator[str]:
    """Each hash function in turn, and the first one again afterwards."""
    hashing.choose(request.param)
    yield request.param
    hashing.choose(hashing.FIRST)


@pytest.fixture
def content(suite: str, sqlite_database: Any, tmp_path: Path, clock: Clock) -> bytes:
    """The full dossier of a case that was looked at by one reviewer, under two signed heads."""
    platform = Platform(sqlite_database)
    furnish(platform)
    data_folder = tmp_path / "data"
    data_folder.mkdir()
    app = create_app(
        Settings(database_url=sqlite_database.url, plain_http=True, data_folder=str(data_folder)), platform, clock
    )

    def log_in(login: str) -> Browser:
        browser = Browser(app)
        browser.log_in(login, PASSWORD)
        return browser

    def commit() -> None:
        platform.run(lambda uow: commit_to_log(uow, log_signer(data_folder)), system_actor(), clock())

    log_in("clerk.a").get("/desk/start/errand").submit("/desk/start/errand", who="李四")
    commit()
    log_in("reviewer.a").get("/").follow(r"^/desk/tasks/").submit(r"/desk/tasks/[^/]+$", opinion="agree")
    commit()
    with platform.database.read() as connection:
        case = connection.execute(select(t.instance.c.id)).scalar_one()
    answer = log_in("auditor").client.get(f"/audit/cases/{case}/dossier?variant=full&purpose=x")
    return bytes(answer.get_data())


def forged(content: bytes, suite: str, change: Callable[[Data], Any]) -> bytes:
    """The file with changed data and a digest of the whole that fits again."""
    found = DATA.search(content)
    assert found is not None
    data = copy.deepcopy(json.loads(found[2]))
    change(data)
    text = json.dumps(data, ensure_ascii=False).replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
    changed = END.sub(b"", content[: found.start(2)] + text.encode() + content[found.end(2) :])
    return changed + f"<!-- {suite}:{hashlib.new(suite, changed).hexdigest()} -->\n".encode()


def test_the_program_finds_an_untouched_file_whole_and_one_made_again_with_the_same_data(
    content: bytes, suite: str
) -> None:
    assert f"<!-- {suite}:".encode() in content
    for one in (content, forged(content, suite, lambda data: None)):
        assert all("compare it" in missing for missing in check_file(one).missing)


@pytest.mark.browser
def test_page_and_program_name_the_same_first_wrong_item_of_every_forgery(
    content: bytes, suite: str, tmp_path: Path, chrome: Any
) -> None:
    page = chrome.new_context().new_page()
    page.complaints = []
    shown: dict[str, tuple[str, str]] = {}
    told: dict[str, str] = {}
    skipped = ("a personal value", "a definition", "a fact doubled", "a definition left out")
    cases = {name: one for name, one in FORGERIES.items() if name not in skipped} | OWN
    for name, (change, _) in cases.items():
        file = tmp_path / "forged.html"
        file.write_bytes(forged(content, suite, change))
        with pytest.raises(Wrong) as wrong:
            check_file(file.read_bytes())
        told[name] = wrong.value.place
        page.goto(file.as_uri())
        page.wait_for_function("['done', 'errsum'].includes(document.getElementById('verdict').className)")
        shown[name] = (page.locator("#verdict").get_attribute("class"), page.locator("#verdict").inner_text())
    file.write_bytes(content)
    page.goto(file.as_uri())
    page.wait_for_function("['done', 'errsum'].includes(document.getElementById('verdict').className)")
    assert page.locator("#verdict").get_attribute("class") == "done", page.locator("#verdict").inner_text()

    assert {name for name, (kind, _) in shown.items() if kind != "errsum"} == set()
    assert [(name, told[name], text) for name, (_, text) in shown.items() if told[name] not in text] == []
