"""Tokens meet and part as BPMN 2.0.2 says: gateways, joins in loops, implicit splits."""

import itertools

import pytest

from engine.history import events as e
from engine.runtime import interpreter as runtime
from engine.runtime.surroundings import Surroundings
from tests.runtime.cases import MORNING, Case, define

LOOP = """
start s
xor m
and f
user a
user b
and j
xor x
end done
s > m > f
f > a > j
f > b > j
j > x
x > m if again = true
x > done default
"""


@pytest.mark.parametrize("orders", list(itertools.product(("ab", "ba"), repeat=3)))
def test_a_parallel_join_in_a_loop_fires_once_per_round_whatever_the_order(orders: tuple[str, ...]) -> None:
    case = Case(define(LOOP), {"again": True})
    for number, order in enumerate(orders):
        last = number == len(orders) - 1
        case.do(order[0], again=not last)
        assert case.open == [order[1]]
        case.do(order[1], again=not last)
        assert len([1 for p in case.path() if p == "j"]) == number + 1
    assert case.ended
    case.again()


def test_the_film_knows_every_flow_into_a_join() -> None:
    case = Case(define(LOOP), {"again": False})
    case.do("a")
    case.do("b")
    join = next(event for event in case.told(e.ElementCompleted) if event.element == "j")
    assert (join.via, join.joined) == ("b_j", ["a_j"])


def test_a_thousand_rounds_are_no_deeper_than_one() -> None:
    definition = define(LOOP)
    around = Surroundings("k", MORNING)
    step = runtime.start(definition, around, {"again": True})
    sizes = []
    for _ in range(1000):
        for element in "ab":
            tasks = runtime.waits(definition, step.state).tasks
            task = next(task for task, found in tasks.items() if found == element)
            step = runtime.complete_task(definition, step.state, task, {}, around)
        sizes.append(len(step.state))
    assert sorted(runtime.waits(definition, step.state).tasks.values()) == ["a", "b"]
    assert sizes[-1] <= sizes[10] + 20


def test_an_exclusive_gateway_asks_in_the_order_of_the_document() -> None:
    text = "start s\nxor x\nend one\nend two\nend three\ns > x\nx > one if n > 1\nx > two if n > 0\nx > three default"
    assert Case(define(text), {"n": 2}).outcome() == "one"
    assert Case(define(text), {"n": 1}).outcome() == "two"
    assert Case(define(text), {"n": 0}).outcome() == "three"


@pytest.mark.parametrize("value", [None, "yes", 1])
def test_a_condition_that_is_neither_true_nor_false_is_an_incident_and_never_the_default(value: object) -> None:
    case = Case(define("start s\nuser a\nxor x\nend one\nend two\ns > a > x\nx > one if ok\nx > two default"))
    case.do("a", ok=value)
    assert not case.ended
    assert list(case.waits.incidents.values()) == ["x"]
    assert "a" in case.path()
    case.skip()
    assert case.outcome() == "two"
    case.again()


def test_no_condition_and_no_default_is_an_incident_that_cannot_be_skipped() -> None:
    from engine.errors import Rejected

    case = Case(define("start s\nxor x\nend one\nend two\ns > x\nx > one if n > 1\nx > two if n > 2"), {"n": 0})
    assert case.waits.incidents
    with pytest.raises(Rejected):
        case.skip()


OR = """
start s
or f
user a
user b
user c
or j
end e
s > f
f > a if n > 0
f > b if n > 1
f > c default
a > j
b > j
c > j
j > e
"""


def test_an_inclusive_join_waits_for_the_branches_that_were_taken() -> None:
    case = Case(define(OR), {"n": 2})
    assert case.open == ["a", "b"]
    case.do("b")
    assert not case.ended
    case.do("a")
    assert case.ended
    assert case.path().count("j") == 1


def test_an_inclusive_join_does_not_wait_for_branches_that_were_not_taken() -> None:
    case = Case(define(OR), {"n": 1})
    case.do("a")
    assert case.ended
    case = Case(define(OR), {"n": 0})
    assert case.open == ["c"]


def test_an_inclusive_join_in_a_loop_joins_every_round() -> None:
    text = (
        OR.replace("end e", "xor x\nxor m\nend e")
        .replace("s > f", "s > m > f")
        .replace("j > e", "j > x\nx > m if again\nx > e default")
    )
    case = Case(define(text), {"n": 2, "again": True})
    case.do("a")
    assert case.open == ["b"]
    case.do("b")
    assert case.open == ["a", "b"]
    case.do("b")
    assert case.open == ["a"]
    case.do("a", again=False)
    assert case.ended
    case.again()


def test_several_flows_out_of_a_task_are_all_taken_and_conditions_on_them_are_read() -> None:
    text = "start s\nuser a\nuser b\nuser c\nend e\ns > a\na > b\na > c if n > 1\nb > e\nc > e"
    case = Case(define(text))
    case.do("a", n=2)
    assert case.open == ["b", "c"]
    case = Case(define(text))
    case.do("a", n=1)
    assert case.open == ["b"]


def test_a_join_that_can_never_fire_is_an_incident_and_can_be_skipped() -> None:
    case = Case(
        define(
            "start s\nxor x\nuser a\nuser b\nand j\nend e\ns > x\nx > a if n > 0\nx > b default\na > j\nb > j\nj > e"
        ),
        {"n": 1},
    )
    case.do("a")
    assert list(case.waits.incidents.values()) == ["j"]
    case.retry()
    assert list(case.waits.incidents.values()) == ["j"]
    case.skip()
    assert case.outcome() == "e"
    case.again()


def test_a_complex_join_fires_when_its_condition_holds_and_swallows_the_rest() -> None:
    text = (
        "start s\nand f\nuser a\nuser b\nuser c\ncomplex j when activationCount >= 2\nuser d\nend e\ns > f\n"
        "f > a > j\nf > b > j\nf > c > j\nj > d > e"
    )
    case = Case(define(text))
    case.do("a")
    assert case.open == ["b", "c"]
    case.do("c")
    assert case.open == ["b", "d"]
    case.do("b")
    assert case.open == ["d"]
    case.do("d")
    assert case.ended
    case.again()


def test_an_endless_automatic_loop_stops_as_an_incident() -> None:
    case = Case(define("start s\nxor m\ntask t\nxor x\nend e\ns > m > t > x\nx > m if n > 0\nx > e default"), {"n": 1})
    assert list(case.waits.incidents.values()) != []
    assert "automatic steps" in case.told(e.IncidentRaised)[0].template


def test_an_automatic_loop_that_ends_in_time_is_no_incident() -> None:
    text = "start s\nxor m\nscript t do {n: n + 1}\nxor x\nend e\ns > m > t > x\nx > m if n < 200\nx > e default"
    case = Case(define(text), {"n": 0})
    assert case.outcome() == "e"
    assert case.variables["n"] == 200


def test_an_endless_standard_loop_stops_as_an_incident() -> None:
    case = Case(define("start s\ntask t while true\nend e\ns > t > e"))
    assert "automatic steps" in case.told(e.IncidentRaised)[0].template
