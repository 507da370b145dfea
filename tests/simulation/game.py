"""A game of work and mishaps: people work over HTTP while site and worker are killed; then everything is counted."""

from __future__ import annotations

import multiprocessing
import random
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from multiprocessing import forkserver
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from engine.history import events as e
from engine.queries.verify import verify
from engine.store import tables as t
from engine.store.database import Database
from engine.store.reading import facts_of
from tests.simulation import children
from tests.simulation.people import Book, GaveUp, Person
from tests.store.queued import QueuedWorld
from tests.world import flow, process, user_task

LOGINS = ("ann.east", "bob.east", "eve.east", "ann.west")
CASES_RUNNING_MAX = 16
PAPER = b"<p>{{ data.note }} {{ case.number }}</p>"

_TIMER = "<timerEventDefinition><timeDuration>PT0.4S</timeDuration></timerEventDefinition>"
_INPUT = "{document: &quot;letter&quot;, name: &quot;letter&quot;}"
PROCEDURE = process(
    "review",
    '<startEvent id="begin"/>'
    + user_task("check")
    + '<parallelGateway id="split"/>'
    + user_task("opinion")
    + f'<intermediateCatchEvent id="wait">{_TIMER}</intermediateCatchEvent>'
    + f'<serviceTask id="letter" sm:connector="document" sm:input="{_INPUT}"/>'
    + '<parallelGateway id="join"/>'
    + user_task("last")
    + '<endEvent id="done"/>'
    + flow(1, "begin", "check")
    + flow(2, "check", "split")
    + flow(3, "split", "opinion")
    + flow(4, "split", "wait")
    + flow(5, "split", "letter")
    + flow(6, "opinion", "join")
    + flow(7, "wait", "join")
    + flow(8, "letter", "join")
    + flow(9, "join", "last")
    + flow(10, "last", "done"),
)
EACH_CASE_HAS = {
    "InstanceStarted": 1,
    "UserTaskCompleted": 3,
    "TimerFired": 1,
    "ConnectorFinished": 1,
    "PaperIssued": 1,
    "InstanceCompleted": 1,
}


def context() -> Any:
    """Where children come from: a process with everything imported, so that a fresh one takes a moment."""
    found = multiprocessing.get_context("forkserver")
    found.set_forkserver_preload(["tests.simulation.children"])
    with pytest.MonkeyPatch.context() as patch:  # it looks for what it imports where Python is told to
        patch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))
        forkserver.ensure_running()
    return found


