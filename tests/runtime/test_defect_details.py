"""Further defects of the library as bought, those in the details of a construct: shown on it, and shown to be gone.

The rows that these and the tests of ``test_defects`` belong to stand in ``test_defect_rows``.
"""

# ruff: noqa: E501, PT012 - a drawing reads better in one line; the bare library raises whatever it likes

from __future__ import annotations

import cProfile
import pstats
from collections.abc import Callable

import pytest
from SpiffWorkflow.dmn.parser.BpmnDmnParser import BpmnDmnParser

from benchmarks import step_cost
from engine.decision import read_decisions
from engine.definition.bpmn import read_diagram, read_diagrams
from engine.definition.lint import lint
from engine.errors import Rejected
from engine.history import events as e
from engine.runtime import interpreter as runtime
from engine.runtime.compiled import assemble
from tests.runtime.bare import Bare
from tests.runtime.cases import Case, define
from tests.runtime.drawing import Drawing


def of(xml: bytes) -> Case:
    return Case(assemble("p", {"p": read_diagram(xml)}, {}, {}))


@pytest.mark.parametrize("kind", ["error E", "escalation E", "compensate"])
def test_handlers_of_every_thrown_kind_run_with_nothing_thrown(kind: str) -> None:
    text = f"start s\nuser a\nend e\ns > a > e\nhandler h [\nstart hs {kind}\nuser c\nend hz\nhs > c > hz\n]"
    assert "c" in Bare(text).open
    case = Case(define(text))
    assert case.open == ["a"]
    case.do("a")
    assert case.ended


@pytest.mark.parametrize("kind", ["signal", "escalation"])
def test_an_interrupting_boundary_event_of_either_kind_interrupts_at_once(kind: str) -> None:
    text = (
        f"start s\nsub box [\nstart i\nthrow t {kind} E\nscript after do {{x: 1}}\nend j\ni > t > after > j\n]\n"
        f"boundary b on box {kind} E\nend out\nend e\ns > box > e\nb > out"
    )
    assert "after" in Bare(text).passed
    case = Case(define(text))
    assert case.outcome() == "out"
    assert "after" not in case.path()


UNDO = (
    "start s\nsub box [\nstart i\nuser a\nend j\ni > a > j\nhandler h [\nstart hs compensate\nuser c\nend hz\n"
    "hs > c > hz\n]\n]\n"
)


@pytest.mark.parametrize("rest", ["throw t compensate\nend e\ns > box > t > e", "end t compensate\ns > box > t"])
def test_thrown_compensation_is_taken_for_an_event_without_meaning(rest: str) -> None:
    plain = ("start s\nuser a\n" + rest).replace("box", "a")
    for kind, thrown in (("compensate", 0), ("signal x" if rest.startswith("throw") else "escalation x", 1)):
        bare = Bare(plain.replace("compensate", kind))
        bare.do("a")
        assert len(bare.workflow.get_events()) == thrown
    case = Case(define(UNDO + rest))
    assert case.open == ["a"]
    case.do("a")
    assert case.open == ["c"]
    case.do("c")
    assert case.ended


def test_an_activity_for_compensation_is_lost_from_the_process() -> None:
    text = "start s\nuser a\nuser x for-compensation\nthrow t compensate\nend e\ns > a > t > e"
    bare = Bare(text)
    bare.do("a")
    assert bare.ended
    case = Case(define(text.replace("user x", "boundary u on a compensate by x\nuser x")))
    case.do("a")
    assert case.open == ["x"]


@pytest.mark.parametrize("kind", ["message", "signal", "error", "escalation"])
def test_a_missing_reference_of_any_kind_is_told_in_words(kind: str) -> None:
    thrown = "end c" if kind in ("error", "escalation") else "catch c"
    text = f"start s\n{thrown} {kind} m\n" + ("s > c" if thrown == "end c" else "end e\ns > c > e")
    xml = Drawing(text).xml().replace(f'Ref="{kind}_m"'.encode(), b'Ref="zzz"')
    with pytest.raises(Exception, match="unexpected keyword argument"):
        Bare(xml)
    with pytest.raises(Rejected, match="zzz"):
        read_diagram(xml)


TABLES = b"""<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="n">
<decision id="one" name="one"><decisionTable id="t1"><output id="o1" name="x"/>
<rule id="r1"><outputEntry id="e1"><text>1</text></outputEntry></rule></decisionTable></decision>
<decision id="two" name="two"><decisionTable id="t2"><output id="o2" name="y"/>
<rule id="r2"><outputEntry id="e2"><text>2</text></outputEntry></rule></decisionTable></decision></definitions>"""


def test_two_decisions_in_one_file_cannot_be_read() -> None:
    with pytest.raises(AttributeError):
        parser = BpmnDmnParser()
        parser.add_dmn_str(TABLES)
        parser.get_engine("one", None)
    assert [decision.id for decision in read_decisions(TABLES).decisions] == ["one", "two"]


