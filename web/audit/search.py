"""Find cases by any field, by who did a step, by a version that was in force, and by time; and keep a search."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.commands.searches import forget_search, keep_search
from engine.queries.catalogue import PublishedResource, pinned
from engine.queries.past_cases import PastCase, past_cases
from engine.queries.searches import searches_of
from engine.queries.waiting import names_of_units
from engine.runtime.interpreter import ProcessDefinition
from web import access
from web.audit.choices import choices, wanted
from web.audit.files import called, names_of
from web.audit.labels import Labels
from web.audit.pages import audit
from web.language import N_, word
from web.looking import seen
from web.transaction import perform, platform, reader

HITS_MAX: Final = 200
FIELDS_SHOWN: Final = 3
LENGTH_MAX: Final = 80
ASKED: Final = ("value", "field", "person", "version", "procedure", "state", "from", "until")
KINDS: Final = {"process": N_("Diagram"), "decision": N_("Decision table"), "form": N_("Form")}
"""The kinds of files whose versions one can search by."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A case that fits, with the fields that made it fit (key, label and value) and who did what was asked for."""

    case: PastCase
    fields: tuple[tuple[str, str, str], ...]
    steps: tuple[str, ...]


@audit.get("/search")
def search() -> ResponseReturnValue:
    """The form, the hits, and the searches that this auditor kept. That one searched is itself recorded."""
    asked = {name: request.args.get(name, "").strip()[:LENGTH_MAX] for name in ASKED}
    cases = past_cases(reader(), access.actor(), wanted())
    finder = _Finder(cases)
    is_asked = any(asked.values())
    hits = list(finder.hits(cases, asked)) if is_asked else []
    page = render_template(
        "audit/search.html",
        asked=asked,
        hits=hits[:HITS_MAX],
        total=len(hits),
        is_asked=is_asked,
        fields=finder.fields(),
        versions=finder.versions(cases),
        kept_searches=searches_of(reader(), access.actor()),
        **choices(),
    )
    if is_asked:
        told = hits[:HITS_MAX]
        fields = (key for hit in told for key, _, _ in hit.fields)
        seen("search", len(hits), (hit.case.id for hit in told), fields)
    return page


@audit.post("/searches")
def keep() -> ResponseReturnValue:
    """Keep the search that was just made, under a name, for this auditor alone."""
    asked = {name: request.form.get(name, "").strip()[:LENGTH_MAX] for name in ASKED}
    query = urlencode({name: value for name, value in asked.items() if value})
    perform(lambda uow: keep_search(uow, request.form.get("name", ""), query), access.actor())
    return redirect(f"{url_for('audit.search')}?{query}", 303)


@audit.post("/searches/<search_id>/forget")
def forget(search_id: str) -> ResponseReturnValue:
    """Forget a search that this auditor kept."""
    perform(lambda uow: forget_search(uow, search_id), access.actor())
    return redirect(url_for("audit.search"), 303)


class _Finder:
    """Knows the words of all versions that the cases ran by."""

    def __init__(self, cases: Sequence[PastCase]) -> None:
        self._definitions: dict[tuple[str, ...], ProcessDefinition] = {}
        self._labels: dict[tuple[str, ...], Labels] = {}
        units = {case.tenant for case in cases} | {
            value for case in cases for value in case.variables.values() if isinstance(value, str)
        }
        names = _names([unit for unit in units if len(unit) <= LENGTH_MAX])
        for case in cases:
            key = self._key(case)
            if key not in self._definitions:
                found = platform().known.definition(reader(), case.process, case.pins)
                self._definitions[key] = found
                self._labels[key] = Labels(found, names)

    def _key(self, case: PastCase) -> tuple[str, ...]:
        return (case.process, *sorted(case.pins.values()))

    def fields(self) -> list[tuple[str, str]]:
        """Every field that the cases' forms and words know: key and label, by label."""
        found = {
            key: labels.label(key)
            for labels in self._labels.values()
            for key in (*labels.fields, *(name for name in labels.variables if "." not in name))
        }
        return sorted(found.items(), key=lambda item: item[1])

    def versions(self, cases: Sequence[PastCase]) -> list[tuple[str, str]]:
        """Every version of a diagram, table or form that was in force for one of the cases: id and name."""
        pins = {id_: id_ for case in cases for id_ in case.pins.values()}
        files = pinned(reader(), pins).values()
        named = [(file.id, self._version(file)) for file in files if file.kind in KINDS]
        return sorted(named, key=lambda item: item[1])

    def _version(self, file: PublishedResource) -> str:
        names = {place: name for found in self._definitions.values() for place, name in names_of(found).items()}
        return called(file, names)

    def hits(self, cases: Sequence[PastCase], asked: Mapping[str, str]) -> Iterator[Hit]:
        """The cases that fit everything that is asked, newest first."""
        for case in reversed(cases):
            if asked["version"] and asked["version"] not in case.pins.values():
                continue
            steps = tuple(
                dict.fromkeys(
                    word(d.name) for d in case.done if asked["person"] in d.who or asked["person"] in d.principal
                )
            )
            if asked["person"] and not steps:
                continue
            fields = tuple(self._fitting(case, asked)) if asked["value"] or asked["field"] else ()
            if (asked["value"] or asked["field"]) and not fields:
                continue
            yield Hit(case, fields[:FIELDS_SHOWN], steps if asked["person"] else ())

    def _fitting(self, case: PastCase, asked: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
        labels = self._labels[self._key(case)]
        text = asked["value"].casefold()
        for key, value in case.variables.items():
            if asked["field"] and key != asked["field"]:
                continue
            said = labels.value(key, value)
            if said and text in said.casefold():
                yield key, labels.label(key), said


def _names(ids: Sequence[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for start in range(0, len(ids), 500):
        found |= names_of_units(reader(), list(ids[start : start + 500]))
    return found
