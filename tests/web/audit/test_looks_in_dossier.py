"""Who looked stands in the dossier and in a file for spreadsheets; a masked dossier names nobody of them."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from lxml import html
from sqlalchemy import select

from engine.commands.sealing import commit_to_log
from engine.connectors.keys import log_signer, log_verifier
from engine.history.dossier_check import Wrong, check_file
from engine.store import tables as t
from engine.store.directory import system_actor
from engine.store.run import Platform
from tests.web.browser import Browser
from tests.web.conftest import PASSWORD, Clock
from tests.web.test_looking import seal
from web.app import create_app
from web.config import Settings

LogIn = Callable[..., Browser]
WHY = "信访件2026第7号"
SECRETS = ("李四甲", "13912345678", "410825194001010011", "李娜", "王芳", "吴磊", WHY)


@pytest.fixture
def log_in(platform: Platform, clock: Clock, tmp_path: Path) -> LogIn:
    settings = Settings(database_url=platform.database.url, plain_http=True, data_folder=str(tmp_path))
    app: Flask = create_app(settings, platform, clock)

    def enter(login: str, **options: str) -> Browser:
        browser = Browser(app)
        browser.log_in(login, PASSWORD, **options)
        return browser

    return enter


@pytest.fixture
def case(log_in: LogIn, platform: Platform) -> str:
    """A case with a name, a telephone number and an identity number in its answers; its id."""
    what = f"电话 {SECRETS[1]}，证号 {SECRETS[2]}"
    log_in("clerk.a").get("/desk/start/errand").submit("/desk/start/errand", who=SECRETS[0], what=what)
    log_in("reviewer.a").get("/").follow(r"^/desk/tasks/").submit(r"/desk/tasks/[^/]+$", opinion="agree")
    with platform.database.read() as connection:
        return str(connection.execute(select(t.instance.c.id)).scalar_one())


def look(log_in: LogIn, platform: Platform, clock: Clock, folder: Path, case: str) -> Browser:
    """An auditor looks; that is sealed and committed under a signed head."""
    auditor = log_in("auditor", why=WHY)
    auditor.get(f"/audit/cases/{case}")
    seal(platform, clock)
    platform.run(lambda uow: commit_to_log(uow, log_signer(folder)), system_actor(), clock())
    return auditor


def take(browser: Browser, case: str, **options: str) -> bytes:
    return browser.client.get(f"/audit/cases/{case}/dossier", query_string={"purpose": "x", **options}).get_data()


def test_the_dossier_says_who_looked_and_proves_it(
    log_in: LogIn, case: str, platform: Platform, clock: Clock, tmp_path: Path
) -> None:
    auditor = look(log_in, platform, clock, tmp_path, case)
    content = take(auditor, case, variant="full")

    assert check_file(content, log_verifier(tmp_path)).missing == ()
    shown = html.fromstring(content).get_element_by_id("main").text_content()
    assert WHY in shown
    assert "吴磊" in shown
    viewed = content.decode().count('\\"type\\":\\"CaseViewed\\"')
    assert viewed >= 2, "the reviewer's task and the auditor's look"
    forged = content.replace(f'\\"purpose\\":\\"{WHY}\\"'.encode(), '\\"purpose\\":\\"别的目的\\"'.encode())
    assert forged != content
    forged = re.sub(rb"<!-- sha256:.*-->\n", b"", forged)
    with pytest.raises(Wrong):
        check_file(forged, log_verifier(tmp_path))


def test_a_masked_dossier_names_nobody_anywhere_in_the_file(
    log_in: LogIn, case: str, platform: Platform, clock: Clock, tmp_path: Path
) -> None:
    auditor = look(log_in, platform, clock, tmp_path, case)
    full, masked = take(auditor, case, variant="full").decode(), take(auditor, case).decode()

    for secret in SECRETS:
        escaped = json.dumps(secret)[1:-1]
        assert secret in full or escaped in full, secret
        assert secret not in masked, secret
        assert escaped not in masked, secret
    assert "计划内的监督检查" in masked, "of the purpose only what the list calls it"
    assert check_file(masked.encode(), log_verifier(tmp_path)).masked


def test_the_list_of_looks_can_be_had_as_a_file(
    log_in: LogIn, case: str, platform: Platform, clock: Clock, tmp_path: Path
) -> None:
    auditor = log_in("auditor", why="=HYPERLINK(1)")
    auditor.get(f"/audit/cases/{case}")
    response = auditor.client.get(f"/audit/cases/{case}/readers.csv")
    rows = list(csv.reader(io.StringIO(response.get_data().decode("utf-8-sig"))))

    assert rows[0] == ["时间", "办理人", "单位", "内容", "栏目", "目的", "文件的 SHA-256"]
    assert len({len(row) for row in rows}) == 1
    (own,) = [row for row in rows if "HYPERLINK" in row[5] and row[4]]
    assert own[1] == "吴磊"
    assert not any(text[:1] in ("=", "+", "-", "@") for row in rows for text in row)
    assert "办事人" in own[4]


def test_a_case_of_others_has_no_such_file(log_in: LogIn, case: str) -> None:
    assert log_in("clerk.a").client.get(f"/audit/cases/{case}/readers.csv").status_code == 403
    assert log_in("auditor").client.get("/audit/cases/c0ffee/readers.csv").status_code == 404
