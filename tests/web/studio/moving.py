"""Running cases and a newer version of the errand that they do not follow yet."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from engine.commands.deployments import publish
from engine.definition.bundle import read_folder
from engine.store.directory import system_actor
from engine.store.run import Platform
from tests.web.browser import Browser
from tests.web.conftest import ERRAND, START

AsPerson = Callable[[str], Browser]


def open_case(as_person: AsPerson, who: str, office: str = "a") -> str:
    """A new case at the reviewer's task; its id."""
    as_person(f"clerk.{office}").get("/desk/start/errand").submit("/desk/start/errand", who=who)
    page = as_person(f"clerk.{office}").get("/desk/cases")
    return page.link(r"/desk/cases/[0-9a-f]+").rsplit("/", 1)[1]


def newer_version(platform: Platform, form_check: dict[str, str] | None = None, **changes: str) -> None:
    """Publish the errand with words in its diagram (``old=new``), or in the reviewer's form, changed."""
    bundle = read_folder(ERRAND, ERRAND / "forms")
    key = ("form", "check") if form_check else ("process", "errand")
    text = bundle.resources[key].decode()
    for old, new in (form_check or changes or {"审核": "复核"}).items():
        text = text.replace(old, new)
    changed = replace(bundle, resources={**bundle.resources, key: text.encode()})
    platform.run(lambda uow: publish(uow, changed, "hq", "第二版"), system_actor(), START)
