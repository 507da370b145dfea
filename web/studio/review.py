"""What publishing a bundle would do: which files are new or changed, and every reason to refuse it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from engine.definition.bundle import Bundle
from engine.definition.lint import Finding, lint
from engine.errors import ShangmenError
from engine.feel import compile_expression
from engine.history.seal import digest
from engine.model import Actor
from engine.queries import catalogue
from engine.runtime.interpreter import compile_definition
from engine.store.known import read_resources
from engine.store.publications import in_force, nearest
from forms.formjs import FormError, read_form
from forms.lint import lint as lint_form


@dataclass(frozen=True, slots=True)
class FileReview:
    """One file of the bundle. ``state`` is new, changed or same."""

    kind: str
    key: str
    state: str


@dataclass(frozen=True, slots=True)
class Review:
    """The bundle, its files, and what was found; errors refuse it."""

    bundle: Bundle
    files: tuple[FileReview, ...]
    findings: tuple[Finding, ...]

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
    inherited = read_resources(connection, nearest(in_force(connection, bundle.procedure, actor.tenant), actor.tenant))
    found = list(_findings(bundle, {**inherited, **bundle.resources}))
    return Review(bundle, tuple(files), tuple(sorted(found, key=lambda finding: finding.severity)))


def _findings(bundle: Bundle, whole: Mapping[tuple[str, str], bytes]) -> Iterator[Finding]:
    """The bundle over what it inherits: rules, files that cannot be read, and at last whether it compiles."""
    main = bundle.manifest["process"]
    found = [*lint(whole, main), *_unreadable(bundle)]
    yield from found
    if not any(finding.severity == "error" for finding in found):
        try:
            compile_definition(main, whole)
        except ShangmenError as error:
            yield Finding("executable", "", "error", error.template, error.params, main)


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
