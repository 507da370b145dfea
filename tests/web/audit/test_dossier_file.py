"""The file that an auditor takes away: it stands alone, tells what is on it, and taking it is recorded."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from lxml import html as lxml_html
from sqlalchemy import select

from engine.commands import tasks
from engine.commands.sealing import commit_to_log
from engine.connectors.keys import log_signer
from engine.history import dossier_check
from engine.history.dossier_check import Wrong, check_file
from engine.history.facts import open_fact
from engine.history.seal import digest
from engine.store import tables as t
from engine.store.directory import actor_for, system_actor, user_by_login
from engine.store.run import Platform
from tests.web.browser import Browser
from tests.web.chromium import WIDTHS, chrome, faults
from tests.web.conftest import PASSWORD, Clock
from web.app import create_app
from web.config import Settings
from web.language import translate

__all__ = ["chrome"]

FULL = {"variant": "full", "purpose": "检查 <2026>"}


@pytest.fixture
def key(platform: Platform, tmp_path: Path) -> str:
    return log_signer(tmp_path).verifier


@pytest.fixture
def log_in(platform: Platform, clock: Clock, tmp_path: Path, key: str) -> Callable[[str], Browser]:
    settings = Settings(database_url=platform.database.url, plain_http=True, data_folder=str(tmp_path))
    app = create_app(settings, platform, clock)

    def enter(login: str) -> Browser:
        browser = Browser(app)
        browser.log_in(login, PASSWORD)
        return browser

    return enter


@pytest.fixture
def case(log_in: Callable[[str], Browser], platform: Platform, tmp_path: Path, clock: Clock) -> str:
    """A case of which everything is under a signed head; its id."""
    log_in("clerk.a").get("/desk/start/errand").submit("/desk/start/errand", who="李四</script>")
    log_in("reviewer.a").get("/").follow(r"^/desk/tasks/").submit(r"/desk/tasks/[^/]+$", opinion="agree")
    platform.run(lambda uow: commit_to_log(uow, log_signer(tmp_path)), system_actor(), clock())
    with platform.database.read() as connection:
        return str(connection.execute(select(t.instance.c.id)).scalar_one())


def take(browser: Browser, case: str, **options: str) -> bytes:
    response = browser.client.get(f"/audit/cases/{case}/dossier", query_string=options)
    assert response.status_code == 200, response.get_data(as_text=True)
    assert response.headers["Content-Disposition"].startswith("attachment")
    return response.get_data()


def test_the_full_file_is_whole_and_the_single_program_says_so(
    log_in: Callable[[str], Browser], case: str, key: str, tmp_path: Path
) -> None:
    content = take(log_in("auditor"), case, **FULL)
    file = tmp_path / "dossier.html"
    file.write_bytes(content)

    assert check_file(content, key).missing == ()
    program = Path(dossier_check.__file__).read_bytes()
    (tmp_path / "alone.py").write_bytes(program)  # away from the platform, isolated from its packages' paths
    done = subprocess.run(
        [sys.executable, "-I", "alone.py", file.name, "--key", key], cwd=tmp_path, capture_output=True
    )
    assert done.returncode == 0, done.stdout
    assert digest(content).encode() in done.stdout
    file.write_bytes(content.replace("李娜".encode(), "李四".encode(), 1))
    done = subprocess.run(
        [sys.executable, "-I", "alone.py", file.name, "--key", key], cwd=tmp_path, capture_output=True
    )
    assert done.returncode == 1
    assert b"NOT WHOLE" in done.stdout


def test_a_byte_changed_anywhere_in_the_file_is_found(log_in: Callable[[str], Browser], case: str, key: str) -> None:
    content = take(log_in("auditor"), case, **FULL)

    for at in range(0, len(content) - 1, max(1, len(content) // 60)):
        forged = content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]
        with pytest.raises(Wrong):
            check_file(forged, key)


def test_the_file_tells_the_film_and_the_masked_one_names_nobody(log_in: Callable[[str], Browser], case: str) -> None:
    auditor = log_in("auditor")
    full = take(auditor, case, **FULL).decode()
    masked = take(auditor, case, purpose="分享").decode()

    for word in ("李娜", "李四"):
        assert word in full
        assert word not in masked
    assert "东办" in masked
    assert translate("(withheld)") in masked
    assert translate("(erased)") not in masked
    assert "%(" not in full.partition('<script type="application/json" id="texts">')[0]
    assert check_file(masked.encode()).masked


def test_the_masked_film_names_nobody_whom_work_was_given_to(
    log_in: Callable[[str], Browser], case: str, platform: Platform, clock: Clock
) -> None:
    with platform.database.read() as connection:
        task = connection.execute(select(t.user_task.c.id).where(t.user_task.c.status == "open")).scalar_one()
        user, units = user_by_login(connection, "chief") or ("", [])
        chief = actor_for(connection, user, units[0])
    platform.run(lambda uow: tasks.reassign_task(uow, task, user, "Urlaub"), chief, clock())

    shown = lxml_html.fromstring(take(log_in("auditor"), case, purpose="x")).get_element_by_id("main").text_content()
    full = lxml_html.fromstring(take(log_in("auditor"), case, **FULL)).get_element_by_id("main").text_content()

    assert ("赵强" in full, "赵强" in shown) == (True, False)
    assert ("Urlaub" in full, "Urlaub" in shown) == (True, False)
    assert user not in shown


def test_the_file_asks_nothing_of_any_network(log_in: Callable[[str], Browser], case: str) -> None:
    page = take(log_in("auditor"), case, **FULL).decode()

    assert "default-src 'none'" in page
    for address in ('src="http', 'href="', "@import", "url("):
        assert address not in page.partition('<script type="application/json"')[0]


def test_the_program_and_the_key_are_handed_out(log_in: Callable[[str], Browser], case: str, key: str) -> None:
    auditor = log_in("auditor")
    response = Browser(auditor.client.application).client.get("/audit/check-dossier.py")  # a visitor without account

    assert response.status_code == 200
    assert response.get_data() == Path(dossier_check.__file__).read_bytes()
    assert key in auditor.get(f"/audit/cases/{case}/verify").main


def test_taking_it_is_recorded_with_its_digest_and_purpose(
    log_in: Callable[[str], Browser], case: str, platform: Platform
) -> None:
    content = take(log_in("auditor"), case, **FULL)

    with platform.database.read() as connection:
        bodies = connection.execute(select(t.history.c.body).where(t.history.c.type == "DossierMade")).scalars()
        (made,) = [open_fact(body, {}).event for body in bodies]
    assert (made.digest, made.masked, made.purpose) == (digest(content), False, FULL["purpose"])  # type: ignore[attr-defined]


def test_who_looked_and_what_was_taken_can_be_read_with_the_digest_of_the_file(
    log_in: Callable[[str], Browser], case: str, clock: Clock
) -> None:
    auditor = log_in("auditor")
    auditor.get("/language/en")
    clock.pass_time(minutes=1)
    before = auditor.get(f"/audit/cases/{case}/readers").tree.xpath("string(//table)")
    assert "saw its name in a list" in before, "the first page after the log-in"
    for not_yet in ("dossier", "why it went", "who looked"):
        assert not_yet not in before
    clock.pass_time(minutes=1)
    auditor.get(f"/audit/cases/{case}/why/check")
    clock.pass_time(minutes=1)
    content = take(auditor, case, **FULL)

    rows = auditor.get(f"/audit/cases/{case}/readers").tree.xpath("//tbody/tr")
    said = [line for row in rows if "吴磊" in (line := " ".join(row.text_content().split()))]

    assert ["took the full dossier" in line for line in said] == [True, False, False, False]
    assert digest(content) in said[0]
    assert FULL["purpose"] in said[0]
    assert "why it went" in said[1]
    assert "who looked" in said[2]
    assert "saw its name in a list" in said[3]
    assert all("吴磊" in line for line in said)
    assert auditor.get("/audit/cases/nothing/readers").status == 404
    assert log_in("admin").get(f"/audit/cases/{case}/readers").status == 403


@pytest.mark.parametrize("purpose", ["", "   ", "x" * 201])
def test_without_a_purpose_nothing_is_given_and_nothing_recorded(
    log_in: Callable[[str], Browser], case: str, platform: Platform, purpose: str
) -> None:
    page = log_in("auditor").get(f"/audit/cases/{case}/dossier", query_string={"purpose": purpose})

    assert page.status == 422
    with platform.database.read() as connection:
        assert not connection.execute(select(t.history).where(t.history.c.type == "DossierMade")).all()


def test_nobody_else_takes_it(log_in: Callable[[str], Browser], case: str) -> None:
    for login in ("clerk.a", "admin", "reviewer.a"):
        assert log_in(login).get(f"/audit/cases/{case}/dossier?purpose=x").status == 403
    assert log_in("auditor").get("/audit/cases/nothing/dossier?purpose=x").status == 404


@pytest.mark.browser
def test_the_file_checks_itself_in_a_browser_and_names_what_was_changed(
    log_in: Callable[[str], Browser], case: str, tmp_path: Path, chrome: Any
) -> None:
    content = take(log_in("auditor"), case, **FULL)
    whole, forged = tmp_path / "whole.html", tmp_path / "forged.html"
    whole.write_bytes(content)
    forged.write_bytes(content.replace(b'\\"seq\\":3,', b'\\"seq\\":4,', 1))
    assert whole.read_bytes() != forged.read_bytes()
    context = chrome.new_context(viewport={"width": 1366, "height": 900})
    page = context.new_page()
    page.complaints = []
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    seen = []
    for file in (whole, forged):
        page.goto(file.as_uri())
        page.wait_for_function("['done', 'errsum'].includes(document.getElementById('verdict').className)")
        seen.append((page.locator("#verdict").get_attribute("class"), page.locator("#verdict").inner_text()))
    assert [kind for kind, _ in seen] == ["done", "errsum"], seen
    assert f"case:{case}#3" in seen[1][1]
    assert all(address.startswith(("file:", "blob:")) for address in asked)
    remarks = page.goto(whole.as_uri()) and page.locator("#remarks").inner_text()
    assert "Ed25519" in remarks or "shangmen/log" in remarks
    context.close()


@pytest.mark.browser
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("variant", ["full", "masked"])
def test_axe_finds_nothing_wrong_with_the_file_opened_from_disk(
    log_in: Callable[[str], Browser], case: str, tmp_path: Path, chrome: Any, width: int, variant: str
) -> None:
    file = tmp_path / "dossier.html"
    file.write_bytes(take(log_in("auditor"), case, **{**FULL, "variant": variant}))
    context = chrome.new_context(viewport={"width": width, "height": 900})
    page = context.new_page()
    page.complaints = []
    page.goto(file.as_uri())
    page.wait_for_function("document.getElementById('verdict').className !== 'note'")
    found = faults(page)
    context.close()
    assert found == []
