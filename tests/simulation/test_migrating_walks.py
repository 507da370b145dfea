"""Random cases moved at random moments, to variants of their diagram and to any other: they stay whole and repeat.

``SHANGMEN_WALKS`` says how many; the seed of a failing one is in the test's name.
"""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from engine.commands.migrations import Blocked, migrate_instance
from engine.errors import Rejected
from engine.history import events as e
from engine.queries.reexecution import Past, re_execute
from engine.store import tables as t
from engine.store.database import Database
from engine.store.directory import system_actor
from engine.store.reading import facts_of
from tests.simulation.diagrams import random_diagram
from tests.simulation.test_random_walks import STEPS, WALKS, Walk
from tests.world import flow, user_task

LAST = re.compile(r'(<sequenceFlow id="f\d+" sourceRef="\w+" targetRef=")done(")')


def longer(diagram: bytes, number: int) -> bytes:
    """The same diagram with one more task before the end."""
    extra = f"extra{number}"
    text = LAST.sub(rf"\g<1>{extra}\g<2>", diagram.decode())
    more = user_task(extra) + flow(1000 + number, extra, "done")
    return text.replace("</process>", f"{more}</process>").encode()


class MovingWalk(Walk):
    """A walk on ground that changes."""

    def __init__(self, database: Database, seed: int) -> None:
        super().__init__(database, seed)
        self.diagram, self.moved, self.blocked = random_diagram(seed), 0, 0
        self.versions = 0

    def step(self) -> None:
        if self.random.random() < 0.5:
            super().step()
        else:
            self.move_to_a_variant() if self.random.random() < 0.7 else self.move_anywhere()

    def move_to_a_variant(self) -> None:
        """One more task before the end: nothing that waits is in the way."""
        self.versions += 1
        variant = longer(self.diagram, self.versions)
        self.world.publish(variant)
        if self._move({}, recompute=self.random.random() < 0.3):
            self.diagram = variant

    def move_anywhere(self) -> None:
        """Another diagram altogether, with steps taking the place of others at random."""
        other = random_diagram(self.random.randrange(10**6))
        names = sorted(set(re.findall(r'id="((?:task|timer|news|call|script)\d+)"', other.decode())))
        here = [task.element for task in self.world.state(self.case).tasks]
        mapping = {element: self.random.choice(names) for element in here} if names else {}
        try:
            self.world.publish(other)
        except Rejected:
            return
        if self._move(mapping):
            self.diagram = other

    def _move(self, mapping: dict[str, str], *, recompute: bool = False) -> bool:
        before = self._row()
        try:
            self.world.platform.run(
                lambda uow: migrate_instance(uow, self.case, None, mapping, "a change", recompute=recompute),
                system_actor(),
                self.world.now,
            )
        except Blocked:
            self.blocked += 1
        except Rejected:
            pass
        else:
            self.moved += 1
            return True
        assert self._row() == before, "a case that cannot move changes nothing"
        return False

    def _row(self) -> object:
        with self.world.platform.database.read() as connection:
            return connection.execute(select(t.instance).where(t.instance.c.id == self.case)).one()

    def check_again(self) -> None:
        """The recorded inputs, run through all versions, give what the record says."""
        with self.world.platform.database.read() as connection:
            agreement = re_execute(connection, self.world.platform.known, self.case, Past(connection))
            facts = [fact.event for fact in facts_of(connection, f"case:{self.case}")]
        assert agreement.difference is None, agreement.difference
        assert sum(isinstance(fact, e.InstanceMigrated) for fact in facts) == self.moved


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(500, 500 + WALKS))
def test_a_case_moved_at_random_moments_stays_whole_and_repeats(database: Database, seed: int) -> None:
    walk = MovingWalk(database, seed)

    for _ in range(STEPS):
        walk.step()
        walk.check()

    walk.check_again()


@pytest.mark.slow
def test_walks_do_move_and_are_blocked_now_and_then(sqlite_database: Database) -> None:
    walk = MovingWalk(sqlite_database, 7)
    for _ in range(40):
        walk.move_to_a_variant()
        walk.move_anywhere()
        walk.complete()
        if walk.moved and walk.blocked:
            break
    assert walk.moved
    assert walk.blocked
    walk.check_again()
