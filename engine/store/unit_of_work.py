"""One transaction: everything a command reads and writes goes through here, and only facts change rows.

A command loads a case (locked until the end), decides, and calls ``record`` with what happened. The facts
are sealed, appended and applied to the rows in the same transaction; a taken ``(stream, seq)`` means that
somebody else moved first, and ``Database.run`` runs the command again on fresh state.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any, TypeAlias

from sqlalchemy import Connection, RowMapping, Select, select

from engine.calendar import Calendar
from engine.errors import Corrupt, NotFound
from engine.history import events as e
from engine.history.facts import Fact, Sealed, seal_fact
from engine.history.replay import Standing, stand
from engine.history.seal import SALT_BYTES, digest
from engine.model import Actor, Tenant, acting_unit
from engine.runtime.interpreter import ProcessDefinition, Surroundings
from engine.runtime.places import given_back
from engine.store import tables as t
from engine.store.appending import append
from engine.store.apply import Change, Insert, apply
from engine.store.known import Known, find_tenant
from engine.store.queue import JobQueue, message_job
from engine.store.rows import carry_out, insert_ignoring
from engine.store.streams import lock_streams, move_streams
from engine.store.units import hold_open

Row = RowMapping
"""A row with its columns by name."""

ORGANISATIONS = "organisations"
CALENDAR = "calendar"


Opened: TypeAlias = Callable[["UnitOfWork", str, Sequence[e.MessageAwaited]], None]


@dataclass(frozen=True)
class Case:
    """A process instance, loaded and locked. ``definition`` is what its pins compile to."""

    id: str
    number: str
    procedure: str
    process: str
    tenant: Tenant
    title: str
    status: str
    pins: Mapping[str, str]
    seq: int
    seal: str
    state: bytes
    standing: Standing
    definition: ProcessDefinition
    units: tuple[Tenant, ...]
    calendar: Calendar

    @property
    def stream(self) -> str:
        return f"case:{self.id}"

    def may_be_seen_by(self, actor: Actor) -> bool:
        """Whether the case lies in the actor's part of the tree, or the actor's unit has had work in it."""
        return actor.is_system or any(
            unit.contains(self.tenant.path) or unit.id in self.standing.tenants for unit in actor.units
        )


class UnitOfWork:
    """What a command gets: who acts, when, and the way to read, decide and record. Made by ``engine.store.run``."""

    def __init__(
        self,
        connection: Connection,
        known: Known,
        queue: JobQueue,
        actor: Actor,
        now: datetime,
        opened: Opened | None = None,
    ) -> None:
        """``opened`` is called after a case began to wait for messages: something may be there already."""
        self.connection = connection
        self.known = known
        self.queue = queue
        self.actor = actor
        self.now = now
        self.opened = opened

    def acting(self, actor: Actor) -> UnitOfWork:
        """The same transaction, with somebody else acting in it."""
        return UnitOfWork(self.connection, self.known, self.queue, actor, self.now, self.opened)

    # -------------------------------------------------------------- reading

    def case(self, instance_id: str) -> Case:
        """Lock and load a case. Raises ``NotFound`` also when it is not for this actor."""
        return self._load(select(t.instance, *_versions()).where(t.instance.c.id == instance_id))

    def case_of_task(self, task_id: str) -> tuple[Case, RowMapping]:
        """Lock and load the case of a user task, and the task's row (``task_…`` columns)."""
        return self._load_by(t.user_task, task_id)

    def case_of_wait(self, wait_id: str) -> tuple[Case, RowMapping]:
        """Lock and load the case of a message wait, and the wait's row."""
        return self._load_by(t.message_wait, wait_id)

    def case_of_job(self, job_id: str) -> tuple[Case, RowMapping]:
        """Lock and load the case of a job, and the job's row."""
        return self._load_by(t.job, job_id)

    def case_of_incident(self, incident_id: str) -> tuple[Case, RowMapping]:
        """Lock and load the case of an incident, and the incident's row."""
        return self._load_by(t.incident, incident_id)

    def _load_by(self, table: Any, row_id: str) -> tuple[Case, RowMapping]:
        columns = [column.label(f"row_{column.name}") for column in table.c]
        query = (
            select(t.instance, *_versions(), *columns)
            .join(table, table.c.instance_id == t.instance.c.id)
            .where(table.c.id == row_id)
        )
        row = self._locked(query, t.instance, table)
        return self._case(row), row

    def _load(self, query: Select[Any]) -> Case:
        return self._case(self._locked(query, t.instance))

    def _locked(self, query: Select[Any], *tables: Any) -> RowMapping:
        # Every table that is read is locked: PostgreSQL reads only locked rows anew after it has waited.
        row = self.connection.execute(query.with_for_update(of=tables)).mappings().first()
        if row is None:
            raise NotFound("There is no such case, or it is not yours to see.")
        return row

    def _case(self, row: RowMapping) -> Case:
        definition = self.known.definition(self.connection, row["process"], row["pins"])
        units = self.known.units(self.connection, row["tenant_path"], definition.levels, row["organisations_seq"] or 0)
        case = Case(
            row["id"],
            row["number"],
            row["procedure"],
            row["process"],
            units[0],
            row["title"],
            row["status"],
            row["pins"],
            row["seq"],
            row["seal"],
            row["state"],
            Standing.from_json(row["standing"]),
            definition,
            units,
            self.known.calendar(self.connection, row["calendar_seq"] or 0),
        )
        if not case.may_be_seen_by(self.actor):
            raise NotFound("There is no such case, or it is not yours to see.")
        return case

    def surroundings(self, instance_id: str, units: tuple[Tenant, ...], calendar: Calendar) -> Surroundings:
        """The world as the interpreter may know it."""
        lineage = tuple(unit for unit in units if unit.contains(units[0].path))
        others = tuple(unit for unit in units if unit not in lineage)
        return Surroundings(
            instance_id=instance_id,
            now=self.now,
            lineage=lineage,
            units=others,
            calendar=calendar,
            find_tenant=lambda tenant_id: acting_unit(partial(find_tenant, self.connection), tenant_id),
        )

    def around(self, case: Case) -> Surroundings:
        """The surroundings of a loaded case."""
        return self.surroundings(case.id, case.units, case.calendar)

    def units_for(self, tenant: Tenant, levels: frozenset[str]) -> tuple[tuple[Tenant, ...], Calendar]:
        """``units_around`` a tenant that stays open and where it is until this transaction ends.

        Raises ``Conflict`` when the unit was closed or moved since the actor came.
        """
        hold_open(self.connection, tenant)
        return self.units_around(tenant, levels)

    def units_around(self, tenant: Tenant, levels: frozenset[str]) -> tuple[tuple[Tenant, ...], Calendar]:
        """The units around a tenant and the calendar, to look at: nothing is locked."""
        versions = self.connection.execute(select(*_versions())).mappings().one()
        units = self.known.units(self.connection, tenant.path, levels, versions["organisations_seq"] or 0)
        return units, self.known.calendar(self.connection, versions["calendar_seq"] or 0)

    def new_id(self) -> str:
        """A fresh id that nobody can guess."""
        return secrets.token_hex(8)

    # -------------------------------------------------------------- writing

    def begin_case(
        self, instance_id: str, started: e.InstanceStarted, step_events: Sequence[e.Event], state: bytes
    ) -> None:
        """Record the first facts of a new case and the interpreter's first state."""
        facts, sealed, standing = self._sealed(
            f"case:{instance_id}", 0, "", Standing(), (started, *step_events), digest(state)
        )
        changes = [change for fact in facts for change in apply(fact)]
        head = {"seq": facts[-1].seq, "seal": sealed[-1].seal, "state": state, "standing": standing.as_json()}
        carry_out(self.connection, changes, {("instance", instance_id): head})
        append(self.connection, sealed)
        self._enqueue(facts)
        self._note_opened(instance_id, facts)

    def record(self, case: Case, step_events: Sequence[e.Event], state: bytes | None = None) -> None:
        """Append what happened to a case and let it change the rows.

        ``state`` is the interpreter's new state, None when it did not move. Raises ``Corrupt`` when the
        open work in the rows is not what the history says.
        """
        self._check_rows(case)
        step_events = [*step_events, *given_back(case.standing, step_events, case.definition.names)]
        after = case.state if state is None else state
        facts, sealed, standing = self._sealed(
            case.stream, case.seq, case.seal, case.standing, step_events, digest(after)
        )
        head = {"seq": facts[-1].seq, "seal": sealed[-1].seal, "standing": standing.as_json()}
        if state is not None:
            head["state"] = state
        changes = [change for fact in facts for change in apply(fact) if not _is_known_party(change, case)]
        carry_out(self.connection, changes, {("instance", case.id): head})
        append(self.connection, sealed)
        self._enqueue(facts)
        self._note_opened(case.id, facts)

    def record_in(self, stream: str, events: Sequence[e.Event]) -> None:
        """Append facts to a stream that is not a case's (organisations, a tenant's people, a procedure, reading)."""
        self.record_all({stream: events})

    def record_all(self, told: Mapping[str, Sequence[e.Event]]) -> None:
        """The same for many streams at once, in a few statements however many they are."""
        self._append_told(
            {stream: [self._fact(stream, 0, event) for event in events] for stream, events in told.items()}
        )

    def lock(self, stream: str) -> RowMapping:
        """The head of a stream that is not a case's, locked until the end: nobody else records in it meanwhile."""
        return lock_streams(self.connection, [stream])[0]

    def record_told(self, stream: str, told: Sequence[Fact]) -> None:
        """Append what others did before, numbered anew, to a stream that is not a case's."""
        self._append_told({stream: told})

    def _append_told(self, told: Mapping[str, Sequence[Fact]]) -> None:
        """Locked in the order of their names, so that two who record in the same streams do not wait in a circle."""
        facts: list[Fact] = []
        sealed: list[Sealed] = []
        ends = []
        for head in lock_streams(self.connection, sorted(told)):
            stream = head["id"]
            own = [replace(one, seq=head["seq"] + number) for number, one in enumerate(told[stream], 1)]
            chain = _chained(own, head["seal"])
            facts += own
            sealed += chain
            ends.append({"stream_id": stream, "end_seq": own[-1].seq, "end_seal": chain[-1].seal})
        carry_out(self.connection, [change for fact in facts for change in apply(fact)], {})
        append(self.connection, sealed)
        self._enqueue(facts)
        move_streams(self.connection, ends)

    def store_file(self, content: bytes) -> str:
        """Keep a file by the digest of its content, which is returned."""
        name = digest(content)
        insert_ignoring(self.connection, t.file, [{"digest": name, "content": content}])
        return name

    def _sealed(
        self, stream: str, seq: int, seal: str, standing: Standing, step_events: Iterable[e.Event], state: str
    ) -> tuple[list[Fact], list[Sealed], Standing]:
        facts = []
        for event in step_events:
            seq += 1
            fact = self._fact(stream, seq, event)
            facts.append(fact)
            standing = stand(standing, fact)
        if not facts:
            raise Corrupt("A command on %(stream)s recorded nothing.", stream=stream)
        if state:
            facts[-1] = replace(facts[-1], state=state)
        return facts, _chained(facts, seal), standing

    def _fact(self, stream: str, seq: int, event: e.Event) -> Fact:
        actor = self.actor
        return Fact(stream, seq, self.now, actor.user, actor.tenant.id, event, on_behalf_of=actor.on_behalf_of)

    def _enqueue(self, facts: Sequence[Fact]) -> None:
        for fact in facts:
            match fact.event:
                case e.TimerScheduled(job=job, due_at=due_at):
                    self.queue.enqueue(self.connection, job, due_at or fact.at)
                case e.ConnectorRequested(job=job):
                    self.queue.enqueue(self.connection, job, fact.at)
                case e.MessageThrown(thrown=message) | e.SignalThrown(thrown=message):
                    self.queue.enqueue(self.connection, message_job(message), fact.at)
                case e.MessageHeld(message=message, until=until):
                    self.queue.enqueue(self.connection, message_job(message, "expires"), until)
                case e.SignalSpread(message=message, cases=cases):
                    for case in cases:
                        self.queue.enqueue(self.connection, message_job(f"{message}/{case}"), fact.at)

    def _note_opened(self, instance_id: str, facts: Sequence[Fact]) -> None:
        waits = [fact.event for fact in facts if isinstance(fact.event, e.MessageAwaited)]
        if waits and self.opened is not None:
            self.opened(self, instance_id, waits)

    def _check_rows(self, case: Case) -> None:
        """Open rows must be what the history adds up to; one added or changed behind its back stops the command."""
        rows = self.connection.execute(
            select(t.user_task.c.id, t.user_task.c.element).where(
                t.user_task.c.instance_id == case.id, t.user_task.c.status == "open"
            )
        ).all()
        if {row.id: row.element for row in rows} != dict(case.standing.tasks):
            raise Corrupt(
                "The open tasks of case %(number)s are not what its history says. Run “shangmen verify”.",
                number=case.number,
            )


def _chained(facts: Iterable[Fact], seal: str) -> list[Sealed]:
    """Facts sealed one after the other, the first after ``seal``."""
    sealed = []
    for fact in facts:
        sealed.append(seal_fact(fact, seal, lambda: secrets.token_bytes(SALT_BYTES)))
        seal = sealed[-1].seal
    return sealed


def _is_known_party(change: Change, case: Case) -> bool:
    """Spares a statement: the row is there already."""
    return (
        isinstance(change, Insert) and change.table is t.party and change.values["tenant_id"] in case.standing.tenants
    )


def _versions() -> tuple[Any, Any]:
    """The lengths of the streams that say whether what is known is still so."""
    return (
        select(t.stream.c.seq).where(t.stream.c.id == ORGANISATIONS).scalar_subquery().label("organisations_seq"),
        select(t.stream.c.seq).where(t.stream.c.id == CALENDAR).scalar_subquery().label("calendar_seq"),
    )
