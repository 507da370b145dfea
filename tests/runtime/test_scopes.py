"""Subprocesses, calls, multi-instance, loops, ad hoc, compensation and transactions."""

# ruff: noqa: E501 - a drawing reads better in one line

from engine.history import events as e
from engine.runtime import interpreter as runtime
from tests.runtime.cases import Case, define


def test_a_called_process_shares_the_variables_of_the_case() -> None:
    case = Case(
        define(
            "start s\nuser a\ncall c inner\nxor x\nend yes\nend no\ns > a > c > x\nx > yes if b = 2\nx > no default",
            {"inner": "start s\nuser t\nend e\ns > t > e"},
        )
    )
    case.do("a", a=1)
    entered = case.told(e.ScopeEntered)[0]
    assert (entered.element, entered.called) == ("c", "inner")
    created = case.told(e.UserTaskCreated)[-1]
    assert (created.process, created.scope) == ("inner", entered.inner)
    case.do("t", b=2)
    assert case.outcome() == "yes"
    case.again()


def test_a_process_that_calls_itself_for_ever_is_an_incident() -> None:
    case = Case(define("start s\ncall c p\nend e\ns > c > e"))
    assert "nested at most" in case.told(e.IncidentRaised)[0].template


def test_parallel_items_are_done_in_any_order_and_collected_in_theirs() -> None:
    text = "start s\nuser a each item in items out results==answer\nend e\ns > a > e"
    case = Case(define(text), {"items": ["x", "y", "z"]})
    assert [event.item for event in case.told(e.UserTaskCreated)] == ["x", "y", "z"]
    first, second, third = case.waits.tasks
    for task, answer in ((third, 3), (first, 1), (second, 2)):
        case.act(
            lambda state, around, task=task, answer=answer: runtime.complete_task(
                case.definition, state, task, {"answer": answer}, around
            )
        )
    assert case.ended
    assert case.variables["results"] == [1, 2, 3]
    assert "item" not in case.variables
    case.again()


def test_what_one_item_writes_the_other_does_not_see_before_it_is_done() -> None:
    text = (
        "start s\nsub box each item in items out results==mine [\nstart i\nuser a\nuser b\nend j\ni > a > b > j\n]\n"
        "end e\ns > box > e"
    )
    case = Case(define(text), {"items": ["x", "y"]})
    case.do("a", 0, mine="of x")
    second = case.task("a")
    seen = runtime.task_variables(case.definition, case.state, second)
    assert "mine" not in seen
    assert seen["item"] == "y"
    case.do("a", mine="of y")
    case.do("b")
    case.do("b")
    assert case.variables["results"] == ["of x", "of y"]
    case.again()


def test_sequential_items_come_one_after_the_other_and_nothing_is_skipped() -> None:
    case = Case(define("start s\nuser a one-by-one item in items\nend e\ns > a > e"), {"items": [1, 2, 3]})
    for expected in (1, 2, 3):
        assert case.open == ["a"]
        assert case.told(e.UserTaskCreated)[-1].item == expected
        case.do("a")
    assert case.ended
    case.again()


def test_no_items_no_work() -> None:
    case = Case(define("start s\nuser a each item in items\nend e\ns > a > e"), {"items": []})
    assert case.outcome() == "e"


def test_something_that_is_no_list_is_an_incident_that_can_be_skipped() -> None:
    case = Case(define("start s\nuser a each item in items\nend e\ns > a > e"), {"items": 5})
    assert list(case.waits.incidents.values()) == ["a"]
    case.skip()
    assert case.outcome() == "e"


def test_enough_is_enough_when_the_completion_condition_holds() -> None:
    case = Case(
        define("start s\nuser a each item in items enough nrOfCompletedInstances >= 2\nend e\ns > a > e"),
        {"items": [1, 2, 3, 4]},
    )
    case.do("a")
    assert len(case.open) == 3
    case.do("a")
    assert case.ended
    assert len(case.told(e.UserTaskCancelled)) == 2
    case.again()


