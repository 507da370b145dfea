"""Everything that proves a case, as plain data: what a dossier holds and ``engine.history.dossier_check`` verifies.

The case's facts stand in it whole, as their canonical bytes with seals, personal values and salts; each with its
way to the root of the newest signed head. Beside them stand those facts of other streams that the case rests on
(which files were published, the calendar, the organisations and people named, who looked at it), the published files
and the papers.
In a masked dossier everything that ``engine.history.masking`` does not list is left out: personal values, texts that
people typed, papers, the number. Digests and seals still prove that nothing was changed.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, select

from engine.errors import Corrupt
from engine.history import hashing
from engine.history.checkpoint import read_checkpoint
from engine.history.facts import Fact, open_fact
from engine.history.masking import masked as without_names
from engine.history.masking import may_leave
from engine.history.merkle import consistency_proof, hash_suite, inclusion_proof
from engine.history.replay import frames
from engine.model import Actor
from engine.queries.audit import Film, film
from engine.store import tables as t
from engine.store.known import Known
from engine.store.log import newest_checkpoint, read_node, read_nodes
from engine.store.reading import holds

FORMAT = "shangmen-dossier/1"
LOOKS_MAX = 1_000


@dataclass(frozen=True)
class Dossier:
    """The film as the dossier tells it (a masked one knows no personal value), and the data that prove it."""

    film: Film
    data: Mapping[str, Any]


def dossier(
    connection: Connection, known: Known, actor: Actor, instance_id: str, *, masked: bool, verifier: str = ""
) -> Dossier:
    """The dossier of a case that the actor may see; ``verifier`` is the public key of the heads (signed-note's vkey).

    Raises ``NotFound``, and ``Corrupt`` for a damaged log.
    """
    told = film(connection, known, actor, instance_id)
    note = newest_checkpoint(connection)
    rows = _rows(connection, t.history.c.stream == f"case:{instance_id}")
    personal = {} if masked else _personal(connection, f"case:{instance_id}")
    resources = _resources(connection, {id_ for frame in told.frames for id_ in frame.pins.values()})
    beside = [
        *_publications(connection, {item["id"] for item in resources}),
        *_rows(connection, t.history.c.stream == "calendar"),
        *_named(connection, told.facts, masked=masked),
    ]
    size = read_checkpoint(note).size if note else 0
    if not masked:
        beside += _looks(connection, instance_id, size)
    proofs = _Proofs(connection, size, [*rows, *beside])
    data = {
        "format": FORMAT,
        "case": instance_id,
        "number": "" if masked else told.case.number,
        "masked": masked,
        "suite": hashing.suite(),
        "checkpoint": note or "",
        "earlier": list(_earlier(connection, proofs, rows)),
        "verifier": verifier,
        "facts": [{**_proven(row, proofs, masked), "personal": personal.get(row["seq"], {})} for row in rows],
        "beside": [{**_proven(row, proofs, masked), "previous": _previous(connection, row)} for row in beside],
        "resources": resources,
        "files": [] if masked else _files(connection, instance_id),
    }
    return Dossier(_masked(told, rows) if masked else told, data)


def _masked(told: Film, rows: Iterable[RowMapping]) -> Film:
    """The film without what may not leave and without the names of people (those of organisations stay)."""
    facts = tuple(without_names(open_fact(row["body"], {})) for row in rows)
    people = {user for fact in facts for user in (*fact.persons, getattr(fact.event, "user", ""))}
    names = {id_: name for id_, name in told.names.items() if id_ not in people}
    case = replace(told.case, title="", number=told.case.id)
    return replace(told, case=case, facts=facts, frames=tuple(frames(facts)), names=names)


def _rows(connection: Connection, where: ColumnElement[bool]) -> list[RowMapping]:
    query = select(t.history).where(where).order_by(t.history.c.stream, t.history.c.seq)
    return list(connection.execute(query).mappings())


def _earlier(connection: Connection, proofs: _Proofs, rows: Iterable[RowMapping]) -> Iterator[dict[str, Any]]:
    """Signed heads that somebody may have kept, each with the way to the newest one.

    The first head of all, and the first ones over the beginning and over the end of the case.
    """
    leaves = [row["leaf"] for row in rows if row["leaf"] is not None and row["leaf"] < proofs.size]
    sizes = t.checkpoint.c.size
    found: dict[int, str] = {}
    for least in (1, *([min(leaves) + 1, max(leaves) + 1] if leaves else [])):
        query = select(t.checkpoint).where(sizes >= least, sizes < proofs.size).order_by(sizes).limit(1)
        if row := connection.execute(query).first():
            found[row.size] = row.note
    for size, note in sorted(found.items()):
        way = consistency_proof(hash_suite(), lambda level, at: read_node(connection, level, at), size, proofs.size)
        yield {"checkpoint": note, "proof": [base64.b64encode(value).decode() for value in way]}


class _Proofs:
    """Ways from facts to the root of the head of ``size`` facts; all nodes they need are read at once."""

    def __init__(self, connection: Connection, size: int, rows: Iterable[RowMapping]) -> None:
        self.size = size
        self._h = hash_suite()
        wanted: dict[int, set[int]] = {}

        def remember(level: int, position: int) -> bytes:
            wanted.setdefault(level, set()).add(position)
            return b""

        for row in rows:
            if self._is_under(row["leaf"]):
                inclusion_proof(self._h, remember, row["leaf"], size)
        self._nodes = read_nodes(connection, wanted)

    def _is_under(self, leaf: int | None) -> bool:
        return leaf is not None and leaf < self.size

    def of(self, leaf: int | None) -> list[str] | None:
        """The hashes of the way in base64, None for a fact that is not under the head."""
        if leaf is None or not self._is_under(leaf):
            return None
        way = inclusion_proof(self._h, self._node, leaf, self.size)
        return [base64.b64encode(value).decode() for value in way]

    def _node(self, level: int, position: int) -> bytes:
        if (level, position) not in self._nodes:
            raise Corrupt("The log lacks node %(position)s of level %(level)s.", level=level, position=position)
        return self._nodes[(level, position)]


def _proven(row: RowMapping, proofs: _Proofs, masked: bool) -> dict[str, Any]:
    proof = proofs.of(row["leaf"])
    leaf = None if proof is None else row["leaf"]
    body = bytes(row["body"]).decode()
    told = None if masked and not may_leave(json.loads(body)) else body
    return {"body": told, "seal": row["seal"], "leaf": leaf, "proof": proof}


def _previous(connection: Connection, row: RowMapping) -> str:
    """The seal before a fact, which is needed to compute its own."""
    query = select(t.history.c.seal).where(t.history.c.stream == row["stream"], t.history.c.seq == row["seq"] - 1)
    return connection.execute(query).scalar() or ""


def _personal(connection: Connection, stream: str) -> dict[int, dict[str, dict[str, str]]]:
    found: dict[int, dict[str, dict[str, str]]] = {}
    for row in connection.execute(select(t.payload).where(t.payload.c.stream == stream)):
        found.setdefault(row.seq, {})[row.name] = {"salt": row.salt.hex(), "value": bytes(row.value).decode()}
    return found


def _resources(connection: Connection, ids: set[str]) -> list[dict[str, Any]]:
    rows = connection.execute(
        select(t.resource.c.id, t.resource.c.kind, t.resource.c.checksum, t.file.c.content)
        .join(t.file, t.file.c.digest == t.resource.c.checksum)
        .where(t.resource.c.id.in_(ids))
        .order_by(t.resource.c.id)
    )
    return [
        {"id": row.id, "kind": row.kind, "checksum": row.checksum, "content": base64.b64encode(row.content).decode()}
        for row in rows
    ]


def _publications(connection: Connection, wanted: set[str]) -> list[RowMapping]:
    """The facts by which these files were published."""
    rows = _rows(connection, t.history.c.type == "DeploymentPublished")
    return [row for row in rows if wanted & {item["id"] for item in _data(row)["resources"]}]


def _named(connection: Connection, facts: Iterable[Fact], *, masked: bool) -> list[RowMapping]:
    """The facts that say what the organisations and people of a case are called."""
    told = list(facts)
    units = {fact.tenant for fact in told} | {getattr(fact.event, "tenant", "") for fact in told}
    users = {user for fact in told for user in (*fact.persons, getattr(fact.event, "user", ""))}
    naming = t.history.c.type.in_(("TenantAdded", "TenantRenamed"))
    found = [row for row in _rows(connection, naming) if _data(row)["tenant"] in units]
    if masked:
        return found
    return found + [row for row in _rows(connection, t.history.c.type == "UserAdded") if _data(row)["user"] in users]


def _looks(connection: Connection, instance_id: str, size: int) -> list[RowMapping]:
    """The newest facts that say who looked at the case or took it away, of those under the head of ``size`` facts.

    Lists are not among them: they name other cases, too.
    """
    history = t.history.c
    mine = (history.stream == "reading", history.type.in_(("CaseViewed", "DossierMade")), history.leaf < size)
    about = holds(connection, history.body, instance_id)
    query = select(t.history).where(*mine, about).order_by(history.seq.desc()).limit(LOOKS_MAX)
    rows = connection.execute(query).mappings()
    return [row for row in reversed(list(rows)) if _data(row)["instance"] == instance_id]


def _data(row: RowMapping) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(row["body"])["data"]
    return data


def _files(connection: Connection, instance_id: str) -> list[dict[str, Any]]:
    rows = connection.execute(
        select(t.attachment.c.digest, t.attachment.c.name, t.attachment.c.media_type, t.file.c.content)
        .join(t.file, t.file.c.digest == t.attachment.c.digest)
        .where(t.attachment.c.instance_id == instance_id)
        .order_by(t.attachment.c.added_at, t.attachment.c.id)
    )
    found: dict[str, dict[str, Any]] = {}
    for row in rows:
        found.setdefault(
            row.digest,
            {
                "digest": row.digest,
                "name": row.name,
                "media_type": row.media_type,
                "content": base64.b64encode(row.content).decode(),
            },
        )
    return list(found.values())
