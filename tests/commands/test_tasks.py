"""What staff do to tasks, on both databases: completed once, seen by the right people, kept in a sealed history."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from engine.commands import instances, tasks
from engine.errors import Conflict, Invalid, NotFound, Rejected
from engine.store.database import watch_statements
from tests.world import World, branches, flow, process, user_task

SQL_STATEMENTS_MAX = 10


def test_what_the_leader_waits_for_comes_after_the_check(world: World) -> None:
    case = world.start()
    assert world.open(case) == ["check"]

    world.complete(case, "check", outcome="forward")

    assert world.open(case) == ["decide"]


def test_what_the_reviewer_sends_back_the_reviewer_gets_again(world: World) -> None:
    case = world.start()

    world.complete(case, "check", outcome="back")

    assert world.open(case) == ["check"]


def test_a_case_ends_where_its_diagram_ends(world: World) -> None:
    case = world.start()

    world.complete(case, "check", outcome="forward")
    world.complete(case, "decide", who="eve.east", outcome="forward")

    assert (world.state(case).status, world.state(case).outcome) == ("completed", "done")
    assert world.verdict().findings == ()


def test_a_task_is_completed_once(world: World) -> None:
    case = world.start()
    task = world.task(case, "check")
    world.complete_id(task, outcome="forward")
    before = world.state(case).seq

    with pytest.raises(Conflict, match="already completed"):
        world.complete_id(task, outcome="forward")

    assert world.state(case).seq == before


def test_the_other_office_cannot_tell_the_task_from_one_that_does_not_exist(world: World) -> None:
    case = world.start()
    task = world.task(case, "check")

    with pytest.raises(NotFound) as foreign:
        world.complete_id(task, who="bob.west", outcome="forward")
    with pytest.raises(NotFound) as missing:
        world.complete_id("0000.1", who="bob.west", outcome="forward")

    assert str(foreign.value) == str(missing.value)
    assert world.open(case) == ["check"]


def test_a_wrong_choice_changes_nothing_and_says_what_was_expected(world: World) -> None:
    case = world.start()
    before = world.state(case).seq

    with pytest.raises(Invalid) as refused:
        world.complete(case, "check", outcome="maybe")

    assert [problem.field for problem in refused.value.problems] == ["outcome"]
    assert world.state(case).seq == before


def test_a_taken_task_waits_for_its_holder(world: World) -> None:
    case = world.start()
    task = world.task(case, "check")
    world.platform.run(lambda uow: tasks.claim_task(uow, task), world.actor("bob.east"), world.now)

    with pytest.raises(Rejected, match="bob has taken on"):
        world.complete_id(task, who="eve.east", outcome="forward")

    world.platform.run(lambda uow: tasks.release_task(uow, task), world.actor("bob.east"), world.now)
    world.complete_id(task, who="eve.east", outcome="forward")
    assert world.open(case) == ["decide"]


def test_a_task_is_handed_only_to_somebody_who_may_do_it(world: World) -> None:
    case = world.start()
    task = world.task(case, "check")
    bob, eve, foreign = (world.actor(login) for login in ("bob.east", "eve.east", "eve.west"))

    with pytest.raises(Rejected, match="colleague"):
        world.platform.run(lambda uow: tasks.reassign_task(uow, task, foreign.user, "leave"), bob, world.now)
    with pytest.raises(Rejected, match="reason"):
        world.platform.run(lambda uow: tasks.reassign_task(uow, task, eve.user, " "), bob, world.now)
    world.platform.run(lambda uow: tasks.reassign_task(uow, task, eve.user, "leave"), bob, world.now)

    with pytest.raises(Rejected, match="eve has taken on"):
        world.complete_id(task, who="bob.east", outcome="forward")


def test_the_same_token_has_one_effect_and_the_same_answer(world: World) -> None:
    case = world.start()
    task = world.task(case, "check")
    bob = world.actor("bob.east")

    def submit() -> dict[str, object]:
        return world.platform.run_once(
            lambda uow: tasks.complete_task(uow, task, {"outcome": ["back"]}, {}), bob, world.now, "token-1"
        )

    first = submit()
    seq = world.state(case).seq
    assert submit() == first
    assert world.state(case).seq == seq


def test_the_same_start_sent_eight_times_at_once_opens_one_case(world: World) -> None:
    ann = world.actor("ann.east")
    answers: list[object] = []

    def submit() -> None:
        answers.append(
            world.platform.run_once(
                lambda uow: instances.start_instance(uow, "review", {"note": ["one"]}, {}), ann, world.now, "token-2"
            )
        )

    _at_once([submit] * 8)

    assert len(answers) == 8
    assert all(answer == answers[0] for answer in answers)
    assert world.verdict().findings == ()


def test_another_persons_token_does_not_give_their_answer(world: World) -> None:
    case = world.start()
    task = world.task(case, "check")
    command = lambda uow: tasks.complete_task(uow, task, {"outcome": ["forward"]}, {})
    world.platform.run_once(command, world.actor("bob.east"), world.now, "token-3")

    with pytest.raises(Conflict):
        world.platform.run_once(command, world.actor("eve.east"), world.now, "token-3")


def test_eight_people_finish_eight_branches_at_once_and_the_join_fires_once(make_world: Callable[..., World]) -> None:
    world = make_world(branches(8))
    case = world.start()
    open_tasks = [world.task(case, f"branch_{number}") for number in range(8)]
    actors = [world.actor(login) for login in ("ann.east", "bob.east", "eve.east")]
    done: list[object] = []

    def finish(number: int) -> Callable[[], None]:
        actor = actors[number % 3]
        return lambda: done.append(
            world.platform.run(lambda uow: tasks.complete_task(uow, open_tasks[number], {}, {}), actor, world.now)
        )

    _at_once([finish(number) for number in range(8)])

    assert len(done) == 8
    assert world.open(case) == ["last"]
    assert world.verdict().findings == ()


def test_seven_of_eight_branches_do_not_fire_the_join(make_world: Callable[..., World]) -> None:
    world = make_world(branches(8))
    case = world.start()

    for number in range(7):
        world.complete(case, f"branch_{number}")

    assert world.open(case) == ["branch_7"]


def test_one_completed_task_costs_few_statements_and_one_commit(world: World) -> None:
    case = world.start()
    world.complete(case, "check", outcome="back")  # what seldom changes is known now
    bob, task = world.actor("bob.east"), world.task(case, "check")
    seen: list[str] = []

    with watch_statements(world.platform.database, seen.append):
        world.platform.run_once(
            lambda uow: tasks.complete_task(uow, task, {"outcome": ["forward"]}, {}), bob, world.now, "token"
        )

    assert seen.count("COMMIT") == 1
    assert len(seen) - 1 <= SQL_STATEMENTS_MAX - 1, "\n".join(seen)  # the tenth belongs to the session
    assert world.open(case) == ["decide"]


def test_a_failing_condition_keeps_what_the_person_did(make_world: Callable[..., World]) -> None:
    main = process(
        "review",
        '<startEvent id="begin"/>' + user_task("check") + '<exclusiveGateway id="well" default="f4"/>'
        '<endEvent id="yes"/><endEvent id="no"/>'
        + flow(1, "begin", "check")
        + flow(2, "check", "well")
        + flow(3, "well", "yes", "note &gt; 1")
        + flow(4, "well", "no"),
    )
    world = make_world(main)
    case = world.start()

    world.complete(case, "check", note="words")

    state = world.state(case)
    assert (state.status, state.tasks) == ("running", ())
    assert len(state.incidents) == 1
    assert "well" in state.incidents[0]
    assert world.verdict().findings == ()


def _at_once(actions: list[Callable[[], None]]) -> None:
    gate = threading.Barrier(len(actions))
    errors: list[BaseException] = []

    def run(action: Callable[[], None]) -> None:
        gate.wait()
        try:
            action()
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=run, args=(action,)) for action in actions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []


def test_what_a_stuck_condition_says_includes_why(make_world: Callable[..., World]) -> None:
    main = process(
        "review",
        '<startEvent id="begin"/>' + user_task("check") + '<exclusiveGateway id="well" default="f4"/>'
        '<endEvent id="yes"/><endEvent id="no"/>'
        + flow(1, "begin", "check")
        + flow(2, "check", "well")
        + flow(3, "well", "yes", "note &gt; 1 or note = &quot;2&quot;")
        + flow(4, "well", "no"),
    )
    world = make_world(main)
    stuck, fine = world.start(), world.start()

    world.complete(stuck, "check", note="words")
    world.complete(fine, "check", note="2")

    said = world.state(stuck).incidents[0]
    assert "because:" in said
    assert "compare" in said
    assert (world.state(fine).incidents, world.state(fine).outcome) == ((), "yes")
