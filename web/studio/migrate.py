"""Running cases that do not follow the version in force: which they are, what would become of each, and the order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.commands.migration_orders import MAPPING_MAX, order_moves
from engine.errors import FieldProblem, NotFound, Rejected
from engine.model import Actor
from engine.queries import migration_orders, migrations
from engine.queries.cases import place
from engine.queries.migrations import CasePlan, Choosing
from engine.queries.people import organisations
from engine.runtime.migration import NewFile
from web import access
from web.language import N_, gettext
from web.looking import listed
from web.studio.naming import kind_name, procedure_title
from web.transaction import now, perform_once, platform, reader

migrate = Blueprint("migrate", __name__, url_prefix="/studio/migrate")

_TO: Final = "to."
"""What the names of the fields begin with that say which step takes the place of one that is gone."""
_NAME_LENGTH_MAX: Final = 120
_NAMES_MAX: Final = 3
CHANGED: Final = N_(
    "Expected the plans that you saw, but meanwhile another version came into force or other cases match. "
    "Look at them again."
)


@dataclass(frozen=True, slots=True)
class Gone:
    """A step that the new version lacks and at which cases wait: what may take its place, and what was chosen."""

    element: str
    name: str
    choices: tuple[tuple[str, str], ...]
    chosen: str


@migrate.get("/<procedure>")
def ask(procedure: str) -> ResponseReturnValue:
    """Which cases could move, by version, unit and step, with a plan for each on this page."""
    return _page(procedure, request.args)


@migrate.post("/<procedure>")
def order(procedure: str) -> ResponseReturnValue:
    """Orders the ticked cases, or all that match, to be moved."""
    actor, sent = access.actor(), request.form
    found = _choosing(actor, procedure, sent)
    ticked = set(sent.getlist("case"))
    targets = [(case.id, case.target.pins) for case in found.cases if sent.get("which") == "all" or case.id in ticked]
    if sent.get("seen", "") != found.seen:
        return _page(procedure, sent, [FieldProblem("", CHANGED)]), 409
    mapping, reason, recompute = _mapping(sent), sent.get("_reason", ""), sent.get("recompute") == "yes"
    try:
        answer = perform_once(
            lambda uow: {"id": order_moves(uow, procedure, targets, mapping, reason, recompute=recompute)}, actor
        )
    except Rejected as error:
        if type(error) is not Rejected:
            raise
        field = "_reason" if targets and len(targets) <= 5_000 else ""
        return _page(procedure, sent, [FieldProblem(field, error.template, error.params)]), 422
    return redirect(url_for("orders.show", order_id=answer["id"]), 303)


def _page(procedure: str, given: Any, problems: Iterable[FieldProblem] = ()) -> str:
    actor = access.actor()
    found = _choosing(actor, procedure, given)
    earlier = migration_orders.orders(reader(), actor, procedure)
    title = procedure_title(actor.tenant, procedure)
    if title == procedure and not found.versions and not earlier:
        raise NotFound("There is no such procedure, or it is not yours to see.")
    pages = max(1, -(-len(found.cases) // migrations.PER_PAGE))
    text = given.get("page", "")
    page = min(pages, max(1, int(text))) if text.isascii() and text.isdigit() and len(text) < 7 else 1
    shown = found.cases[(page - 1) * migrations.PER_PAGE : page * migrations.PER_PAGE]
    mapping = _mapping(given)
    known = platform().known
    plans = migrations.plans(reader(), known, actor, shown, mapping, now())
    bare = migrations.plans(reader(), known, actor, shown, {}, now()) if mapping else plans
    problems = list(problems)
    page_shown = render_template(
        "studio/migrate.html",
        procedure=procedure,
        title=title,
        found=found,
        plans=plans,
        version=_version,
        one_version=len({plan.files for plan in plans}) == 1,
        gone=_gone(bare, mapping),
        mapping=mapping,
        steps={f"{_TO}{old}": new for old, new in mapping.items()},
        can=sum(not plan.blockers for plan in plans),
        page=page,
        page_count=pages,
        chosen={name: given.get(name, "") for name in ("unit", "version", "step")},
        units=organisations(reader(), actor),
        earlier=earlier,
        problems=problems,
        ticked=set(given.getlist("case")) if problems else None,
        reason=given.get("_reason", ""),
        recompute=given.get("recompute", ""),
        which=given.get("which", "ticked"),
    )
    listed("migrate", (case.id for case in shown))
    return page_shown


def _version(files: Sequence[NewFile]) -> str:
    """A version by whose it is and in which files it differs, the first few by name."""
    owners = sorted({file.owner for file in files})
    units = [unit.name if (unit := place(reader(), owner)) else owner for owner in owners[:_NAMES_MAX]]
    names = [
        gettext("%(name)s, version %(version)s", name=file.name or kind_name(file.kind), version=file.version)
        for file in files[:_NAMES_MAX]
    ]
    more = ["…"] if len(files) > _NAMES_MAX else []
    return gettext("%(units)s: %(files)s", units=units, files=[*names, *more])


def _choosing(actor: Actor, procedure: str, given: Any) -> Choosing:
    """The cases that match what was chosen. An organisation that is not below one's own is *not found*."""
    unit = None
    if given.get("unit"):
        unit = place(reader(), given["unit"])
        if unit is None or not actor.tenant.contains(unit.path):
            raise NotFound("There is no such organisation, or it is not yours to see.")
    version, element = given.get("version", ""), given.get("step", "")
    return migrations.choose(
        reader(), platform().known, actor, procedure, now(), unit=unit, version=version, element=element
    )


def _mapping(given: Any) -> dict[str, str]:
    """Which step takes the place of which, from the fields ``to.…``."""
    pairs = ((name.removeprefix(_TO), value) for name, value in given.items() if name.startswith(_TO) and value)
    fitting = {old: new for old, new in pairs if max(len(old), len(new)) <= _NAME_LENGTH_MAX}
    return dict(sorted(fitting.items())[:MAPPING_MAX])


def _gone(plans: Iterable[CasePlan], mapping: Mapping[str, str]) -> list[Gone]:
    """The steps that somebody must name another for, each once, in the order of the cases."""
    found: dict[str, Gone] = {}
    for plan in plans:
        for blocker in plan.blockers:
            if blocker.choices and blocker.element not in found:
                name = str(blocker.params.get("element", blocker.element))
                chosen = mapping.get(blocker.element, "")
                found[blocker.element] = Gone(blocker.element, name, blocker.choices, chosen)
    return list(found.values())
