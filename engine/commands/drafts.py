"""Drafts of the studio: files that administrators work on together until a second person publishes them.

A draft belongs to an organisation and a procedure and holds only files that differ from what holds there.
Nothing in it is ever run. Every save is a revision that can be brought back; a save on top of what somebody
else has meanwhile saved is refused, so nobody's work is written over unseen. Drafts are no facts: what is
proposed, approved and published is (``engine.commands.proposals``).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, get_args

from engine.definition.blank import blank
from engine.definition.bundle import FILE_BYTES_MAX, FILES_MAX, SINGLE, Bundle, is_key
from engine.errors import Conflict, NotFound, Rejected
from engine.history.seal import digest
from engine.model import ResourceKind
from engine.quarantine import quarantine
from engine.store.draft_files import (
    Draft,
    Place,
    State,
    add_draft,
    add_revision,
    change_draft,
    content_without,
    count_open,
    drafts_of,
    note_editor,
    own_version,
    read_draft,
)
from engine.store.parameters import only_what_differs
from engine.store.publications import in_force
from engine.store.unit_of_work import UnitOfWork

TITLE_LENGTH_MAX: Final = 120
DRAFTS_MAX: Final = 100
REVISIONS_MAX: Final = 3_000
_NEW_KEY: Final = re.compile(r"[a-z][a-z0-9_]{1,59}")
_NAMED_BY_PROCEDURE: Final = frozenset(SINGLE.values())


def open_draft(uow: UnitOfWork, procedure: str, title: str) -> str:
    """Open a draft of a procedure for the actor's organisation; returns its id. Raises ``NotFound``, ``Rejected``."""
    if not in_force(uow.connection, procedure, uow.actor.tenant):
        raise NotFound("The procedure %(procedure)s is not published here.", procedure=procedure)
    return _new_draft(uow, procedure, title)


def continue_draft(uow: UnitOfWork, procedure: str, title: str) -> str:
    """The draft of a procedure that the organisation already works on, else a new one; returns its id."""
    for draft_id in drafts_of(uow.connection, uow.actor.tenant.id, ("open",)):
        found = read_draft(uow.connection, draft_id)
        if found is not None and found.procedure == procedure:
            return draft_id
    return open_draft(uow, procedure, title)


def import_bundle(uow: UnitOfWork, bundle: Bundle, title: str) -> str:
    """Put the files of a folder or archive that differ from what holds here into a new draft; returns its id.

    Files that the bundle does not have stay as they are. Raises ``Rejected`` when nothing differs.
    """
    draft_id = _new_draft(uow, bundle.procedure, title or bundle.title)
    draft = open_for(uow, draft_id)
    changed: dict[Place, tuple[State, str | None]] = {}
    quarantine(bundle.resources)
    for place, content in bundle.resources.items():
        _require_file(draft, place, content)
        holds = content_without(uow.connection, draft, place)
        if place[0] == "profile" and content != holds:
            content = only_what_differs(uow.connection, draft, content)
            if not content.strip():  # nothing differs from above
                changed |= {place: ("removed", None)} if holds is not None else {}
                continue
        if content != holds:
            changed[place] = ("content", uow.store_file(content))
    if not changed:
        raise Rejected("Expected something new, but every file is already published with this content.")
    _save(uow, draft, "imported", changed)
    return draft_id


def draft_of_versions(
    uow: UnitOfWork, procedure: str, title: str, files: Mapping[Place, str | None]
) -> str:  # fmt: skip
    """A new draft of kept files by their digests; None takes the organisation's own version away. Returns its id."""
    draft_id = _new_draft(uow, procedure, title)
    states: dict[Place, tuple[State, str | None]] = {
        place: ("content" if checksum else "removed", checksum) for place, checksum in files.items()
    }
    _save(uow, open_for(uow, draft_id), "restored", states)
    return draft_id


def put_again(uow: UnitOfWork, draft_id: str, place: Place, content: bytes) -> int:
    """Put a file into the draft although it reads as what holds: it is merged anew when it is published."""
    draft = open_for(uow, draft_id)
    return _save(uow, draft, "saved", {place: ("content", uow.store_file(content))})


