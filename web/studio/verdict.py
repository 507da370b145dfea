"""What the check of a draft found, as data for the editors: each finding with its place, its words and its way."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from engine.definition.finding import Finding
from engine.errors import ShangmenError
from engine.model import Actor
from engine.queries import drafts
from web.language import gettext, say
from web.studio.editor_known import element_names, names_of
from web.studio.review import review

Resources = Mapping[tuple[str, str], bytes]
Verdict = list[dict[str, Any]]
_CELL: Final = re.compile(r"(\S+) (\d+|-):(\d+|-)")


def verdict(connection: Any, actor: Actor, draft: drafts.Draft, address: Callable[[str, str], str]) -> Verdict:
    """All findings about what the draft would make of the whole; ``address`` says where a file is edited."""
    try:
        found = review(connection, actor.tenant, drafts.bundle_of(connection, draft))
    except ShangmenError as error:
        return [_told(Finding("readable", "", "error", error.template, error.params), {}, {}, {}, address)]
    names = names_of(found.whole)
    diagrams = {key: element_names(content) for (kind, key), content in found.whole.items() if kind == "process"}
    return [_told(finding, found.whole, names, diagrams, address) for finding in found.findings]


def _told(
    finding: Finding,
    whole: Resources,
    names: Mapping[tuple[str, str], str],
    diagrams: Mapping[str, Mapping[str, str]],
    address: Callable[[str, str], str],
) -> dict[str, Any]:
    kind = _kind(finding, whole, diagrams)
    place = (kind, finding.process)
    trail = [element for process, element in finding.trail if process == finding.process]
    return {
        "rule": finding.rule,
        "severity": finding.severity,
        "said": say(finding),
        "kind": kind,
        "key": finding.process,
        "key_name": names.get(place, finding.process),
        "element": finding.element,
        "element_name": diagrams.get(finding.process, {}).get(finding.element) or _cell(finding.element),
        "trail": trail,
        "address": address(kind, finding.process) if place in whole else "",
    }


def _cell(element: str) -> str:
    """``grade 2:1`` in words: which table, row and column; anything else as it is."""
    found = _CELL.fullmatch(element)
    if found is None:
        return element
    table, row, column = found.groups()
    parts = [
        table,
        gettext("row %(number)s", number=row) if row != "-" else "",
        gettext("column %(number)s", number=column) if column != "-" else "",
    ]
    return gettext(", ").join(part for part in parts if part)


def _kind(finding: Finding, whole: Resources, diagrams: Mapping[str, Mapping[str, str]]) -> str:
    """A finding names a file by its key alone; a diagram is meant where it has the element."""
    key = finding.process
    if ("process", key) in whole and (finding.element in {"", *diagrams.get(key, {})} or finding.trail):
        return "process"
    return next((kind for kind in ("form", "decision", "process") if (kind, key) in whole), "")