def test_a_boundary_event_takes_all_items_away() -> None:
    case = Case(
        define("start s\nuser a each item in items\nboundary m on a message stop\nend x\nend e\ns > a > e\nm > x"),
        {"items": [1, 2, 3]},
    )
    case.do("a")
    case.tell("stop")
    assert case.outcome() == "x"
    assert len(case.told(e.UserTaskCancelled)) == 2


def test_calls_for_each_item_are_scopes_of_their_own() -> None:
    case = Case(
        define(
            "start s\ncall c inner each item in items\nend e\ns > c > e", {"inner": "start s\nuser t\nend e\ns > t > e"}
        ),
        {"items": ["x", "y"]},
    )
    assert len({event.inner for event in case.told(e.ScopeEntered)}) == 2
    case.do("t")
    assert not case.ended
    case.do("t")
    assert case.ended
    case.again()


def test_a_standard_loop_repeats_while_its_condition_holds() -> None:
    case = Case(define("start s\nuser a while more max 5\nend e\ns > a > e"))
    case.do("a", more=True)
    case.do("a", more=True)
    assert case.open == ["a"]
    case.do("a", more=False)
    assert case.ended
    case = Case(define("start s\nuser a while more max 2\nend e\ns > a > e"))
    case.do("a", more=True)
    case.do("a", more=True)
    assert case.ended


def test_ad_hoc_work_is_done_in_any_order_until_it_is_enough() -> None:
    case = Case(
        define("start s\nadhoc box until done = 2 [\nuser a\nuser b\nuser c\n]\nend e\ns > box > e"), {"done": 0}
    )
    assert case.open == ["a", "b", "c"]
    case.do("b", done=1)
    assert case.open == ["a", "c"]
    case.do("a", done=2)
    assert case.ended
    case.again()


COMPENSATION = """
start s
user book_hotel
boundary uh on book_hotel compensate by cancel_hotel
user cancel_hotel for-compensation
user book_flight
boundary uf on book_flight compensate by cancel_flight
user cancel_flight for-compensation
user pay
xor x
throw undo compensate
end failed
end e
s > book_hotel > book_flight > pay > x
x > undo if bad
undo > failed
x > e default
"""


def test_compensation_undoes_what_was_done_in_reverse_order_and_then_goes_on() -> None:
    case = Case(define(COMPENSATION))
    for task in ("book_hotel", "book_flight"):
        case.do(task)
    case.do("pay", bad=True)
    assert case.open == ["cancel_flight"]
    case.do("cancel_flight")
    assert case.open == ["cancel_hotel"]
    case.do("cancel_hotel")
    assert case.outcome() == "failed"
    case.again()


def test_without_a_throw_nothing_is_undone() -> None:
    case = Case(define(COMPENSATION))
    for task in ("book_hotel", "book_flight"):
        case.do(task)
    case.do("pay", bad=False)
    assert case.outcome() == "e"
    assert "cancel_hotel" not in case.path()


def test_a_completed_subprocess_is_undone_from_outside_in_reverse_order() -> None:
    text = (
        "start s\nsub box [\nstart i\nuser a\nboundary ua on a compensate by xa\nuser xa for-compensation\nuser b\n"
        "boundary ub on b compensate by xb\nuser xb for-compensation\nend j\ni > a > b > j\n]\nuser c\n"
        "throw undo compensate box\nend e\ns > box > c > undo > e"
    )
    case = Case(define(text))
    for task in ("a", "b", "c", "xb", "xa"):
        assert case.open == [task]
        case.do(task)
    assert case.ended
    case.again()


TRANSACTION = """
start s
transaction box [
start i
user a
boundary ua on a compensate by xa
user xa for-compensation
and f
user b
user c
end give_up cancel
end j
i > a > f
f > b > give_up
f > c > j
]
boundary stop on box cancel
end cancelled
end e
s > box > e
stop > cancelled
"""


def test_a_cancelled_transaction_undoes_its_work_and_leaves_by_its_cancel_event() -> None:
    case = Case(define(TRANSACTION))
    case.do("a")
    case.do("b")
    assert case.open == ["xa"]
    case.do("xa")
    assert case.outcome() == "cancelled"
    case.again()


