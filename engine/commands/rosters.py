"""Units and people from a table: what each line would do is shown by doing it and taking everything back.

So what is shown and what is done cannot differ. Whoever applies a table says by the digest what they saw; if it
would do anything else by now, or any line is refused, nothing is done at all.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Literal, Protocol

from engine.commands import people
from engine.commands.organisations import change_unit, today
from engine.errors import FieldProblem, Invalid, Rejected, ShangmenError
from engine.history import events as e
from engine.history.seal import canonical, digest
from engine.model import Tenant
from engine.store.known import find_tenant
from engine.store.people import Person, held_units, names_of_units, people_of_logins
from engine.store.sheets import Sheet, SheetLine
from engine.store.unit_changes import Wanted
from engine.store.unit_of_work import UnitOfWork
from engine.store.units import require_reach

What = Literal["new", "changed", "unchanged", "refused"]
Words = Mapping[str, str]
"""What people write → the word that is meant, for levels and roles."""


@dataclass(frozen=True, slots=True)
class LineResult:
    """What one line does: ``notes`` say it in words, and why where it is refused. ``name``: as the line has it."""

    number: int
    subject: str
    what: What
    notes: tuple[FieldProblem, ...] = ()
    name: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """What a whole table does."""

    file: str
    results: tuple[LineResult, ...]

    @property
    def refused(self) -> int:
        return self.count("refused")

    @property
    def shown(self) -> str:
        """The digest of all that is shown."""
        told = [[r.number, r.subject, r.what, [[n.template, _texts(n.params)] for n in r.notes]] for r in self.results]
        return digest(canonical([self.file, told]))

    def count(self, what: What) -> int:
        """How many lines do this."""
        return sum(result.what == what for result in self.results)


class Shown(ShangmenError):
    """Raised so that nothing of it stays: the report of a table that was tried out."""

    def __init__(self, report: Report) -> None:
        super().__init__("This was tried out only.")
        self.report = report


class NotAsShown(Rejected):
    """A table that was not carried out, since it does something else than was shown: ``report`` says what."""

    def __init__(self, report: Report, template: str, **params: object) -> None:
        super().__init__(template, **params)
        self.report = report


class Batch(Protocol):
    """One table that is being carried out."""

    def line(self, line: SheetLine) -> LineResult:
        """What this line does. Raises ``Rejected``: then it does nothing."""

    def finish(self) -> None:
        """Record what is not recorded yet."""


Reading = Callable[[UnitOfWork, Sheet], Batch]


def try_out(uow: UnitOfWork, sheet: Sheet, read: Reading) -> None:
    """Carry every line out, then take everything back by raising ``Shown`` with what each did."""
    raise Shown(_report(uow, sheet, read))


def apply_sheet(uow: UnitOfWork, sheet: Sheet, read: Reading, shown: str) -> Report:
    """Carry every line out, all or nothing. Raises ``NotAsShown``, with what it would do now."""
    report = _report(uow, sheet, read)
    if report.refused:
        raise NotAsShown(
            report, "%(count)s lines cannot be taken over. Correct them and send the table again.", count=report.refused
        )
    if report.shown != shown:
        raise NotAsShown(report, "The table would not do what was shown any more. Look at it again, then confirm.")
    return report


def _report(uow: UnitOfWork, sheet: Sheet, read: Reading) -> Report:
    results, batch = [], read(uow, sheet)
    for line in sheet.lines:
        subject, name = line.cells.get("id") or line.cells.get("login") or "", line.cells.get("name", "")
        try:
            if not line.whole:
                raise Rejected("Expected as many cells as the head has. Look for a missing or surplus separator.")
            if not all(cell.isprintable() for cell in line.cells.values()):
                raise Rejected("Expected one line of text in each cell, found signs that cannot be printed.")
            results.append(replace(batch.line(line), name=name))
        except Invalid as refused:
            results.append(LineResult(line.number, subject, "refused", tuple(refused.problems), name))
        except Rejected as refused:
            note = FieldProblem("", refused.template, refused.params)
            results.append(LineResult(line.number, subject, "refused", (note,), name))
    batch.finish()
    return Report(sheet.digest, tuple(results))


# ------------------------------------------------------------------ units


def unit_line(levels: Words) -> Reading:
    """What lines of units do. ``levels``: what a level may be called → the level."""
    return lambda uow, sheet: _Units(uow, levels, _names(uow, sheet))


def _names(uow: UnitOfWork, sheet: Sheet) -> dict[str, str]:
    """What the units that a table mentions are called: those that there are, and those that it adds."""
    mentioned = {line.cells.get(column, "") for line in sheet.lines for column in ("id", "parent")}
    added = {line.cells["id"]: line.cells["name"] for line in sheet.lines}
    return {id_: added.get(id_) or id_ for id_ in mentioned} | names_of_units(uow.connection, mentioned)


@dataclass
class _Units:
    """Each line is carried out at once: the next may be about a unit below the one that it adds."""

    uow: UnitOfWork
    levels: Words
    names: Words
    seen: dict[str, int] = field(default_factory=dict)

    def line(self, line: SheetLine) -> LineResult:
        uow, cells = self.uow, line.cells
        if (before := self.seen.setdefault(cells["id"], line.number)) != line.number:
            raise Rejected(
                "The unit %(id)s stands in line %(line)s already. Keep one of the two.", id=cells["id"], line=before
            )
        since = _day(cells.get("since", ""), today(uow.now))
        level = self.levels.get(cells.get("level", "").casefold(), cells.get("level", ""))
        found = find_tenant(uow.connection, cells["id"])
        if found is None or not (uow.actor.is_system or uow.actor.tenant.contains(found.path)):
            return _added(uow, line, level, since, self.names)
        return _changed(uow, line, found, level, since, self.names)

    def finish(self) -> None:
        """Nothing is left to do."""


def _added(uow: UnitOfWork, line: SheetLine, level: str, since: date, names: Words) -> LineResult:
    cells = line.cells
    wanted = Wanted(
        "add", cells["id"], since, cells["name"], cells.get("parent", ""), level=level, code=cells.get("code", "")
    )
    change_unit(uow, wanted)
    parent = names.get(wanted.parent, wanted.parent)
    note = FieldProblem("", "is added below %(parent)s from %(since)s on", {"parent": parent, "since": since})
    return LineResult(line.number, wanted.tenant, "new", (note,))


def _changed(uow: UnitOfWork, line: SheetLine, unit: Tenant, level: str, since: date, names: Words) -> LineResult:
    cells = line.cells
    if unit.closed_on is not None:
        raise Rejected("%(name)s is closed. Choose another.", name=unit.name)
    for said, known in ((level, unit.level), (cells.get("code", ""), unit.code or "")):
        if said and said != known:
            raise Rejected(
                "Expected %(known)s, which never changes, found %(found)s. Add another unit if that is meant.",
                known=known or "–",
                found=said,
            )
    notes = []
    above = unit.lineage_ids[1] if "/" in unit.path else ""
    is_own = unit.id == uow.actor.tenant.id
    if (parent := cells.get("parent", "")) and parent != above and not (is_own and not uow.actor.is_system):
        change_unit(uow, Wanted("move", unit.id, since, parent=parent))
        former = names_of_units(uow.connection, [above]).get(above, above)
        moved = {"former": former, "parent": names.get(parent, parent), "since": since}
        notes.append(FieldProblem("", "lies below %(parent)s instead of %(former)s from %(since)s on", moved))
    if cells["name"] != unit.name:
        change_unit(uow, Wanted("rename", unit.id, since, cells["name"]))
        renamed = {"former": unit.name, "name": cells["name"], "since": since}
        notes.append(FieldProblem("", "is called “%(name)s” instead of “%(former)s” from %(since)s on", renamed))
    return LineResult(line.number, unit.id, "changed" if notes else "unchanged", tuple(notes))


def _day(text: str, otherwise: date) -> date:
    if not text:
        return otherwise
    try:
        return date.fromisoformat(text.replace("/", "-"))
    except ValueError as unreadable:
        raise Rejected("Expected a day such as 2027-01-31, found “%(found)s”.", found=text[:20]) from unreadable


# ------------------------------------------------------------------ people


def person_line(roles: Words) -> Reading:
    """What lines of people do: one person, one unit, one role. ``roles``: what a role may be called → the role."""
    return lambda uow, sheet: _People(uow, sheet, roles)


class _People:
    """Everybody named is looked up first and everything is recorded last: a few statements for thousands of lines."""

    def __init__(self, uow: UnitOfWork, sheet: Sheet, roles: Words) -> None:
        self.uow, self.roles = uow, roles
        self.people = people_of_logins(uow.connection, [line.cells["login"] for line in sheet.lines if line.whole])
        self.units = held_units(uow.connection, [line.cells["unit"] for line in sheet.lines if line.whole])
        self.added: dict[str, list[e.Event]] = {}
        self.granted: dict[str, list[e.Event]] = {}

    def line(self, line: SheetLine) -> LineResult:
        login, name, unit_id = (line.cells[column] for column in ("login", "name", "unit"))
        role = self.roles.get(line.cells["role"].casefold())
        if role is None:
            raise Rejected("Expected a role that there is, found “%(found)s”.", found=line.cells["role"][:40])
        person = self.people.get(login)
        unit_name = self.units[unit_id].name if unit_id in self.units else unit_id
        given = FieldProblem("", "gets the role %(role)s at %(unit)s", {"role": role, "unit": unit_name})
        if person is None:
            people.require_id(login)
            person = Person(f"u-{self.uow.new_id()}", people.required_name(name))
            unit = self._unit(unit_id)
            self.people[login] = person
            self.added.setdefault(f"tenant:{unit.id}", []).append(e.UserAdded(person.id, login, person.name))
            self._grant(person, unit, role)
            return LineResult(line.number, login, "new", (given,))
        if not (self.uow.actor.is_system or (person.units and all(map(self.uow.actor.tenant.contains, person.units)))):
            raise Rejected("Expected a new log-in name, but %(login)s is taken. Choose another.", login=login)
        if name != person.name:
            raise Rejected(
                "The log-in name %(login)s is that of %(known)s, not of %(name)s.",
                login=login,
                known=person.name,
                name=name,
            )
        if (unit_id, role) in person.roles:
            return LineResult(line.number, login, "unchanged")
        self._grant(person, self._unit(unit_id), role)
        return LineResult(line.number, login, "changed", (given,))

    def finish(self) -> None:
        for told in filter(None, (self.added, self.granted)):  # a role at one unit may be that of a person of another
            self.uow.record_all(told)

    def _grant(self, person: Person, unit: Tenant, role: str) -> None:
        given = e.RoleGranted(person.id, unit.id, role, person.name)
        self.granted.setdefault(f"tenant:{unit.id}", []).append(given)
        person.units.add(unit.path)
        person.roles.add((unit.id, role))

    def _unit(self, unit_id: str) -> Tenant:
        unit = require_reach(self.uow.actor, self.units.get(unit_id))
        if unit.closed_on is not None:
            raise Rejected("%(name)s is closed. Choose another.", name=unit.name)
        return unit


def _texts(params: Mapping[str, object]) -> dict[str, str]:
    return {key: str(value) for key, value in sorted(params.items())}