def save_file(uow: UnitOfWork, draft_id: str, kind: str, key: str, content: bytes, base_revision: int) -> int:
    """Save one file of a draft; returns the draft's revision.

    ``base_revision`` is the draft's revision when the file was opened. Raises ``Conflict`` when the file was saved
    since, by a colleague or by the same person in another window; the same content again is no conflict (an answer
    that got lost is asked for twice). Content that is what holds anyway takes the file out of the draft again.
    """
    draft, place = open_for(uow, draft_id), (kind, key)
    _require_file(draft, place, content)
    quarantine({place: content})
    holds_anyway = content == content_without(uow.connection, draft, place)
    wanted: tuple[State, str | None] = ("dropped", None) if holds_anyway else ("content", digest(content))
    if wanted != _state(draft, place):
        _require_unchanged(draft, place, base_revision, uow.actor.user)
    if holds_anyway:
        return _save(uow, draft, "saved", {place: wanted})
    _require_room(draft, place)
    return _save(uow, draft, "saved", {place: ("content", uow.store_file(content))})


def add_file(uow: UnitOfWork, draft_id: str, kind: str, key: str, name: str) -> int:
    """Begin a new file in a draft; returns the draft's revision.

    Raises ``Rejected`` for a kind, key or name that cannot be, and for a key that a file of that kind has already.
    """
    draft, place = open_for(uow, draft_id), (kind, key)
    require_place(draft.procedure, place)
    if _NEW_KEY.fullmatch(key) is None:
        raise Rejected(
            "Expected a key of 2 to 60 small letters, digits and _ that begins with a letter, but found %(found)s. "
            "Expressions and other files use it.",
            found=key[:80],
        )
    if place in draft.latest or content_without(uow.connection, draft, place) is not None:
        raise Rejected("Expected a key that no other file has but %(key)s is taken. Choose another.", key=key)
    content = blank(kind, key, name)
    _require_room(draft, place)
    return _save(uow, draft, "saved", {place: ("content", uow.store_file(content))})


def remove_file(uow: UnitOfWork, draft_id: str, kind: str, key: str, base_revision: int) -> int:
    """Take the organisation's own version of a file away, so that what is above holds again; returns the revision.

    A file that only the draft has leaves the draft.
    """
    draft, place = open_for(uow, draft_id), (kind, key)
    _require_unchanged(draft, place, base_revision, uow.actor.user)
    if own_version(uow.connection, draft, place) is not None:
        return _save(uow, draft, "removed", {place: ("removed", None)})
    if place not in draft.files:
        raise NotFound("The file %(key)s is not in this draft and not your organisation's own.", key=key)
    return _save(uow, draft, "dropped", {place: ("dropped", None)})


def drop_file(uow: UnitOfWork, draft_id: str, kind: str, key: str, base_revision: int) -> int:
    """Take a file out of the draft, which then leaves alone what is published; returns the revision."""
    draft, place = open_for(uow, draft_id), (kind, key)
    if place not in draft.files:
        raise NotFound("The file %(key)s is not in this draft.", key=key)
    _require_unchanged(draft, place, base_revision, uow.actor.user)
    return _save(uow, draft, "dropped", {place: ("dropped", None)})


def restore(uow: UnitOfWork, draft_id: str, revision: int) -> int:
    """Bring back the draft as it was after ``revision`` (0: empty), as a new revision; returns its number."""
    draft = open_for(uow, draft_id)
    if not 0 <= revision <= draft.revision:
        raise NotFound("This draft has no version %(number)s.", number=revision)
    then = draft.at(revision)
    changed: dict[Place, tuple[State, str | None]] = {}
    for place, now in draft.latest.items():
        was = then.get(place)
        wanted: tuple[State, str | None] = (was.state, was.digest) if was else ("dropped", None)
        if wanted != (now.state, now.digest):
            changed[place] = wanted
    return _save(uow, draft, "restored", changed, revision) if changed else draft.revision


def discard(uow: UnitOfWork, draft_id: str) -> None:
    """Put a draft away for good. Nothing that is published changes."""
    draft = open_for(uow, draft_id)
    change_draft(uow.connection, draft.id, uow.now, status="discarded")


def rename(uow: UnitOfWork, draft_id: str, title: str) -> None:
    """Call a draft something else."""
    change_draft(uow.connection, open_for(uow, draft_id).id, uow.now, title=required_title(title))


def keep_open(uow: UnitOfWork, draft_id: str, kind: str, key: str) -> None:
    """Say that the actor has a file of the draft open, so that others see it."""
    draft = _own(uow, draft_id)
    require_place(draft.procedure, (kind, key))
    note_editor(uow.connection, draft.id, uow.actor.user, (kind, key), uow.now)


