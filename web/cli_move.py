"""``shangmen move``: running cases go over to the version in force. Without a reason it only says what would happen.

Whoever may start this program is trusted to say who they are (``--by``); that person must administer the cases.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping
from typing import Any

from engine.commands.migration_orders import order_moves
from engine.model import ADMINISTRATOR, Actor
from engine.queries.migration_orders import order, results
from engine.queries.migrations import CasePlan, Choosing, choose, plans
from engine.store.database import Database
from engine.store.directory import actor_for, user_by_login
from engine.store.known import find_tenant
from engine.store.run import Platform
from engine.worker import run_order


def add_commands(commands: Any, open_installation: Callable[[], Database]) -> None:
    """Add ``move``."""
    moved = commands.add_parser("move", help="move running cases to the version in force; without --reason, only plan")
    moved.add_argument("procedure")
    moved.add_argument("--by", required=True, help="log-in name of the administrator who decides")
    moved.add_argument("--reason", default="", help="why; it stands in the record of every case")
    moved.add_argument("--unit", default="", help="only cases of this organisation and those below it")
    moved.add_argument("--step", default="", help="only cases that wait at this element")
    moved.add_argument(
        "--to", action="append", default=[], metavar="OLD=NEW", help="which step replaces one that is gone"
    )
    moved.add_argument("--recompute", action="store_true", help="count due dates anew by the new version")
    moved.set_defaults(run=lambda options: _move(options, open_installation()))


def _move(options: argparse.Namespace, database: Database) -> Database:
    platform = Platform(database)
    actor, mapping = _administrator(database, options.by), _mapping(options.to)
    found, planned = _planned(platform, actor, options, mapping)
    for plan in planned:
        sys.stdout.write(f"{plan.case.number}: {_said(plan)}\n")
    if not options.reason or not found.cases:
        can = sum(not plan.blockers for plan in planned)
        sys.stdout.write(f"{can} of {len(planned)} cases can move. Say --reason to move them.\n")
        return database
    targets = [(case.id, case.target.pins) for case in found.cases]
    order_id = platform.run(
        lambda uow: order_moves(uow, options.procedure, targets, mapping, options.reason, recompute=options.recompute),
        actor,
        database.clock(),
    )
    while run_order(platform, order_id, database.clock):
        pass
    with database.read() as connection:
        done = order(connection, actor, order_id)
        for stays in results(connection, order_id, 1):
            if stays.template:
                sys.stdout.write(f"{stays.number} stays: {stays.template % stays.params}\n")
    sys.stdout.write(f"{done.moved} of {done.total} cases moved.\n")
    return database


def _planned(
    platform: Platform, actor: Actor, options: argparse.Namespace, mapping: Mapping[str, str]
) -> tuple[Choosing, tuple[CasePlan, ...]]:
    now = platform.database.clock()
    with platform.database.read() as connection:
        unit = find_tenant(connection, options.unit) if options.unit else None
        if options.unit and unit is None:
            raise ValueError(f"expected the id of an organisation, found {options.unit}.")
        found = choose(connection, platform.known, actor, options.procedure, now, unit=unit, element=options.step)
        return found, plans(connection, platform.known, actor, found.cases, mapping, now)


def _said(plan: CasePlan) -> str:
    if plan.blockers:
        return "stays: " + " ".join(str(blocker) for blocker in plan.blockers)
    return f"can move to {plan.label}"


def _administrator(database: Database, login: str) -> Actor:
    with database.read() as connection:
        user, units = user_by_login(connection, login) or ("", [])
        acting = [actor_for(connection, user, unit) for unit in units]
    found = next((actor for actor in acting if ADMINISTRATOR in actor.roles), None)
    if found is None:
        raise ValueError(f"expected an administrator, found {login}. Say who decides with --by.")
    return found


def _mapping(pairs: list[str]) -> dict[str, str]:
    found = dict(pair.split("=", 1) for pair in pairs if pair.count("=") == 1)
    if len(found) != len(pairs):
        raise ValueError("expected each --to as OLD=NEW, each old step once.")
    return found
