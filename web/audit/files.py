"""What the published files of a case are called: their kind, their own name, version, unit, and since when in force."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from engine.queries.catalogue import PublishedResource
from engine.runtime.interpreter import ProcessDefinition
from web.language import N_, gettext, moment, word

KINDS: Final = {
    "bundle": N_("Manifest"),
    "process": N_("Diagram"),
    "decision": N_("Decision table"),
    "form": N_("Form"),
    "document": N_("Paper"),
    "profile": N_("Local parameters"),
    "duties": N_("Separation of duties"),
    "words": N_("English words"),
}
"""Kind of a file that a case follows → what it is called, in the order in which they are listed."""

_TITLE: Final = re.compile(rb"<title>([^<{]*)</title>")


def names_of(definition: ProcessDefinition) -> dict[tuple[str, str], str]:
    """(kind, key) → the name that a file gives itself, as its author wrote it."""
    titles = {key: _TITLE.search(content) for key, content in definition.documents.items()}
    return {
        **{("process", key): diagram.name for key, diagram in definition.processes.items()},
        **{("decision", d.id): d.name for model in definition.decisions.values() for d in model.decisions},
        **{("form", key): form.title for key, form in definition.forms.items()},
        **{("document", key): found[1].decode(errors="replace").strip() for key, found in titles.items() if found},
    }


def called(file: PublishedResource, names: Mapping[tuple[str, str], str]) -> str:
    """A version of a file in words: kind, name, number, unit."""
    kind, name = gettext(KINDS.get(file.kind, N_("File"))), word(names.get((file.kind, file.key)) or "")
    if not name:
        return gettext(
            "%(kind)s, version %(version)s of %(unit)s", kind=kind, version=file.version, unit=file.owner.name
        )
    return gettext(
        "%(kind)s “%(name)s”, version %(version)s of %(unit)s",
        kind=kind, name=name, version=file.version, unit=file.owner.name,
    )  # fmt: skip


def told(
    pins: Mapping[str, str], definition: ProcessDefinition, files: Mapping[str, PublishedResource]
) -> Iterator[str]:
    """Every file that a case follows by these pins, with who put it into force and when."""
    names, order = names_of(definition), list(KINDS)
    found = [files[id_] for id_ in dict.fromkeys(pins.values()) if id_ in files]
    for file in sorted(found, key=lambda one: (order.index(one.kind) if one.kind in order else len(order), one.key)):
        yield gettext(
            "%(file)s, in force since %(since)s, published by %(who)s",
            file=called(file, names),
            since=moment(file.effective_at or file.published_at),
            who=gettext("the machine") if file.published_by == "system" else file.published_by,
        )
