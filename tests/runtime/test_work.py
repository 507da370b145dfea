"""Work for people and machines: who gets it, until when, what happens when it fails; duties; decisions; titles."""

# ruff: noqa: E501 - a drawing reads better in one line

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest

from engine.calendar import Calendar
from engine.decision import read_decisions
from engine.errors import NotFound, Rejected
from engine.history import events as e
from engine.model import Tenant
from engine.runtime import interpreter as runtime
from engine.runtime.assignment import nearest
from engine.runtime.duties import Duty, read_duties, violated
from engine.runtime.stuck import Stuck
from engine.runtime.surroundings import Surroundings
from tests.runtime.cases import MORNING, Case, define

ROOT = Tenant("r", "r", "根", "nation")
COUNTY = Tenant("c", "r/c", "县", "county")
TOWN = Tenant("t", "r/c/t", "镇", "township")
VILLAGE = Tenant("v", "r/c/t/v", "村", "village")
HEALTH = Tenant("h", "r/c/h", "卫", "health")
HOSPITALS = (Tenant("h1", "r/c/h1", "院", "institution"), Tenant("h2", "r/c/h2", "院", "institution"))
LINEAGE = (VILLAGE, TOWN, COUNTY, ROOT)
HOLIDAY = Calendar("x", {date(2026, 9, 8): False, date(2026, 9, 12): True}, frozenset({2026}))


def one(attributes: str, variables: dict | None = None, **around: object) -> e.UserTaskCreated:
    """The one task that a drawing of one task creates."""
    text = f"start s\nuser a {{{{{attributes}}}}}\nend e\ns > a > e"
    case = Case(define(text), variables, **{"lineage": LINEAGE, "units": (HEALTH, *HOSPITALS), **around})
    assert not case.waits.incidents, case.told(e.IncidentRaised)
    return case.told(e.UserTaskCreated)[0]


@pytest.mark.parametrize(("level", "unit"), [("village", "v"), ("township", "t"), ("county", "c"), ("health", "h")])
def test_a_task_goes_to_the_nearest_unit_of_its_level(level: str, unit: str) -> None:
    created = one(f'sm:role="clerk" sm:level="{level}"')
    assert (created.role, created.tenant) == ("clerk", unit)


def test_several_units_of_a_level_or_none_are_an_incident() -> None:
    around = Surroundings("k", MORNING, LINEAGE, HOSPITALS)
    for level in ("institution", "moon"):
        with pytest.raises(Stuck):
            nearest(level, around)


def test_a_unit_named_in_the_case_gets_the_task_and_an_unknown_one_is_an_incident() -> None:
    known = {tenant.id: tenant for tenant in HOSPITALS}
    attributes = 'sm:role="assessor" sm:tenant="=hospital"'
    assert one(attributes, {"hospital": "h2"}, find_tenant=known.get).tenant == "h2"
    case = Case(
        define(f"start s\nuser a {{{{{attributes}}}}}\nend e\ns > a > e"), {"hospital": "h9"}, find_tenant=known.get
    )
    assert list(case.waits.incidents.values()) == ["a"]


@pytest.mark.parametrize(
    ("attributes", "due"),
    [
        ('sm:dueWorkingDays="=3"', "2026-09-11"),  # the 8th is a holiday
        ('sm:dueWorkingDays="=4"', "2026-09-12"),  # a Saturday that is worked
        ('sm:dueDays="=1"', "2026-09-09"),  # the last day is a holiday: the next working day
        ('sm:dueDays="=5"', "2026-09-12"),
        ('sm:dueMonths="=1"', "2026-10-07"),
        ('sm:dueMonths="=1" sm:dueFrom="=date(&quot;2026-01-31&quot;)"', "2026-03-02"),  # February ends on a Saturday
        ('sm:dueWorkingDays="=profile.days" sm:dueFrom="=since"', "2026-09-02"),
    ],
)
def test_a_task_is_due_at_the_end_of_the_right_day(attributes: str, due: str) -> None:
    text = f"start s\nuser a {{{{{attributes}}}}}\nend e\ns > a > e"
    case = Case(define(text, profile={"days": 2}), {"since": date(2026, 8, 31)}, calendar=HOLIDAY)
    created = case.told(e.UserTaskCreated)[0]
    assert created.due_at == datetime.fromisoformat(f"{due}T23:59:59+08:00")
    assert created.due_provisional is False


