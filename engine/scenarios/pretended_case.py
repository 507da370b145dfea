"""A case in memory, for dry runs: interpreter, forms and duties as on the platform, but no database and no effects."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from engine.commands.answers import evaluator, form_of
from engine.commands.recusals import require_no_recusal
from engine.commands.tasks import IN_PERSON, barred
from engine.connectors.documents import issue_document
from engine.errors import Conflict, FieldProblem, Invalid, NotFound, Rejected, ShangmenError
from engine.history import events as e
from engine.history.facts import Fact
from engine.history.replay import Standing, stand
from engine.history.seal import digest
from engine.model import JobRequest, JobResult, Tenant
from engine.queries.case_states import TaskState, WaitingMessage
from engine.runtime import interpreter, places
from engine.runtime.duties import violated
from engine.runtime.interpreter import ProcessDefinition, Step, Surroundings
from engine.runtime.surroundings import ZONE
from engine.scenarios.ground import Answers, Files, ScenarioFailed
from engine.scenarios.pretended_world import World
from forms.filling import filled_in
from forms.schema import Form, Option
from forms.submission import Answers as Checked
from forms.submission import check

INSTANCE = "dry"
NUMBER = "DRY-RUN"
_JOBS_MAX = 500
_NOWHERE = Tenant("", "", "", "")
_BEFORE = datetime(2000, 1, 1, tzinfo=ZONE)


@dataclass(frozen=True, slots=True)
class PretendedPerson:
    """Somebody made up: the n-th person in a role at a unit; or one with a log-in, in whatever role it takes."""

    user: str
    role: str
    on_behalf_of: str = ""

    @property
    def persons(self) -> tuple[str, ...]:
        """Whose act it is: theirs, and that of whom they stand in for."""
        return (self.user, self.on_behalf_of) if self.on_behalf_of else (self.user,)


class PretendedCase:
    """``Ground`` in memory. ``facts`` is the history as it would have been, without seals."""

    def __init__(self, definition: ProcessDefinition, world: World, names: Mapping[str, str] | None = None) -> None:
        self.definition, self.world, self.names = definition, world, names or {}
        self.facts: list[Fact] = []
        self.standing = Standing()
        self._state = b""
        self._home = _NOWHERE
        self._started_at = _BEFORE
        self._tasks: dict[str, TaskState] = {}
        self._forms: dict[str, str] = {}
        self._messages: dict[str, e.MessageAwaited] = {}
        self._stuck: dict[str, str] = {}
        self._jobs: dict[str, tuple[datetime, datetime, e.ConnectorRequested | None]] = {}
        self._timed: dict[str, str] = {}
        self._lent: list[tuple[str, str, date, date]] = []  # deputy, for whom, first and last day
        self._places: dict[str, places.Place] = {}
        self._procedure = ""
        self._outcome, self._status = "", "running"

    # ------------------------------------------------------------------ questions

    def case(self) -> PretendedView | None:
        return PretendedView(self) if self.facts else None

    def variables(self) -> Mapping[str, Any]:
        return interpreter.variables(self.definition, self._state)

    @property
    def used(self) -> Iterator[tuple[str, str]]:
        """The diagrams and forms, as (kind, key), that the case came by so far."""
        yield "process", self.definition.main
        yield "form", str(self.definition.manifest.get("start_form", ""))
        yield from (("form", key) for key in self._forms.values() if key)
        yield from (("form", awaited.form) for awaited in self._messages.values() if awaited.form)
        yield from (("process", key) for fact in self.facts if (key := getattr(fact.event, "process", "")))
        yield from (("process", fact.event.called) for fact in self.facts if isinstance(fact.event, e.ScopeEntered))

    def find_tenant(self, tenant_id: str) -> Tenant | None:
        return self.world.tenants.get(tenant_id)

    def next_due(self) -> datetime | None:
        return min((due for due, _, connector in self._jobs.values() if connector is None), default=None)

    def timers(self) -> list[tuple[datetime, str]]:
        """(when it is due, element) of every timer that waits, the next one first."""
        return sorted((due, self._timed.get(job, "")) for job, (due, _, asked) in self._jobs.items() if asked is None)

    def asks(self, task_id: str) -> tuple[str, Mapping[str, Any]]:
        """The form of a waiting task, and the values it opens on."""
        return self._forms[task_id], interpreter.task_variables(self.definition, self._state, task_id)

    def form_of_wait(self, wait_id: str) -> str:
        """The form with which an awaited message is reported, "" for none."""
        return self._messages[wait_id].form

    def options(self, form: Form) -> dict[str, tuple[Option, ...]]:
        """The choices of fields that offer organisations, near the case."""
        return self.world.options(form, self._home)

    def stand_at(self, home: Tenant) -> None:
        """Where the case is going to be opened, for choices that depend on it."""
        self._home = home

    # ------------------------------------------------------------------ what people do

    def start(self, who: str, at: Tenant, procedure: str, answers: Answers, files: Files, now: datetime) -> None:
        manifest = self.definition.manifest
        role = self._person(who, at, "").role
        if role not in manifest["start_roles"]:
            raise Rejected("Expected somebody who may open such a case; your roles here do not include it.")
        self._home, self._started_at, self._procedure = at, now, procedure
        values = self._checked(manifest["start_form"], role, answers, files, {}, now)
        started = e.InstanceStarted(procedure, self.definition.main, NUMBER, at.id, at.path, {}, values)
        step = interpreter.start(self.definition, self._around(now), values)
        self._take(step, self._person(who, at, role).user, now, started)

    def lend(self, deputy: str, principal: str, home: Tenant, until: date, now: datetime) -> None:
        self._lent.append((deputy, principal, now.astimezone(ZONE).date(), until))

    def complete(
        self, who: str, task: TaskState, answers: Answers, files: Files, now: datetime, on_behalf_of: str = ""
    ) -> None:
        unit = self.world.tenants.get(task.tenant_id)
        if unit is None:
            raise ScenarioFailed("there is no organisation %(tenant)s", tenant=task.tenant_id)
        if task.id not in self.standing.tasks:
            raise Conflict("Expected a waiting task, but “%(task)s” is already completed.", task=task.element)
        person = self._person(who, unit, task.role)
        if on_behalf_of:
            person = self._standing_in(who, on_behalf_of, unit, now)
        if person.role != task.role:
            raise NotFound("There is no such case, or it is not yours to see.")
        if on_behalf_of and task.role in self.definition.manifest.get("personal_roles", ()):
            raise Rejected(IN_PERSON, task=task.element)
        breach = violated(self.definition.duties, self.standing.done, task.element, *person.persons)
        if breach is not None:
            raise barred(breach[0], person.on_behalf_of)
        seen = interpreter.task_variables(self.definition, self._state, task.id)
        require_no_recusal(self.definition, task.element, (self._name(who, person),), seen, now, self.world.calendar)
        values = self._checked(self._forms[task.id], task.role, answers, files, seen, now)
        step = interpreter.complete_task(self.definition, self._state, task.id, values, self._around(now))
        self._take(step, person.user, now, on_behalf_of=person.on_behalf_of)

    def report(
        self, who: str, home: Tenant, wait: WaitingMessage, answers: Answers, files: Files, now: datetime
    ) -> None:
        person = self._person(who, home, wait.roles[0] if wait.roles else "")
        if person.role not in wait.roles:
            raise NotFound("There is no such case, or it is not yours to see.")
        form = self._messages[wait.id].form
        values: dict[str, Any] = {}
        if form:
            values = self._checked(form, person.role, answers, files, self.variables(), now)
        step = interpreter.receive_message(self.definition, self._state, wait.id, values, self._around(now))
        self._take(step, person.user, now)

    def _person(self, who: str, unit: Tenant, needed: str) -> PretendedPerson:
        """``role``, ``role:2``, or a log-in; nobody in particular is the first in the role that is needed."""
        name, _, place = (who or needed).partition(":")
        if name in self.definition.roles:
            return PretendedPerson(f"{name}:{place or 1}@{unit.id}", name)
        return PretendedPerson(name, needed or next(iter(self.definition.manifest.get("start_roles", ())), ""))

    def _name(self, who: str, person: PretendedPerson) -> str:
        """What the story says that somebody is called."""
        return self.names.get(who) or self.names.get(person.role) or person.user

    def _standing_in(self, who: str, principal: str, unit: Tenant, now: datetime) -> PretendedPerson:
        day, asked = now.astimezone(ZONE).date(), self._person(principal, unit, "")
        if not any(lent[:2] == (who, principal) and lent[2] <= day <= lent[3] for lent in self._lent):
            raise NotFound("There is no such case, or it is not yours to see.")
        return PretendedPerson(who, asked.role, asked.user)

    def _checked(
        self, key: str, role: str, answers: Answers, files: Files, seen: Mapping[str, Any], now: datetime
    ) -> dict[str, Any]:
        """Typed answers, as a page and its command would have made them. Raises ``Invalid``."""
        form = form_of(self.definition, key)
        evaluate = evaluator(now, self.world.calendar, self.definition.profile)
        roles = frozenset({role})
        raw = filled_in(form, roles, seen, answers, evaluate)
        outcome = check(form, roles, raw, files, seen, evaluate, self.options(form))
        if not isinstance(outcome, Checked):
            raise Invalid([FieldProblem(p.field, p.template, dict(p.params)) for p in outcome.problems])
        values = dict(outcome.values)
        for field, uploads in outcome.files.items():
            values[field] = [*(seen.get(field) or [])] + [
                {
                    "digest": digest(upload.content),
                    "name": upload.name,
                    "media_type": upload.media_type,
                    "size": len(upload.content),
                }
                for upload in uploads
            ]
        return values

    # ------------------------------------------------------------------ what the machine does

    def wait(self, now: datetime) -> None:
        for _ in range(_JOBS_MAX):
            due = [(max(due, asked), id_) for id_, (due, asked, _) in self._jobs.items() if due <= now]
            if not due or self._status != "running":
                return
            at, job = min(due)
            self._run(job, at)
        raise ScenarioFailed("more than %(max)s timers and connectors in one wait; is there a loop?", max=_JOBS_MAX)

    def _run(self, job: str, at: datetime) -> None:
        request = self._jobs.pop(job)[2]
        before: list[e.Event] = []
        if request is None:
            step = interpreter.fire_timer(self.definition, self._state, job, self._around(at))
        elif request.connector == places.CONNECTOR:
            before, step = self._reserved(request, job, at)
        else:
            step = self._connected(request, job, at)
        self._take(step, "system", at, *before)

    def _reserved(self, request: e.ConnectorRequested, job: str, at: datetime) -> tuple[list[e.Event], Step]:
        """A place among those that this case holds: it is alone in its world."""
        around, asked = self._around(at), places.Place(job, INSTANCE, request.element, "", "", 0)
        try:
            wish = places.wish_of(request.inputs)
        except Rejected as refused:
            return [], self._failed(refused, job, around)
        name = self.definition.element_name(request.element)
        taken, told = places.answer(wish, asked, self._procedure, name, self._places.values())
        return taken, interpreter.finish_connector(self.definition, self._state, job, told, around)

    def _failed(self, refused: ShangmenError, job: str, around: Surroundings) -> Step:
        texts = {key: str(value) for key, value in refused.params.items()}
        return interpreter.fail_connector(self.definition, self._state, job, refused.template, texts, around)

    def _connected(self, request: e.ConnectorRequested, job: str, at: datetime) -> Step:
        """Papers are really written (a template may be wrong), and thrown away; nothing else leaves."""
        asked = JobRequest(
            job=job,
            connector=request.connector,
            element=request.element,
            instance=INSTANCE,
            number=NUMBER,
            started_at=self._started_at,
            now=at,
            tenant=self._home,
            inputs=request.inputs,
            variables=self.variables(),
            documents=self.definition.documents,
        )
        around = self._around(at)
        try:
            done = issue_document(asked) if request.connector == "document" else JobResult({})
        except ShangmenError as refused:
            return self._failed(refused, job, around)
        return interpreter.finish_connector(self.definition, self._state, job, dict(done.result), around)

    def _around(self, now: datetime) -> Surroundings:
        return self.world.surroundings(INSTANCE, self._home, self.definition.levels, now)

    # ------------------------------------------------------------------ what follows

    def _take(self, step: Step, user: str, now: datetime, *before: e.Event, on_behalf_of: str = "") -> None:
        self._state = step.state
        told = (*before, *step.events)
        for event in (*told, *places.given_back(self.standing, told, self.definition.names)):
            seq = len(self.facts) + 1
            fact = Fact(f"case:{INSTANCE}", seq, now, user, "", event, on_behalf_of=on_behalf_of)
            self.facts.append(fact)
            self.standing = stand(self.standing, fact)
            self._follow(event, now)

    def _follow(self, event: e.Event, now: datetime) -> None:
        match event:
            case e.UserTaskCreated() as new:
                self._tasks[new.task] = TaskState(new.task, new.element, new.role, new.tenant, new.due_at)
                self._forms[new.task] = new.form
            case e.TimerScheduled() as timer:
                self._jobs[timer.job] = (timer.due_at or now, now, None)
                self._timed[timer.job] = timer.element
            case e.ConnectorRequested() as asked:
                self._jobs[asked.job] = (now, now, asked)
            case e.TimerCancelled(job=job) | e.ConnectorCancelled(job=job):
                self._jobs.pop(job, None)
            case e.MessageAwaited() as awaited:
                self._messages[awaited.wait] = awaited
            case e.IncidentRaised() as raised:
                self._stuck[raised.incident] = f"{raised.element}: {raised.template % raised.params}"
            case e.PlaceReserved() as got:
                held = places.Place(got.reservation, INSTANCE, got.element, got.pool, got.slot, got.place)
                self._places[got.reservation] = held
            case e.PlaceReleased(reservation=reservation):
                self._places.pop(reservation, None)
            case e.InstanceCompleted() as ended:
                self._outcome, self._status = ended.outcome, "completed"


class PretendedView:
    """Where a pretended case stands."""

    def __init__(self, case: PretendedCase) -> None:
        self.status, self.outcome, self.seq = case._status, case._outcome, len(case.facts)
        now = case.standing
        self.tasks = tuple(task for id_, task in case._tasks.items() if id_ in now.tasks)
        self.past_tasks = tuple(task for id_, task in case._tasks.items() if id_ not in now.tasks)
        self.messages = tuple(
            WaitingMessage(id_, wait.element, wait.message, tuple(wait.roles))
            for id_, wait in case._messages.items()
            if id_ in now.messages
        )
        self.incidents = tuple(text for id_, text in case._stuck.items() if id_ in now.incidents)
