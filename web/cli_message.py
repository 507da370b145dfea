"""``shangmen message``: other software tells cases something – a message for one of them, or a signal for all.

Whoever may start this program acts for the unit they name; a case elsewhere is out of reach, as for a person.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

from engine.commands.correlation import KEEP, broadcast_signal, correlate_message
from engine.errors import NotFound, Rejected
from engine.store.database import Database
from engine.store.directory import system_actor
from engine.store.known import find_tenant
from engine.store.run import Command, Platform


def add_commands(commands: Any, open_installation: Callable[[], Database]) -> None:
    """Add ``message send`` and ``message signal`` to the program's subcommands."""
    message = commands.add_parser("message", help="tell waiting cases something, on behalf of other software")
    what = message.add_subparsers(required=True, metavar="WHAT")
    sent = what.add_parser("send", help="to the one case that waits for it; kept for a while where none does")
    sent.add_argument("--key", action="append", default=[], help="what the case is known by: its number, or its keys")
    sent.add_argument("--keep-days", type=int, default=KEEP.days, help="for how long it is kept")
    signal = what.add_parser("signal", help="to every case of the unit, and of all below it, that waits for it")
    for parser in (sent, signal):
        parser.add_argument("name", help="what the diagram calls it")
        parser.add_argument("--unit", required=True, help="for which organisation, with all below it")
        parser.add_argument("--id", required=True, help="the sender's own id: the same again is the same message")
        parser.add_argument("--payload", default="{}", help="a JSON object: what it says")
    sent.set_defaults(run=lambda o: _run(o, open_installation, lambda values: _send(o, values)))
    signal.set_defaults(
        run=lambda o: _run(o, open_installation, lambda values: lambda u: broadcast_signal(u, o.name, values, o.id))
    )


def _send(options: argparse.Namespace, values: dict[str, Any]) -> Command[dict[str, Any]]:
    keep = timedelta(days=options.keep_days)
    return lambda uow: correlate_message(uow, options.name, options.key, values, options.id, keep)


def _run(
    options: argparse.Namespace,
    open_installation: Callable[[], Database],
    command: Callable[[dict[str, Any]], Command[dict[str, Any]]],
) -> Database:
    values = _payload(options.payload)
    database = open_installation()
    with database.read() as connection:
        unit = find_tenant(connection, options.unit)
    if unit is None:
        raise NotFound("There is no organisation %(unit)s.", unit=options.unit)
    answer = Platform(database).run(command(values), system_actor(unit), database.clock())
    sys.stdout.write(json.dumps(answer, ensure_ascii=False) + "\n")
    return database


def _payload(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text, parse_float=Decimal)
    except ValueError as error:
        raise Rejected("Expected a JSON object in --payload but found: %(reason)s.", reason=str(error)) from None
    if not isinstance(found, dict):
        raise Rejected("Expected a JSON object in --payload but found: %(reason)s.", reason=type(found).__name__)
    return found
