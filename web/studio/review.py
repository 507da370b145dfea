"""What publishing a bundle would do: which files are new or changed, and every reason to refuse it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from engine.definition.bpmn import read_diagram, read_diagrams
from engine.definition.bundle import Bundle
from engine.definition.diagram import Diagram
from engine.definition.diff import Change, compare
from engine.definition.floor import check_floor
from engine.definition.lint import Finding, lint
from engine.definition.pages import Page, read_pages
from engine.errors import ShangmenError
from engine.feel import compile_expression
from engine.history.seal import digest
from engine.model import Actor
from engine.queries import catalogue
from engine.runtime.interpreter import compile_definition
from engine.store.composition import Composition, compose
from forms.formjs import FormError, read_form
from forms.lint import lint as lint_form
from web.render.outline import Mark, Marks


@dataclass(frozen=True, slots=True)
class FileReview:
    """One file of the bundle. ``state`` is new, changed or same."""

    kind: str
    key: str
    state: str


@dataclass(frozen=True, slots=True)
class Look:
    """One diagram file to look at; ``wrong`` counts its findings."""

    key: str
    pages: tuple[Page, ...]
    diagrams: tuple[tuple[Diagram, Marks | None], ...]
    wrong: int


@dataclass(frozen=True, slots=True)
class Review:
    """The bundle, its files, and what was found; errors refuse it."""

    bundle: Bundle
    files: tuple[FileReview, ...]
    findings: tuple[Finding, ...]
    changed: tuple[Change, ...] = ()
    """What would be different from what holds now, in words."""
    whole: Mapping[tuple[str, str], bytes] = field(default_factory=dict)

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
        """The new and changed diagrams of the bundle that can be read, what was found marked on them."""
        changed = [file.key for file in self.files if file.kind == "process" and file.state != "same"]
        found = [self._look(key, self.bundle.resources[("process", key)]) for key in changed]
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
        return Look(key, tuple(page for page in pages if page.shows_more), drawn, count)

    @property
    def refused(self) -> bool:
        return any(finding.severity == "error" for finding in self.findings) or not self.changes

    @property
    def changes(self) -> int:
        return sum(file.state != "same" for file in self.files)


def review(connection: Any, actor: Actor, bundle: Bundle) -> Review:
    """Checks a bundle for the actor's organisation. Writes nothing."""
    published = {
        (found.kind, found.key): found.checksum
        for found in catalogue.published(connection, actor, actor.tenant.id, bundle.procedure)
        if found.owner.id == actor.tenant.id
    }
    files = []
    for (kind, key), content in sorted(bundle.resources.items()):
        before = published.get((kind, key))
        state = "new" if before is None else "same" if before == digest(content) else "changed"
        files.append(FileReview(kind, key, state))
    try:
        whole = compose(connection, bundle, actor.tenant)
    except ShangmenError as error:
        return Review(bundle, tuple(files), (Finding("floor", "", "error", error.template, error.params),))
    found = sorted(_findings(bundle, whole), key=lambda finding: finding.severity)
    return Review(bundle, tuple(files), tuple(found), tuple(compare(whole.before, whole.resources)), whole.resources)


def _findings(bundle: Bundle, whole: Composition) -> Iterator[Finding]:
    """The bundle over what it inherits: rules, files that cannot be read, whether it compiles, and the floor."""
    found = [*lint(whole.resources, whole.main), *_unreadable(bundle)]
    yield from found
    if not any(finding.severity == "error" for finding in found):
        try:
            compile_definition(whole.main, whole.resources)
        except ShangmenError as error:
            yield Finding("executable", "", "error", error.template, error.params, whole.main)
    if whole.floor is not None:
        yield from check_floor(whole.main, whole.resources, whole.floor)


def _names_of(text: str) -> frozenset[str]:
    return compile_expression(text).names


def _unreadable(bundle: Bundle) -> Iterator[Finding]:
    for (kind, key), content in sorted(bundle.resources.items()):
        try:
            if kind == "form":
                for found in lint_form(read_form(content), _names_of):
                    yield Finding(found.rule, found.field, found.severity, found.template, dict(found.params), key)
        except FormError as error:
            for mistake in error.mistakes:
                yield Finding("form", mistake.path, "error", mistake.template, dict(mistake.params), key)
        except ShangmenError as error:
            yield Finding("readable", "", "error", error.template, error.params, key)
