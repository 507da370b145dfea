"""``shangmen verify``: is the record whole, and do all cases agree when their inputs are run again?"""

from __future__ import annotations

import argparse
import gc
import json
import sys
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from engine.connectors.keys import log_verifier
from engine.queries.reexecution import Agreement, Past, case_ids, re_execute
from engine.queries.verify import Verdict, verify, verify_seals
from engine.scenarios.script import ZONE
from engine.store.database import Database, open_database
from engine.store.known import Known
from engine.store.suite import settle_suite

_PROGRESS_SECONDS = 2.0


def add_commands(commands: Any, configured: Callable[[], Database]) -> None:
    """Add ``verify``. ``configured`` opens the database of the environment."""
    verified = commands.add_parser("verify", help="check every seal, and that rows are what the history adds up to")
    verified.add_argument("--data", type=Path, help="a demonstration's folder instead of SHANGMEN_DATABASE")
    verified.add_argument("--seals", action="store_true", help="only chains, digests and log: many times faster")
    verified.add_argument("--re-execute", action="store_true", help="also run every case's recorded inputs again")
    verified.add_argument(
        "--since", type=_day, help="run only cases again in which something happened since YYYY-MM-DD"
    )
    verified.add_argument(
        "--head", type=Path, action="append", default=[], help="a signed head that was kept outside; may be repeated"
    )
    verified.add_argument("--key", type=Path, help="the file with the log's public key; default: log.pub with --data")
    verified.add_argument("--report", type=Path, help="write what was checked and found to this file, as JSON")
    verified.set_defaults(run=lambda options: _verify(options, configured))


def _day(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=ZONE)


def _opened(options: argparse.Namespace, configured: Callable[[], Database]) -> Database:
    if not options.data:
        return configured()
    database = open_database(f"sqlite:///{options.data / 'demo.sqlite'}")
    settle_suite(database)
    return database


def _verify(options: argparse.Namespace, configured: Callable[[], Database]) -> None:
    """Check the whole record; name what is broken, first break first. Exits with 1 when anything is."""
    key = options.key.read_text().strip() if options.key else log_verifier(options.data) if options.data else ""
    kept = [path.read_text() for path in options.head]
    database = _opened(options, configured)
    gc.freeze()  # millions of rows come and go: looking through the program for garbage each time would cost more
    began = time.monotonic()
    with database.read() as connection:
        check = verify_seals if options.seals else verify
        verdict = check(connection, keys=[key] if key else [], kept=kept)
    seconds = round(time.monotonic() - began, 1)
    for finding in verdict.findings:
        sys.stdout.write(f"{finding}\n")
    whole = "whole" if not verdict.findings else f"{len(verdict.findings)} findings"
    sys.stdout.write(f"{verdict.streams} streams, {verdict.facts} facts checked in {seconds} s: {whole}\n")
    again = dict(_run_again(database, options.since)) if options.re_execute else {}
    database.close()
    if options.report:
        options.report.write_text(json.dumps(_report(options, verdict, seconds, again), ensure_ascii=False, indent=1))
    if verdict.findings or any(agreement.difference for agreement in again.values()):
        sys.exit(1)


def _run_again(database: Database, since: datetime | None) -> Iterator[tuple[str, Agreement]]:
    """Run cases again, say what differs and how far it is; gives each case's number and what came out."""
    known, told = Known(), time.monotonic()
    differ = erased = inputs = count = 0
    with database.read() as connection:
        past = Past(connection)
        cases = case_ids(connection, since)
        for count, (instance_id, number) in enumerate(cases, 1):
            agreement = re_execute(connection, known, instance_id, past)
            inputs, erased = inputs + agreement.commands, erased + agreement.erased
            if agreement.difference is not None:
                differ += 1
                sys.stdout.write(f"{number} {agreement.difference}\n")
            if time.monotonic() - told > _PROGRESS_SECONDS:
                told = time.monotonic()
                sys.stderr.write(f"{count} of {len(cases)} cases run again\n")
            yield number, agreement
    sys.stdout.write(f"{count} cases, {inputs} commands run again: {differ} differ, {erased} erased\n")


def _report(
    options: argparse.Namespace, verdict: Verdict, seconds: float, again: dict[str, Agreement]
) -> dict[str, Any]:
    differences = {
        number: {"seq": agreement.difference.seq, "sentence": str(agreement.difference)}
        for number, agreement in again.items()
        if agreement.difference is not None
    }
    return {
        "checked": "seals" if options.seals else "everything",
        "streams": verdict.streams,
        "facts": verdict.facts,
        "seconds": seconds,
        "findings": [
            {"place": finding.place, "means": finding.means, "sentence": str(finding)} for finding in verdict.findings
        ],
        "run_again": {
            "since": options.since.date().isoformat() if options.since else None,
            "cases": len(again),
            "commands": sum(agreement.commands for agreement in again.values()),
            "erased": [number for number, agreement in again.items() if agreement.erased],
            "differences": differences,
        }
        if options.re_execute
        else None,
    }
