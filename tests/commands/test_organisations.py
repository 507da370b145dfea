"""Units change from a day on, cases follow, and the record stays whole: rows, seals and re-execution agree."""

from __future__ import annotations

from datetime import date, timedelta
from threading import Barrier, Thread
from typing import Any

import pytest

from engine.commands.instances import start_instance
from engine.commands.organisations import Outdated, call_off, change_unit, today
from engine.commands.people import add_tenant, add_user, grant_role
from engine.errors import Conflict, Invalid, NotFound
from engine.model import Actor
from engine.queries.reexecution import Past
from engine.scenarios.page import raw_answers
from engine.store.directory import system_actor
from engine.store.unit_changes import judge
from tests.commands.deputies import acting, lend
from tests.commands.unit_changes import agrees, cases_of, change, publish_at, refused, settle, tasks_of, unit, wanted
from tests.world import World, flow, process, user_task

# ------------------------------------------------------------------ added, renamed


def test_a_unit_is_added_for_today_at_once(world: World) -> None:
    change(world, "add", "south", name="南区", parent="north", level="office", code="410825")

    assert (unit(world, "south").path, unit(world, "south").code) == ("root/north/south", "410825")
    agrees(world)


def test_a_unit_planned_for_later_is_there_when_its_day_comes_and_not_before(world: World) -> None:
    change(world, "add", "south", 3, name="南区", parent="north", level="office")

    assert unit(world, "south") is None
    settle(world, days=2)
    assert unit(world, "south") is None
    settle(world, days=1)
    assert unit(world, "south").name == "南区"
    agrees(world)


def test_a_change_called_off_never_comes(world: World) -> None:
    planned = change(world, "rename", "east", 3, name="东所")
    world.platform.run(lambda uow: call_off(uow, planned), world.actor("root.admin"), world.now)
    settle(world, days=4)

    assert unit(world, "east").name == "east"
    agrees(world)


def test_what_cannot_be_right_any_more_on_its_day_is_not_done_and_says_why(world: World) -> None:
    change(world, "close", "west", 3)
    world.start("ann.west")
    settle(world, days=3)

    assert unit(world, "west").closed_on is None
    assert world.verdict().findings == ()


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ({"tenant": "east"}, "is taken"),
        ({"tenant": "../x"}, "letters, digits"),
        ({"name": ""}, "Expected a name"),
        ({"name": "west"}, "beside it already"),
        ({"level": "galaxy"}, "Expected a level"),
        ({"code": "4108x"}, "division code"),
        ({"days": -1}, "from today"),
        ({"days": 9999}, "ten years"),
    ],
)
def test_a_unit_that_cannot_be_is_not_added(world: World, words: dict[str, Any], sentence: str) -> None:
    given = {"tenant": "south", "name": "南区", "level": "office", "parent": "north", **words}

    assert sentence in refused(world, "add", given.pop("tenant"), given.pop("days", 0), **given)
    assert unit(world, "south") is None


def test_a_renamed_unit_is_called_by_its_old_name_in_what_was_before(world: World) -> None:
    case = world.start()
    before = world.now
    change(world, "rename", "east", name="东所")
    world.complete(case, "check", outcome="back")

    with world.platform.database.read() as connection:
        past = Past(connection)
        assert (past.name_of("east", before), past.name_of("east", world.now)) == ("east", "东所")
    agrees(world, case)


# ------------------------------------------------------------------ moved


@pytest.fixture
def regions(world: World) -> World:
    """A second region, and two desks below the eastern office."""

    def add(uow: Any) -> None:
        add_tenant(uow, "south", "root", "南区", "region", None)
        add_user(uow, "south.admin", "南管", "south", ["administrator", "auditor"])
        add_user(uow, "north.admin", "北管", "north", ["administrator", "clerk"])
        add_tenant(uow, "desk", "east", "窗口", "desk", None)
        add_user(uow, "dan.desk", "dan", "desk", ["clerk"])

    world.platform.run(add, system_actor(), world.now)
    return world


def test_a_moved_unit_takes_its_cases_along_and_who_was_above_sees_them_no_more(regions: World) -> None:
    world, case, below = regions, regions.start(), regions.start("dan.desk")
    stays = world.start("ann.west")
    assert cases_of(world, "north.admin") == {case, below, stays}

    change(world, "move", "east", parent="south")

    assert unit(world, "desk").path == "root/south/east/desk"
    assert cases_of(world, "south.admin") == {case, below}
    assert cases_of(world, "north.admin") == {stays}
    world.complete(below, "check", outcome="back")
    world.complete(case, "check", outcome="forward")
    agrees(world, case, below)


