"""The pages of erasure and of who looked: without faults for axe-core, at both widths, in both languages."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select

from engine.commands import instances
from engine.store import tables as t
from engine.store.directory import system_actor
from engine.store.run import Platform
from tests.web.browser import Browser
from tests.web.chromium import WIDTHS, TabOf, chrome, faults, site, tab_of
from tests.web.conftest import PASSWORD, Clock

__all__ = ["chrome", "site", "tab_of"]

pytestmark = pytest.mark.browser


@pytest.fixture
def number(as_person: Callable[[str], Browser], platform: Platform, clock: Clock) -> str:
    """The number of a cancelled case whose erasure was asked for, after another was done."""
    asked = {"_legal_basis": "个人信息保护法第47条", "_reason": "本人要求"}
    for _ in range(2):
        as_person("clerk.a").get("/desk/start/errand").submit("/desk/start/errand", who="李四甲")
    with platform.database.read() as connection:
        cases = connection.execute(select(t.instance.c.id, t.instance.c.number)).all()
    for case in cases:
        platform.run(lambda uow, id_=case.id: instances.cancel_instance(uow, id_, "撤回"), system_actor(), clock())
        as_person("admin").get("/desk/erasures").submit("/desk/erasures$", _number=case.number, **asked)
    as_person("admin.a").get("/desk/erasures").submit("confirm")
    as_person("auditor").get(f"/audit/cases/{cases[0].id}")
    return str(cases[0].number)


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("width", WIDTHS)
def test_the_pages_of_erasure_and_looks_have_no_faults(tab_of: TabOf, number: str, width: int, language: str) -> None:
    tab = tab_of("admin.a", PASSWORD)
    tab.set_viewport_size({"width": width, "height": 900})
    tab.goto(f"/language/{'zh-CN' if language == 'zh' else 'en'}")
    for path in ("/desk/erasures", "/looks", f"/looks?number={number}"):
        tab.goto(path)
        assert faults(tab) == [], path
    assert tab.complaints == []