def test_a_due_date_beyond_the_official_calendar_is_provisional() -> None:
    assert one('sm:dueWorkingDays="=3"', calendar=HOLIDAY).due_provisional is False
    assert one('sm:dueMonths="=12"', calendar=HOLIDAY).due_provisional is True


@pytest.mark.parametrize(
    "attributes",
    [
        'sm:dueDays="=-1"',
        'sm:dueDays="=1.5"',
        'sm:dueDays="=null"',
        'sm:dueDays="=9e9"',
        'sm:dueDays="=1" sm:dueFrom="=1"',
    ],
)
def test_a_due_date_that_is_none_is_an_incident(attributes: str) -> None:
    case = Case(define(f"start s\nuser a {{{{{attributes}}}}}\nend e\ns > a > e"))
    assert list(case.waits.incidents.values()) == ["a"]
    case.skip()
    assert case.outcome() == "e"


@pytest.mark.parametrize(
    ("text", "due"),
    [
        ("PT5M", "2026-09-07T09:05:00+08:00"),
        ("P1M", "2026-10-07T09:00:00+08:00"),
        ("P1Y2M3DT4H5M6S", "2027-11-10T13:05:06+08:00"),
        ("2026-09-30T00:00:00+08:00", "2026-09-30T00:00:00+08:00"),
        ("2026-09-30", "2026-09-30T23:59:59+08:00"),
        ("=end", "2026-09-15T23:59:59+08:00"),
        ('=duration("PT2H")', "2026-09-07T11:00:00+08:00"),
        ('=duration("P2M")', "2026-11-07T09:00:00+08:00"),
        ("=add working days(end, 2)", "2026-09-17T23:59:59+08:00"),
    ],
)
def test_a_timer_is_due_when_it_says(text: str, due: str) -> None:
    case = Case(
        define(f"start s\ncatch t timer {text}\nend e\ns > t > e"), {"end": date(2026, 9, 15)}, calendar=HOLIDAY
    )
    assert list(case.waits.timers.values()) == [datetime.fromisoformat(due)]
    case.fire()
    assert case.ended


@pytest.mark.parametrize("text", ["soon", "=null", "=1", "R0/PT1H", "=unknown", "P99999Y"])
def test_a_timer_that_says_nothing_is_an_incident(text: str) -> None:
    case = Case(define(f"start s\ncatch t timer {text}\nend e\ns > t > e"))
    assert list(case.waits.incidents.values()) == ["t"]


def test_a_month_after_the_last_of_january_is_the_last_of_february_and_cycles_do_not_drift() -> None:
    case = Case(
        define(
            "start s\nuser a\nboundary t on a non-interrupting timer R3/2027-01-31T09:00:00+08:00/P1M\n"
            "end x\nend e\ns > a > e\nt > x"
        )
    )
    for expected in ("2027-01-31", "2027-02-28", "2027-03-28"):
        assert next(iter(case.waits.timers.values())).date().isoformat() == expected
        case.fire()
    assert not case.waits.timers


def test_a_boundary_timer_that_fails_leaves_the_task_alone_and_can_be_given_up() -> None:
    case = Case(define("start s\nuser a\nboundary t on a timer =null\nend x\nend e\ns > a > e\nt > x"))
    assert case.open == ["a"]
    assert list(case.waits.incidents.values()) == ["t"]
    case.skip()
    assert case.open == ["a"]
    case.do("a")
    assert case.outcome() == "e"


def test_a_failing_event_after_a_gateway_that_is_skipped_has_won() -> None:
    case = Case(
        define("start s\nevent g\ncatch m message hi\ncatch t timer =null\nend a\nend b\ns > g\ng > m > a\ng > t > b")
    )
    case.skip()
    assert case.outcome() == "b"
    assert not case.waits.messages