def test_a_case_that_has_not_followed_yet_goes_on_where_it_was(regions: World) -> None:
    world, case = regions, regions.start("dan.desk")
    asked = wanted(world, "move", "east", parent="south")
    world.platform.run(lambda uow: change_unit(uow, asked), world.actor("root.admin"), world.now)
    world.now += timedelta(minutes=1)

    world.complete(case, "check", outcome="back")
    assert cases_of(world, "north.admin") == {case}
    settle(world)
    assert cases_of(world, "north.admin") == set()
    agrees(world, case)


def test_a_unit_moves_only_to_where_all_its_levels_are(regions: World) -> None:
    assert "no unit of level region" in refused(regions, "move", "east", parent="root")
    assert "below itself" in refused(regions, "move", "east", parent="desk")
    assert "already" in refused(regions, "move", "east", parent="north")


def test_own_versions_do_not_come_under_others_that_they_were_never_checked_against(regions: World) -> None:
    world = regions
    publish_at(world, "north", b'"a" = "b"')
    change(world, "move", "desk", parent="west")  # the same above: nothing differs
    publish_at(world, "east", b'"a" = "c"')

    assert "own versions" in refused(world, "move", "east", parent="south")


# ------------------------------------------------------------------ closed


def test_a_unit_with_work_is_not_closed_and_one_without_lets_nobody_in(regions: World) -> None:
    world, case = regions, regions.start("dan.desk")
    assert "running" in refused(world, "close", "desk")
    assert "open" in refused(world, "close", "east")

    change(world, "add", "booth", name="亭", parent="east", level="desk")
    world.platform.run(lambda uow: add_user(uow, "tom.booth", "tom", "booth", ["clerk"]), system_actor(), world.now)
    tom = world.actor("tom.booth")
    change(world, "close", "booth")

    with pytest.raises(AssertionError):
        world.actor("tom.booth")
    with pytest.raises(Conflict, match="closed or moved"):
        world.platform.run(lambda uow: grant_role(uow, tom.user, "booth", "leader"), system_actor(), world.now)
    agrees(world, case)


# ------------------------------------------------------------------ merged


def test_a_merged_unit_hands_over_cases_tasks_people_and_what_lies_below(regions: World) -> None:
    world = regions
    running, below, ended = world.start("ann.west"), world.start("dan.desk"), world.start("ann.east")
    for element in ("check", "decide"):
        world.complete(ended, element, who="bob.east" if element == "check" else "eve.east", outcome="forward")
    before = world.now
    assert cases_of(world, "ann.west") == {running}

    change(world, "merge", "east", heir="west")

    assert (unit(world, "east").heir, unit(world, "desk").path) == ("west", "root/north/west/desk")
    assert cases_of(world, "ann.west") == {running, below, ended}
    assert {unit.id for unit in [world.actor("bob.east").tenant]} == {"west"}  # the role is one of the heir's now
    world.complete(below, "check", who="bob.east", outcome="forward")
    world.complete(below, "decide", who="eve.west")
    agrees(world, running, below, ended)
    with world.platform.database.read() as connection:
        assert Past(connection).units_at(before)["east"].closed_on is None


def test_whoever_had_nothing_to_do_with_either_unit_sees_nothing_new(regions: World) -> None:
    world, case = regions, regions.start()
    change(world, "merge", "east", heir="west")

    assert cases_of(world, "south.admin") == set()
    assert cases_of(world, "north.admin") == {case}


def test_a_task_made_for_a_unit_that_ceased_a_moment_ago_is_the_heirs(regions: World) -> None:
    world, case = regions, regions.start()
    asked = wanted(world, "merge", "east", heir="west")
    world.platform.run(lambda uow: change_unit(uow, asked), world.actor("root.admin"), world.now)
    assert tasks_of(world, "bob.west") == 0  # the case has not followed yet

    settle(world)

    assert tasks_of(world, "bob.west") == 1
    world.complete(case, "check", who="bob.west", outcome="back")
    agrees(world, case)


@pytest.mark.parametrize(
    ("tenant", "heir", "sentence"),
    [
        ("east", "east", "itself"),
        ("east", "north", "above or below"),
        ("desk", "west", "same level"),
    ],
)
def test_units_that_do_not_fit_are_not_merged(regions: World, tenant: str, heir: str, sentence: str) -> None:
    assert sentence in refused(regions, "merge", tenant, heir=heir)


