"""The rows of proposals, and what was published by which."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, select

from engine.definition.bundle import Bundle, read_manifest
from engine.errors import Corrupt, NotFound
from engine.history.seal import canonical, digest
from engine.model import Tenant
from engine.store import tables as t
from engine.store.draft_files import kept_content
from engine.store.known import tenant_of
from engine.store.publications import content_of, in_force, nearest

Files = Sequence[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Proposal:
    """A publication that waits for a second person, or was decided. People are user ids; ``names`` calls them."""

    id: str
    draft: str
    procedure: str
    tenant: Tenant
    title: str
    effective_at: datetime | None
    files: tuple[dict[str, Any], ...]
    digest: str
    authors: tuple[str, ...]
    proposed_at: datetime
    proposed_by: str
    status: str
    decided_at: datetime | None
    decided_by: str | None
    reason: str
    deployment: str | None
    names: dict[str, str]

    @property
    def hands(self) -> frozenset[str]:
        """Everybody who had a hand in it: none of them may decide."""
        return frozenset({*self.authors, self.proposed_by})


def content_digest(tenant: str, procedure: str, effective_at: datetime | None, files: Files) -> str:
    """What is sealed when something is proposed, and must be the same when it is published."""
    begins = effective_at.astimezone(UTC).isoformat() if effective_at else None
    return digest(canonical([tenant, procedure, begins, [dict(one) for one in files]]))


def read_proposals(
    connection: Connection, *where: ColumnElement[bool], limit: int = 200, lock: bool = False
) -> list[Proposal]:
    """Proposals that fulfil ``where``, newest first."""
    query = (
        select(t.proposal, *[c.label(f"tenant_{c.name}") for c in t.tenant.c if c.name != "id"])
        .join(t.tenant, t.tenant.c.id == t.proposal.c.tenant_id)
        .where(*where)
        .order_by(t.proposal.c.proposed_at.desc(), t.proposal.c.id)
        .limit(limit)
    )
    rows = connection.execute(query.with_for_update(of=t.proposal) if lock else query).mappings().all()
    people = {user for row in rows for user in (*row["authors"], row["proposed_by"], row["decided_by"]) if user}
    named = connection.execute(select(t.user.c.id, t.user.c.name).where(t.user.c.id.in_(people)))
    names = {row.id: row.name for row in named}
    found = []
    for row in rows:
        place = {c.name: row["tenant_id" if c.name == "id" else f"tenant_{c.name}"] for c in t.tenant.c}
        found.append(
            Proposal(
                row["id"], row["draft_id"], row["procedure"], tenant_of(place), row["title"], row["effective_at"],
                tuple(row["files"]), row["digest"], tuple(row["authors"]), row["proposed_at"], row["proposed_by"],
                row["status"], row["decided_at"], row["decided_by"], row["reason"], row["deployment_id"], names,
            )
        )  # fmt: skip
    return found


def read_proposal(connection: Connection, proposal_id: str, *, lock: bool = False) -> Proposal | None:
    """One proposal, or None. ``lock``: nobody else decides it until the transaction ends."""
    return next(iter(read_proposals(connection, t.proposal.c.id == proposal_id, limit=1, lock=lock)), None)


def bundle_of_proposal(connection: Connection, proposal: Proposal) -> Bundle:
    """The files as they were proposed, each held against its checksum. Raises ``Corrupt``."""
    sealed = content_digest(proposal.tenant.id, proposal.procedure, proposal.effective_at, proposal.files)
    resources = {}
    for file in proposal.files:
        if file["checksum"] is not None:
            content = kept_content(connection, file["checksum"])
            if digest(content) != file["checksum"]:
                sealed = ""
            resources[(file["kind"], file["key"])] = content
    if sealed != proposal.digest:
        raise Corrupt("The files of the proposal %(title)s are not those that were proposed.", title=proposal.title)
    removed = frozenset((file["kind"], file["key"]) for file in proposal.files if file["checksum"] is None)
    manifest = resources.get(("bundle", proposal.procedure))
    if manifest is None:
        published = in_force(connection, proposal.procedure, proposal.tenant)
        found = nearest(published, proposal.tenant).get(f"bundle:{proposal.procedure}")
        manifest = content_of(connection, found) if found else b""
    return Bundle(proposal.procedure, proposal.title, resources, read_manifest(manifest), removed)


@dataclass(frozen=True, slots=True)
class Deployment:
    """One publication; ``files``: (kind, key) → (checksum or None where withdrawn, version)."""

    id: str
    tenant_id: str
    procedure: str
    title: str
    published_at: datetime
    published_by: str
    effective_at: datetime | None
    proposal: str | None
    files: dict[tuple[str, str], tuple[str | None, int]]


def read_deployment(connection: Connection, deployment_id: str) -> Deployment:
    """One publication. Raises ``NotFound``."""
    row = connection.execute(select(t.deployment).where(t.deployment.c.id == deployment_id)).mappings().first()
    if row is None:
        raise NotFound("There is no such publication, or it is not yours to see.")
    files = {
        (one.kind, one.key): (None if one.withdrawn else one.checksum, one.version)
        for one in connection.execute(select(t.resource).where(t.resource.c.deployment_id == deployment_id))
    }
    return Deployment(
        row["id"], row["tenant_id"], row["procedure"], row["title"], row["published_at"], row["published_by"],
        row["effective_at"], row["proposal_id"], files,
    )  # fmt: skip


def former_version(
    connection: Connection, deployment: Deployment, place: tuple[str, str]
) -> tuple[str | None, int]:  # fmt: skip
    """Before a publication: the checksum of a file (None: none of its own); and the number of its newest version."""
    row = t.resource.c
    own = (row.tenant_id == deployment.tenant_id) & (row.procedure == deployment.procedure)
    versions = connection.execute(
        select(row.version, row.checksum, row.withdrawn)
        .where(own, row.kind == place[0], row.key == place[1])
        .order_by(row.version.desc())
    ).all()
    number = deployment.files[place][1]
    before = next((one for one in versions if one.version < number), None)
    return (None if before is None or before.withdrawn else before.checksum), versions[0].version
