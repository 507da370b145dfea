"""Messages that found no case: an administrator reads why, chooses the case, or discards them with a reason."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from engine.commands.correlation import correlate_message
from engine.model import Actor, Tenant
from engine.store.run import Platform
from tests.web.browser import Browser
from tests.web.conftest import Clock

AsPerson = Callable[[str], Browser]
SOFTWARE = Actor("u-software", "registry", Tenant("hq", "hq", "总部", "hq"), frozenset({"clerk"}))


@pytest.fixture
def unclear(platform: Platform, as_person: AsPerson, clock: Clock) -> str:
    """Two cases wait for a withdrawal, and one came that does not say which; its id."""
    for who in ("李四", "赵六"):
        as_person("clerk.a").get("/desk/start/errand").submit("/desk/start/errand", who=who)
    answer = platform.run(
        lambda uow: correlate_message(uow, "撤回", (), {"withdrawn_because": "不再需要"}, "r-1"), SOFTWARE, clock()
    )
    assert answer["status"] == "waiting"
    return str(answer["message"])


def test_an_administrator_sees_why_a_message_was_not_delivered_and_not_what_it_carries(
    as_person: AsPerson, unclear: str
) -> None:
    page = as_person("admin").get("/desk/incidents").follow("/desk/undelivered")

    assert page.source.count("<section") == 1
    assert page.source.count("<option") == 3
    assert "不再需要" not in page.source


def test_without_such_a_message_the_page_is_empty(as_person: AsPerson) -> None:
    assert as_person("admin").get("/desk/undelivered").source.count("<section") == 0


def test_a_message_goes_to_the_case_that_was_chosen(as_person: AsPerson, unclear: str) -> None:
    admin = as_person("admin")
    page = admin.get("/desk/undelivered")
    case = page.source.split("<option value=")[2].split('"')[1]

    assert page.submit("/deliver", _case="").status == 422
    assert page.submit("/deliver", _case="0123456789abcdef").status == 404
    page = admin.get("/desk/undelivered").submit("/deliver", _case=case)

    assert page.source.count("<section") == 0
    assert "已撤回" in as_person("clerk.a").get(f"/desk/cases/{case}").main


def test_a_message_is_discarded_with_a_reason(as_person: AsPerson, unclear: str) -> None:
    admin = as_person("admin")

    assert admin.get("/desk/undelivered").submit("/discard", _reason=" ").status == 422
    page = admin.get("/desk/undelivered").submit("/discard", _reason="重复发送")

    assert page.source.count("<section") == 0


def test_an_administrator_of_another_unit_does_not_see_it(as_person: AsPerson, unclear: str) -> None:
    page = as_person("admin.a").get("/desk/undelivered")

    assert page.source.count("<section") == 0


def test_staff_do_not_open_the_page(as_person: AsPerson) -> None:
    assert as_person("clerk.a").get("/desk/undelivered").status == 403
