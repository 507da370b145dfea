"""Many cases with their data and who did which step: for oversight and for search by any field."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, RowMapping, select

from engine.errors import Rejected
from engine.history import events as e
from engine.history.facts import Fact, open_fact
from engine.history.replay import learned
from engine.model import Actor
from engine.queries.traces import Wanted
from engine.store import tables as t

CASES_MAX: Final = 5_000
_CHUNK: Final = 200
_KINDS: Final = (
    "InstanceStarted",
    "UserTaskCompleted",
    "ElementCompleted",
    "ConnectorFinished",
    "MessageReceived",
    "EventCame",
)


@dataclass(frozen=True, slots=True)
class Done:
    """One step that somebody did; ``principal`` is the name of whom they stood in for, "" for nobody."""

    element: str
    name: str
    user: str
    who: str
    tenant: str
    at: datetime
    principal: str = ""


@dataclass(frozen=True, slots=True)
class PastCase:
    """A case with its data and the steps that people did, in order: as they are now, or were at the moment asked for.

    ``outcome`` is the id of the end event that it reached, "" while it runs and where it was cancelled.
    """

    id: str
    number: str
    title: str
    procedure: str
    process: str
    tenant: str
    status: str
    started_at: datetime
    pins: Mapping[str, str]
    variables: Mapping[str, Any]
    done: tuple[Done, ...]
    outcome: str = ""
    outcome_name: str = ""
    ended_at: datetime | None = None

    def last(self, element: str) -> Done | None:
        """Who did a step last, None where nobody did."""
        return next((done for done in reversed(self.done) if done.element == element), None)


def past_cases(connection: Connection, actor: Actor, wanted: Wanted) -> list[PastCase]:
    """The wanted cases that the actor may see, oldest first. Raises ``Rejected`` for more than 5,000."""
    columns = [column for column in t.instance.c if column.name not in ("state", "standing")]
    query = select(*columns).where(*wanted.where(actor)).order_by(t.instance.c.started_at, t.instance.c.id)
    rows = list(connection.execute(query.limit(CASES_MAX + 1)).mappings())
    if len(rows) > CASES_MAX:
        raise Rejected(
            "Expected at most %(limit)s cases at once, but found more. Choose a procedure or a shorter time.",
            limit=CASES_MAX,
        )
    names = {str(row.id): str(row.name) for row in connection.execute(select(t.user.c.id, t.user.c.name))}
    return list(_cases(connection, rows, names, wanted.as_of))


def _cases(
    connection: Connection, rows: Sequence[RowMapping], names: Mapping[str, str], as_of: datetime | None
) -> Iterator[PastCase]:
    for start in range(0, len(rows), _CHUNK):
        chunk = rows[start : start + _CHUNK]
        facts = _facts(connection, [f"case:{row['id']}" for row in chunk], as_of)
        for row in chunk:
            yield _case(row, facts.get(f"case:{row['id']}", []), names, as_of)


def _case(row: RowMapping, facts: Sequence[Fact], names: Mapping[str, str], as_of: datetime | None) -> PastCase:
    variables: dict[str, Any] = {}
    done = []
    is_over = row["ended_at"] is not None and (as_of is None or row["ended_at"] <= as_of)
    for fact in facts:
        found = learned(fact.event)
        variables |= {} if "$erased" in found else found
        if isinstance(fact.event, e.UserTaskCompleted):
            who = names.get(fact.actor, "")
            principal = names.get(fact.on_behalf_of, "")
            done.append(Done(fact.event.element, fact.event.name, fact.actor, who, fact.tenant, fact.at, principal))
    return PastCase(
        id=row["id"],
        number=row["number"],
        title=row["title"],
        procedure=row["procedure"],
        process=row["process"],
        tenant=row["tenant_id"],
        status=row["status"] if is_over else "running",
        started_at=row["started_at"],
        pins=row["pins"],
        variables=variables,
        done=tuple(done),
        outcome=row["outcome"] if is_over else "",
        outcome_name=row["outcome_name"] if is_over else "",
        ended_at=row["ended_at"] if is_over else None,
    )


def _facts(connection: Connection, streams: Sequence[str], as_of: datetime | None) -> dict[str, list[Fact]]:
    h, p = t.history.c, t.payload.c
    told = [h.stream.in_(streams), h.type.in_(_KINDS), *([h.at <= as_of] if as_of else [])]
    personal: dict[tuple[str, int], dict[str, tuple[bytes, bytes]]] = {}
    query = (
        select(t.payload).join(t.history, (h.stream == p.stream) & (h.seq == p.seq)).where(p.stream.in_(streams), *told)
    )
    for row in connection.execute(query):
        personal.setdefault((row.stream, row.seq), {})[row.name] = (row.salt, row.value)
    found: dict[str, list[Fact]] = {}
    bodies = select(h.stream, h.seq, h.body).where(*told)
    for row in connection.execute(bodies.order_by(h.stream, h.seq)):
        found.setdefault(row.stream, []).append(open_fact(row.body, personal.get((row.stream, row.seq), {})))
    return found
