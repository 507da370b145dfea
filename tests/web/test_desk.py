"""The desk, by address and as a named person: a case from its note to its end, without scripts."""

from __future__ import annotations

from collections.abc import Callable

from tests.web.browser import Browser, Page

AsPerson = Callable[[str], Browser]


def open_case(clerk: Browser, who: str = "李四", **more: str) -> Page:
    return clerk.get("/desk/start/errand").submit("/desk/start/errand", who=who, **more)


def test_a_stranger_completes_the_first_waiting_task_in_two_clicks(as_person: AsPerson) -> None:
    open_case(as_person("clerk.a"))

    worklist = as_person("reviewer.a").get("/")
    task = worklist.follow(r"^/desk/tasks/")
    done = task.submit(r"/desk/tasks/[^/]+$", opinion="agree")

    assert done.status == 200
    assert "Done" in done.main or "已办理" in done.main or "办结" in done.main
    assert "/desk/tasks/" in as_person("chief").get("/desk").source
