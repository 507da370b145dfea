"""The verify page also runs the case again: agreement, the first difference, or erased data, in both languages."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from engine.history.seal import canonical, seal
from engine.store import tables as t
from engine.store.run import Platform
from tests.web.browser import Browser

AsPerson = Callable[[str], Browser]


@pytest.fixture
def case(as_person: AsPerson, platform: Platform) -> str:
    """A case that the reviewer agreed to; its id."""
    as_person("clerk.a").get("/desk/start/errand").submit("/desk/start/errand", who="李四")
    as_person("reviewer.a").get("/").follow(r"^/desk/tasks/").submit(r"/desk/tasks/[^/]+$", opinion="agree")
    with platform.database.read() as connection:
        return str(connection.execute(select(t.instance.c.id)).scalar_one())


def rewrite(platform: Platform, case: str, change: Callable[[dict[str, Any]], None]) -> None:
    """A forger with the whole database in hand: changes facts and computes every seal anew."""
    with platform.database.write() as connection:
        previous = ""
        for row in connection.execute(
            select(t.history).where(t.history.c.stream == f"case:{case}").order_by(t.history.c.seq)
        ).all():
            fact = json.loads(row.body)
            change(fact)
            body = canonical(fact)
            previous = seal(previous, body)
            connection.execute(
                t.history.update()
                .where(t.history.c.stream == row.stream, t.history.c.seq == row.seq)
                .values(body=body, seal=previous)
            )
        connection.execute(t.instance.update().values(seal=previous))


def test_a_case_that_followed_its_diagram_agrees_in_both_languages(as_person: AsPerson, case: str) -> None:
    auditor = as_person("auditor")

    assert "重新执行，结果一致" in auditor.get(f"/audit/cases/{case}/verify").main
    auditor.get("/language/en")
    assert "Run again, the same comes out." in auditor.get(f"/audit/cases/{case}/verify").main


def test_a_forged_branch_under_fresh_seals_is_found_by_running_it_again(
    as_person: AsPerson, case: str, platform: Platform
) -> None:
    def other_way(fact: dict[str, Any]) -> None:
        if fact["data"].get("via") == "f3":
            fact["data"]["via"] = "f4"

    rewrite(platform, case, other_way)
    auditor = as_person("auditor")
    auditor.get("/language/en")
    page = auditor.get(f"/audit/cases/{case}/verify")

    assert "Run again, something else comes out" in page.main
    assert "is waiting" in page.tree.get_element_by_id("again").getparent().text_content()
    assert page.tree.xpath("//a[contains(@href,'at=')]")
    for identifier in ("UserTaskCreated", "decide"):
        assert identifier not in page.main


def test_a_rewriting_that_changes_nothing_still_agrees(as_person: AsPerson, case: str, platform: Platform) -> None:
    rewrite(platform, case, lambda fact: None)

    assert "重新执行，结果一致" in as_person("auditor").get(f"/audit/cases/{case}/verify").main


def test_a_case_with_erased_data_claims_nothing_beyond_them(as_person: AsPerson, case: str, platform: Platform) -> None:
    with platform.database.write() as connection:
        connection.execute(t.payload.delete().where(t.payload.c.stream == f"case:{case}", t.payload.c.seq == 1))

    page = as_person("auditor").get(f"/audit/cases/{case}/verify").main

    assert "依法清除" in page
    assert "结果一致。" not in page.split("重新执行", 1)[1].split("个人数据")[0]
