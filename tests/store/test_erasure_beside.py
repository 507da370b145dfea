"""What stands beside a case goes with it: kept messages, orders to move it, kept searches. Others' things stay."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select, text

from engine.commands import erasure
from engine.commands.migration_orders import order_moves
from engine.commands.searches import keep_search
from engine.queries.searches import searches_of
from engine.store import tables as t
from engine.store.scrub import TABLES
from tests.commands.letters import LATE, Post, waiting
from tests.world import World

SECRET, REASON = "王小芳的身份证", "王小芳家属要求"


def rows(world: World) -> dict[str, str]:
    """Table → every row of it, personal values as text."""
    with world.platform.database.read() as connection:
        return {
            table.name: " ".join(
                cell.decode(errors="replace") if isinstance(cell, bytes) else str(cell)
                for row in connection.execute(select(table))
                for cell in row
            )
            for table in t.metadata.sorted_tables
        }


def holding(world: World, secret: str) -> set[str]:
    return {
        name for name, said in rows(world).items() if secret in said or secret.encode("unicode_escape").decode() in said
    }


def erase(world: World, case: str) -> None:
    run = world.platform.run
    run(lambda uow: erasure.request_erasure(uow, case, "asked", "law"), world.actor("root.admin"), world.now)
    run(lambda uow: erasure.erase_answers(uow, case), world.actor("north.auditor"), world.now)


def test_why_a_message_was_kept_or_discarded_is_not_sealed_in_the_open(make_world: Callable[..., World]) -> None:
    post = Post(make_world(waiting('<message id="letter" name="letter" sm:roles="clerk" sm:form="note"/>')))
    world = post.world
    sent = post.send(outcome=SECRET, id="own")["message"]
    world.start(note="one")
    (row,) = post.rows()
    assert SECRET in str(row["params"]), "the reason says what was found"

    assert holding(world, SECRET) == {"message", "payload"}
    post.discard(sent, REASON)

    assert holding(world, REASON) == {"message", "payload"}
    assert world.verdict().findings == ()


def test_a_message_that_was_kept_and_then_delivered_leaves_nothing_behind(make_world: Callable[..., World]) -> None:
    post = Post(make_world(LATE))
    world = post.world
    case = world.start(note=SECRET)
    assert post.send(SECRET, said=SECRET)["status"] == "waiting"
    world.complete(case, "check", outcome="forward", note=SECRET)
    assert world.open(case) == []
    assert holding(world, SECRET)

    erase(world, case)

    assert holding(world, SECRET) == set()
    assert world.verdict().findings == ()


@pytest.fixture
def moved(make_world: Callable[..., World]) -> tuple[World, str]:
    """A case that ended after an order to move it, and one that goes on."""
    world = make_world(LATE)
    case = world.start(note=SECRET)
    other = world.start(note="另一个人")
    world.platform.run(
        lambda uow: order_moves(uow, "review", [(case, {})], {}, REASON), world.actor("root.admin"), world.now
    )
    post = Post(world)
    world.complete(case, "check", outcome="forward", note=SECRET)
    post.send(SECRET, said="x")
    assert other
    return world, case


def test_an_order_to_move_a_case_forgets_its_reason(moved: tuple[World, str]) -> None:
    world, case = moved
    assert "migration_batch" in holding(world, REASON)

    erase(world, case)

    assert holding(world, REASON) == set()
    assert holding(world, SECRET) == set()
    assert world.verdict().findings == ()


def test_a_kept_search_goes_when_nothing_left_answers_it(moved: tuple[World, str]) -> None:
    world, case = moved
    auditor = world.actor("north.auditor")

    def keep(name: str, query: str) -> None:
        world.platform.run(lambda uow: keep_search(uow, name, query), auditor, world.now)

    def kept() -> set[str]:
        with world.platform.database.read() as connection:
            return {one.name for one in searches_of(connection, auditor)}

    keep("A", f"value={SECRET}")
    keep(SECRET[:3], "state=running")
    keep("B", "value=另一个人")
    keep("C", "state=completed")
    assert len(kept()) == 4

    erase(world, case)

    assert kept() == {"B", "C"}
    assert holding(world, SECRET[:3]) == set()


def test_what_is_written_anew_on_disk_is_every_table_that_an_erasure_changes(moved: tuple[World, str]) -> None:
    world, case = moved
    world.platform.run(lambda uow: keep_search(uow, "A", f"value={SECRET}"), world.actor("north.auditor"), world.now)
    before = rows(world)
    erase(world, case)
    after = rows(world)

    shrunk = {name for name, said in before.items() if SECRET in said or REASON in said}
    assert shrunk
    assert shrunk <= set(TABLES)
    assert all(SECRET not in said and REASON not in said for said in after.values())


def test_no_error_of_the_database_says_what_a_statement_carried(world: World) -> None:
    def break_it(connection: Any) -> None:
        connection.execute(text("insert into nothing values (:secret)"), {"secret": SECRET})

    with pytest.raises(Exception, match="nothing") as broken, world.platform.database.write() as connection:
        break_it(connection)

    assert SECRET not in str(broken.value)
