"""Messages and signals through the real queue: delivered without anybody asking, once, and expired in time."""

from __future__ import annotations

from datetime import timedelta

from engine.history import events as e
from tests.commands.letters import ALARM, SENDING, Post
from tests.store.queued import QueuedWorld, until
from tests.store.test_queue import Work, queued, work

__all__ = ["queued", "work"]


def test_what_one_case_sends_another_gets_without_anybody_asking(queued: QueuedWorld, work: Work) -> None:
    queued.furnish(SENDING)
    work()
    getter = queued.start(note="getter")

    queued.start(note="sender")

    assert until(lambda: queued.open(getter) == ["check"])
    assert len(Post(queued).told(getter, e.MessageReceived)) == 1
    assert queued.verdict().findings == ()


def test_without_a_sender_nothing_comes(queued: QueuedWorld, work: Work) -> None:
    queued.furnish(SENDING)
    work()
    getter = queued.start(note="getter")

    assert not until(lambda: queued.open(getter) != [], seconds=0.5)


def test_a_signal_reaches_every_case_by_a_job_of_its_own(queued: QueuedWorld, work: Work) -> None:
    queued.furnish(ALARM)
    work()
    cases = [queued.start() for _ in range(5)]

    Post(queued).alarm()

    assert until(lambda: all(queued.state(case).outcome == "fled" for case in cases))
    assert [len(Post(queued).told(case, e.EventCame)) for case in cases] == [1] * 5
    assert queued.verdict().findings == ()


def test_a_kept_message_expires_by_itself(queued: QueuedWorld, work: Work) -> None:
    queued.furnish(SENDING)
    work()
    post = Post(queued)
    post.send("k", keep=timedelta(seconds=1))
    assert post.rows()[0]["status"] == "waiting"

    assert until(lambda: post.rows()[0]["status"] == "expired")
    assert queued.verdict().findings == ()
