"""Procedures that wait for messages and signals, and what a test asks of a world that runs them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from engine.commands.correlation import broadcast_signal, correlate_message, deliver_by_hand, discard_message
from engine.history import events as e
from engine.queries.reexecution import case_ids, re_execute
from engine.store import tables as t
from engine.store.reading import facts_of
from tests.world import World, flow, process, user_task

LETTER = '<message id="letter" name="letter" sm:correlation="=note"/>'
PLAIN = '<message id="letter" name="letter"/>'
SIGNAL = '<signal id="alarm" name="alarm"/>'
START = '<startEvent id="begin"/>'
END = '<endEvent id="done" name="done"/>'


def waiting(extra: str = LETTER, more: str = "") -> bytes:
    """A case that waits for a letter, then for a person."""
    body = START + f'<receiveTask id="get" name="get" messageRef="letter" {more}/>' + user_task("check") + END
    return process("review", body + flow(1, "begin", "get") + flow(2, "get", "check") + flow(3, "check", "done"), extra)


LATE = process(
    "review",
    START
    + user_task("check")
    + '<receiveTask id="get" name="get" messageRef="letter"/>'
    + END
    + flow(1, "begin", "check")
    + flow(2, "check", "get")
    + flow(3, "get", "done"),
    LETTER,
)
"""A case that waits for a letter only after a person has done something."""

SENDING = process(
    "review",
    START
    + '<exclusiveGateway id="which" default="f3"/>'
    + '<receiveTask id="get" name="get" messageRef="letter" sm:correlation="=&quot;k&quot;"/>'
    + '<sendTask id="send" messageRef="letter" sm:correlation="=&quot;k&quot;" sm:payload="={said: note}"/>'
    + user_task("check")
    + END
    + flow(1, "begin", "which")
    + flow(2, "which", "send", 'note = "sender"')
    + flow(3, "which", "get")
    + flow(4, "send", "done")
    + flow(5, "get", "check")
    + flow(6, "check", "done"),
    PLAIN,
)
"""A case called “sender” sends a letter, any other waits for one."""

ALARM = process(
    "review",
    START
    + '<exclusiveGateway id="which" default="f3"/>'
    + '<endEvent id="cry" name="cry"><signalEventDefinition id="sd1" signalRef="alarm"/></endEvent>'
    + user_task("check")
    + '<boundaryEvent id="hear" name="hear" attachedToRef="check"><signalEventDefinition id="sd2" signalRef="alarm"/>'
    + "</boundaryEvent>"
    + '<endEvent id="fled" name="fled"/>'
    + END
    + flow(1, "begin", "which")
    + flow(2, "which", "cry", 'note = "crier"')
    + flow(3, "which", "check")
    + flow(4, "check", "done")
    + flow(5, "hear", "fled"),
    SIGNAL,
)
"""A case called “crier” gives the alarm at once; any other flees from its work when it hears it."""


class Post:
    """Sends letters and alarms into a world, as somebody."""

    def __init__(self, world: World) -> None:
        self.world = world

    def send(
        self, *keys: str, who: str = "ann.east", id: str = "1", keep: timedelta = timedelta(days=7), **payload: Any
    ) -> dict[str, Any]:
        actor = self.world.actor(who)
        return self.world.platform.run(
            lambda uow: correlate_message(uow, "letter", keys, payload, id, keep), actor, self.world.now
        )

    def alarm(self, who: str = "root.admin", id: str = "1", **payload: Any) -> dict[str, Any]:
        actor = self.world.actor(who)
        return self.world.platform.run(lambda uow: broadcast_signal(uow, "alarm", payload, id), actor, self.world.now)

    def give(self, message: str, case: str, who: str = "root.admin") -> dict[str, Any]:
        actor = self.world.actor(who)
        return self.world.platform.run(lambda uow: deliver_by_hand(uow, message, case), actor, self.world.now)

    def discard(self, message: str, reason: str, who: str = "root.admin") -> None:
        actor = self.world.actor(who)
        self.world.platform.run(lambda uow: discard_message(uow, message, reason), actor, self.world.now)

    def rows(self, *kinds: str) -> Sequence[Mapping[str, Any]]:
        with self.world.platform.database.read() as connection:
            query = select(t.message).where(t.message.c.kind.in_(kinds or ("message",))).order_by(t.message.c.id)
            return connection.execute(query).mappings().all()

    def told(self, case: str, kind: type[e.Event]) -> list[Any]:
        with self.world.platform.database.read() as connection:
            return [fact.event for fact in facts_of(connection, f"case:{case}") if isinstance(fact.event, kind)]


def is_whole(world: World) -> bool:
    """Rows are what history says, and every case run again gives the same."""
    with world.platform.database.read() as connection:
        again = [re_execute(connection, world.platform.known, case) for case, _ in case_ids(connection)]
    assert [str(one.difference) for one in again if one.difference] == []
    assert [str(finding) for finding in world.verdict().findings] == []
    return True
