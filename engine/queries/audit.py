"""The film of a case: every fact in order, and where the case stood after each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection

from engine.history.facts import Fact
from engine.history.replay import Frame, frames
from engine.model import Actor
from engine.queries.cases import CaseRow, case_page
from engine.runtime.interpreter import ProcessDefinition
from engine.store.known import Known


@dataclass(frozen=True)
class Film:
    """A case's facts and frames (same length, same order), the definition in force, and names for the sentences."""

    case: CaseRow
    definition: ProcessDefinition
    pins: Mapping[str, str]
    facts: tuple[Fact, ...]
    frames: tuple[Frame, ...]
    names: Mapping[str, str]


def film(connection: Connection, known: Known, actor: Actor, instance_id: str) -> Film:
    """The film of a case that the actor may see. Raises ``NotFound``, and ``Corrupt`` for an unreadable fact."""
    page = case_page(connection, known, actor, instance_id)
    return Film(page.case, page.definition, page.pins, page.facts, tuple(frames(page.facts)), page.names)
