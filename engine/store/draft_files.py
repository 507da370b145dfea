"""The rows of drafts: what a draft holds now, what it held after each revision, and who has it open."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from sqlalchemy import Connection, func, select

from engine.errors import NotFound
from engine.model import Tenant
from engine.store import tables as t
from engine.store.known import find_tenant
from engine.store.publications import content_of, holder, in_force, source_of
from engine.store.rows import insert_ignoring

Place = tuple[str, str]
"""``(kind, key)`` of a file."""

State = Literal["content", "removed", "dropped"]
"""The draft's own content; or the organisation's version is taken away; or the draft leaves the file alone again."""


@dataclass(frozen=True, slots=True)
class DraftFile:
    """What one revision made of one file. ``digest`` is None unless the draft has content of its own."""

    state: State
    digest: str | None
    revision: int
    saved_by: str
    saved_by_name: str
    saved_at: datetime


@dataclass(frozen=True, slots=True)
class DraftRevision:
    """One save. ``what``: saved, removed, dropped, restored (``restored``: which revision) or imported."""

    number: int
    at: datetime
    saved_by: str
    saved_by_name: str
    what: str
    restored: int | None
    places: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class Draft:
    """A draft of an organisation. ``history`` are all its files' states, oldest first."""

    id: str
    tenant: Tenant
    procedure: str
    title: str
    status: str
    revision: int
    opened_at: datetime
    opened_by: str
    changed_at: datetime
    history: tuple[tuple[Place, DraftFile], ...] = ()
    revisions: tuple[DraftRevision, ...] = ()
    latest: Mapping[Place, DraftFile] = field(default_factory=dict)
    """The last state of every file that was ever in it, those left alone again as well."""

    @property
    def files(self) -> dict[Place, DraftFile]:
        """What it would change, by (kind, key)."""
        return {place: file for place, file in self.latest.items() if file.state != "dropped"}

    @property
    def authors(self) -> frozenset[str]:
        """Everybody who ever saved a revision: none of them may approve it."""
        return frozenset(one.saved_by for one in self.revisions)

    def at(self, revision: int) -> dict[Place, DraftFile]:
        """The state of every file after a revision."""
        return {place: file for place, file in self.history if file.revision <= revision}


def read_draft(connection: Connection, draft_id: str, *, lock: bool = False) -> Draft | None:
    """A draft with its revisions, or None. ``lock``: nobody else changes it until the transaction ends."""
    query = select(t.draft).where(t.draft.c.id == draft_id)
    row = connection.execute(query.with_for_update() if lock else query).mappings().first()
    tenant = find_tenant(connection, row["tenant_id"]) if row else None
    if row is None or tenant is None:
        return None
    names = (t.user, t.user.c.id == t.draft_revision.c.by_user)
    saves = connection.execute(
        select(t.draft_revision, t.user.c.name)
        .join(*names, isouter=True)
        .where(t.draft_revision.c.draft_id == draft_id)
        .order_by(t.draft_revision.c.revision)
    ).all()
    by_number = {save.revision: save for save in saves}
    history = []
    for file in connection.execute(
        select(t.draft_file)
        .where(t.draft_file.c.draft_id == draft_id)
        .order_by(t.draft_file.c.revision, t.draft_file.c.kind, t.draft_file.c.key)
    ):
        save = by_number[file.revision]
        state = DraftFile(file.state, file.digest, file.revision, save.by_user, save.name or save.by_user, save.at)
        history.append(((file.kind, file.key), state))
    revisions = tuple(
        DraftRevision(save.revision, save.at, save.by_user, save.name or save.by_user, save.what, save.restored,
                      tuple(place for place, file in history if file.revision == save.revision))
        for save in saves
    )  # fmt: skip
    return Draft(
        row["id"], tenant, row["procedure"], row["title"], row["status"], row["revision"],
        row["opened_at"], row["opened_by"], row["changed_at"], tuple(history), revisions, dict(history),
    )  # fmt: skip


