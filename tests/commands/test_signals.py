"""A signal reaches every case of an organisation's part of the tree that waits for it, once, and no other."""

from __future__ import annotations

from collections.abc import Callable

from engine.commands import jobs
from engine.history import events as e
from engine.store.queue import message_job
from tests.commands.letters import ALARM, Post, is_whole
from tests.world import World

MakeWorld = Callable[..., World]


def test_a_signal_reaches_all_cases_that_wait_and_carries_its_content(make_world: MakeWorld) -> None:
    post = Post(make_world(ALARM))
    cases = [post.world.start("ann.east"), post.world.start("ann.west")]

    answer = post.alarm(level=3)
    assert post.world.open(cases[0]) == ["check"]  # each case is told in a transaction of its own
    post.world.wait()

    assert answer["cases"] == 2
    assert [post.world.state(case).outcome for case in cases] == ["fled", "fled"]
    assert [post.told(case, e.EventCame)[0].payload for case in cases] == [{"level": 3}] * 2
    assert is_whole(post.world)


def test_a_signal_stays_in_its_part_of_the_tree(make_world: MakeWorld) -> None:
    post = Post(make_world(ALARM))
    east, west = post.world.start("ann.east"), post.world.start("ann.west")

    post.alarm("ann.east")
    post.world.wait()

    assert post.world.state(east).outcome == "fled"
    assert post.world.open(west) == ["check"]
    assert is_whole(post.world)


def test_another_signal_reaches_nobody(make_world: MakeWorld) -> None:
    post = Post(make_world(ALARM.replace(b'name="alarm"', b'name="other"')))
    case = post.world.start()

    assert post.alarm()["cases"] == 0
    post.world.wait()

    assert post.world.open(case) == ["check"]


def test_the_same_signal_again_has_no_second_effect(make_world: MakeWorld) -> None:
    post = Post(make_world(ALARM))
    post.world.start()
    post.alarm()
    post.world.wait()
    later = post.world.start()

    assert post.alarm()["cases"] == 1
    assert post.world.wait() == 0
    assert post.world.open(later) == ["check"]


def test_a_case_that_no_longer_waits_is_left_alone(make_world: MakeWorld) -> None:
    post = Post(make_world(ALARM))
    case = post.world.start()
    post.alarm()

    post.world.complete(case, "check", outcome="forward", note="x")
    post.world.wait()

    assert post.world.state(case).outcome == "done"
    assert [row["status"] for row in post.rows("delivery")] == ["missed"]
    assert is_whole(post.world)


def test_what_one_case_gives_all_others_hear(make_world: MakeWorld) -> None:
    post = Post(make_world(ALARM))
    cases = [post.world.start("ann.east") for _ in range(3)]
    west = post.world.start("ann.west")

    crier = post.world.start("ann.east", note="crier")
    post.world.wait()

    assert post.world.state(crier).status == "completed"
    assert [post.world.state(case).outcome for case in cases] == ["fled"] * 3
    assert post.world.open(west) == ["check"]
    assert is_whole(post.world)


def test_a_delivery_done_twice_has_one_effect(make_world: MakeWorld) -> None:
    post = Post(make_world(ALARM))
    case = post.world.start()
    post.alarm()
    job = message_job(post.rows("delivery")[0]["id"])

    for _ in range(3):
        post.world.platform.run(lambda uow: jobs.look_at_job(uow, job), jobs.MACHINE, post.world.now)

    assert len(post.told(case, e.EventCame)) == 1
    assert is_whole(post.world)
