"""Every kind of fact says which of its fields may leave the house; what is not said may not."""

from __future__ import annotations

from dataclasses import fields

from engine.history import events as e
from engine.history.masking import PUBLIC
from engine.queries.traces import LIFECYCLE

CASES = ("case_events", "migration_events", "wait_events")
"""The modules whose facts stand in the streams of cases."""

ELSEWHERE = (
    "public_events",
    "access_events",
    "studio_events",
    "message_events",
    "delegation_events",
    "organisation_events",
)
"""The modules whose facts stand in other streams. A new module goes to one list or the other."""

CASE_EVENTS = sorted(name for name, cls in e.TYPES.items() if cls.__module__.rpartition(".")[2] not in ELSEWHERE)


def test_every_kind_of_fact_of_a_case_says_which_fields_may_leave() -> None:
    assert not set(CASE_EVENTS) - PUBLIC.keys(), "list their public fields in engine/history/masking.py"
    for name, public in PUBLIC.items():
        known = {field.name for field in fields(e.TYPES[name])}
        assert public <= known
        assert not public & e.TYPES[name].personal, f"{name} lets out what is personal"


def test_new_facts_of_a_case_hold_nothing_in_their_bytes_that_may_not_leave() -> None:
    for name in PUBLIC:
        told = {field.name for field in fields(e.TYPES[name])}
        assert told <= PUBLIC[name] | e.TYPES[name].personal, f"{name}: mark the rest personal"


def test_what_exports_read_of_a_fact_may_leave() -> None:
    read = {"name", "element", "task", "role", "tenant"}
    for cls in LIFECYCLE:
        assert read & {field.name for field in fields(cls)} <= PUBLIC[cls.__name__]
