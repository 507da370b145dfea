"""What is not on the list of what may leave does not leave: not in the masked dossier, not in any export."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from datetime import UTC, date, datetime
from typing import Any, get_args, get_type_hints

import pytest

from engine.commands.sealing import commit_to_log
from engine.history import events as e
from engine.history.checkpoint import FileSigner
from engine.history.dossier_check import check
from engine.history.masking import PUBLIC, may_leave
from engine.history.seal import canonical
from engine.queries.dossier import dossier
from engine.queries.export_ocel import to_ocel
from engine.queries.export_xes import to_csv, to_json_lines, to_xes
from engine.queries.traces import Wanted, traces
from engine.store import appending
from engine.store import tables as t
from engine.store.directory import system_actor
from tests.house.test_masking_list import CASE_EVENTS
from tests.world import World

SIGNER = FileSigner("test.example/log", bytes(range(32)))
MARK = "王小芳的秘密"


def planted(value: Any, kind: Any) -> Any:
    """``value`` of the type ``kind`` with the mark in it, where the type can hold it."""
    if kind is str:
        return MARK
    if kind in (dict, list) or getattr(kind, "__origin__", None) in (dict, list):
        origin = getattr(kind, "__origin__", kind)
        inner = get_args(kind)[-1] if get_args(kind) else Any
        one = planted(None, inner)
        return {MARK: one, "x": one} if origin is dict else [one]
    if kind is Any:
        return {"x": MARK, MARK: [MARK]}
    if kind in (int, bool, float):
        return kind(value or 7)
    options = get_args(kind)
    if str in options:
        return MARK
    return value


def marked(event: e.Event) -> e.Event:
    """An event with the mark in every field that the list does not let out."""
    kinds = get_type_hints(type(event))
    hidden = [field.name for field in fields(event) if field.name not in PUBLIC.get(type(event).__name__, ())]
    return replace(event, **{name: planted(getattr(event, name), kinds[name]) for name in hidden})


def plain(cls: type[e.Event]) -> e.Event:
    """An event of a kind with some harmless value in every field."""
    kinds = get_type_hints(cls)

    def value(kind: Any) -> Any:
        simple = {str: "x", int: 1, bool: False, date: date(2026, 1, 1), Any: None}
        if kind in simple:
            return simple[kind]
        origin = getattr(kind, "__origin__", kind)
        if origin in (dict, list):
            return origin()
        return None if type(None) in get_args(kind) else datetime(2026, 1, 1, tzinfo=UTC)

    return cls(**{field.name: value(kinds[field.name]) for field in fields(cls)})


@pytest.fixture
def case(world: World) -> str:
    """A case with one more fact of every kind, each with the mark in every field that may not leave."""
    case = world.start(note=MARK)
    for name in CASE_EVENTS:
        if name in ("InstanceStarted", "InstanceCompleted", "InstanceCancelled"):
            continue
        event = marked(plain(e.TYPES[name]))
        if isinstance(event, e.InstanceMigrated):  # a version that there is
            with world.platform.database.read() as connection:
                row = connection.execute(t.instance.select().where(t.instance.c.id == case)).one()
            event = replace(event, former=row.pins, pins=row.pins, process=row.process)
        world.platform.run(lambda uow, event=event: append(uow, case, event), system_actor(), world.now)
    world.platform.run(lambda uow: commit_to_log(uow, SIGNER), system_actor(), world.now)
    return case


def number_of(world: World, case: str) -> str:
    with world.platform.database.read() as connection:
        return str(connection.execute(t.instance.select().where(t.instance.c.id == case)).one().number)


def append(uow: Any, case: str, event: e.Event) -> None:
    """Seal a fact and append it to the case's stream, without any consequence."""
    found = uow.case(case)
    _, sealed, _standing = uow._sealed(found.stream, found.seq, found.seal, found.standing, [event], "0" * 64)
    appending.append(uow.connection, sealed)
    head = {"seq": found.seq + 1, "seal": sealed[-1].seal}
    uow.connection.execute(t.instance.update().where(t.instance.c.id == case).values(**head))


def test_a_mark_in_every_field_of_every_kind_of_fact_is_not_in_the_masked_dossier(world: World, case: str) -> None:
    found = {}
    with world.platform.database.read() as connection:
        for masked in (True, False):
            auditor = world.actor("north.auditor")
            made = dossier(connection, world.platform.known, auditor, case, masked=masked, verifier=SIGNER.verifier)
            told = json.dumps(made.data, ensure_ascii=False)
            found[masked] = (MARK in told, MARK in repr(made.film.facts), made.film.case.title == MARK)
            if masked:
                assert check(json.loads(told), SIGNER.verifier).missing == ()
                assert number_of(world, case) not in told + repr(made.film.case)

    assert found == {True: (False, False, False), False: (True, True, True)}


def test_a_mark_in_every_field_of_every_kind_of_fact_is_in_no_export(world: World, case: str) -> None:
    with world.platform.database.read() as connection:
        found = traces(connection, world.actor("north.auditor"), Wanted(), bytes(32))
        named = traces(connection, world.actor("north.auditor"), Wanted(), bytes(32), named=True)
    for write in (to_xes, to_ocel, to_csv, to_json_lines):
        content = write(found).decode()
        assert MARK not in content
        assert number_of(world, case) not in content
    assert MARK in to_json_lines(named).decode()  # the title, where names were asked for


def test_a_fact_of_the_first_kind_with_a_text_in_its_bytes_leaves_without_them() -> None:
    first = {"type": "InstanceCancelled", "data": {"reason": MARK}}
    now = {**first, "data": {"reason": "0" * 64}, "personal": ["reason"]}

    assert (may_leave(json.loads(canonical(first))), may_leave(now)) == (False, True)


def test_a_fact_that_left_without_its_bytes_keeps_its_place_in_the_proof(world: World, case: str) -> None:
    with world.platform.database.read() as connection:
        auditor = world.actor("north.auditor")
        made = dossier(connection, world.platform.known, auditor, case, masked=True, verifier=SIGNER.verifier)
    data = json.loads(json.dumps(made.data))
    data["facts"][2]["body"] = None

    (missing,) = check(data, SIGNER.verifier).missing

    assert "1 facts were left out whole" in missing