def test_a_caught_error_is_still_reported_as_unhandled() -> None:
    text = (
        "start s\nuser a\nend bad error E\ns > a > bad\nhandler h [\nstart hs error E\nuser c\nend hz\nhs > c > hz\n]"
    )
    bare = Bare(text)
    bare.do("a")
    assert bare.workflow.get_events()
    case = Case(define(text))
    case.do("a")
    assert case.open == ["c"]
    assert case.told(e.IncidentRaised) == []


def test_an_escalation_that_does_not_interrupt_can_come_only_once() -> None:
    text = (
        "start s\nsub box [\nstart i\nuser a\nthrow t escalation E\nuser b\nthrow u escalation E\nuser c\nend j\n"
        "i > a > t > b > u > c > j\n]\nboundary m on box non-interrupting escalation E\nuser r\nend f\nend e\ns > box > e\nm > r > f"
    )
    bare = Bare(text)
    bare.do("a")
    bare.do("b")
    assert bare.open == ["c", "r"]  # the second is dropped
    case = Case(define(text))
    case.do("a")
    case.do("b")
    assert case.open == ["c", "r", "r"]


ITEMS = "start s\nuser a\nuser n\nend e\ns > a > n > e"


def repeated(sequential: bool, inner: str) -> bytes:
    """A task for each item, in the words of the standard, which the bare library reads."""
    loop = f'<bpmn:multiInstanceLoopCharacteristics isSequential="{str(sequential).lower()}">{inner}</bpmn:multiInstanceLoopCharacteristics>'
    return Drawing(ITEMS).xml().replace(b'name="a" >', b'name="a" >' + loop.encode(), 1)


OVER = "<bpmn:loopDataInputRef>items</bpmn:loopDataInputRef>"
INTO = "<bpmn:loopDataOutputRef>results</bpmn:loopDataOutputRef>"
ITEM, ANSWER = '<bpmn:inputDataItem id="item"/>', '<bpmn:outputDataItem id="answer"/>'


def test_results_of_parallel_items_come_in_the_order_of_completion() -> None:
    bare = Bare(repeated(False, OVER + INTO + ITEM + ANSWER), {"items": [1, 2, 3]})
    tasks = [t for t in bare.workflow.get_tasks() if "item" in t.data and t.task_spec.manual]
    for task in reversed(tasks):
        task.data["answer"] = task.data["item"] * 10
        task.run()
    bare.workflow.do_engine_steps()
    assert next(t for t in bare.workflow.get_tasks() if t.task_spec.name == "n").data["results"] == [30, 20, 10]
    case = Case(define(ITEMS.replace("user a", "user a each item in items out results==answer")), {"items": [1, 2, 3]})
    for nth in (2, 1, 0):
        case.do("a", nth, answer=(nth + 1) * 10)
    assert case.variables["results"] == [10, 20, 30]


def test_the_second_of_items_one_by_one_fails_when_nothing_is_collected() -> None:
    bare = Bare(repeated(True, OVER + ITEM), {"items": [1, 2]})
    first = next(t for t in bare.workflow.get_tasks() if "item" in t.data and t.task_spec.manual)
    with pytest.raises(Exception, match="already exists"):
        first.run()
        bare.workflow.do_engine_steps()
    case = Case(define(ITEMS.replace("user a", "user a one-by-one item in items")), {"items": [1, 2]})
    case.do("a")
    case.do("a")
    assert case.open == ["n"]


def test_a_number_of_times_and_a_list_that_exists_is_a_mistake_of_the_library() -> None:
    xml = repeated(False, "<bpmn:loopCardinality>2</bpmn:loopCardinality>" + INTO + ANSWER)
    with pytest.raises(Exception, match="data_ouput"):
        Bare(xml, {"results": []})
    case = Case(assemble("p", {"p": read_diagram(xml)}, {}, {}), {"results": []})
    case.do("a", answer=1)
    case.do("a", answer=2)
    assert case.open == ["n"]


AD_HOC = "start s\nadhoc box {{ATTRIBUTE}} until CONDITION [\nuser a\nuser b\n]\nend e\ns > box > e"


def bare_ad_hoc(attribute: str, condition: str) -> Bare:
    """It runs only with a data object inside."""
    xml = Drawing(AD_HOC.replace("ATTRIBUTE", attribute).replace("CONDITION", condition)).xml()
    return Bare(xml.replace(b"</bpmn:adHoc", b'<bpmn:dataObject id="d"/></bpmn:adHoc'), {"n": 0})


def ad_hoc(attribute: str, condition: str) -> Case:
    return Case(define(AD_HOC.replace("ATTRIBUTE", attribute).replace("CONDITION", condition)), {"n": 0})


