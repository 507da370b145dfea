"""What each fact does to the rows: the one place where events become rows.

Pure: a fact gives changes, and changes are carried out by the unit of work – or folded in memory by
``verify``, which computes every row again from history alone and compares.
"""

from __future__ import annotations

from engine.history.facts import Fact
from engine.store.apply.cases import apply_case, apply_erasure, apply_task
from engine.store.apply.change import Change, Delete, Insert, Update
from engine.store.apply.delegations import apply_delegation
from engine.store.apply.messages import apply_message
from engine.store.apply.people import apply_people
from engine.store.apply.proposals import apply_proposed
from engine.store.apply.publications import apply_published
from engine.store.apply.waits import apply_file, apply_place, apply_wait

__all__ = ["Change", "Delete", "Insert", "Update", "apply", "case_of"]


def case_of(stream: str) -> str:
    """The instance id of a case's stream, "" for any other stream."""
    return stream[5:] if stream.startswith("case:") else ""


def apply(fact: Fact) -> list[Change]:
    """The changes to rows that follow from one fact. A fact without consequences gives none."""
    rules = (
        apply_case,
        apply_task,
        apply_wait,
        apply_message,
        apply_erasure,
        apply_file,
        apply_place,
        apply_published,
        apply_proposed,
        apply_people,
        apply_delegation,
    )
    for rule in rules:
        changes = rule(fact, case_of(fact.stream))
        if changes is not None:
            return changes
    return []
