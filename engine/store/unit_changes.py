"""What is wanted of a unit from a day on, and what would follow: asked before a change and again when its day comes.

A change is judged on the rows alone, so that the page that shows it beforehand and the command that carries it
out say the same. ``problems`` are why it cannot be; a change without any may be carried out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import date, timedelta
from functools import partial
from typing import Any

from sqlalchemy import Connection, func, or_, select

from engine.errors import FieldProblem, NotFound
from engine.history.seal import canonical, digest
from engine.model import Actor, Tenant
from engine.store import tables as t
from engine.store.inherited import differing, inherited, own_files
from engine.store.known import find_tenant
from engine.store.unit_places import crowded
from engine.store.units import UNITS_BELOW_MAX, in_reach, is_level, known_levels, parent_of, to_change, units_below

KINDS = ("add", "rename", "move", "close", "merge")
NAME_LENGTH_MAX = 60
AHEAD_DAYS_MAX = 3660
_NAMED_MAX = 50
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")
_CODE = re.compile(r"[0-9]{2,12}")


@dataclass(frozen=True, slots=True)
class Wanted:
    """A change of one unit: ``parent`` for one added or moved, ``heir`` for one that becomes part of another."""

    kind: str
    tenant: str
    since: date
    name: str = ""
    parent: str = ""
    heir: str = ""
    level: str = ""
    code: str = ""

    @property
    def details(self) -> dict[str, str]:
        """The words of the change, for its fact."""
        words = {key: getattr(self, key) for key in ("name", "parent", "heir", "level", "code")}
        return {key: word for key, word in words.items() if word}


@dataclass(frozen=True, slots=True)
class Consequences:
    """What a change does. ``other`` is the unit above (added, moved) or the heir (merged).

    ``people``: (name, role) at the unit; ``differs``: the files that new cases would go by in another version.
    """

    wanted: Wanted
    unit: Tenant | None
    other: Tenant | None
    problems: tuple[FieldProblem, ...] = ()
    running: int = 0
    ended: int = 0
    tasks: int = 0
    drafts: int = 0
    below: tuple[Tenant, ...] = ()
    people: tuple[tuple[str, str], ...] = ()
    own: tuple[str, ...] = ()
    differs: tuple[str, ...] = ()

    @property
    def shown(self) -> str:
        """The digest of all of it: whoever confirms says by it what they saw."""
        wanted = {**asdict(self.wanted), "since": self.wanted.since.isoformat()}
        place = [unit.path if unit else "" for unit in (self.unit, self.other)]
        counts = [self.running, self.ended, self.tasks, self.drafts, len(self.below)]
        said = [wanted, place, counts, list(self.people), list(self.own), list(self.differs)]
        return digest(canonical([*said, [str(problem) for problem in self.problems]]))


@dataclass(slots=True)
class _Judging:
    """One change while it is being judged."""

    connection: Connection
    actor: Actor
    wanted: Wanted
    today: date
    problems: list[FieldProblem] = field(default_factory=list)

    def no(self, place: str, template: str, **params: Any) -> None:
        self.problems.append(FieldProblem(place, template, params))


def judge(connection: Connection, actor: Actor, wanted: Wanted, today: date) -> Consequences:
    """Everything that would follow from a change. Raises ``NotFound`` for a unit that is not the actor's to change."""
    judging = _Judging(connection, actor, wanted, today)
    _judge_day(judging)
    match wanted.kind:
        case "add":
            return _adding(judging)
        case "rename":
            return _renaming(judging)
        case "move":
            return _moving(judging)
        case "close":
            return _closing(judging)
        case "merge":
            return _merging(judging)
    raise NotFound("There is no such change.")


def _judge_day(judging: _Judging) -> None:
    since, today = judging.wanted.since, judging.today
    if not today <= since <= today + timedelta(days=AHEAD_DAYS_MAX):
        judging.no(
            "since",
            "Expected a day from today (%(today)s) to ten years ahead, found %(found)s. What was cannot be changed.",
            today=today.isoformat(),
            found=since.isoformat(),
        )


def _adding(judging: _Judging) -> Consequences:
    wanted = judging.wanted
    parent = in_reach(judging.connection, judging.actor, wanted.parent)
    if not _ID.fullmatch(wanted.tenant):
        judging.no(
            "tenant", "Expected 1 to 40 letters, digits, dots or hyphens, found “%(found)s”.", found=wanted.tenant[:60]
        )
    elif find_tenant(judging.connection, wanted.tenant) is not None:
        judging.no("tenant", "The id %(id)s is taken. Choose another.", id=wanted.tenant)
    _judge_name(judging, wanted.tenant, parent.id)
    _judge_open(judging, "parent", parent)
    if not is_level(judging.connection, wanted.level):
        judging.no(
            "level",
            "Expected a level that there is (%(levels)s), found “%(found)s”.",
            levels=known_levels(judging.connection),
            found=wanted.level[:40],
        )
    _judge_code(judging)
    return Consequences(wanted, None, parent, tuple(judging.problems))


