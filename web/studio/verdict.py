"""What the check of a draft found, as data for the editors: each finding with its place, its words and its way."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from itertools import groupby
from typing import Any, Final

from flask import url_for

from engine.definition.finding import Finding
from engine.errors import ShangmenError
from engine.model import Actor
from engine.queries import drafts
from web.language import gettext, say
from web.render.rule_links import page_of
from web.studio.editor_known import element_names, names_of
from web.studio.review import Review, review

Resources = Mapping[tuple[str, str], bytes]
Verdict = list[dict[str, Any]]
_CELL: Final = re.compile(r"(\S+) (\d+|-):(\d+|-)")


def verdict(connection: Any, actor: Actor, draft: drafts.Draft, address: Callable[[str, str], str]) -> Verdict:
    """All findings about what the draft would make of the whole; ``address`` says where a file is edited."""
    try:
        found = review(connection, actor.tenant, drafts.bundle_of(connection, draft))
    except ShangmenError as error:
        return told(Review((Finding("readable", "", "error", error.template, error.params),)), address)
    return told(found, address)


def told(found: Review, address: Callable[[str, str], str]) -> Verdict:
    """The findings of a review, in its order; ``known`` are remarks on what holds already."""
    names = names_of(found.whole)
    diagrams = {key: element_names(content) for (kind, key), content in found.whole.items() if kind == "process"}
    return [
        _told(finding, found, names, diagrams, address) | {"known": found.is_known(finding)}
        for finding in found.findings
    ]


def _told(
    finding: Finding,
    found: Review,
    names: Mapping[tuple[str, str], str],
    diagrams: Mapping[str, Mapping[str, str]],
    address: Callable[[str, str], str],
) -> dict[str, Any]:
    whole, element = found.whole, finding.element
    kind, key = place = _place(finding, whole, diagrams)
    return {
        "rule": finding.rule,
        "severity": finding.severity,
        "said": say(finding),
        "kind": kind,
        "key": key,
        "key_name": names.get(place, key),
        "element": element,
        "element_name": diagrams.get(key, {}).get(element) or found.former.get(element) or _cell(element),
        "number": str(finding.params.get("number", "")) if finding.rule == "floor" else "",
        "help": _help(finding, kind),
        "way": _way(finding, whole, names, diagrams, address),
        "address": address(kind, key) if place in whole else "",
    }


def _help(finding: Finding, kind: str) -> str:
    """The handbook's page of the rule; what is found in tables has one for all."""
    page = page_of(finding) or ("decision/findings" if kind == "decision" else "")
    return url_for("help.show", page=page) if page else ""


def _way(
    finding: Finding,
    whole: Resources,
    names: Mapping[tuple[str, str], str],
    diagrams: Mapping[str, Mapping[str, str]],
    address: Callable[[str, str], str],
) -> list[dict[str, Any]]:
    """The way that shows the finding, in stretches: what is passed in one diagram before the next one is entered."""
    return [
        {
            "key": process,
            "name": names.get(("process", process), process),
            "address": address("process", process) if ("process", process) in whole else "",
            "steps": [{"id": element, "name": diagrams.get(process, {}).get(element) or ""} for _, element in stretch],
        }
        for process, stretch in groupby(finding.trail, key=lambda visit: visit[0])
    ]


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


def _place(finding: Finding, whole: Resources, diagrams: Mapping[str, Mapping[str, str]]) -> tuple[str, str]:
    """Kind and key of the file that a finding is about.

    A finding names a file by its key alone; a diagram is meant where it has the element. A rule about the whole
    procedure names the main process: the element's own diagram is where it can be seen.
    """
    key, element = finding.process, finding.element
    if ("process", key) in whole and (element in {"", *diagrams.get(key, {})} or finding.trail):
        return "process", key
    found = next((kind for kind in ("form", "decision") if (kind, key) in whole), "")
    if not found:
        elsewhere = next((other for other, elements in diagrams.items() if element in elements), "")
        return ("process", elsewhere) if elsewhere else ("process" if ("process", key) in whole else "", key)
    return found, key
