"""Dry runs for the studio's pages: the stories of a procedure told on a draft, and what is said of them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from engine.definition.bundle import Bundle
from engine.errors import ShangmenError
from engine.model import Tenant
from engine.runtime.interpreter import ProcessDefinition
from engine.scenarios.staging import Theatre, theatre_for
from engine.scenarios.verdicts import Rehearsal, readable, rehearse
from engine.store.composition import Composition, compose
from engine.store.stories import stories_in_force, stories_with
from web.language import day, gettext, translate, word
from web.render.outline import Mark, Marks
from web.transaction import platform, reader


def rehearsal_of(tenant: Tenant, bundle: Bundle, at: datetime | None = None) -> Rehearsal | None:
    """Every story told on what holds for ``tenant`` and on the bundle over it; None when the whole cannot run."""
    try:
        whole = compose(reader(), bundle, tenant, at)
        after = stories_with(reader(), bundle, tenant)
        before = stories_in_force(reader(), bundle.procedure, tenant)
        return rehearse(
            whole.main, whole.resources, whole.before, after, before, theatre_of(tenant, {**before, **after})
        )
    except ShangmenError:
        return None


def whole_of(tenant: Tenant, bundle: Bundle) -> Composition:
    """The bundle over what holds for ``tenant``. Raises ``Rejected``."""
    return compose(reader(), bundle, tenant)


def theatre_of(tenant: Tenant, stories: Mapping[str, bytes]) -> Theatre:
    """The world in which stories are told for ``tenant``."""
    found, _ = readable(stories)
    return theatre_for(reader(), platform().known, tenant, found)


def said(template: str, params: Mapping[str, Any], definition: ProcessDefinition) -> str:
    """A sentence of a story in the reader's language, with what the diagrams call things instead of their ids."""
    return translate(template, {name: _named(value, definition) for name, value in params.items()})


def _named(value: Any, definition: ProcessDefinition) -> Any:
    if isinstance(value, list | tuple):
        return gettext(", ").join(str(_named(item, definition)) for item in value) or gettext("nothing")
    if isinstance(value, date):
        return day(value)
    if isinstance(value, str):
        return word(element_name(value, definition))
    return value


def element_name(element: str, definition: ProcessDefinition) -> str:
    """What the diagrams call an element; the text itself when there is none of that id."""
    for diagram in definition.processes.values():
        if element in diagram.elements:
            return " ".join(diagram.elements[element].name.split()) or element
    return element


def coverage(rehearsal: Rehearsal) -> list[tuple[Any, Marks]]:
    """The diagrams of which some element or flow is reached by no story, with what is reached marked as done."""
    missed: dict[str, set[str]] = {}
    for place in rehearsal.unreached:
        missed.setdefault(place.process, set()).add(place.id)
    found = []
    for key, gaps in missed.items():
        diagram = rehearsal.definition.processes[key]
        nodes = {id_: Mark("stuck" if id_ in gaps else "done", 1) for id_ in diagram.elements}
        found.append((diagram, Marks(nodes, frozenset(diagram.flows) - gaps)))
    return found