def _renaming(judging: _Judging) -> Consequences:
    unit = to_change(judging.connection, judging.actor, judging.wanted.tenant, root_too=True)
    _judge_name(judging, unit.id, unit.lineage_ids[1] if "/" in unit.path else "")
    _judge_open(judging, "", unit)
    if judging.wanted.name.strip() == unit.name:
        judging.no("name", "That is its name already. Give the new one.")
    return Consequences(judging.wanted, unit, None, tuple(judging.problems))


def _moving(judging: _Judging) -> Consequences:
    connection = judging.connection
    unit = to_change(connection, judging.actor, judging.wanted.tenant)
    parent = in_reach(connection, judging.actor, judging.wanted.parent)
    _judge_open(judging, "", unit)
    _judge_open(judging, "parent", parent)
    if unit.contains(parent.path):
        judging.no("parent", "A unit cannot lie below itself. Choose another.")
    elif parent.id == unit.lineage_ids[1]:
        judging.no("parent", "It lies below %(name)s already. Choose another.", name=parent.name)
    below = units_below(connection, unit)
    _judge_levels(judging, unit, parent)
    there = inherited(connection, tuple(reversed(parent.path.split("/"))))
    differs = differing(inherited(connection, unit.lineage_ids[1:]), there)
    _judge_overrides(judging, (unit, *below), differs)
    _judge_company(judging, parent, [unit])
    return _counted(judging, unit, parent, below, differs)


def _closing(judging: _Judging) -> Consequences:
    unit = to_change(judging.connection, judging.actor, judging.wanted.tenant)
    _judge_open(judging, "", unit)
    found = _counted(judging, unit, None, units_below(judging.connection, unit), ())
    still_open = [one for one in found.below if one.closed_on is None]
    if still_open:
        judging.no("", "%(count)s units below it are open. Close, move or merge them first.", count=len(still_open))
    if found.running or found.tasks:
        judging.no(
            "",
            "%(running)s cases of it are running and %(tasks)s tasks wait at it. Let it become part of another unit "
            "instead: that one takes them over.",
            running=found.running,
            tasks=found.tasks,
        )
    _judge_proposals(judging, unit)
    return replace(found, problems=tuple(judging.problems))


def _merging(judging: _Judging) -> Consequences:
    connection = judging.connection
    unit = to_change(connection, judging.actor, judging.wanted.tenant)
    heir = to_change(connection, judging.actor, judging.wanted.heir)
    if unit.heir is not None:
        judging.no("", "%(name)s became part of another unit already.", name=unit.name)
    _judge_open(judging, "heir", heir)
    if unit.contains(heir.path) or heir.contains(unit.path):
        judging.no("heir", "A unit cannot become part of itself, nor of one above or below it. Choose another.")
    if unit.level != heir.level:
        judging.no(
            "heir",
            "Expected a unit of the same level, for its work goes to that level: %(unit)s is %(level)s, %(heir)s is "
            "%(other_level)s.",
            unit=unit.name,
            level=unit.level,
            heir=heir.name,
            other_level=heir.level,
        )
    if "/" in heir.path:
        _judge_levels(judging, unit, parent_of(connection, heir))
    own = own_files(connection, [unit.id])
    here = inherited(connection, heir.lineage_ids)
    for (procedure, kind, key), checksum in sorted(own.get(unit.id, {}).items()):
        if here.get((procedure, kind, key), ())[:1] != (checksum,):
            judging.no(
                "",
                "%(unit)s has its own version of %(file)s, which is not what holds at %(heir)s. Take it away, or have "
                "%(heir)s publish the same, first.",
                unit=unit.name,
                heir=heir.name,
                file=f"{procedure}: {kind} {key}",
            )
    below = units_below(connection, unit)
    differs = differing(inherited(connection, unit.lineage_ids), here)
    _judge_overrides(judging, below, differs)
    _judge_proposals(judging, unit)
    _judge_company(judging, heir, [one for one in below if one.lineage_ids[1] == unit.id])
    return _counted(judging, unit, heir, below, differs)


# ------------------------------------------------------------------ single questions


def _judge_open(judging: _Judging, place: str, unit: Tenant) -> None:
    if unit.closed_on is not None:
        judging.no(place, "%(name)s is closed. Choose another.", name=unit.name)


def _judge_name(judging: _Judging, tenant_id: str, parent_id: str) -> None:
    name = judging.wanted.name.strip()
    if not 0 < len(name) <= NAME_LENGTH_MAX or not name.isprintable():
        judging.no(
            "name",
            "Expected a name of 1 to %(max)s characters in one line, found %(found)s.",
            max=NAME_LENGTH_MAX,
            found=len(name),
        )
        return
    row = t.tenant.c
    twin = select(row.id).where(
        row.parent_id == parent_id, row.name == name, row.id != tenant_id, row.closed_on.is_(None)
    )
    if judging.connection.execute(twin.limit(1)).first() is not None:
        judging.no("name", "There is a unit of this name beside it already. Give a name that tells them apart.")