SERVICE = (
    'start s\nservice m {{sm:connector="document" sm:input="={name: who}" sm:result="paper"}}\nuser a\nend e\n'
    "s > m > a > e"
)


def test_the_machine_works_after_the_step_and_its_result_is_kept() -> None:
    case = Case(define(SERVICE), {"who": "王"})
    requested = case.told(e.ConnectorRequested)[0]
    assert (requested.connector, requested.inputs) == ("document", {"name": "王"})
    assert case.open == []
    case.finish("m", digest="abc")
    assert case.open == ["a"]
    assert case.variables["paper"] == {"digest": "abc"}
    with pytest.raises(NotFound):
        runtime.finish_connector(case.definition, case.state, requested.job, {}, case.around)


def test_what_the_machine_could_not_do_can_be_tried_again_or_skipped() -> None:
    case = Case(define(SERVICE), {"who": "王"})
    case.fail("m")
    raised = case.told(e.IncidentRaised)[0]
    assert (raised.element, raised.template, raised.params) == ("m", "no %(x)s", {"x": "ink"})
    case.retry()
    assert len(case.told(e.ConnectorRequested)) == 2
    case.fail("m")
    case.skip()
    assert case.open == ["a"]
    case.again()


DMN = b"""<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="t">
<inputData id="i" name="age"><variable name="age"/></inputData>
<decision id="grade" name="grade"><informationRequirement><requiredInput href="#i"/></informationRequirement>
<decisionTable hitPolicy="UNIQUE"><input><inputExpression><text>age</text></inputExpression></input><output name="grade"/>
<rule id="r1"><inputEntry><text>&lt; 18</text></inputEntry><outputEntry><text>"young"</text></outputEntry></rule>
<rule id="r2"><inputEntry><text>[18..60]</text></inputEntry><outputEntry><text>"old"</text></outputEntry></rule>
</decisionTable></decision></definitions>"""


@pytest.mark.parametrize(("age", "grade", "rows"), [(5, "young", [1]), (40, "old", [2]), (70, None, [])])
def test_a_table_decides_and_says_which_rows_matched(age: int, grade: str | None, rows: list[int]) -> None:
    text = 'start s\nrule r {{sm:decision="grade" sm:result="grade"}}\nuser a\nend e\ns > r > a > e'
    case = Case(define(text, decisions={"grade": read_decisions(DMN)}), {"age": age})
    decided = case.told(e.DecisionEvaluated)[0]
    assert (decided.outputs, decided.rows.get("grade", [])) == (grade, rows)
    assert decided.inputs == {"age": age}
    assert case.variables["grade"] == grade


def test_a_case_is_called_what_its_diagram_says_and_that_is_told_once() -> None:
    case = Case(define("start s\nuser a\nuser b\nend e\ns > a > b > e", attributes='sm:title="=name"'), {"name": "王"})
    case.do("a")
    case.do("b", name="李")
    assert [event.title for event in case.told(e.InstanceDescribed)] == ["王", "李"]


def test_a_title_that_cannot_be_computed_stops_nothing() -> None:
    case = Case(define("start s\nuser a\nend e\ns > a > e", attributes='sm:title="=name + 1"'))
    assert case.open == ["a"]
    assert not case.told(e.InstanceDescribed)


def test_cancelling_takes_everything_back_and_ends() -> None:
    case = Case(define("start s\nuser a\nboundary t on a timer P3D\nend x\nend e\ns > a > e\nt > x"))
    case.act(lambda state, around: runtime.cancel(case.definition, state, around, "by mistake"))
    assert case.ended
    assert isinstance(case.events[-1], e.InstanceCancelled)
    with pytest.raises(Rejected):
        runtime.cancel(case.definition, case.state, case.around, "twice")


