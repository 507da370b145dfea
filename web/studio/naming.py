"""What the files of a procedure are called by those who made them, for lists that people read."""

from __future__ import annotations

from typing import Any

from engine.errors import ShangmenError
from engine.model import Tenant
from engine.queries import catalogue
from engine.scenarios.verdicts import readable
from engine.store.stories import stories_in_force
from web.language import current, gettext
from web.render.file_words import KINDS
from web.transaction import platform, reader

Place = tuple[str, str]


def file_names(tenant: Tenant, procedure: str) -> dict[Place, str]:
    """(kind, key) → the name that its author gave it, of what holds for ``tenant``; nothing where nothing holds."""
    try:
        definition, _, _ = catalogue.definition_in_force(reader(), platform().known, tenant, procedure)
    except ShangmenError:
        return {}
    names = {("process", key): diagram.name for key, diagram in definition.processes.items()}
    names |= {("form", key): form.title for key, form in definition.forms.items()}
    told, _ = readable(stories_in_force(reader(), procedure, tenant))
    names |= {("scenario", story.key): story.title if current() != "en" else story.title_en for story in told}
    return names | {
        ("decision", key): decision.name
        for key, model in definition.decisions.items()
        for decision in model.decisions
        if decision.id == key
    }


def procedure_title(tenant: Tenant, procedure: str) -> str:
    """What a procedure is called where it holds for ``tenant``, else its key."""
    try:
        _, manifest, _ = catalogue.definition_in_force(reader(), platform().known, tenant, procedure)
    except ShangmenError:
        return procedure
    return str(manifest["title"])


def kind_name(kind: str) -> str:
    """A kind of file in the reader's language."""
    return gettext(KINDS[kind]) if kind in KINDS else kind


def by_kind(place: Any) -> tuple[int, str]:
    """The order of lists: diagrams first, settings last."""
    kind, key = place
    return list(KINDS).index(kind) if kind in KINDS else len(KINDS), key
