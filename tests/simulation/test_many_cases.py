"""Many cases at once with everything that befalls cases; then each is run again and the whole record is checked.

``SHANGMEN_SIMULATED_CASES`` says how many (60 by default, so that it takes seconds; a release is tried with 1000), and
``SHANGMEN_SEED`` what the dice begin with. Both are printed with what happened.
"""

from __future__ import annotations

import os
import random
from collections import Counter
from contextlib import suppress

import pytest
from sqlalchemy import func, select

from engine.commands import incidents, instances
from engine.commands.deployments import publish
from engine.commands.migrations import migrate_instance
from engine.errors import Rejected
from engine.history import events as e
from engine.model import JobRequest, JobResult
from engine.queries.reexecution import Past, case_ids, re_execute
from engine.store import tables as t
from engine.store.database import Database
from engine.store.directory import system_actor
from engine.store.reading import facts_of
from engine.store.run import Platform
from tests.simulation.diagrams import MESSAGES
from tests.world import World, bundle, flow, process, user_task

CASES = int(os.environ.get("SHANGMEN_SIMULATED_CASES", "60"))
SEED = int(os.environ.get("SHANGMEN_SEED", "20261123"))
STEPS_A_CASE = 9
_RULES_HOLD = 15  # cases until the next version
_NEWS = '<messageEventDefinition messageRef="news"/>'
_AFTER = "<timerEventDefinition><timeDuration>P%dD</timeDuration></timerEventDefinition>"
_SUM = '{length: if outcome = "back" then number("no number") else string length(note)}'


def drawn(*, recheck: bool) -> bytes:
    """Check, sent back as often as the reviewer likes; a machine that refuses; two opinions inside a guarded
    subprocess; a script that cannot always be computed. The later version looks twice."""
    after = "recheck" if recheck else "call"
    more = user_task("recheck") + flow(9, "recheck", "call") if recheck else ""
    return process(
        "review",
        '<startEvent id="begin"/>' + user_task("check", more='sm:dueWorkingDays="=2"')
        + f'<boundaryEvent id="late" attachedToRef="check" cancelActivity="false">{_AFTER % 3}</boundaryEvent>'
        + user_task("remind") + '<endEvent id="reminded"/>'
        + '<exclusiveGateway id="well" default="f3"/>' + more
        + '<serviceTask id="call" sm:connector="moody" sm:input="{a: 1}" sm:result="r"/>'
        + f'<scriptTask id="sum" scriptFormat="feel"><script>{_SUM}</script></scriptTask>'
        + '<subProcess id="inner" name="inner"><startEvent id="in"/><parallelGateway id="split"/>'
        + user_task("left") + user_task("right", "leader") + '<parallelGateway id="join"/><endEvent id="out"/>'
        + flow(20, "in", "split") + flow(21, "split", "left") + flow(22, "split", "right") + flow(23, "left", "join")
        + flow(24, "right", "join") + flow(25, "join", "out") + "</subProcess>"
        + f'<boundaryEvent id="heard" attachedToRef="inner">{_NEWS}</boundaryEvent>'
        + f'<boundaryEvent id="over" attachedToRef="inner">{_AFTER % 9}</boundaryEvent>'
        + user_task("decide", "leader") + '<endEvent id="done"/><endEvent id="told"/><endEvent id="lapsed"/>'
        + flow(1, "begin", "check") + flow(2, "check", "well") + flow(3, "well", "check")
        + flow(4, "well", after, 'outcome = "forward"') + flow(5, "call", "inner") + flow(6, "inner", "sum")
        + flow(7, "sum", "decide") + flow(8, "decide", "done") + flow(10, "late", "remind")
        + flow(11, "remind", "reminded") + flow(12, "heard", "told") + flow(13, "over", "lapsed"),
        MESSAGES,
    )  # fmt: skip


