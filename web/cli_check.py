"""``shangmen lint`` and ``shangmen diff``: the studio's checks for people who work with files; no database."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from engine.definition.bundle import Bundle
from engine.definition.diff import compare
from engine.definition.finding import Finding
from engine.definition.floor import floor_of
from engine.definition.overlay import lay_over
from engine.quarantine import read_given
from engine.runtime.judgement import judge
from engine.store.merged_forms import extended, flat


def add_commands(commands: Any, forms: Path) -> None:
    """Add ``lint`` and ``diff``. ``forms``: the folder in which the forms of procedure folders lie."""
    linted = commands.add_parser("lint", help="check a procedure folder or zip, and its floor; exits with 1 for errors")
    linted.add_argument("bundle", type=Path)
    linted.add_argument("--over", type=Path, help="the folder or zip of the organisation above, whose floor holds")
    linted.add_argument("--forms", type=Path, default=forms, help="where forms lie that a folder does not have")
    linted.set_defaults(run=_lint)
    compared = commands.add_parser("diff", help="what is different between two procedure folders or zips, in words")
    compared.add_argument("before", type=Path)
    compared.add_argument("after", type=Path)
    compared.add_argument("--forms", type=Path, default=forms, help="where forms lie that a folder does not have")
    compared.set_defaults(run=_diff)


def _lint(options: argparse.Namespace) -> None:
    bundle = read_given(options.bundle, options.forms, complete=not options.over)
    above = read_given(options.over, options.forms) if options.over else None
    count = 0
    for finding in _findings(bundle, above):
        place = "/".join(part for part in (finding.process, finding.element) if part)
        sys.stdout.write(f"{finding.severity}: {place}: {finding}\n" if place else f"{finding.severity}: {finding}\n")
        count += finding.severity == "error"
    if count:
        sys.exit(1)


def _findings(bundle: Bundle, above: Bundle | None) -> tuple[Finding, ...]:
    """What the studio finds in the same files: with those of the organisation above where they are given."""
    if above is None:
        resources, whole = bundle.resources, lay_over({}, bundle.resources)
        return judge(str(bundle.manifest["process"]), whole, resources, floor_of(resources))
    _require_one_procedure(bundle, above)
    if floor_of(bundle.resources) is not None:
        raise ValueError("expected no floor.toml in what lies over another, found one. Leave it out.")
    own = {place: _merged(place, content, above, bundle) for place, content in bundle.resources.items()}
    whole = lay_over(above.resources, own)
    return judge(str(bundle.manifest["process"]), whole, own, floor_of(above.resources))


def _merged(place: tuple[str, str], content: bytes, above: Bundle, bundle: Bundle) -> bytes:
    """A file as it would be published: a form that extends another is merged with it."""
    key = extended(place, content)
    base = above.resources.get(("form", key)) or (bundle.resources.get(("form", key)) if key != place[1] else None)
    return flat(base, content) if base else content


def _require_one_procedure(one: Bundle, other: Bundle) -> None:
    if one.procedure != other.procedure:
        raise ValueError(
            f"expected two versions of one procedure, found {one.procedure} and {other.procedure}. Choose others."
        )


def _diff(options: argparse.Namespace) -> None:
    before, after = (read_given(path, options.forms, complete=False) for path in (options.before, options.after))
    _require_one_procedure(before, after)
    for change in compare(before.resources, after.resources):
        sys.stdout.write(f"{change.kind} {change.key}: {change}\n" if change.key else f"{change.kind}: {change}\n")
