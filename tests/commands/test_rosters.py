"""Tables of units and people under two hands at once, on both databases: whoever is second looks again."""

from __future__ import annotations

from collections.abc import Callable
from threading import Barrier, Thread

import pytest

from engine.commands.instances import start_instance
from engine.commands.organisations import change_unit
from engine.commands.rosters import NotAsShown, Reading, Report, Shown, apply_sheet, person_line, try_out, unit_line
from engine.errors import Conflict, Rejected
from engine.model import Actor
from engine.scenarios.page import raw_answers
from engine.store.database import watch_statements
from engine.store.sheets import Sheet, read_sheet
from tests.commands.unit_changes import agrees, cases_of, settle, tasks_of, unit, wanted
from tests.world import World

COLUMNS: dict[str, tuple[str, ...]] = dict.fromkeys(("id", "parent", "name", "level", "code", "since"), ())
UNITS = b"id,parent,name,level\nsouth,root,S,region\nsouth-1,south,S1,office\neast,north,E,office\n"
PEOPLE = b"login,name,unit,role\nzoe,Zoe,east,clerk\nzoe,Zoe,west,clerk\n"


def units() -> tuple[Sheet, Reading]:
    return read_sheet(UNITS, COLUMNS, ("id", "name")), unit_line({})


def people() -> tuple[Sheet, Reading]:
    columns: dict[str, tuple[str, ...]] = dict.fromkeys(("login", "name", "unit", "role"), ())
    return read_sheet(PEOPLE, columns, tuple(columns)), person_line({"clerk": "clerk"})


def shown(world: World, sheet: Sheet, reading: Reading) -> Report:
    with pytest.raises(Shown) as tried:
        world.platform.run(lambda uow: try_out(uow, sheet, reading), world.actor("root.admin"), world.now)
    return tried.value.report


def at_once(*works: Callable[[], object]) -> list[str]:
    """Do all of these at the same moment; "done" or the name of what each was refused with, in order of the words."""
    gate, outcomes = Barrier(len(works)), []

    def work(one: Callable[[], object]) -> None:
        gate.wait()
        try:
            one()
            outcomes.append("done")
        except Rejected as refused:
            outcomes.append(type(refused).__name__)

    threads = [Thread(target=work, args=(one,)) for one in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(outcomes)


@pytest.mark.parametrize("table", [units, people])
def test_what_is_tried_out_leaves_no_trace(world: World, table: Callable[[], tuple[Sheet, Reading]]) -> None:
    before = world.verdict().facts

    report = shown(world, *table())

    assert report.count("new") and not report.refused
    assert world.verdict().facts == before
    assert unit(world, "south") is None


@pytest.mark.parametrize("table", [units, people])
def test_of_two_who_take_over_the_same_table_at_once_one_looks_again(
    world: World, table: Callable[[], tuple[Sheet, Reading]]
) -> None:
    sheet, reading = table()
    seen, admin = shown(world, sheet, reading).shown, world.actor("root.admin")

    def take_over() -> None:
        world.platform.run(lambda uow: apply_sheet(uow, sheet, reading, seen), admin, world.now)

    assert at_once(take_over, take_over) == ["NotAsShown", "done"]
    assert shown(world, sheet, reading).count("unchanged") == len(sheet.lines)
    agrees(world)


def test_a_refused_line_takes_everything_back(world: World) -> None:
    sheet = read_sheet(UNITS + b"far,nowhere,F,office\n", COLUMNS, ("id", "name"))
    seen = shown(world, sheet, unit_line({})).shown

    with pytest.raises(NotAsShown):
        world.platform.run(
            lambda uow: apply_sheet(uow, sheet, unit_line({}), seen), world.actor("root.admin"), world.now
        )
    assert unit(world, "south") is None
    agrees(world)


def test_cases_that_begin_while_their_unit_is_merged_are_refused_or_the_heirs(world: World) -> None:
    clerks: list[Actor] = [world.actor(f"{name}.east") for name in ("ann", "bob", "eve")]
    asked, admin = wanted(world, "merge", "east", heir="west"), world.actor("root.admin")

    def begin(actor: Actor) -> Callable[[], object]:
        return lambda: world.platform.run(
            lambda uow: start_instance(uow, "review", raw_answers({"note": "x"}), {}), actor, world.now
        )

    def merge() -> None:
        world.platform.run(lambda uow: change_unit(uow, asked), admin, world.now)

    outcomes = at_once(merge, *(begin(actor) for actor in clerks))
    settle(world)

    begun = outcomes.count("done") - 1
    assert set(outcomes) <= {"done", Conflict.__name__}
    assert len(cases_of(world, "ann.west")) == tasks_of(world, "bob.west") == begun
    agrees(world)


def test_thousands_of_people_cost_as_many_statements_as_a_few(world: World) -> None:
    def told(lines: int) -> tuple[int, Report]:
        text = "".join(f"p{n // 2},Z{n // 2},{'east' if n % 2 else 'west'},clerk\n" for n in range(lines))
        text += "ann.east,Anne,east,clerk\nnew,N,nowhere,clerk\np0,Z0,west,clerk\n"
        columns: dict[str, tuple[str, ...]] = dict.fromkeys(("login", "name", "unit", "role"), ())
        sheet = read_sheet(f"login,name,unit,role\n{text}".encode(), columns, tuple(columns))
        statements: list[str] = []
        with watch_statements(world.platform.database, statements.append):
            report = shown(world, sheet, person_line({"clerk": "clerk"}))
        return len(statements), report

    few, _ = told(10)
    many, report = told(400)

    assert many == few < 30
    assert [report.count(what) for what in ("new", "changed", "unchanged", "refused")] == [200, 200, 1, 2]


def test_whoever_stands_in_several_lines_has_all_their_roles_and_the_record_agrees(world: World) -> None:
    content = PEOPLE + b"yan,Yan,east,clerk\nann.east,ann,west,clerk\nyan,Yan,west,clerk\n"
    columns: dict[str, tuple[str, ...]] = dict.fromkeys(("login", "name", "unit", "role"), ())
    sheet, reading = read_sheet(content, columns, tuple(columns)), person_line({"clerk": "clerk"})
    seen = shown(world, sheet, reading).shown

    world.platform.run(lambda uow: apply_sheet(uow, sheet, reading, seen), world.actor("root.admin"), world.now)

    assert world.actor("zoe").tenant.id in ("east", "west")
    assert shown(world, sheet, reading).count("unchanged") == 5
    agrees(world)
