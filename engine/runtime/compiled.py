"""A process definition compiled for running: immutable, shared by all cases that pin the same resources."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from hashlib import sha256
from typing import Any, cast

from SpiffWorkflow.specs.WorkflowSpec import WorkflowSpec

from engine.decision import Model, read_decisions
from engine.definition.apart import drawn_duties
from engine.definition.bpmn import read_diagram, read_diagrams
from engine.definition.diagram import Diagram
from engine.definition.lint.executable import refusals
from engine.definition.profile import resolve_profile
from engine.definition.recusal import Recusal, read_recusals
from engine.errors import NotFound, Rejected
from engine.runtime.assignment import said
from engine.runtime.duties import Duty, read_duties
from engine.runtime.spiff.build import build
from engine.runtime.spiff.node import Node
from forms.formjs import FormError, read_form
from forms.schema import Form

_CACHE_MAX = 256


@dataclass(frozen=True)
class ProcessDefinition:
    """``processes`` by key, ``profile`` resolved, ``levels`` that lanes ask for, ``manifest`` of the bundle."""

    main: str
    processes: Mapping[str, Diagram]
    decisions: Mapping[str, Model]
    profile: Mapping[str, Any]
    duties: tuple[Duty, ...]
    levels: frozenset[str]
    manifest: Mapping[str, Any]
    words_en: Mapping[str, str]
    forms: Mapping[str, Form]
    documents: Mapping[str, bytes]
    spec: WorkflowSpec = field(repr=False, compare=False)
    recusals: tuple[Recusal, ...] = ()

    @property
    def diagram(self) -> Diagram:
        """The main process."""
        return self.processes[self.main]

    def node(self, name: str) -> Node:
        """The compiled element ``process/element``. Raises ``KeyError``."""
        return cast("Node", self.spec.task_specs[name])

    @cached_property
    def names(self) -> Mapping[str, str]:
        """Element → what it is called, wherever it is drawn."""
        return {id_: found.name for diagram in self.processes.values() for id_, found in diagram.elements.items()}

    @cached_property
    def roles(self) -> frozenset[str]:
        """Every role that the procedure names: those who may start a case, do a task or report a message."""
        found = {*self.manifest.get("start_roles", ())}
        for diagram in self.processes.values():
            for element in diagram.elements.values():
                found |= {said(diagram, element.id).get("role", ""), *element.attributes.get("roles", "").split()}
        return frozenset(found)

    def element_name(self, element: str) -> str:
        """What an element is called, wherever it is drawn. Raises ``NotFound``."""
        if element not in self.names:
            raise NotFound("There is no element %(element)s.", element=element)
        return self.names[element]


def compile_definition(main: str, resources: Mapping[tuple[str, str], bytes]) -> ProcessDefinition:
    """Compile the process ``main`` and all that lies in ``resources`` ((kind, key) → content).

    The same contents give the same object again. A list of profiles may be given as ``profile`` resources
    ``key``, ``key@1`` …, nearest first. Raises ``Rejected`` naming the element, the reason and what to do.
    """
    return _compile(main, tuple(sorted((kind, key, content) for (kind, key), content in resources.items())))


def _diagrams(key: str, content: bytes) -> list[Diagram]:
    """The one executable process of a file, and its global tasks. Raises ``Rejected`` for two processes."""
    found = read_diagrams(content, f"{key}.bpmn")
    main = read_diagram(content, f"{key}.bpmn")
    others = [diagram for diagram in found if diagram.executable and diagram.process != main.process]
    extra = next((diagram for diagram in others if not diagram.is_global_task), None)
    if extra is not None:
        raise Rejected(
            "Expected one executable process in %(key)s.bpmn but %(found)s is another. Put it into a file of its own.",
            key=key,
            found=extra.process,
        )
    return [main, *others]


def fingerprint(main: str, resources: Mapping[tuple[str, str], bytes]) -> str:
    """SHA-256 over everything that a definition is made of."""
    digest = sha256(main.encode())
    for (kind, key), content in sorted(resources.items()):
        digest.update(f"\0{kind}\0{key}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()


@lru_cache(maxsize=_CACHE_MAX)
def _compile(main: str, resources: tuple[tuple[str, str, bytes], ...]) -> ProcessDefinition:
    by_kind: dict[str, dict[str, bytes]] = {}
    for kind, key, content in resources:
        by_kind.setdefault(kind, {})[key] = content
    processes = {}
    for key, content in by_kind.get("process", {}).items():
        diagram, *others = _diagrams(key, content)
        processes.update({other.process: other for other in others})
        if diagram.process != key:
            raise Rejected(
                "Expected the process %(key)s in %(key)s.bpmn but found %(found)s. Rename the file or the process.",
                key=key,
                found=diagram.process,
            )
        processes[key] = diagram
    tables = by_kind.get("decision", {})
    decisions = {
        key: read_decisions(content, [other for name, other in tables.items() if name != key])
        for key, content in tables.items()
    }
    manifest = _toml(next(iter(by_kind.get("bundle", {}).values()), b""), "bundle.toml")
    profiles = [content for _, content in sorted(by_kind.get("profile", {}).items())]
    duties = tuple(duty for content in by_kind.get("duties", {}).values() for duty in read_duties(content))
    recusals = tuple(one for content in by_kind.get("duties", {}).values() for one in read_recusals(content))
    words: dict[str, str] = {}
    for content in by_kind.get("words", {}).values():
        words.update(_toml(content, "words.en.toml"))
    forms = {key: _form(key, content) for key, content in by_kind.get("form", {}).items()}
    documents = by_kind.get("document", {})
    profile = resolve_profile(profiles)
    return assemble(main, processes, decisions, profile, duties, manifest, words, forms, documents, recusals)


def _form(key: str, content: bytes) -> Form:
    try:
        return read_form(content)
    except FormError as error:
        raise Rejected(
            "Expected a form that can be shown in %(key)s.form.json but found: %(reason)s. Correct it.",
            key=key,
            reason=str(error),
        ) from error


def assemble(
    main: str,
    processes: Mapping[str, Diagram],
    decisions: Mapping[str, Model],
    profile: Mapping[str, Any],
    duties: tuple[Duty, ...] = (),
    manifest: Mapping[str, Any] | None = None,
    words: Mapping[str, str] | None = None,
    forms: Mapping[str, Form] | None = None,
    documents: Mapping[str, bytes] | None = None,
    recusals: tuple[Recusal, ...] = (),
) -> ProcessDefinition:
    """A definition from parts that are read already. Raises ``Rejected`` for what cannot run."""
    if main not in processes:
        raise Rejected("Expected the process %(main)s but it is not among the files. Add %(main)s.bpmn.", main=main)
    for diagram in processes.values():
        for finding in refusals(diagram, frozenset(processes), frozenset(decisions)):
            raise Rejected(finding.template, **finding.params)
    levels = {
        text
        for diagram in processes.values()
        for element in diagram.elements.values()
        if element.kind == "userTask"
        for key, text in said(diagram, element.id).items()
        if key == "level"
    }
    drawn = tuple(Duty(name, steps) for name, steps in drawn_duties(processes.values()))
    return ProcessDefinition(
        main,
        processes,
        decisions,
        profile,
        (*duties, *drawn),
        frozenset(levels),
        manifest or {},
        words or {},
        forms or {},
        documents or {},
        build(processes),
        recusals,
    )


def _toml(content: bytes, what: str) -> dict[str, Any]:
    try:
        return tomllib.loads(content.decode())
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise Rejected(
            "Expected TOML in %(what)s but found: %(reason)s. Correct it.", what=what, reason=str(error)
        ) from None