def test_an_own_version_that_is_not_what_holds_at_the_heir_keeps_units_apart(regions: World) -> None:
    world = regions
    publish_at(world, "east", b'"a" = "b"')

    assert "own version" in refused(world, "merge", "east", heir="west")
    change(world, "merge", "west", heir="east")  # the other way round nothing is lost
    agrees(world)


# ------------------------------------------------------------------ whose it is to say


@pytest.mark.parametrize(("kind", "words"), [("rename", {"name": "X"}), ("close", {}), ("move", {"parent": "root"})])
def test_nobody_decides_on_their_own_unit_nor_on_one_elsewhere(
    regions: World, kind: str, words: dict[str, str]
) -> None:
    for tenant in ("south", "root", "east", "missing"):
        asked = wanted(regions, kind, tenant, **words)
        with pytest.raises(NotFound) as answer:
            regions.platform.run(lambda uow: change_unit(uow, asked), regions.actor("south.admin"), regions.now)  # noqa: B023
        assert str(answer.value) == "There is no such organisation, or it is not yours to manage."


def test_what_was_shown_and_is_so_no_more_is_not_done(regions: World) -> None:
    world, admin = regions, regions.actor("root.admin")
    asked = wanted(world, "merge", "east", heir="west")
    with world.platform.database.read() as connection:
        shown = judge(connection, admin, asked, today(world.now)).shown
    world.start()

    with pytest.raises(Outdated):
        world.platform.run(lambda uow: change_unit(uow, asked, shown), admin, world.now)
    assert unit(world, "east").closed_on is None


def test_two_at_once_do_not_merge_into_each_other(regions: World) -> None:
    world, gate, outcomes = regions, Barrier(2), []
    admin: Actor = world.actor("root.admin")

    def merge(tenant: str, heir: str) -> None:
        gate.wait()
        try:
            asked = wanted(world, "merge", tenant, heir=heir)
            world.platform.run(lambda uow: change_unit(uow, asked), admin, world.now)
            outcomes.append("done")
        except Invalid:
            outcomes.append("refused")

    threads = [Thread(target=merge, args=pair) for pair in (("east", "west"), ("west", "east"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["done", "refused"]
    agrees(world)


def test_a_case_that_begins_while_its_unit_closes_is_either_there_or_refused(regions: World) -> None:
    world = regions
    ann = world.actor("ann.east")
    change(world, "merge", "east", heir="west")

    with pytest.raises(Conflict, match="closed or moved"):
        world.platform.run(lambda uow: start_instance(uow, "review", raw_answers({"note": "x"}), {}), ann, world.now)


def test_the_day_is_the_day_here(world: World) -> None:
    assert today(world.now.replace(hour=17)) == date(2026, 3, 3)


# ------------------------------------------------------------------ the only unit of its level


def test_two_units_do_not_come_where_steps_go_to_the_only_one(regions: World) -> None:
    """The eastern and the western desk, to which steps of the level go; no case begins at either."""
    world = regions
    world.publish(process("review", _with_desk()))
    change(world, "add", "counter", name="柜台", parent="west", level="desk")

    assert "a second one" in refused(world, "move", "desk", parent="west")
    assert "a second one" in refused(world, "merge", "east", 3, heir="west")

    change(world, "merge", "desk", 3, heir="counter")
    change(world, "merge", "east", 3, heir="west")
    settle(world, days=3)
    assert (unit(world, "desk").heir, unit(world, "east").heir) == ("counter", "west")
    agrees(world)


def test_units_of_a_level_to_which_no_step_goes_may_be_many(regions: World) -> None:
    change(regions, "add", "counter", name="柜台", parent="west", level="desk")

    change(regions, "merge", "east", heir="west")

    assert unit(regions, "desk").path == "root/north/west/desk"


def _with_desk() -> str:
    body = '<startEvent id="begin"/>' + user_task("check", level="desk") + '<endEvent id="done"/>'
    return body + flow(1, "begin", "check") + flow(2, "check", "done")


def test_a_deputy_of_a_merged_unit_s_person_stands_in_no_more_until_named_again_at_the_heir(regions: World) -> None:
    world = regions
    lend(world, "bob.east", "ann.east", roles=["leader"])
    assert [mandate.tenant for mandate in acting(world, "ann.east").mandates]
    change(world, "merge", "east", heir="west")
    world.now += timedelta(seconds=1)

    assert not acting(world, "ann.east").mandates

    lend(world, "bob.east", "ann.east", roles=["leader"])  # both work at the heir now
    assert acting(world, "ann.east").mandates
    agrees(world)
