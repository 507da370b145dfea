"""The kinds of rule about roles: nothing is left to people who cannot be there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from engine.definition.bpmn import read_diagram
from engine.definition.finding import Finding
from engine.definition.floor.overdue import awaited
from engine.definition.floor.paths import literal_entries
from engine.definition.floor.rules import Rule
from engine.definition.floor.subject import Resources, Subject, broken
from engine.definition.roles import said


@dataclass(frozen=True, slots=True)
class Need:
    """A task that a role at a level does: ``process`` and ``element``, and what it is called."""

    process: str
    element: str
    name: str = field(compare=False)
    role: str
    level: str


def roles_known(rule: Rule, subject: Subject) -> Iterator[Finding]:
    """Every task, every report and every notice is for a role that the procedure knows (any where it lists none)."""
    known = set(subject.manifest.get("roles", {}))
    for node in subject.net.nodes.values():
        roles = list[str]()
        if node.kind == "userTask":
            roles = [said(node.diagram, node.id).get("role", "")]
        elif node.element.attributes.get("connector") in rule.get("connectors", ()):
            named = literal_entries(node.element.attributes.get("input", ""))
            roles = [str(named["role"])] if "role" in named else []
        roles += [role for message in awaited(node) for role in message.roles]
        for role in roles:
            if not role or (known and role not in known and not role.startswith("=")):
                yield broken(
                    rule,
                    subject,
                    "Floor rule %(number)s “%(text)s” (%(source)s): expected a role that people have at %(name)s "
                    "but found %(found)s. Choose one of the procedure's roles.",
                    element=node.id,
                    name=node.element.name or node.id,
                    found=role or "–",
                )


def units_staffed(rule: Rule, subject: Subject) -> Iterator[Finding]:
    """Somebody has the role in the units where a task comes: only the organisations know, and are asked at publishing.

    See ``engine.store.staffing``, which puts the findings.
    """
    yield from ()


def needs(resources: Resources) -> Mapping[Need, None]:
    """Everybody who is needed for the tasks of these diagrams, where role and level are said plainly."""
    found: dict[Need, None] = {}
    for (kind, key), content in sorted(resources.items()):
        if kind != "process":
            continue
        diagram = read_diagram(content, f"{key}.bpmn")
        for element in diagram.elements.values():
            who = said(diagram, element.id) if element.kind == "userTask" else {}
            role, level = who.get("role", ""), who.get("level", "")
            if role and level and not role.startswith("="):
                found[Need(diagram.process, element.id, element.name or element.id, role, level)] = None
    return found
