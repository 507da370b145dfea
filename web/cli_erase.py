"""``shangmen erase``: ask for the erasure of a case's personal data, confirm it, overwrite what is left on the disk.

Whoever may start this program is trusted to say who they are (``--by``); the two-person rule holds here, too.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

from engine.commands.erasure import decline_erasure, erase_answers, request_erasure
from engine.connectors.registry import connectors
from engine.errors import NotFound
from engine.model import Actor
from engine.queries.erasures import case_by_number
from engine.store.database import Database
from engine.store.directory import actor_for, user_by_login
from engine.store.run import Command, Platform
from engine.worker import clean_after_erasure


def add_commands(commands: Any, open_installation: Callable[[], Database]) -> None:
    """Add ``erase request``, ``confirm``, ``decline`` and ``clean`` to the program's subcommands."""
    erase = commands.add_parser("erase", help="erase the personal data of an ended case under the law")
    what = erase.add_subparsers(required=True, metavar="WHAT")
    asked = what.add_parser("request", help="ask for it; somebody else confirms")
    confirmed = what.add_parser("confirm", help="erase what was asked for, and overwrite it on the disk")
    declined = what.add_parser("decline", help="let the data stay")
    for parser in (asked, confirmed, declined):
        parser.add_argument("number", help="the number of the case")
        parser.add_argument("--by", required=True, help="log-in name of the administrator who decides")
    asked.add_argument("--reason", required=True)
    asked.add_argument("--legal-basis", required=True)
    declined.add_argument("--reason", required=True)
    confirmed.add_argument("--data", type=Path, default=Path("data"), help="where the installation keeps its files")
    confirmed.add_argument("--later", action="store_true", help="leave the overwriting to “erase clean” or a worker")
    clean = what.add_parser("clean", help="overwrite on the disk what erased cases left behind")
    clean.add_argument("--data", type=Path, default=Path("data"))

    asked.set_defaults(
        run=lambda o: _run(
            o, open_installation, lambda case: lambda u: request_erasure(u, case, o.reason, o.legal_basis)
        )
    )
    declined.set_defaults(
        run=lambda o: _run(o, open_installation, lambda case: lambda u: decline_erasure(u, case, o.reason))
    )
    confirmed.set_defaults(run=lambda o: _confirm(o, open_installation))
    clean.set_defaults(run=lambda o: _clean(open_installation(), o.data))


def _run(
    options: argparse.Namespace,
    open_installation: Callable[[], Database],
    command: Callable[[str], Command[Any]],
) -> Database:
    database = open_installation()
    with database.read() as connection:
        found = user_by_login(connection, options.by)
        if found is None:
            raise NotFound("There is no such user, or they have no role there.")
        actor = _administrator([actor_for(connection, found[0], unit) for unit in found[1]])
        case = case_by_number(connection, actor, options.number)
    Platform(database).run(command(case), actor, database.clock())
    return database


def _administrator(acting: list[Actor]) -> Actor:
    for actor in acting:
        if "administrator" in actor.roles:
            return actor
    raise NotFound("There is no such user, or they have no role there.")


def _confirm(options: argparse.Namespace, open_installation: Callable[[], Database]) -> None:
    database = _run(options, open_installation, lambda case: lambda uow: erase_answers(uow, case))
    print("The personal data are out of the record; its seals and proofs stay whole.")
    if options.later:
        print("Run “shangmen erase clean”, or have a worker running, to overwrite them on the disk.")
    else:
        _clean(database, options.data)


def _clean(database: Database, data: Path) -> None:
    left = clean_after_erasure(Platform(database), connectors(data), database.clock())
    database.close()
    for what in left:
        print(f"This database user may not run {what}: have a database administrator do it.")
    print("Overwritten on the disk. Backups, archived write-ahead logs, replicas and disk snapshots are not in reach.")