class Office:
    """A busy office: any case, any person, any order."""

    def __init__(self, database: Database, seed: int) -> None:
        self.random = random.Random(seed)
        self.world = World(Platform(database), {"moody": self.moody}).furnish(drawn(recheck=False))
        self.cases: list[str] = []

    def moody(self, request: JobRequest) -> JobResult:
        """A connector that refuses now and then."""
        if self.random.random() < 0.15:
            raise Rejected("Not in the mood for %(what)s.", what=request.element)
        return JobResult({"length": 1})

    def live(self, cases: int) -> None:
        """Open so many cases one after another while people work on all of them; now and then the rules change."""
        for number in range(cases):
            if number % _RULES_HOLD == _RULES_HOLD - 1:
                newer = bundle(drawn(recheck=number // _RULES_HOLD % 2 == 0))
                self._run(lambda uow: publish(uow, newer, "root", ""))  # noqa: B023 - it runs at once
            self.cases.append(self.world.start(outcome="forward", note=f"case {number}"))
            for _ in range(STEPS_A_CASE):
                with suppress(Rejected):  # a refusal is an answer, too
                    self.something()

    def something(self) -> None:
        """One thing happens to one of the younger cases."""
        case = self.random.choice(self.cases[-40:])
        happens = self.random.choices(
            (self.complete, self.complete_back, self.pass_time, self.report, self.repair, self.cancel, self.move),
            weights=(60, 16, 3, 3, 10, 1, 16),
        )[0]
        happens(case)

    def complete(self, case: str, outcome: str = "forward") -> None:
        tasks = self.world.state(case).tasks
        if tasks:
            task = self.random.choice(tasks)
            who = self.random.choice(("ann.east", "bob.east", "eve.east"))
            self.world.wait(minutes=1)
            self.world.complete_id(task.id, who, outcome=outcome, note=f"{self.random.random()}")

    def complete_back(self, case: str) -> None:
        self.complete(case, "back")

    def pass_time(self, _case: str) -> None:
        self.world.wait(hours=self.random.choice((5, 20, 40)))

    def report(self, case: str) -> None:
        if self.world.state(case).messages:
            self.world.report(case, "news", note="news")

    def repair(self, _case: str) -> None:
        with self.world.platform.database.read() as connection:
            query = select(t.incident.c.id).where(t.incident.c.status == "open").order_by(t.incident.c.created_at)
            stuck = connection.execute(query.limit(20)).scalars().all()
        if stuck:
            incident, change = self.random.choice(stuck), incidents.retry_incident
            if self.random.random() < 0.4:
                change = incidents.skip_incident
            self._run(lambda uow: change(uow, incident, "looked at it"))

    def cancel(self, case: str) -> None:
        self._run(lambda uow: instances.cancel_instance(uow, case, "given up"))

    def move(self, case: str) -> None:
        recompute = self.random.random() < 0.5
        self._run(lambda uow: migrate_instance(uow, case, None, {}, "new rules", recompute=recompute))

    def _run(self, command: object) -> None:
        self.world.platform.run(command, system_actor(), self.world.now)  # type: ignore[arg-type]


def told(database: Database) -> Counter[str]:
    """How often each thing happened."""
    found: Counter[str] = Counter()
    with database.read() as connection:
        found["cases"] = connection.execute(select(func.count()).select_from(t.instance)).scalar_one()
        for case, _ in case_ids(connection):
            checked = 0
            for fact in facts_of(connection, f"case:{case}"):
                match fact.event:
                    case e.UserTaskCompleted(element="check"):
                        checked += 1
                        found["sent back"] += checked > 1
                    case e.IncidentResolved(how=how):
                        found[how] += 1
                    case e.InstanceCancelled() | e.InstanceMigrated() | e.MessageReceived() | e.TimerFired() as event:
                        found[type(event).__name__] += 1
                found["facts"] += 1
    return found


@pytest.mark.slow
def test_many_cases_run_again_agree_and_their_record_is_whole(database: Database) -> None:
    office = Office(database, SEED)

    office.live(CASES)

    happened = told(database)
    print(f"\nseed {SEED}: {dict(happened)}")
    assert happened["cases"] == CASES
    wanted = (
        "sent back",
        "retried",
        "skipped",
        "InstanceCancelled",
        "InstanceMigrated",
        "MessageReceived",
        "TimerFired",
    )
    assert not [kind for kind in wanted if not happened[kind]], "the dice left something out: try another seed"
    assert office.world.verdict().findings == ()
    with database.read() as connection:
        past = Past(connection)
        again = {
            number: re_execute(connection, Platform(database).known, id_, past) for id_, number in case_ids(connection)
        }
    assert {number: str(one.difference) for number, one in again.items() if one.difference} == {}
    assert sum(one.commands for one in again.values()) > CASES * 3
