"""What was done is told, and was written, with the names that units had then."""

from __future__ import annotations

from datetime import timedelta

from engine.model import JobRequest, JobResult
from engine.queries.audit import film
from engine.queries.dossier import dossier
from tests.commands.unit_changes import agrees, change
from tests.world import World, flow, process, user_task
from web.render.sentences import names_in

LETTERS = process(
    "review",
    '<startEvent id="begin"/><serviceTask id="first" sm:connector="post" sm:input="{a: 1}" sm:result="one"/>'
    + user_task("check")
    + '<serviceTask id="second" sm:connector="post" sm:input="{a: 1}" sm:result="two"/><endEvent id="done"/>'
    + flow(1, "begin", "first")
    + flow(2, "first", "check")
    + flow(3, "check", "second")
    + flow(4, "second", "done"),
)


def test_old_papers_keep_the_old_name_and_new_ones_have_the_new(world: World) -> None:
    named = []

    def post(request: JobRequest) -> JobResult:
        named.append(request.tenant.name)
        return JobResult({"name": request.tenant.name})

    world.connectors = {"post": post}
    world.publish(LETTERS)
    case = world.start()
    world.wait(minutes=1)
    change(world, "rename", "east", name="东所")
    world.complete(case, "check", outcome="forward")
    world.wait(minutes=1)

    assert named == ["east", "东所"]
    agrees(world, case)


def test_the_film_says_the_name_of_the_time_and_the_record_of_a_dossier_tells_both(world: World) -> None:
    case = world.start()
    change(world, "rename", "east", name="东所")
    world.now += timedelta(minutes=1)
    world.complete(case, "check", outcome="back")

    with world.platform.database.read() as connection:
        shown = film(connection, world.platform.known, world.actor("north.auditor"), case)
        told = dossier(connection, world.platform.known, world.actor("north.auditor"), case, masked=False).data
    names = names_in(shown.definition, shown.names, shown.former)
    first, last = shown.facts[0], next(f for f in shown.facts if type(f.event).__name__ == "UserTaskCompleted")
    assert names.then(first.at).tenants["east"] == "east"
    assert names.then(last.at).tenants["east"] == "东所"
    assert "TenantRenamed" in str(told)
