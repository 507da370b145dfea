"""What publishing a bundle would do: which files are new or changed, in words, and every reason to refuse it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import pairwise
from typing import Any

from engine.definition.bpmn import read_diagram, read_diagrams
from engine.definition.bundle import Bundle
from engine.definition.diagram import Diagram
from engine.definition.diff import Change, compare
from engine.definition.finding import Finding
from engine.definition.pages import Page, read_pages
from engine.errors import ShangmenError
from engine.model import Tenant
from engine.queries.proposals import Reach
from engine.runtime.judgement import judge
from engine.store.composition import Composition, compose
from engine.store.staffing import unstaffed
from web.render.outline import Mark, Marks

BELOW_MAX = 5
Sighting = tuple[str, str, str, str]


@dataclass(frozen=True, slots=True)
class Look:
    """One diagram file to look at; ``wrong`` counts its findings."""

    key: str
    name: str
    pages: tuple[Page, ...]
    diagrams: tuple[tuple[Diagram, Marks | None], ...]
    wrong: int


@dataclass(frozen=True, slots=True)
class Review:
    """What was found, errors first; errors refuse it. ``digest`` names the whole that was looked at."""

    findings: tuple[Finding, ...]
    changed: tuple[Change, ...] = ()
    """What would be different from what holds now, in words."""
    whole: Mapping[tuple[str, str], bytes] = field(default_factory=dict)
    own: Mapping[tuple[str, str], bytes] = field(default_factory=dict)
    digest: str = ""
    former: Mapping[str, str] = field(default_factory=dict)
    """Step → name, of what holds now."""
    known: frozenset[Sighting] = frozenset()
    """What is found in what holds now, too: nobody's draft is to blame for it."""

    def is_known(self, finding: Finding) -> bool:
        """Whether a remark was there before. An error is nobody's past: it must be mended now."""
        return finding.severity != "error" and sighting(finding) in self.known

    def way(self, finding: Finding) -> tuple[Diagram, Marks] | None:
        """The last diagram that a finding's way runs through, with the way marked on it."""
        content = self.whole.get(("process", finding.process)) if finding.trail else None
        if content is None:
            return None
        diagram = read_diagram(content, finding.process)
        visits = [element for process, element in finding.trail if process == finding.process]
        nodes = {element: Mark("done", 1) for element in visits} | {finding.element: Mark("stuck", 1)}
        steps = set(pairwise(visits))
        flows = frozenset(flow.id for flow in diagram.flows.values() if (flow.source, flow.target) in steps)
        return diagram, Marks(nodes, flows)

    def looks(self) -> list[Look]:
        """The new and changed diagrams that can be read, what was found marked on them."""
        changed = sorted(key for kind, key in self.own if kind == "process")
        found = [self._look(key, self.own["process", key]) for key in changed]
        return [look for look in found if look is not None]

    def _look(self, key: str, content: bytes) -> Look | None:
        wrong = {finding.element for finding in self.findings if finding.process == key and finding.element}
        try:
            pages, diagrams = read_pages(content), read_diagrams(content)
        except ShangmenError:
            return None
        marks = Marks({element: Mark("stuck", 1) for element in wrong})
        count = sum(finding.process == key for finding in self.findings)
        drawn = tuple((diagram, marks if wrong else None) for diagram in diagrams)
        name = next((diagram.name for diagram in diagrams if diagram.name), key)
        return Look(key, name, tuple(page for page in pages if page.shows_more), drawn, count)

    @property
    def refused(self) -> bool:
        return bool(self.errors)

    @property
    def errors(self) -> list[Finding]:
        return [finding for finding in self.findings if finding.severity == "error"]

    @property
    def warnings(self) -> list[Finding]:
        return [finding for finding in self.findings if finding.severity != "error"]

    @property
    def ways(self) -> list[Finding]:
        """The errors that are shown by a way through the diagrams."""
        return [finding for finding in self.errors if finding.trail]


def review(connection: Any, tenant: Tenant, bundle: Bundle, at: datetime | None = None) -> Review:
    """Checks a bundle for an organisation, over what is in force at ``at`` (None: with all that is planned)."""
    try:
        whole = compose(connection, bundle, tenant, at)
        judged = _named(judge(whole.main, whole.resources, whole.own, whole.floor), whole)
        found = tuple(sorted((*judged, *unstaffed(connection, whole, tenant)), key=lambda one: one.severity))
    except ShangmenError as error:
        return Review((Finding("floor", "", "error", error.template, error.params),), own=bundle.resources)
    changed = tuple(compare(whole.before, whole.resources))
    return Review(found, changed, whole.resources, bundle.resources, whole.digest, _steps(whole.before), _known(whole))


def _named(findings: tuple[Finding, ...], whole: Composition) -> Iterator[Finding]:
    """Rules of the floor speak of steps that a draft took away: by the names that these have in what holds now."""
    gone: dict[str, str] | None = None
    for finding in findings:
        if finding.rule != "floor":
            yield finding
            continue
        if gone is None:
            gone = _steps(whole.before)
        params = {
            key: gone.get(value, value) if isinstance(value, str) else value for key, value in finding.params.items()
        }
        yield replace(finding, params=params)


def _steps(resources: Mapping[tuple[str, str], bytes]) -> dict[str, str]:
    found: dict[str, str] = {}
    for (kind, key), content in resources.items():
        if kind == "process":
            with suppress(ShangmenError):
                found |= {one.id: one.name for one in read_diagram(content, key).elements.values() if one.name}
    return found


def sighting(finding: Finding) -> Sighting:
    """By what a finding is known again in another version."""
    return finding.rule, finding.process, finding.element, str(finding)


def _known(whole: Composition) -> frozenset[Sighting]:
    try:
        return frozenset(sighting(one) for one in _named(judge(whole.main, whole.before, {}, whole.floor), whole))
    except ShangmenError:
        return frozenset()


def changes_of(connection: Any, tenant: Tenant, bundle: Bundle) -> tuple[Change, ...]:
    """What a bundle would change, in words, without checking it: fast. Nothing where it cannot be put together."""
    try:
        whole = compose(connection, bundle, tenant)
    except ShangmenError:
        return ()
    return tuple(compare(whole.before, whole.resources))


def strained(
    connection: Any, bundle: Bundle, tenant: Tenant, reach: Reach, at: datetime
) -> list[tuple[Tenant, Finding | ShangmenError]]:  # fmt: skip
    """Organisations below whose own versions would not go together with the bundle, each with the first reason."""
    found: list[tuple[Tenant, Finding | ShangmenError]] = []
    for unit, _ in reach.overriding[:BELOW_MAX]:
        try:
            whole = compose(connection, bundle, tenant, at, unit)
            broken = judge(whole.main, whole.resources, {}, whole.floor)
        except ShangmenError as error:
            found.append((unit, error))
            continue
        found += [(unit, one) for one in broken if one.severity == "error"][:1]
    return found
