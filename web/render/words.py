"""The words of the published procedures in pages: what a role is called, and Chinese words in English."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from flask import Flask, current_app, g

from engine.queries.words import Words, read_words, words_version
from web.language import N_, current, gettext, word
from web.transaction import reader

LEVELS: Final = ("level", "levels", "other_level")
ROLES: Final = ("role", "roles")
"""Places of the engine's sentences that hold ids of levels, and of roles."""

_PLATFORM_ROLES = {"administrator": N_("Administrator"), "auditor": N_("Auditor")}


def init_app(app: Flask) -> None:
    """Lets ``web.language`` find the published words and names, and gives the templates ``role_names``."""

    @app.before_request
    def begin() -> None:
        g.words_source = lambda: words().english
        g.name_of = dict.fromkeys(LEVELS, level_name) | dict.fromkeys(ROLES, role_name)

    app.jinja_env.globals.update(
        role_name=role_name, role_names=role_names, level_name=level_name, procedure_name=procedure_name
    )


def words() -> Words:
    """The published words, read again only after something was published."""
    if "published_words" not in g:
        kept: Words | None = current_app.extensions.get("words")
        if kept is None or kept.version != words_version(reader()):
            kept = current_app.extensions["words"] = read_words(reader())
        g.published_words = kept
    found: Words = g.published_words
    return found


def role_name(role: str) -> str:
    """What people call a role; the role's own id where the procedure gives it no name."""
    if role in _PLATFORM_ROLES:
        return gettext(_PLATFORM_ROLES[role])
    return word(words().roles.get(role, role))


def level_name(level: str) -> str:
    """What people call a level of units; the level's own word where no procedure gives it a name."""
    return word(words().levels.get(level, level))


def procedure_name(procedure: str) -> str:
    """What people call a procedure."""
    return word(words().procedures.get(procedure, procedure))


def role_names(roles: Iterable[str]) -> str:
    """Several roles in one line."""
    return ("、" if current() == "zh-CN" else ", ").join(role_name(role) for role in sorted(roles))