def _judge_code(judging: _Judging) -> None:
    code = judging.wanted.code
    if not code:
        return
    if not _CODE.fullmatch(code):
        judging.no("code", "Expected a division code of 2 to 12 digits, or none, found “%(found)s”.", found=code[:20])
        return
    row = t.tenant.c
    taken = judging.connection.execute(select(row.name, row.path).where(row.code == code, row.closed_on.is_(None)))
    for found in taken:
        if judging.actor.is_system or judging.actor.tenant.contains(found.path):
            judging.no("code", "The division code %(code)s is that of %(name)s.", code=code, name=found.name)


def _judge_levels(judging: _Judging, unit: Tenant, parent: Tenant) -> None:
    """Above its new place there must be every level that was above the old one: work goes up by level."""

    def above(ids: tuple[str, ...]) -> dict[str, str]:
        rows = judging.connection.execute(select(t.tenant.c.id, t.tenant.c.level).where(t.tenant.c.id.in_(ids)))
        return {row.level: row.id for row in rows}

    missing = above(unit.lineage_ids[1:]).keys() - above(parent.lineage_ids).keys()
    if missing:
        judging.no(
            "parent" if judging.wanted.kind == "move" else "heir",
            "Above %(parent)s there is no unit of level %(levels)s, to which work of %(unit)s goes. Choose another.",
            parent=parent.name,
            unit=unit.name,
            levels=sorted(missing),
        )


def _judge_overrides(judging: _Judging, units: tuple[Tenant, ...], differs: tuple[str, ...]) -> None:
    """Own versions were checked against what held above: they cannot come under other versions unchecked."""
    if len(units) > UNITS_BELOW_MAX:
        judging.no("", "Expected at most %(max)s units below it. Move them in parts.", max=UNITS_BELOW_MAX)
        return
    if not differs:
        return
    names = {unit.id: unit.name for unit in units}
    for owner, files in own_files(judging.connection, list(names)).items():
        judging.no(
            "",
            "%(unit)s has own versions (%(files)s) that were checked against other ones above than hold there. Take "
            "them away first and make them anew there.",
            unit=names[owner],
            files=sorted(f"{procedure}: {kind} {key}" for procedure, kind, key in files),
        )


def _judge_company(judging: _Judging, parent: Tenant, arriving: list[Tenant]) -> None:
    """Where steps go to the only unit of a level there must not be two of them from then on."""
    for there, new in crowded(judging.connection, parent, arriving, judging.wanted.since):
        judging.no(
            "",
            "Steps go to the only unit of level %(level)s below %(parent)s, which is %(there)s; %(new)s would be a "
            "second one. Let that become part of the first one, by the same day at the latest.",
            level=new.level,
            parent=parent.name,
            there=there.name,
            new=new.name,
        )


def _judge_proposals(judging: _Judging, unit: Tenant) -> None:
    row = t.proposal.c
    waiting = judging.connection.execute(
        select(func.count()).select_from(t.proposal).where(row.tenant_id == unit.id, row.status == "waiting")
    ).scalar_one()
    if waiting:
        judging.no("", "%(count)s proposals of it wait for a decision. Decide on them first.", count=waiting)


def _counted(
    judging: _Judging, unit: Tenant, other: Tenant | None, below: tuple[Tenant, ...], differs: tuple[str, ...]
) -> Consequences:
    """How much the change touches: cases of the unit (and below it, when it moves), tasks, people, drafts."""
    ask = partial(_count, judging.connection)
    path, case = unit.path, t.instance.c
    here = (
        case.tenant_path == path
        if judging.wanted.kind == "close"
        else or_(case.tenant_path == path, case.tenant_path.startswith(path + "/", autoescape=True))
    )
    member, person = t.membership.c, t.user.c
    people = judging.connection.execute(
        select(person.name, member.role)
        .join(t.user, person.id == member.user_id)
        .where(member.tenant_id == unit.id)
        .order_by(person.login, member.role)
    )
    own = own_files(judging.connection, [unit.id]).get(unit.id, {})
    return Consequences(
        judging.wanted,
        unit,
        other,
        tuple(judging.problems),
        running=ask(t.instance, here, case.status == "running"),
        ended=ask(t.instance, here, case.status != "running"),
        tasks=ask(t.user_task, t.user_task.c.status == "open", t.user_task.c.tenant_id == unit.id),
        drafts=ask(t.draft, t.draft.c.status == "open", t.draft.c.tenant_id == unit.id),
        below=below,
        people=tuple((row.name, row.role) for row in people),
        own=tuple(sorted(f"{procedure}: {kind} {key}" for procedure, kind, key in own)),
        differs=differs[:_NAMED_MAX],
    )


def _count(connection: Connection, table: Any, *where: Any) -> int:
    return connection.execute(select(func.count()).select_from(table).where(*where)).scalar_one()


def wanted_of(row: Mapping[str, Any]) -> Wanted:
    """A row of the planned changes as what is wanted."""
    return Wanted(row["kind"], row["tenant_id"], row["since"], **row["details"])
