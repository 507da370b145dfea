"""Who read what, and what left the system: the auditors' own looking leaves a trace, too."""

from __future__ import annotations

from engine.errors import Rejected
from engine.history import events as e
from engine.history.facts import Fact
from engine.store.access_notes import mark_sealed, note, unsealed
from engine.store.unit_of_work import UnitOfWork

READING = "reading"
PURPOSE_LENGTH_MAX = 200
NOTES_MAX = 2_000


def note_reading(uow: UnitOfWork, look: e.CaseViewed) -> None:
    """Record that the actor looked at a case. The query before has found that they may."""
    uow.record_in(READING, [look])


def note_look(
    uow: UnitOfWork,
    look: e.CaseViewed | e.CasesSearched | e.CasesListed,
    key: str | None = None,
    on_behalf_of: str = "",
) -> None:
    """Have a look of the desk sealed soon; a second one under the same key counts once.

    The stream of looks is one chain. A desk page only adds a row, which waits for nobody; the worker seals them.
    """
    note(uow.connection, look, uow.now, uow.actor.user, uow.actor.tenant.id, key, on_behalf_of)


def seal_notes(uow: UnitOfWork) -> int:
    """Seal the oldest looks and log-ins that were noted (at most 2,000). Returns how many."""
    notes = unsealed(uow.connection, NOTES_MAX)
    if notes:
        told = [
            Fact(READING, 0, one.at, one.user, one.tenant, one.event, on_behalf_of=one.on_behalf_of) for one in notes
        ]
        uow.record_told(READING, told)
        mark_sealed(uow.connection, [one.id for one in notes])
    return len(notes)


def note_dossier(uow: UnitOfWork, made: e.DossierMade) -> None:
    """Record that a dossier was taken away. Raises ``Rejected`` without a purpose."""
    purpose_in_words(made.purpose)
    uow.record_in(READING, [made])


def note_export(uow: UnitOfWork, exported: e.CasesExported) -> None:
    """Record that cases were exported. Raises ``Rejected`` without a purpose."""
    purpose_in_words(exported.purpose)
    uow.record_in(READING, [exported])


def note_sample(uow: UnitOfWork, drawn: e.SampleDrawn) -> None:
    """Record a sample with its seed and the digest of what it was drawn from."""
    uow.record_in(READING, [drawn])


def purpose_in_words(text: str) -> str:
    """A purpose as it is kept: blanks squeezed. Raises ``Rejected`` for none, a long one, and invisible characters."""
    words = " ".join(text.split())
    if not 0 < len(words) <= PURPOSE_LENGTH_MAX or not words.isprintable():
        raise Rejected(
            "Expected a purpose of 1 to %(limit)s visible characters, but found %(found)s. Say in a few words what it "
            "is for.",
            limit=PURPOSE_LENGTH_MAX,
            found=len(words),
        )
    return words
