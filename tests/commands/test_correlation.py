"""A message finds the one case that it is meant for, or waits for it, or says why not; and it comes once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select

from engine.commands.erasure import erase_answers, request_erasure
from engine.errors import Conflict, Invalid, NotFound, Rejected
from engine.history import events as e
from engine.store import tables as t
from tests.commands.letters import LATE, PLAIN, SENDING, Post, is_whole, waiting
from tests.world import World, flow, process, user_task

MakeWorld = Callable[..., World]


@pytest.fixture
def post(make_world: MakeWorld) -> Post:
    return Post(make_world(waiting()))


def test_a_message_reaches_the_case_with_its_key_and_no_other(post: Post) -> None:
    one, other = post.world.start(note="one"), post.world.start(note="other")

    answer = post.send("one", said="hello")

    assert (answer["status"], answer["instance"]) == ("delivered", one)
    assert post.world.open(one) == ["check"]
    assert post.world.open(other) == []
    received = post.told(one, e.MessageReceived)[0]
    assert (received.payload, received.sent) == ({"said": "hello"}, answer["message"])
    assert is_whole(post.world)


def test_a_message_with_another_key_reaches_nobody_and_says_why(post: Post) -> None:
    case = post.world.start(note="one")

    answer = post.send("two")

    assert answer["status"] == "waiting"
    assert "No case waits for the message letter" in answer["why"]
    assert post.world.open(case) == []
    assert is_whole(post.world)


def test_the_number_of_a_case_is_a_key_to_it(post: Post) -> None:
    case = post.world.start(note="one")
    post.world.start(note="other")
    number = post.send("nobody", id="0") and post.told(case, e.InstanceStarted)[0].number

    assert post.send(number)["instance"] == case


def test_several_waiting_cases_are_named_and_none_gets_it(make_world: MakeWorld) -> None:
    post = Post(make_world(waiting(PLAIN)))
    cases = [post.world.start(), post.world.start()]

    answer = post.send()

    numbers = [post.told(case, e.InstanceStarted)[0].number for case in cases]
    assert answer["status"] == "waiting"
    assert all(number in answer["why"] for number in numbers)
    assert [post.world.open(case) for case in cases] == [[], []]
    assert is_whole(post.world)


def test_a_kept_message_comes_with_the_event_that_opens_the_wait(make_world: MakeWorld) -> None:
    post = Post(make_world(LATE))
    case = post.world.start(note="one")
    kept = post.send("one", said="early")

    post.world.complete(case, "check", outcome="forward", note="one")

    assert kept["status"] == "waiting"
    assert post.world.state(case).status == "completed"
    assert post.told(case, e.MessageReceived)[0].payload == {"said": "early"}
    assert post.rows()[0]["status"] == "delivered"
    assert post.rows()[0]["correlation"] == ""
    assert is_whole(post.world)


def test_a_kept_message_for_another_key_does_not_come(make_world: MakeWorld) -> None:
    post = Post(make_world(LATE))
    case = post.world.start(note="one")
    post.send("two")

    post.world.complete(case, "check", outcome="forward", note="one")

    assert post.world.state(case).status == "running"
    assert is_whole(post.world)


def test_a_message_expires_and_does_not_come_any_more(make_world: MakeWorld) -> None:
    post = Post(make_world(LATE))
    case = post.world.start(note="one")
    post.send("one", keep=timedelta(days=2))

    post.world.wait(days=1)
    assert post.rows()[0]["status"] == "waiting"
    post.world.wait(days=1)
    post.world.complete(case, "check", outcome="forward", note="one")

    assert post.rows()[0]["status"] == "expired"
    assert post.world.state(case).status == "running"
    assert is_whole(post.world)


def test_the_same_id_again_is_the_same_message(post: Post) -> None:
    one, other = post.world.start(note="one"), post.world.start(note="other")

    first, again = post.send("one"), post.send("one")

    assert first == again
    assert len(post.told(one, e.MessageReceived)) == 1
    with pytest.raises(Conflict):
        post.send("other")
    assert post.world.open(other) == []
    assert post.send("other", id="2")["instance"] == other
    assert is_whole(post.world)


def test_the_same_id_of_another_organisation_is_another_message(post: Post) -> None:
    post.world.start(note="one")
    west = post.world.start("ann.west", note="one")

    post.send("one")

    assert post.send("one", who="ann.west")["instance"] == west


@pytest.mark.parametrize("count", [2, 8])
def test_the_same_message_sent_by_many_at_once_comes_once(post: Post, count: int) -> None:
    case = post.world.start(note="one")
    answers: list[object] = []

    def send() -> None:
        answers.append(post.send("one"))

    threads = [threading.Thread(target=send) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(answers) == count
    assert all(answer == answers[0] for answer in answers)
    assert len(post.told(case, e.MessageReceived)) == 1
    assert is_whole(post.world)


def test_sending_and_beginning_to_wait_at_once_never_miss_each_other(make_world: MakeWorld) -> None:
    post = Post(make_world(LATE))
    cases = [post.world.start(note=f"n{number}") for number in range(6)]
    ready = threading.Barrier(2 * len(cases))

    def send(number: int) -> None:
        ready.wait()
        post.send(f"n{number}", id=f"m{number}")

    def begin(number: int) -> None:
        ready.wait()
        post.world.complete(cases[number], "check", outcome="forward", note=f"n{number}")

    threads = [threading.Thread(target=act, args=(n,)) for n in range(len(cases)) for act in (send, begin)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [post.world.state(case).status for case in cases] == ["completed"] * len(cases)
    assert is_whole(post.world)


def test_nobody_reaches_a_case_of_another_organisation(post: Post) -> None:
    case = post.world.start("ann.west", note="one")

    assert post.send("one", who="ann.east")["status"] == "waiting"
    assert post.world.open(case) == []
    assert "one" not in post.rows()[0]["params"].values()
    assert post.send("one", who="root.admin", id="2")["instance"] == case


def test_who_may_not_report_it_by_hand_may_not_send_it(make_world: MakeWorld) -> None:
    post = Post(make_world(waiting('<message id="letter" name="letter" sm:roles="leader" sm:form="note"/>')))
    case = post.world.start()

    assert post.send(who="root.admin")["status"] == "waiting"
    with pytest.raises(Invalid):
        post.send(id="2", outcome="nonsense")
    with pytest.raises(Invalid):
        post.send(id="2", verdict="not in the form")
    assert post.world.open(case) == []
    assert post.send(id="2", outcome="forward")["instance"] == case
    assert is_whole(post.world)


@pytest.mark.parametrize(
    ("keys", "more"),
    [
        (("",), {}),
        (("a · b",), {}),
        (("k" * 201,), {}),
        (("one",), {"profile": 1}),
        (("one",), {"x" * 81: 1}),
        (("one",), {"x": "y" * 200_000}),
        (("one",), {"x": object()}),
        (("one",), {"keep": timedelta(0)}),
        (("one",), {"keep": timedelta(days=400)}),
        (("one",), {"id": ""}),
    ],
)
def test_what_is_no_message_is_refused_and_leaves_nothing(post: Post, keys: tuple[str, ...], more: dict) -> None:
    post.world.start(note="one")

    with pytest.raises(Rejected, match="Expected"):
        post.send(*keys, **more)

    assert post.rows() == []


def test_a_key_that_cannot_be_computed_is_an_incident_at_the_wait(make_world: MakeWorld) -> None:
    post = Post(make_world(waiting(more='sm:correlation="=missing"')))

    case = post.world.start(note="one")

    assert "to know which case is" in post.world.state(case).incidents[0]


# ------------------------------------------------------------------ settled by a person


def test_a_person_chooses_among_several_cases(make_world: MakeWorld) -> None:
    post = Post(make_world(waiting(PLAIN)))
    first, second = post.world.start(), post.world.start()
    message = post.send(said="you")["message"]

    answer = post.give(message, second)

    assert answer["instance"] == second
    assert post.world.open(first) == []
    assert post.world.open(second) == ["check"]
    with pytest.raises(Conflict):
        post.give(message, first)
    assert is_whole(post.world)


def test_an_expired_message_can_still_be_given_to_a_case(post: Post) -> None:
    message = post.send("one", keep=timedelta(hours=1))["message"]
    post.world.wait(hours=2)
    case = post.world.start(note="other")

    assert post.rows()[0]["status"] == "expired"
    assert post.give(message, case)["status"] == "delivered"
    assert is_whole(post.world)


def test_a_discarded_message_does_not_come_and_says_why(make_world: MakeWorld) -> None:
    post = Post(make_world(LATE))
    case = post.world.start(note="one")
    message = post.send("one")["message"]

    with pytest.raises(Rejected, match="reason"):
        post.discard(message, " ")
    post.discard(message, "sent by mistake")
    post.world.complete(case, "check", outcome="forward", note="one")

    assert post.world.state(case).status == "running"
    assert post.rows()[0]["reason"] == "sent by mistake"
    with pytest.raises(Conflict):
        post.discard(message, "again")
    assert is_whole(post.world)


def test_a_message_of_another_organisation_is_not_there(post: Post) -> None:
    message = post.send("one", who="ann.east")["message"]
    case = post.world.start("ann.west", note="x")

    for act in (lambda: post.discard(message, "no", "ann.west"), lambda: post.give(message, case, "ann.west")):
        with pytest.raises(NotFound):
            act()
    assert post.rows()[0]["status"] == "waiting"


# ------------------------------------------------------------------ between cases, and from nothing


def test_what_one_case_sends_another_gets(make_world: MakeWorld) -> None:
    post = Post(make_world(SENDING))
    getter = post.world.start(note="getter")
    sender = post.world.start(note="sender")
    assert post.world.open(getter) == []

    post.world.wait()

    assert post.world.state(sender).status == "completed"
    assert post.world.open(getter) == ["check"]
    assert post.told(getter, e.MessageReceived)[0].payload == {"said": "sender"}
    assert post.world.wait(days=30) == 0
    assert is_whole(post.world)


def test_what_a_case_sends_is_kept_for_one_that_comes_later(make_world: MakeWorld) -> None:
    post = Post(make_world(SENDING))
    post.world.start(note="sender")
    post.world.wait()
    assert post.rows()[0]["status"] == "waiting"

    getter = post.world.start(note="getter")
    late = post.world.start(note="late")

    assert post.world.open(getter) == ["check"]
    assert post.world.open(late) == []
    assert is_whole(post.world)


def test_what_a_case_sends_stays_in_its_organisation(make_world: MakeWorld) -> None:
    post = Post(make_world(SENDING))
    getter = post.world.start("ann.west", note="getter")
    post.world.start("ann.east", note="sender")
    post.world.wait()

    assert post.world.open(getter) == []


def test_what_a_case_sends_reaches_as_far_as_drawn(make_world: MakeWorld) -> None:
    post = Post(make_world(SENDING.replace(b'<sendTask id="send"', b'<sendTask id="send" sm:reach="region"')))
    getter = post.world.start("ann.west", note="getter")
    post.world.start("ann.east", note="sender")
    post.world.wait()

    assert post.world.open(getter) == ["check"]
    assert is_whole(post.world)


BEGINNING = process(
    "review",
    '<startEvent id="begin"/><startEvent id="by_letter">'
    + '<messageEventDefinition id="md" messageRef="letter"/></startEvent>'
    + user_task("check")
    + '<endEvent id="done"/>'
    + flow(1, "begin", "check")
    + flow(2, "by_letter", "check")
    + flow(3, "check", "done"),
    PLAIN,
)


def test_a_message_begins_a_case_where_a_procedure_begins_with_it(make_world: MakeWorld) -> None:
    post = Post(make_world(BEGINNING))

    answer = post.send(note="by letter")

    assert answer["status"] == "delivered"
    assert post.world.open(answer["instance"]) == ["check"]
    started = post.told(answer["instance"], e.InstanceStarted)[0]
    assert (started.at, started.sent, started.variables) == ("by_letter", answer["message"], {"note": "by letter"})
    assert post.send(note="by letter") == answer
    assert is_whole(post.world)


def test_who_may_not_open_a_case_does_not_begin_one_by_message(make_world: MakeWorld) -> None:
    post = Post(make_world(BEGINNING))

    assert post.send(who="north.auditor", note="by letter")["status"] == "waiting"


def test_erasing_a_case_erases_what_its_messages_carried(post: Post) -> None:
    case = post.world.start(note="one")
    post.send("one", said="a secret", id="own")
    post.world.complete(case, "check", outcome="forward", note="x")
    kept = post.send("two", said="kept", id="2")

    platform, now = post.world.platform, post.world.now
    platform.run(lambda uow: request_erasure(uow, case, "asked for", "law"), post.world.actor("root.admin"), now)
    assert "a secret" in _carried(post)
    platform.run(lambda uow: erase_answers(uow, case), post.world.actor("north.auditor"), now)

    assert "a secret" not in _carried(post)
    assert "kept" in _carried(post)
    assert kept["status"] == "waiting"
    assert [str(finding) for finding in post.world.verdict().findings] == []


def _carried(post: Post) -> str:
    with post.world.platform.database.read() as connection:
        return str(connection.execute(select(t.payload.c.value)).scalars().all())
