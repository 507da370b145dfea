"""What an editor waits for: lint, floor and dry run of the national procedure, beside a fixed piece of work.

Run ``python -m benchmarks.checks [rounds]``. The fixed piece is SHA-256 over 95,000 pieces of 353 bytes, in the same
run: any machine can be compared by the ratio.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from engine.definition.bpmn import read_diagrams
from engine.definition.floor import check, check_floor, floor_of
from engine.definition.lint import lint
from engine.runtime.interpreter import compile_definition
from engine.scenarios.dry_run import tell_story
from engine.scenarios.seed import procedure_folders, read_scenarios, set_the_stage
from engine.scenarios.staging import Theatre, theatre_for
from engine.store.database import open_database
from engine.store.known import find_tenant
from engine.store.run import Platform
from engine.store.schema import upgrade
from forms.formjs import read_form
from tests.floor.drafts import ROOT, national

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
    check._checked.cache_clear()
    read_diagrams.cache_clear()
    read_form.cache_clear()


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

    def first() -> None:
        _forget()
        check_floor(main_process, resources, floor)

    def edited() -> None:
        changed = {**resources, ("process", "feedback"): _edited(resources["process", "feedback"], next(edits))}
        check_floor(main_process, changed, floor)

    with TemporaryDirectory() as folder:
        theatre = _theatre(Path(folder), stories)
        definition = compile_definition(main_process, resources)
        works: dict[str, Callable[[], object]] = {
            "the fixed piece": _fixed,
            "lint": lambda: list(lint(resources, main_process)),
            "floor, nothing known": first,
            "floor, one diagram edited": edited,
            f"dry run, {len(ours)} stories": lambda: [tell_story(definition, story, theatre) for story in ours],
        }
        taken: dict[str, list[float]] = {name: [] for name in works}
        for _ in range(rounds):
            for name, work in works.items():
                taken[name].append(_seconds(work))
    base = median(taken["the fixed piece"])
    print("| what | best ms | median ms | × the fixed piece |")
    print("|---|---:|---:|---:|")
    for name, times in taken.items():
        print(f"| {name} | {min(times) * 1000:.0f} | {median(times) * 1000:.0f} | {median(times) / base:.1f} |")


def _edited(content: bytes, number: int) -> bytes:
    """The same diagram with another comment at its end, as a saved edit that changes no behaviour."""
    return content + f"<!-- {number} -->".encode()


if __name__ == "__main__":
    main()
