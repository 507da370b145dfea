"""``shangmen checkpoint`` and ``check-dossier``: what an auditor keeps outside, and what they check offline."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from engine.history import dossier_check
from engine.store.database import Database, open_database
from engine.store.log import newest_checkpoint


def add_commands(commands: Any, open_installation: Callable[[], Database]) -> None:
    """Add both to the program's subcommands."""
    head = commands.add_parser("checkpoint", help="print the newest signed head of the log, to be kept outside")
    head.add_argument("--data", type=Path, help="a demonstration's folder instead of SHANGMEN_DATABASE")
    head.set_defaults(run=lambda options: run_checkpoint(options, open_installation))

    dossier = commands.add_parser("check-dossier", help="check a dossier offline; names the first wrong item")
    dossier.add_argument("file", type=Path)
    dossier.add_argument("--key", default="", help="the public key of the log, from a source of your own")
    dossier.set_defaults(run=lambda given: sys.exit(dossier_check.main([str(given.file), "--key", given.key])))


def run_checkpoint(options: argparse.Namespace, open_installation: Callable[[], Database]) -> None:
    """Print the newest signed head. Whoever keeps it can later prove that nothing before it was rewritten."""
    database = open_database(f"sqlite:///{options.data / 'demo.sqlite'}") if options.data else open_installation()
    with database.read() as connection:
        note = newest_checkpoint(connection)
    database.close()
    if note is None:
        raise ValueError("there is no signed head yet: a worker makes one within a minute")
    print(note, end="")
