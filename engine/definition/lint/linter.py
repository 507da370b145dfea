"""Runs all rules over a bundle. A rule that crashes becomes a finding, so that no rule hides the others."""

from __future__ import annotations

from collections.abc import Mapping

from engine.definition import validity
from engine.definition.bpmn import read_diagram
from engine.definition.diagram import Diagram, Element
from engine.definition.finding import Finding
from engine.definition.lint import data, executable, form_expressions, names, references, structure, tables, unused
from engine.errors import Rejected


def lint(resources: Mapping[tuple[str, str], bytes], main: str = "") -> list[Finding]:
    """All findings about the diagrams and decision tables among ``resources`` ((kind, key) → content)."""
    keys: dict[str, frozenset[str]] = {}
    for kind, _ in resources:
        keys[kind] = frozenset(key for k, key in resources if k == kind)
    findings: list[Finding] = []
    diagrams: dict[str, Diagram] = {}
    for (kind, key), content in resources.items():
        if kind == "process":
            try:
                diagrams[key] = read_diagram(content, f"{key}.bpmn")
                findings += validity.check(content, key)
            except Rejected as refusal:
                findings.append(Finding("readable", "", "error", refusal.template, refusal.params, key))
    if main and main not in keys.get("process", frozenset()):
        findings.append(
            Finding(
                "references",
                "",
                "error",
                "Expected the main process %(process)s but it is missing. Add %(process)s.bpmn.",
                {"process": main},
                main,
            )
        )
    findings += _ids_apart(diagrams)
    findings += _unheard(diagrams)
    findings += _begun_in_vain(diagrams)
    findings += references.apart(diagrams)
    for key, diagram in diagrams.items():
        if diagram.process != key:
            findings.append(
                Finding(
                    "references",
                    diagram.process,
                    "error",
                    "Expected the process %(key)s in %(key)s.bpmn but found %(found)s. Rename the file or the process.",
                    {"key": key, "found": diagram.process},
                    key,
                )
            )
        findings += lint_diagram(diagram, keys)
    findings += unused.findings(resources, diagrams, main)
    findings += names.findings(resources, diagrams)
    findings += form_expressions.findings(resources, diagrams)
    findings += tables.findings({key: content for (kind, key), content in resources.items() if kind == "decision"})
    return findings


def lint_diagram(diagram: Diagram, keys: Mapping[str, frozenset[str]]) -> list[Finding]:
    """All findings about one diagram; ``keys`` says which resources there are, by kind."""
    findings: list[Finding] = []
    for family in (structure, references, data):
        for rule in family.RULES:
            try:
                findings += rule(diagram, keys)
            except Exception as error:  # noqa: BLE001,RUF100 - a broken rule must not hide the others
                findings.append(
                    Finding(
                        rule.__name__,
                        "",
                        "error",
                        "The check %(rule)s failed: %(reason)s. Report it.",
                        {"rule": rule.__name__, "reason": repr(error)[:200]},
                        diagram.process,
                    )
                )
    none: frozenset[str] = frozenset()
    findings += executable.refusals(diagram, keys.get("process", none), keys.get("decision", none))
    return findings


def _unheard(diagrams: Mapping[str, Diagram]) -> list[Finding]:
    """A message that the case sends is awaited somewhere in the procedure, or in another that is not known here."""
    awaited = {
        name
        for diagram in diagrams.values()
        for element in diagram.elements.values()
        if element.kind in ("receiveTask", "intermediateCatchEvent", "boundaryEvent", "startEvent")
        for name in _message_names(diagram, element)
    }
    return [
        Finding(
            "unheard",
            element.id,
            "warning",
            "No event in this procedure waits for the message %(message)s of %(element)s. "
            "That is right if a case of another procedure does; else draw an event that waits for it.",
            {"element": element.id, "message": name},
            diagram.process,
        )
        for diagram in diagrams.values()
        for element in diagram.elements.values()
        if element.kind in ("sendTask", "intermediateThrowEvent", "endEvent")
        for name in _message_names(diagram, element)
        if name not in awaited
    ]


def _begun_in_vain(diagrams: Mapping[str, Diagram]) -> list[Finding]:
    """A message begins a case, so only a process that no other calls may begin with one."""
    called = {key for diagram in diagrams.values() for key in diagram.called_processes()}
    return [
        Finding(
            "start",
            element.id,
            "error",
            "Expected only the main process to begin with a message but %(element)s stands in a process that another "
            "calls. Draw a plain start event, and the waiting after it.",
            {"element": element.id},
            diagram.process,
        )
        for diagram in diagrams.values()
        if diagram.process in called
        for element in diagram.starts(None)
        if element.kind == "startEvent" and element.definition("message") is not None
    ]


def _message_names(diagram: Diagram, element: Element) -> list[str]:
    message = diagram.messages.get(element.message or "")
    own = [message.name] if message is not None else []
    return own + [definition.name for definition in element.definitions if definition.kind == "message"]


def _ids_apart(diagrams: Mapping[str, Diagram]) -> list[Finding]:
    """Element ids are unique over the whole procedure: people, duties and scenarios name them alone."""
    seen: dict[str, str] = {}
    findings = []
    for diagram in diagrams.values():
        for element in diagram.elements.values():
            if element.kind == "userTask" and element.id in seen:
                findings.append(
                    Finding(
                        "unique",
                        element.id,
                        "error",
                        "Expected the id %(element)s once but %(other)s has it, too. Rename one.",
                        {"element": element.id, "other": seen[element.id]},
                        diagram.process,
                    )
                )
            seen.setdefault(element.id, diagram.process)
    return findings