def add_draft(connection: Connection, draft_id: str, tenant: Tenant, procedure: str, title: str, by: str,
              now: datetime) -> None:  # fmt: skip
    """A new, empty draft."""
    row = {"id": draft_id, "tenant_id": tenant.id, "procedure": procedure, "title": title, "status": "open"}
    when = {"revision": 0, "opened_at": now, "opened_by": by, "changed_at": now}
    connection.execute(t.draft.insert(), [{**row, **when}])


def add_revision(
    connection: Connection, draft: Draft, by: str, now: datetime, what: str,
    files: Mapping[Place, tuple[State, str | None]], restored: int | None = None,
) -> int:  # fmt: skip
    """One save of a draft: the new state of each of ``files``. Returns its number."""
    number = draft.revision + 1
    save = {"draft_id": draft.id, "revision": number, "at": now, "by_user": by, "what": what, "restored": restored}
    connection.execute(t.draft_revision.insert(), [save])
    connection.execute(
        t.draft_file.insert(),
        [
            {"draft_id": draft.id, "revision": number, "kind": kind, "key": key, "state": state, "digest": digest}
            for (kind, key), (state, digest) in sorted(files.items())
        ],
    )
    change_draft(connection, draft.id, now, revision=number)
    return number


def change_draft(connection: Connection, draft_id: str, now: datetime, **values: object) -> None:
    """Change a draft's status, title or revision."""
    connection.execute(t.draft.update().where(t.draft.c.id == draft_id).values(changed_at=now, **values))


def drafts_of(connection: Connection, tenant_id: str, statuses: Iterable[str]) -> list[str]:
    """The ids of an organisation's drafts, newest first."""
    row = t.draft.c
    query = select(row.id).where(row.tenant_id == tenant_id, row.status.in_(list(statuses)))
    return list(connection.execute(query.order_by(row.changed_at.desc(), row.id)).scalars())


def count_open(connection: Connection, tenant_id: str) -> int:
    """How many drafts of an organisation are being worked on."""
    where = (t.draft.c.tenant_id == tenant_id, t.draft.c.status.in_(("open", "proposed")))
    return connection.execute(select(func.count()).select_from(t.draft).where(*where)).scalar_one()


def own_version(connection: Connection, draft: Draft, place: Place) -> str | None:
    """The resource id of the file that the draft's organisation has itself published, or None."""
    return in_force(connection, draft.procedure, draft.tenant).get((draft.tenant.id, *place))


def content_without(connection: Connection, draft: Draft, place: Place, *, own: bool = True) -> bytes | None:
    """What a file is without the draft: the nearest published version. ``own=False``: that of the organisations above.

    Parameters are decided key by key, so of a profile only the organisation's own is meant.
    """
    published = in_force(connection, draft.procedure, draft.tenant)
    kind, key = place
    if kind == "profile":
        found = published.get((draft.tenant.id, kind, key)) if own else None
    else:
        above = {at: id_ for at, id_ in published.items() if own or at[0] != draft.tenant.id}
        found = holder(above, draft.tenant, kind, key)
    if found is None:
        return None
    is_own = published.get((draft.tenant.id, kind, key)) == found
    return source_of(connection, found) if is_own else content_of(connection, found)


def kept_content(connection: Connection, digest: str) -> bytes:
    """A kept file by its digest. Raises ``NotFound``."""
    found = connection.execute(select(t.file.c.content).where(t.file.c.digest == digest)).scalar()
    if found is None:
        raise NotFound("The file %(digest)s is missing.", digest=digest)
    return bytes(found)


def note_editor(connection: Connection, draft_id: str, user: str, place: Place, now: datetime) -> None:
    """Somebody has a file of a draft open in an editor."""
    key = {"draft_id": draft_id, "user_id": user}
    values = {"kind": place[0], "key": place[1], "seen_at": now}
    insert_ignoring(connection, t.draft_editor, [{**key, **values}])
    row = t.draft_editor.c
    connection.execute(
        t.draft_editor.update().where(row.draft_id == draft_id, row.user_id == user).values(**values)
    )  # fmt: skip