def test_ad_hoc_work_needs_a_data_object_to_be_run() -> None:
    with pytest.raises(KeyError):
        Bare(AD_HOC.replace("{{ATTRIBUTE}}", "").replace("CONDITION", "n == 2"), {"n": 0})
    assert ad_hoc("", "n = 2").open == ["a", "b"]


def test_the_order_of_ad_hoc_work_is_ignored() -> None:
    assert bare_ad_hoc('ordering="Sequential"', "n == 2").open == ["a", "b"]
    case = ad_hoc('ordering="Sequential"', "n = 2")
    assert case.open == ["a"]
    case.do("a")
    assert case.open == ["b"]


def test_whether_ad_hoc_work_left_over_is_taken_away_is_ignored() -> None:
    for cancels in ("true", "false"):
        bare = bare_ad_hoc(f'cancelRemainingInstances="{cancels}"', "n == 1")
        bare.do("a", n=1)
        assert bare.ended
    case = ad_hoc('cancelRemainingInstances="true"', "n = 1")
    case.do("a", n=1)
    assert case.ended
    case = ad_hoc('cancelRemainingInstances="false"', "n = 1")
    case.do("a", n=1)
    assert case.open == ["b"]


def test_a_data_store_blocks_the_whole_file() -> None:
    xml = Drawing("start s\nuser a\nend e\ns > a > e").xml()
    xml = xml.replace(b"<bpmn:process", b'<bpmn:dataStore id="ds" name="archive"/><bpmn:process', 1)
    xml = xml.replace(b"</bpmn:process>", b'<bpmn:dataStoreReference id="dr" dataStoreRef="ds"/></bpmn:process>')
    with pytest.raises(Exception, match="no implementation"):
        Bare(xml)
    assert of(xml).open == ["a"]


def test_a_call_that_names_nothing_blocks_the_whole_file() -> None:
    xml = Drawing("start s\ncall c x\nend e\ns > c > e").xml().replace(b'calledElement="x"', b"")
    with pytest.raises(Exception, match="calledElement"):
        Bare(xml)
    assert "c" in read_diagrams(xml)[0].elements  # it can be looked at
    with pytest.raises(Rejected, match="name a process"):
        of(xml)


def cost(step: Callable[[], object]) -> int:
    profile = cProfile.Profile()
    profile.enable()
    step()
    profile.disable()
    return pstats.Stats(profile).total_calls  # type: ignore[attr-defined,no-any-return]


def test_the_cost_of_a_step_and_the_saved_state_grow_with_every_step() -> None:
    """Counted in function calls at the same step of two rounds, so that no noise can hide it."""
    bare, costs, sizes = step_cost.Bare(), [], []
    for age in (10, 60):
        saved = bare.to(age)
        costs.append(cost(lambda saved=saved: bare.act(saved)))  # type: ignore[misc]
        sizes.append(len(saved))
    assert costs[1] > 2 * costs[0]
    assert sizes[1] > 2 * sizes[0]

    definition = step_cost.ours()
    state, found = runtime.start(definition, step_cost.AROUND, step_cost.FORM).state, []
    for number in range(61):
        if number in (10, 60):
            found.append((cost(step_cost.our_pure_step(definition, state)), len(state)))
        state = step_cost.our_step(definition, state, number)
    assert found[1][0] <= 1.3 * found[0][0]
    assert found[1][1] <= 1.3 * found[0][1]


def test_a_negative_number_of_items_is_taken_for_none() -> None:
    xml = repeated(False, "<bpmn:loopCardinality>-1</bpmn:loopCardinality>")
    assert Bare(xml).open == ["n"]
    case = of(xml)
    assert list(case.waits.incidents.values()) == ["a"]


def test_quantities_of_tokens_are_ignored() -> None:
    text = 'start s\nuser a {{completionQuantity="2"}}\nuser b\nend e\ns > a > b > e'
    bare = Bare(text)
    bare.do("a")
    assert bare.open == ["b"]
    case = Case(define(text))
    case.do("a")
    assert case.open == ["b", "b"]
    with pytest.raises(Rejected, match="at least 1"):
        define(text.replace('"2"', '"0"'))


def unmarked(xml: bytes) -> bool:
    findings = lint({("process", "p"): xml}, "p")
    return any("marked as executable" in f.template and f.severity == "error" for f in findings)


def test_a_process_that_does_not_say_it_can_run_runs() -> None:
    xml = Drawing("start s\nuser a\nend e\ns > a > e").xml()
    assert Bare(xml.replace(b'isExecutable="true"', b"")).open == ["a"]
    for said in (b"", b'isExecutable="false"', b'isExecutable="0"'):
        assert unmarked(xml.replace(b'isExecutable="true"', said))
    for said in (b'isExecutable="true"', b'isExecutable="1"'):
        assert not unmarked(xml.replace(b'isExecutable="true"', said))
