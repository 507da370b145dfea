"""Looking is recorded: who saw which part of a case, once a person, part and day; every search; every file taken."""

from __future__ import annotations

from engine.commands.reading import note_look
from engine.history.events import CasesSearched, CaseViewed
from engine.queries.cases import CaseList
from engine.store.access_notes import is_noted
from web import access
from web.language import ZONE
from web.transaction import now, perform, reader

CASES_KEPT = 20


def looked(instance_id: str, number: str, page: str, part: str = "", *, each_time: bool = False) -> None:
    """Has a look at a case recorded, after the page was made. The second one of a day costs one reading query."""
    actor = access.actor()
    day = now().astimezone(ZONE).date()
    key = None if each_time else f"{day}|{actor.user}|{actor.tenant.id}|{instance_id}|{page}|{part}"
    if key is None or not is_noted(reader(), key):
        look = CaseViewed(instance_id, number, page, part)
        perform(lambda uow: note_look(uow, look, key), actor)


def searched(where: str, text: str, found: CaseList) -> None:
    """Has a search by text recorded, with the first cases that it showed; the text itself is nobody's business."""
    if text:
        look = CasesSearched(where, found.total, [row.id for row in found.rows[:CASES_KEPT]])
        perform(lambda uow: note_look(uow, look), access.actor())
