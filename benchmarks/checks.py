"""What an editor waits for: lint, floor and dry run of the national procedure, beside a fixed piece of work.

Cold: nothing is known of any file, as after a start. Warm: nothing changed. Each edit is new, and alone.

Run ``python -m benchmarks.checks [rounds]``. The fixed piece is SHA-256 over 95,000 pieces of 353 bytes, in the same
run: any machine can be compared by the ratio.
"""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from hashlib import sha256
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from engine.decision import model
from engine.definition.bpmn import read_diagrams
from engine.definition.floor import check, check_floor, floor_of
from engine.definition.lint import lint
from engine.runtime import compiled
from engine.scenarios import verdicts
from engine.scenarios.seed import procedure_folders, read_scenarios, set_the_stage
from engine.scenarios.staging import Theatre, theatre_for
from engine.scenarios.told import forget
from engine.scenarios.verdicts import rehearse
from engine.store.database import open_database
from engine.store.known import find_tenant
from engine.store.run import Platform
from engine.store.schema import upgrade
from forms.formjs import read_form
from tests.floor.drafts import ROOT, Files, national

ROUNDS = 7
PROCESSES = ROOT / "processes"
_PIECE = b"x" * 353


def _seconds(act: Callable[[], object]) -> float:
    began = time.process_time()
    act()
    return time.process_time() - began


def _fixed() -> None:
    for _ in range(95_000):
        sha256(_PIECE).digest()


def _forget() -> None:
    """As the first check after a start: nothing is known of any file."""
    for known in (check._checked, read_diagrams, read_form, model._read, compiled._compile):
        known.cache_clear()
    forget()
    verdicts._read.cache_clear()


def _theatre(folder: Path, stories: object) -> Theatre:
    database = open_database(f"sqlite:///{folder / 'stage.sqlite'}")
    upgrade(database)
    platform = Platform(database)
    set_the_stage(platform, PROCESSES, ROOT / "forms" / "library", datetime(2020, 1, 1, tzinfo=UTC))
    with database.read() as connection:
        nation = find_tenant(connection, "cn")
        assert nation is not None
        return theatre_for(connection, platform.known, nation, stories)  # type: ignore[arg-type]


def main() -> None:
    """Print a table."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    bundle = national()
    resources, main_process, floor = bundle.resources, str(bundle.manifest["process"]), floor_of(bundle.resources)
    assert floor is not None
    stories = [story for folder in procedure_folders(PROCESSES) for story in read_scenarios(folder)]
    ours = [story for story in stories if story.procedure == bundle.procedure]
    edits = iter(range(10**6))
    told = {one.key: (PROCESSES / ours[0].procedure / "scenarios" / f"{one.key}.toml").read_bytes() for one in ours}

    def edited(process: str, change: Callable[[bytes, int], bytes]) -> Files:
        return {**resources, ("process", process): change(resources["process", process], next(edits))}

    def lints(files: Files) -> None:
        list(lint(files, main_process))

    def floors(files: Files) -> None:
        check_floor(main_process, files, floor)

    with TemporaryDirectory() as folder:
        theatre = _theatre(Path(folder), stories)

        def tells(files: Files) -> None:
            rehearse(main_process, files, resources, told, told, theatre)

        taken: dict[tuple[str, str], list[float]] = {}
        for _ in range(rounds):
            taken.setdefault(("the fixed piece", ""), []).append(_seconds(_fixed))
            _forget()
            for state, files in (
                ("cold", resources),
                ("warm", resources),
                ("shapes moved in the main diagram", edited(main_process, _moved)),
                ("one part edited", edited("feedback", _edited)),
                ("the main diagram edited", edited(main_process, _edited)),
            ):
                whole = 0.0
                for what, work in (("lint", lints), ("floor", floors), (f"dry run, {len(ours)} stories", tells)):
                    spent = _seconds(partial(work, files))
                    taken.setdefault((what, state), []).append(spent)
                    whole += spent
                taken.setdefault(("all three", state), []).append(whole)
    base = median(taken["the fixed piece", ""])
    print("| what | when | best ms | median ms | × the fixed piece |")
    print("|---|---|---:|---:|---:|")
    for (what, state), times in sorted(taken.items(), key=lambda one: one[0][0] == "all three"):
        print(
            f"| {what} | {state} | {min(times) * 1000:.0f} | {median(times) * 1000:.0f} | {median(times) / base:.1f} |"
        )


def _moved(content: bytes, number: int) -> bytes:
    """The first shape stands elsewhere on the page: nothing runs otherwise."""
    return re.sub(rb'(<dc:Bounds x=")[^"]*', rb"\g<1>%d" % (100 + number), content, count=1)


def _edited(content: bytes, number: int) -> bytes:
    """The process and its first step are called otherwise: every story that comes by it must be told again."""
    named = re.sub(rb'(<bpmn:process [^>]*?name=")', rb"\g<1>%d " % number, content, count=1)
    return re.sub(rb'(<bpmn:(?:userTask|callActivity) [^>]*?name=")', rb"\g<1>%d " % number, named, count=1)


if __name__ == "__main__":
    main()