def free_port() -> int:
    """A port that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Child:
    """The site or the worker: killed and made anew."""

    def __init__(self, target: Callable[..., None], url: str, port: int, options: Mapping[str, Any]) -> None:
        self._context, self._target, self._arguments = context(), target, (url, port)
        self.options = dict(options)
        self.kills = 0
        self.begin()

    def begin(self) -> None:
        """A fresh process."""
        self.ready = self._context.Event()
        self.process: BaseProcess = self._context.Process(
            target=self._target, args=(*self._arguments, self.ready, self.options), daemon=True
        )
        self.process.start()

    def kill(self) -> None:
        """SIGKILL, and wait until it is gone."""
        self.process.kill()
        self.process.join()
        self.kills += 1


class Game:
    """One database, one site, one worker, four people."""

    def __init__(self, database: Database, seed: int, **options: Any) -> None:
        self.database, self.random, self.book = database, random.Random(seed), Book()
        QueuedWorld(database).furnish(PROCEDURE, document__letter=PAPER)
        port = free_port()
        self.site = Child(children.site, database.url, port, options)
        self.worker = Child(children.worker, database.url, port, {})
        self.closing, self.over = threading.Event(), threading.Event()
        self.people = [Person(login, port, self.book, self.over, seed + n) for n, login in enumerate(LOGINS)]
        self._logged_in = threading.Barrier(len(LOGINS) + 1)
        self.failures: list[BaseException] = []
        self._threads = [threading.Thread(target=self._work, args=(person,)) for person in self.people]

    def _work(self, person: Person) -> None:
        """Start cases until closing time, and do what is there until everything has ended."""
        try:
            person.log_in()
            self._logged_in.wait(60)
            while not self.over.is_set():
                is_early = not self.closing.is_set() and self.running() < CASES_RUNNING_MAX
                if is_early and person.random.random() < 0.3:
                    person.start_case()
                elif not person.do_some_task() and self.closing.is_set():
                    time.sleep(0.1)
        except GaveUp:
            pass
        except BaseException as error:
            self.failures.append(error)

    def running(self) -> int:
        """How many cases have not ended."""
        with self.database.read() as connection:
            query = select(t.instance.c.id).where(t.instance.c.status == "running")
            return len(connection.execute(query).all())

    def begin(self) -> None:
        """Everybody logs in and goes to work."""
        for thread in self._threads:
            thread.start()
        self._logged_in.wait(60)

    def replace_site_when_it_dies(self) -> None:
        """Wait until the site has killed itself, then begin one that does not."""
        self.site.process.join(30)
        self.site.options.pop("dies_after", None)
        self.site.begin()

    def kill_at_random(self, kills: int, seconds_max: float) -> int:
        """Kill site or worker at random moments, also soon after their birth. Returns how many times."""
        deadline = time.monotonic() + seconds_max
        for number in range(kills):
            victim = self.random.choice((self.site, self.worker))
            if self.random.random() < 0.9:  # one in ten is killed before it is there
                victim.ready.wait(10)
                self._wait_for_a_form(2.0)
            time.sleep(self.random.uniform(0.0, 0.3))
            if time.monotonic() > deadline:
                return number
            victim.kill()
            victim.begin()
        return kills

    def _wait_for_a_form(self, seconds_max: float) -> None:
        """Until somebody sends a form: a kill while nothing happens says nothing."""
        known, deadline = len(self.book.sent), time.monotonic() + seconds_max
        while len(self.book.sent) == known and time.monotonic() < deadline:
            time.sleep(0.005)

    def let_finish(self, seconds_max: float) -> bool:
        """Start nothing new and wait for the last case. False when some never ends."""
        self.closing.set()
        deadline = time.monotonic() + seconds_max
        while time.monotonic() < deadline and (self.running() or self._unsettled()):
            time.sleep(0.1)
        finished = not self.running()
        self.over.set()
        for thread in self._threads:
            thread.join(20)
        return finished

    def _unsettled(self) -> bool:
        """Whether somebody still waits for an answer to a form."""
        with self.book.lock:
            return len(self.book.sent) > sum(self.book.statuses.values())

    def end(self) -> None:
        """Kill what still runs."""
        self.over.set()
        for child in (self.site, self.worker):
            child.process.kill()
            child.process.join()


@dataclass(frozen=True)
class Count:
    """What the history says after a game. Each field is a list of what is wrong; all empty is right."""

    lost: tuple[str, ...]
    doubled: tuple[str, ...]
    unfinished: tuple[str, ...]
    crooked: tuple[str, ...]
    waiting: tuple[str, ...]
    findings: tuple[str, ...]

    @property
    def is_right(self) -> bool:
        return not any((self.lost, self.doubled, self.unfinished, self.crooked, self.waiting, self.findings))


def count(database: Database, book: Book) -> Count:
    """Look for every submission in the history, and whether every case went its way exactly once."""
    effects: Counter[str] = Counter()
    unfinished, crooked = [], []
    with database.read() as connection:
        for case, status in connection.execute(select(t.instance.c.id, t.instance.c.status)).all():
            types: Counter[str] = Counter()
            for fact in facts_of(connection, f"case:{case}"):
                types[type(fact.event).__name__] += 1
                match fact.event:
                    case e.InstanceStarted(variables=answers) | e.UserTaskCompleted(answers=answers):
                        effects[str(answers.get("note"))] += 1
            if status != "completed":
                unfinished.append(case)
            elif any(types[name] != number for name, number in EACH_CASE_HAS.items()):
                crooked.append(f"{case}: {dict(types)}")
        waiting = connection.execute(select(t.job.c.id).where(t.job.c.status == "waiting")).scalars().all()
        findings = verify(connection).findings
    return Count(
        lost=tuple(sorted(note for note in book.acknowledged if effects[note] == 0)),
        doubled=tuple(sorted(note for note, number in effects.items() if number > 1)),
        unfinished=tuple(unfinished),
        crooked=tuple(crooked),
        waiting=tuple(waiting),
        findings=tuple(map(str, findings)),
    )
