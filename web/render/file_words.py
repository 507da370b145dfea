"""What people call a file of a procedure that a sentence names: its kind, and the name that its author gave it."""

from __future__ import annotations

import re
from typing import Final

from flask import Flask, g

from engine.queries.words import name_of_file
from web.language import N_, gettext, word
from web.render.words import procedure_name
from web.transaction import reader

KINDS: Final = {
    "bundle": N_("Manifest"),
    "process": N_("Diagram"),
    "decision": N_("Decision table"),
    "form": N_("Form"),
    "document": N_("Paper"),
    "profile": N_("Local parameters"),
    "duties": N_("Separation of duties"),
    "floor": N_("What no override may break"),
    "words": N_("English words"),
    "scenario": N_("Story"),
    "oversight": N_("What an auditor wants to be told of"),
}
"""Kind of a resource → what it is called, in the order in which the catalogue lists them."""

FILES: Final = ("file", "files")
"""Places of the engine's sentences that may hold a file of a procedure."""
_FILE: Final = re.compile(r"([\w.-]{1,100}): ([a-z]{1,20}) ([\w.-]{1,100})")


def init_app(app: Flask) -> None:
    """Lets sentences and templates name files as people do. Comes after ``web.render.words``."""

    @app.before_request
    def begin() -> None:
        g.name_of = {**g.get("name_of", {}), **dict.fromkeys(FILES, file_name)}

    app.jinja_env.filters["file_name"] = file_name


def file_name(text: str) -> str:
    """``review: form note`` (``engine.store.inherited``) in words; anything else as it is."""
    found = _FILE.fullmatch(text)
    if found is None or found[2] not in KINDS:
        return text
    procedure, kind, key = found.groups()
    name = name_of_file(reader(), procedure, kind, key) or ("" if key == procedure else key)
    parts = [procedure_name(procedure), gettext(KINDS[kind]), *([word(name)] if name else [])]
    return " · ".join(parts)