def test_values_come_back_exactly_as_they_went_in() -> None:
    values = {
        "d": date(2026, 2, 28),
        "m": MORNING,
        "n": Decimal("0.10"),
        "i": 2**60,
        "l": [date(2026, 1, 1), {"x": None}],
        "t": {"typename": "x"},
        "w": {"$date": "no date"},
        "中文": "值",
    }
    case = Case(define("start s\nuser a\nend e\ns > a > e"), values)
    found = case.variables
    assert {key: found[key] for key in values if key != "i"} == {key: v for key, v in values.items() if key != "i"}
    assert found["i"] == 2**60
    assert found["n"].as_tuple() == Decimal("0.10").as_tuple()


@pytest.mark.parametrize("value", [object(), float("nan"), {1: 2}, datetime(2026, 1, 1), {1, 2}, b"x"])
def test_values_that_a_case_cannot_hold_are_refused_and_change_nothing(value: object) -> None:
    case = Case(define("start s\nuser a\nend e\ns > a > e"))
    before = case.state
    with pytest.raises(Rejected):
        case.do("a", x=value)
    assert case.state == before


def test_a_case_that_grows_too_large_is_refused() -> None:
    case = Case(define("start s\nuser a\nend e\ns > a > e"))
    with pytest.raises(Rejected, match="at most"):
        case.do("a", x="x" * 5_000_000)


def test_a_task_is_completed_once() -> None:
    case = Case(define("start s\nuser a\nuser b\nend e\ns > a > b > e"))
    task = case.task("a")
    case.do("a")
    for wrong in (task, "k.999", "", "other.2"):
        with pytest.raises(NotFound):
            runtime.complete_task(case.definition, case.state, wrong, {}, case.around)


DUTIES = (Duty("four eyes", ("review", "decide")), Duty("two doctors", ("sign", "sign")))


def test_nobody_does_both_and_nobody_signs_twice() -> None:
    done = {"review": ["ann"], "sign": ["bob"]}
    assert violated(DUTIES, done, "decide", "ann") == (DUTIES[0], "review")
    assert violated(DUTIES, done, "decide", "bob") is None
    assert violated(DUTIES, done, "sign", "bob") == (DUTIES[1], "sign")
    assert violated(DUTIES, done, "review", "ann") is None
    assert violated(DUTIES, done, "archive", "ann") is None


def test_duties_are_read_and_nonsense_is_refused() -> None:
    assert read_duties(b'[[duty]]\nname = "x"\nelements = ["a", "b"]\n') == (Duty("x", ("a", "b")),)
    for wrong in (b"[[duty]]\nname = 1\n", b"[", b"\xff"):
        with pytest.raises(Rejected):
            read_duties(wrong)


def test_the_same_contents_give_the_same_definition_object() -> None:
    from tests.runtime.drawing import Drawing

    resources = {("process", "p"): Drawing("start s\nuser a\nend e\ns > a > e").xml()}
    assert runtime.compile_definition("p", resources) is runtime.compile_definition("p", dict(resources))


def test_many_items_are_not_taken_for_an_endless_loop() -> None:
    case = Case(define("start s\nuser a each item in items\nend e\ns > a > e"), {"items": list(range(1500))})
    assert len(case.open) == 1500
    assert not case.waits.incidents


def test_too_many_items_are_an_incident() -> None:
    case = Case(define("start s\nuser a each item in items\nend e\ns > a > e"), {"items": list(range(2500))})
    assert list(case.waits.incidents.values()) == ["a"]


def test_what_was_asked_of_a_case_changes_nothing_of_what_comes_next() -> None:
    definition = define("start s\nuser a\nuser b {{sm:dueDays='=1'}}\nend e\ns > a > b > e")
    around = Surroundings("k", MORNING)
    state = runtime.start(definition, around, {"kept": {"in": [1]}}).state
    task = next(iter(runtime.waits(definition, state).tasks))
    later = Surroundings("k", MORNING + timedelta(days=7))

    runtime.start(definition, around, {})  # another case in between: nothing is known of this one
    unasked = runtime.complete_task(definition, state, task, {}, later)
    seen = runtime.task_variables(definition, state, task)
    seen["kept"]["in"].append(2)
    asked = runtime.complete_task(definition, state, task, {}, later)

    assert asked == unasked
    assert runtime.variables(definition, asked.state)["kept"] == {"in": [1]}
