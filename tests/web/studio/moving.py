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


def newer_version(platform: Platform, **changes: str) -> None:
    """Publish the errand with words in its diagram changed (``old=new``)."""
    bundle = read_folder(ERRAND, ERRAND / "forms")
    key = ("process", "errand")
    main = bundle.resources[key].decode()
    for old, new in (changes or {"审核": "复核"}).items():
        main = main.replace(old, new)
    changed = replace(bundle, resources={**bundle.resources, key: main.encode()})
    platform.run(lambda uow: publish(uow, changed, "hq", "第二版"), system_actor(), START)
