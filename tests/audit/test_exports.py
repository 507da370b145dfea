"""Exports tell the same traces to an independent reader in every form, and name nobody unless asked to."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from engine.errors import Rejected
from engine.history import events as e
from engine.queries import traces as tracing
from engine.queries.export_ocel import to_ocel
from engine.queries.export_xes import to_csv, to_json_lines, to_xes
from engine.queries.mining import Stretch, bottlenecks, compare_ways, share, variants, waitings
from engine.queries.traces import Trace, Wanted, is_told_before, traces
from engine.store import tables as t
from tests.audit.readers import Log, read_csv, read_json_lines, read_ocel, read_xes
from tests.world import World

KEY, OTHER_KEY = bytes(32), bytes(31) + b"\1"
FORMS = ((to_xes, read_xes), (to_ocel, read_ocel), (to_csv, read_csv), (to_json_lines, read_json_lines))


@pytest.fixture
def lived(world: World) -> World:
    """One case that was sent back once and ended, and one that waits, in two units."""
    case = world.start(note="秘密")
    world.now += timedelta(hours=2)
    world.complete(case, "check", outcome="back")
    world.now += timedelta(hours=4)
    world.complete(case, "check", outcome="forward")
    world.now += timedelta(days=1)
    world.complete(case, "decide", "eve.east", outcome="forward")
    world.start("ann.west", note="另一件")
    return world


def read(world: World, key: bytes = KEY, who: str = "north.auditor", named: bool = False, **wanted: str) -> list[Trace]:
    with world.platform.database.read() as connection:
        return traces(connection, world.actor(who), Wanted(**wanted), key, named=named)  # type: ignore[arg-type]


def from_history(world: World) -> list[list[tuple[str, str]]]:
    """What the stored bytes say, read here once more: completed work per case, oldest case first."""
    with world.platform.database.read() as connection:
        cases = connection.execute(select(t.instance.c.id).order_by(t.instance.c.started_at)).scalars().all()
        bodies = [
            [
                json.loads(body)
                for body in connection.execute(
                    select(t.history.c.body).where(t.history.c.stream == f"case:{case}").order_by(t.history.c.seq)
                ).scalars()
            ]
            for case in cases
        ]
    return [
        [(body["data"]["name"], body["at"]) for body in facts if body["type"] == "UserTaskCompleted"]
        for facts in bodies
    ]


def test_every_form_gives_an_independent_reader_the_same_traces(lived: World) -> None:
    found = read(lived)
    logs: list[Log] = [reader(writer(found)) for writer, reader in FORMS]

    assert all(log == logs[0] for log in logs)
    completed = [[row[0] for row in rows if row[1] == "complete" and row[0] != "case"] for rows in logs[0].values()]
    names = {name for rows in from_history(lived) for name, _ in rows}
    assert [[name for name in rows if name in names] for rows in completed] == [
        [name for name, _ in rows] for rows in from_history(lived)
    ]
    assert [[row[0] for row in rows].count("check") for rows in logs[0].values()] == [4, 1]


def test_a_log_that_lost_an_event_is_not_the_same(lived: World) -> None:
    found = read(lived)
    shorter = [replace(found[0], events=found[0].events[:-1]), found[1]]

    for writer, reader in FORMS:
        assert reader(writer(found)) != reader(writer(shorter))


BROKEN = (
    (to_xes, read_xes, b' scope="event" keys', b" keys"),
    (to_xes, read_xes, b'xes.version="1849.2016"', b'xes.version="1849-2016"'),
    (to_xes, read_xes, b"<trace>", b"<trace><trace/>"),
    (to_xes, read_xes, b'key="concept:name"', b'key="1 name"'),
    (to_ocel, read_ocel, b'"qualifier"', b'"how"'),
    (to_ocel, read_ocel, b'"time"', b'"when"'),
)


@pytest.mark.parametrize(("writer", "reader", "right", "wrong"), BROKEN)
def test_the_reader_refuses_what_the_published_schema_does(
    lived: World, writer: Any, reader: Any, right: bytes, wrong: bytes
) -> None:
    content = writer(read(lived))
    assert right in content
    assert reader(content)

    with pytest.raises((AssertionError, KeyError, StopIteration)):
        reader(content.replace(right, wrong, 1))


def test_by_default_nobody_and_no_case_is_named(lived: World) -> None:
    state = json.dumps([str(trace) for trace in read(lived)], ensure_ascii=False)
    with lived.platform.database.read() as connection:
        numbers = connection.execute(select(t.instance.c.number)).scalars().all()
        cases = connection.execute(select(t.instance.c.id)).scalars().all()
        users = connection.execute(select(t.user.c.id)).scalars().all()

    for writer, _ in FORMS:
        text = writer(read(lived)).decode()
        for secret in ("秘密", "另一件", "bob", "ann", *numbers, *cases, *users):
            assert secret not in text, secret
    assert "person-" in state


def test_a_named_export_names_them(lived: World) -> None:
    text = to_json_lines(read(lived, named=True)).decode()

    for word in ("秘密", "bob", "eve"):
        assert word in text


def test_people_of_one_name_stay_two_people(lived: World) -> None:
    opened = {trace.events[0].person for trace in read(lived, named=True)}

    assert opened == {"ann (ann.east)", "ann (ann.west)"}


def test_pseudonyms_are_the_same_within_an_export_and_others_in_the_next(lived: World) -> None:
    def people(key: bytes) -> list[str]:
        return [event.person for trace in read(lived, key) for event in trace.events if event.person]

    assert people(KEY) == people(KEY)
    assert len(set(people(KEY))) == 4  # two who opened, one who checked twice, one who decided
    assert not set(people(KEY)) & set(people(OTHER_KEY))


def test_only_cases_that_the_auditor_may_see_are_exported(lived: World) -> None:
    assert len(read(lived)) == 2
    assert [trace.unit for trace in read(lived, who="ann.west")] == ["west"]
    assert [trace.status for trace in read(lived, state="completed")] == ["completed"]
    assert read(lived, procedure="other") == []


def test_too_many_cases_are_refused(lived: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tracing, "CASES_MAX", 1)

    with pytest.raises(Rejected, match="at most 1"):
        read(lived)


def test_what_a_spreadsheet_would_compute_and_what_xml_cannot_hold_is_made_harmless(lived: World) -> None:
    (trace, _) = read(lived)
    hostile = '=1+1"<&>\x00\ud800\n'.encode("utf-8", "replace").decode()
    event = replace(trace.events[0], activity=hostile)

    (row,) = read_csv(to_csv([replace(trace, events=(event,))])).values()
    assert row[0][0].startswith("'=")
    (row,) = read_xes(to_xes([replace(trace, events=(event,))])).values()
    assert row[0][0] == hostile.replace("\x00", "\ufffd")


def test_variants_and_waiting_times_are_what_was_lived(lived: World) -> None:
    found = read(lived)

    (way,) = variants(found)
    assert (way.cases, way.typical) == (1, timedelta(days=1, hours=6))
    assert way.activities == ("check", "check", "decide")
    assert way.stretches == (Stretch("same", way.activities),)
    times = {(one.activity, one.unit): one for one in waitings(found)}
    assert (times["check", "east"].done, times["check", "east"].longest) == (2, timedelta(hours=4))
    assert (times["decide", "east"].typical, times["decide", "east"].open) == (timedelta(days=1), 0)
    assert (times["check", "west"].done, times["check", "west"].open, times["check", "west"].typical) == (0, 1, None)


def test_all_units_together_show_which_step_takes_the_time(lived: World) -> None:
    slowest, quicker = bottlenecks(read(lived))

    assert (slowest.activity, slowest.unit, slowest.total) == ("decide", "", timedelta(days=1))
    assert (quicker.activity, quicker.done, quicker.open, quicker.total) == ("check", 2, 1, timedelta(hours=6))


def test_a_way_is_told_by_what_it_has_besides_and_what_it_has_not() -> None:
    usual = ("ask", "check", "visit", "decide")

    assert compare_ways(usual, usual) == (Stretch("same", usual),)
    assert compare_ways(usual, ("ask", "check", "check", "decide")) == (
        Stretch("same", ("ask", "check")),
        Stretch("less", ("visit",)),
        Stretch("more", ("check",)),
        Stretch("same", ("decide",)),
    )
    assert compare_ways(usual, ()) == (Stretch("less", usual),)
    assert compare_ways((), ()) == ()


def test_a_table_s_ruling_is_one_step_of_a_trace_and_not_two() -> None:
    ruling = e.DecisionEvaluated(element="rule", scope="s", process="p")

    assert is_told_before(ruling, e.ElementCompleted(element="rule", scope="s", process="p"))
    for other in (ruling, None):
        assert not is_told_before(other, e.ElementCompleted(element="next", scope="s", process="p"))
    assert not is_told_before(
        e.ElementCompleted(element="rule", scope="s", process="p"),
        e.ElementCompleted(element="rule", scope="s", process="p"),
    )


def test_a_share_of_times_is_by_nearest_rank() -> None:
    hours = [timedelta(hours=n) for n in (5, 1, 4, 2, 3)]

    assert [share(hours, percent) for percent in (50, 90, 100)] == [timedelta(hours=n) for n in (3, 5, 5)]
    assert share([], 50) is None
