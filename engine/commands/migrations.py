"""Move one running case to another version of its procedure, deliberately and with a reason.

The plan is made again inside the transaction: what a page showed a minute ago counts for nothing. A case moves whole
or not at all, and what cannot move stays where it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from engine.errors import NotFound, Rejected
from engine.history import events as e
from engine.model import ADMINISTRATOR, Actor, Pins
from engine.runtime.compiled import ProcessDefinition
from engine.runtime.migration import Blocker, fitting, migrate, plan, what_is_new
from engine.runtime.surroundings import Surroundings
from engine.store.publications import pins_for, require_pins
from engine.store.unit_of_work import Case, UnitOfWork
from engine.store.waiting import waiting_since

REASON_LENGTH_MAX = 500


class Blocked(Rejected):
    """The case cannot move. The sentence is the first of ``blockers``."""

    def __init__(self, blockers: tuple[Blocker, ...]) -> None:
        super().__init__(blockers[0].template, **blockers[0].params)
        self.blockers = blockers


def migrate_instance(
    uow: UnitOfWork,
    instance_id: str,
    target: Pins | None,
    mapping: Mapping[str, str],
    reason: str,
    *,
    recompute: bool = False,
    batch: str = "",
    undoes: bool = False,
) -> e.InstanceMigrated:
    """Move a running case to the version that ``target`` pins, None for what is in force for its unit now.

    ``mapping`` names the elements that take the place of others (old id → new id). With ``recompute``, the open tasks
    and timers are due by the new version's words, counted from when they began; else they keep their due dates.
    Returns the fact. Raises ``NotFound`` (also for who does not administer the case's unit),
    ``Rejected``, and ``Blocked`` with everything that stands in the way; then nothing has changed.
    """
    case = uow.case(instance_id)
    if not may_migrate(uow.actor, case):
        raise NotFound("There is no such case, or it is not yours to see.")
    reason = required_reason(reason)
    if case.status != "running":
        raise Rejected("Expected a running case, but case %(number)s has ended.", number=case.number)
    process, pins = _target(uow, case, target)
    if pins == dict(case.pins) and process == case.process:
        raise Rejected("Expected another version, but case %(number)s follows this one already.", number=case.number)
    new = uow.known.definition(uow.connection, process, pins)
    around = surroundings_of_move(uow, case, new)
    renames = fitting(mapping, case.definition, new)
    blockers = plan(case.definition, new, case.state, around, renames).blockers
    if blockers:
        raise Blocked(blockers)
    fact = e.InstanceMigrated(
        former=dict(case.pins),
        pins=pins,
        process=process,
        reason=reason,
        mapping=renames,
        label=what_is_new(new, case.pins, pins),
        since=_since(uow, case) if recompute else {},
        batch=batch,
        undoes=undoes,
    )
    step = migrate(case.definition, new, case.state, around, fact)
    uow.record(case, step.events, step.state)
    return fact


def may_migrate(actor: Actor, case: Case) -> bool:
    """Whether the case lies in the part of the tree that the actor administers."""
    return actor.is_system or (ADMINISTRATOR in actor.roles and actor.tenant.contains(case.tenant.path))


def required_reason(reason: str) -> str:
    """A reason that will stand in the record. Raises ``Rejected`` for none, or one that is too long."""
    reason = reason.strip()
    if not 0 < len(reason) <= REASON_LENGTH_MAX:
        raise Rejected(
            "Expected a reason of 1 to %(max)s characters. Say why the case is moved.", max=REASON_LENGTH_MAX
        )
    return reason


def surroundings_of_move(uow: UnitOfWork, case: Case, new: ProcessDefinition) -> Surroundings:
    """The world around a case that moves: the units that either version may name."""
    units, calendar = uow.units_for(case.tenant, case.definition.levels | new.levels)
    return uow.surroundings(case.id, units, calendar)


def _target(uow: UnitOfWork, case: Case, target: Pins | None) -> tuple[str, dict[str, str]]:
    if target is None:
        pins, manifest = pins_for(uow.connection, case.procedure, case.tenant, uow.now)
        return manifest["process"], dict(pins)
    return require_pins(uow.connection, case.procedure, case.tenant, target)["process"], dict(target)


def _since(uow: UnitOfWork, case: Case) -> dict[str, datetime]:
    return waiting_since(uow.connection, case.id)
