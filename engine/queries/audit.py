"""The film of a case: every fact in order, and where the case stood after each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection

from engine.definition.diagram import Diagram, Element
from engine.history.events import InstanceMigrated, InstanceStarted
from engine.history.facts import Fact
from engine.history.replay import Frame
from engine.model import Actor
from engine.queries.cases import CaseRow, case_found, case_row, former_names, names_in
from engine.runtime.interpreter import ProcessDefinition
from engine.store.known import Known


@dataclass(frozen=True)
class Version:
    """What was in force from the fact with index ``since`` (from 0) on."""

    since: int
    definition: ProcessDefinition
    pins: Mapping[str, str]


@dataclass(frozen=True)
class Film:
    """A case's facts and frames (same length, same order), what is in force now, and names for the sentences.

    ``versions`` are all that were in force, the first one first: a case that was moved has more than one.
    ``former`` are the names that units had before, and until when.
    """

    case: CaseRow
    definition: ProcessDefinition
    pins: Mapping[str, str]
    facts: tuple[Fact, ...]
    frames: tuple[Frame, ...]
    names: Mapping[str, str]
    versions: tuple[Version, ...] = ()
    former: Mapping[str, Sequence[tuple[datetime, str]]] = field(default_factory=dict)

    def version_at(self, at: int) -> Version:
        """What was in force when the fact with this index was recorded."""
        found = [version for version in self.versions if version.since <= at]
        return found[-1] if found else Version(0, self.definition, self.pins)

    def place(self, element_id: str, at: int | None = None) -> tuple[Diagram, Element] | None:
        """The diagram that an element is drawn in, and the element: in the version of that moment, else the newest."""
        versions = [self.version_at(at)] if at is not None else []
        versions += reversed(self.versions)
        for definition in (*(version.definition for version in versions), self.definition):
            for diagram in definition.processes.values():
                if element_id in diagram.elements:
                    return diagram, diagram.elements[element_id]
        return None


def film(connection: Connection, known: Known, actor: Actor, instance_id: str) -> Film:
    """The film of a case that the actor may see. Raises ``NotFound``, and ``Corrupt`` for an unreadable fact."""
    row = case_found(connection, actor, instance_id)
    told = known.long_cases.told(connection, instance_id, (row["seq"], row["seal"]))
    versions = tuple(
        Version(at, known.definition(connection, told.frames[at].process, told.frames[at].pins), told.frames[at].pins)
        for at, fact in enumerate(told.facts)
        if isinstance(fact.event, InstanceStarted | InstanceMigrated)
    )
    names = names_in(connection, told.facts)
    return Film(
        case=case_row(row, ()),
        definition=known.definition(connection, row["process"], row["pins"]),
        pins=row["pins"],
        facts=told.facts,
        frames=told.frames,
        names=names,
        versions=versions,
        former=former_names(connection, names),
    )