def required_title(title: str) -> str:
    """A title that is neither empty nor too long. Raises ``Rejected``."""
    found = " ".join(title.split())
    if not 0 < len(found) <= TITLE_LENGTH_MAX:
        raise Rejected(
            "Expected a title of 1 to %(max)s characters but found %(found)s. Say shortly what this changes.",
            max=TITLE_LENGTH_MAX,
            found=len(found),
        )
    return found


def require_place(procedure: str, place: Place) -> None:
    """Raises ``Rejected`` for a kind or key that no file of the procedure can have."""
    kind, key = place
    if kind not in get_args(ResourceKind):
        raise Rejected("Expected a diagram, table, form, paper or settings but found %(found)s.", found=kind[:40])
    if not is_key(key) or (kind in _NAMED_BY_PROCEDURE and key != procedure):
        raise Rejected(
            "Expected a file name of letters, digits and _ but found %(found)s. Choose another.", found=key[:80]
        )


def _new_draft(uow: UnitOfWork, procedure: str, title: str) -> str:
    if count_open(uow.connection, uow.actor.tenant.id) >= DRAFTS_MAX:
        raise Rejected("Expected at most %(max)s open drafts. Discard those that nobody needs.", max=DRAFTS_MAX)
    draft_id = uow.new_id()
    add_draft(
        uow.connection, draft_id, uow.actor.tenant, procedure, required_title(title), uow.actor.user, uow.now
    )  # fmt: skip
    return draft_id


def _own(uow: UnitOfWork, draft_id: str) -> Draft:
    """The draft, locked, if it is one of the actor's organisation. Raises ``NotFound``."""
    draft = read_draft(uow.connection, draft_id, lock=True)
    if draft is None or draft.tenant.id != uow.actor.tenant.id:
        raise NotFound("There is no such draft, or it is not yours to see.")
    return draft


def open_for(uow: UnitOfWork, draft_id: str) -> Draft:
    """The draft, locked, if it is one of the actor's organisation and worked on. Raises ``NotFound``, ``Conflict``."""
    draft = _own(uow, draft_id)
    if draft.status != "open":
        raise Conflict("Expected a draft that is being worked on, but this one was proposed, published or discarded.")
    return draft


def _require_unchanged(draft: Draft, place: Place, base_revision: int, user: str) -> None:
    last = draft.latest.get(place)
    if not 0 <= base_revision <= draft.revision:
        raise Rejected("Expected the version of the draft that you opened. Open the file again.")
    if last is None or last.revision <= base_revision:
        return
    if last.saved_by == user:
        raise Conflict(
            "Expected %(key)s as you opened it, but you saved it in another window on %(when)s. "
            "Look at both and choose; this one was not saved.",
            key=place[1],
            when=last.saved_at,
        )
    raise Conflict(
        "Expected %(key)s as you opened it, but %(who)s saved it on %(when)s. Open it again to see their version; "
        "yours was not saved.",
        key=place[1],
        who=last.saved_by_name,
        when=last.saved_at,
    )


def _require_file(draft: Draft, place: Place, content: bytes) -> None:
    require_place(draft.procedure, place)
    if len(content) > FILE_BYTES_MAX:
        raise Rejected(
            "Expected files of at most %(limit)s bytes but %(file)s is larger. Make it smaller.",
            limit=FILE_BYTES_MAX,
            file=place[1],
        )


def _require_room(draft: Draft, place: Place) -> None:
    if place not in draft.files and len(draft.files) >= FILES_MAX:
        raise Rejected("Expected at most %(limit)s files in a draft. Leave some out.", limit=FILES_MAX)


def _save(
    uow: UnitOfWork,
    draft: Draft,
    what: str,
    files: Mapping[Place, tuple[State, str | None]],
    restored: int | None = None,
) -> int:
    """A new revision with what really changes; the present one when nothing does."""
    changed = {place: state for place, state in files.items() if state != _state(draft, place)}
    if not changed:
        return draft.revision
    if draft.revision >= REVISIONS_MAX:
        raise Rejected("Expected at most %(max)s versions of a draft. Open a new one.", max=REVISIONS_MAX)
    return add_revision(uow.connection, draft, uow.actor.user, uow.now, what, changed, restored)


def _state(draft: Draft, place: Place) -> tuple[State, str | None]:
    found = draft.latest.get(place)
    return (found.state, found.digest) if found else ("dropped", None)
