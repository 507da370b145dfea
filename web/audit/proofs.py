"""Proof of one case: its seals, its rows, and its recorded inputs run again through the definitions in force."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from flask import render_template
from flask.typing import ResponseReturnValue

from engine.connectors.keys import log_verifier
from engine.history import events as e
from engine.queries.audit import Film, film
from engine.queries.reexecution import Agreement, re_execute
from engine.queries.verify import verify
from engine.store.log import newest_checkpoint
from web import access
from web.audit.pages import audit
from web.language import translate, word
from web.looking import read
from web.transaction import platform, reader


@dataclass(frozen=True, slots=True)
class Again:
    """What running a case again came to, for readers: ``at`` is the moment of the first difference, else None."""

    commands: int
    erased: bool
    at: int | None
    said: str


@audit.get("/cases/<instance_id>/verify")
def check(instance_id: str) -> ResponseReturnValue:
    """Whether every seal is whole, the rows are what the history adds up to, and the definitions prescribe it."""
    actor = access.actor()
    found = film(reader(), platform().known, actor, instance_id)
    verdict, head = verify(reader(), instance_id), newest_checkpoint(reader())
    again = in_words(re_execute(reader(), platform().known, instance_id), found)
    read(found.case.id, found.case.number, "verify")
    key = log_verifier(Path(access.settings().data_folder))
    return render_template("audit/verify.html", case=found.case, verdict=verdict, again=again, key=key, head=head)


def in_words(agreement: Agreement, found: Film) -> Again:
    """The outcome with the first difference told in the reader's language, steps called by their names."""
    difference = agreement.difference
    if difference is None:
        return Again(agreement.commands, agreement.erased, None, "")
    params = {name: _named(text, found) for name, text in difference.params.items()}
    at = next((number for number, fact in enumerate(found.facts, 1) if fact.seq == difference.seq), len(found.facts))
    return Again(agreement.commands, agreement.erased, at, translate(difference.template, params))


def _named(text: str, found: Film) -> str:
    """``UserTaskCreated check`` as the sentence that this kind of fact has, about the step by its name."""
    kind, _, element = text.partition(" ")
    cls = e.TYPES.get(kind)
    if cls is None:
        return text
    names: Mapping[str, str] = {
        id_: drawn.name for diagram in found.definition.processes.values() for id_, drawn in diagram.elements.items()
    }
    places: dict[str, Any] = {field.name: "…" for field in fields(cls)}
    name = names.get(element) or ("" if element in names else element)
    said = translate(cls.sentence, places | {"name": word(name) if name else "…"})
    return f"“{said}”"