def test_the_variables_of_one_moment_are_not_changed_by_a_later_one() -> None:
    answer = {"deep": {"er": [1]}}
    case = Case(define("start s\nuser a\nscript t do {other: got}\nuser b\nend e\ns > a > t > b > e"))
    case.do("a", got=answer)
    before = case.events[-1]
    answer["deep"]["er"].append(2)
    assert case.variables["got"] == {"deep": {"er": [1]}}
    assert before in case.events
    case.do("b", got={"deep": 0})
    assert case.variables["other"] == {"deep": {"er": [1]}}


def test_a_value_called_typename_is_a_value_like_any_other() -> None:
    case = Case(define("start s\nuser a\nuser b\nend e\ns > a > b > e"))
    case.do("a", got={"typename": "timedelta", "$date": "x"}, other={"$date": "2026-01-01"})
    assert case.variables["got"] == {"typename": "timedelta", "$date": "x"}
    case.do("b")
    assert case.ended


def test_a_completion_condition_that_fails_is_an_incident_and_the_other_items_stay() -> None:
    text = "start s\nuser a each item in items enough missing\nend e\ns > a > e"
    case = Case(define(text), {"items": [1, 2, 3]})
    case.do("a")
    assert list(case.waits.incidents.values()) == ["a"]
    assert case.open == ["a", "a"]
    case.do("a", missing=False)
    case.retry()
    assert case.open == ["a"]
    case.do("a", missing=True)
    assert case.ended
    case.again()


def test_skipping_the_incident_of_a_collection_takes_its_open_items_away() -> None:
    case = Case(define("start s\nuser a each item in items enough missing\nend e\ns > a > e"), {"items": [1, 2, 3]})
    case.do("a")
    case.skip()
    assert case.outcome() == "e"
    assert len(case.told(e.UserTaskCancelled)) == 2


def test_an_output_that_fails_is_an_incident_and_can_be_skipped() -> None:
    text = "start s\nuser a each item in items out got==1/item\nend e\ns > a > e"
    broken = text.replace("1/item", "nothing(item)")
    case = Case(define(broken), {"items": [1, 2]})
    case.do("a")
    case.do("a")
    while case.waits.incidents:
        case.skip()
    assert case.outcome() == "e"
    assert case.variables["got"] == [None, None]


def test_a_loop_condition_that_fails_can_be_retried_after_the_next_answer() -> None:
    case = Case(define("start s\nand f\nuser a while more\nuser b\nend x\nend e\ns > f\nf > a > e\nf > b > x"))
    case.do("a")
    assert list(case.waits.incidents.values()) == ["a"]
    case.do("b", more=True)
    case.retry()
    assert case.open == ["a"]
    case.do("a", more=False)
    assert case.ended
    case.again()


def test_a_complex_join_whose_condition_fails_is_an_incident_at_the_join() -> None:
    text = (
        "start s\nand f\nuser a\nuser b\ncomplex j when activationCount >= missing\nuser c\nend e\ns > f\nf > a > j\n"
        "f > b > j\nj > c > e"
    )
    case = Case(define(text))
    case.do("a")
    assert list(case.waits.incidents.values()) == ["j"]
    assert case.open == ["b"]
    case.do("b", missing=2)
    case.retry()
    assert case.open == ["c"]
    case.do("c")
    assert case.ended
    case.again()


def test_an_item_done_while_the_collection_is_stuck_adds_no_second_incident() -> None:
    case = Case(define("start s\nuser a each item in items enough missing\nend e\ns > a > e"), {"items": [1, 2, 3]})
    case.do("a")
    case.do("a")
    assert len(case.told(e.IncidentRaised)) == 1
    case.do("a", missing=True)
    case.retry()
    assert case.ended


def test_items_within_items_that_would_be_too_many_are_an_incident_and_none_is_begun() -> None:
    text = "start s\nsub box each item in items [\nstart i\nuser a each inner in items\nend j\ni > a > j\n]\nend e\ns > box > e"
    case = Case(define(text), {"items": list(range(200))})
    assert "tokens in a case" in case.told(e.IncidentRaised)[0].template
    assert len(case.open) % 200 == 0
    case.consistent()
