"""Looking is recorded: who saw which part of a case, or a list that names it; every search; every file taken.

Staff count once a person, part (or list) and day, auditors each time. What is noted is noted before the page leaves:
where it cannot be, the page is not sent.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import replace
from typing import Final, TypeVar

from engine.commands.reading import note_look, note_reading
from engine.history.events import CasesListed, CasesSearched, CaseViewed
from engine.queries.cases import CaseList
from engine.store.access_notes import is_noted
from web import access, purpose
from web.language import N_, ZONE
from web.transaction import now, perform, platform, reader, stop_reading

Look = TypeVar("Look", CaseViewed, CasesListed, CasesSearched)

LISTS: Final = {
    "worklist": N_("the worklist"),
    "cases": N_("the list of cases"),
    "incidents": N_("the list of stuck cases"),
    "undelivered": N_("the undelivered messages"),
    "erasures": N_("the list of erasures"),
    "migrate": N_("the cases that can be moved"),
    "order": N_("an order to move cases"),
    "audit": N_("the auditors’ list of cases"),
    "mining": N_("ways and waiting times"),
}
"""What a list is called that names cases."""


def read(instance_id: str, number: str, page: str, part: str = "", fields: Iterable[str] = ()) -> None:
    """Records that an auditor read of a case, in this request's one transaction; each time counts."""
    look = _with_purpose(CaseViewed(instance_id, number, page, part, fields=sorted(set(fields))))
    perform(lambda uow: note_reading(uow, look), access.actor())


def looked(
    instance_id: str,
    number: str,
    page: str,
    part: str = "",
    *,
    fields: Iterable[str] = (),
    each_time: bool = False,
    on_behalf_of: str = "",
) -> None:
    """Has a look at a case recorded, after the page was made. The second one of a day costs one reading query.

    ``fields``: whose answers were shown. ``on_behalf_of``: the user whom a deputy stood in for while looking.
    """
    key = None if each_time else "|".join((instance_id, page, part, *([on_behalf_of] if on_behalf_of else ())))
    _note(CaseViewed(instance_id, number, page, part, fields=sorted(set(fields))), key, on_behalf_of)


def listed(where: str, cases: Iterable[str], count: int | None = None, *, each_time: bool = False) -> None:
    """Has it recorded that a page of ``LISTS`` named these cases (of ``count``); the same list counts once a day."""
    named = list(dict.fromkeys(cases))
    if named or each_time:
        digest = hashlib.sha256("\n".join(named).encode()).hexdigest()
        look = CasesListed(where, len(named) if count is None else count, named)
        _note(look, None if each_time else f"list|{where}|{digest}")


def searched(where: str, text: str, found: CaseList) -> None:
    """Has a search by text recorded, with the cases that it showed; the text itself is nobody's business."""
    if text:
        seen(where, found.total, (row.id for row in found.rows))


def seen(where: str, hits: int, cases: Iterable[str], fields: Iterable[str] = ()) -> None:
    """Has it recorded that a search showed these cases, with the answers of these fields."""
    _note(CasesSearched(where, hits, list(dict.fromkeys(cases)), fields=sorted(set(fields))), None)


def _with_purpose(look: Look) -> Look:
    why = purpose.of_this_look()
    return replace(look, purpose=why.words, purpose_key=why.key)


def _note(look: CaseViewed | CasesListed | CasesSearched, part: str | None, on_behalf_of: str = "") -> None:
    actor, at, look = access.actor(), now(), _with_purpose(look)
    key = f"{at.astimezone(ZONE).date()}|{actor.user}|{actor.tenant.id}|{part}" if part else None
    if key and look.purpose_key in purpose.LIST:  # the same page for another purpose is another look
        key += "|" + hashlib.sha256(f"{look.purpose_key}|{look.purpose}".encode()).hexdigest()[:16]
    if key is None or not is_noted(reader(), key):
        stop_reading()
        platform().run(lambda uow: note_look(uow, look, key, on_behalf_of), actor, at)
