"""What the check of a draft found, as data for the editors: each finding with its place, its words and its way."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from engine.definition.finding import Finding
from engine.errors import ShangmenError
from engine.model import Actor
from engine.queries import drafts
from web.language import say
from web.studio.editor_known import element_names, names_of
from web.studio.review import review

Resources = Mapping[tuple[str, str], bytes]
Verdict = list[dict[str, Any]]


def verdict(connection: Any, actor: Actor, draft: drafts.Draft, address: Callable[[str, str], str]) -> Verdict:
    """All findings about what the draft would make of the whole; ``address`` says where a file is edited."""
    try:
        found = review(connection, actor, drafts.bundle_of(connection, draft))
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
        "element_name": diagrams.get(finding.process, {}).get(finding.element) or finding.element,
        "trail": trail,
        "row": finding.params.get("row"),
        "column": finding.params.get("column"),
        "address": address(kind, finding.process) if place in whole else "",
    }


def _kind(finding: Finding, whole: Resources, diagrams: Mapping[str, Mapping[str, str]]) -> str:
    """A finding names a file by its key alone; a diagram is meant where it has the element."""
    key = finding.process
    if ("process", key) in whole and (finding.element in {"", *diagrams.get(key, {})} or finding.trail):
        return "process"
    return next((kind for kind in ("form", "decision", "process") if (kind, key) in whole), "")
