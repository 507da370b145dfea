"""What lists of work need said: how near a date is, in words, and which page numbers to offer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from web.language import ZONE, gettext
from web.transaction import now

SOON_DAYS: Final = 2
_WINDOW: Final = 2


@dataclass(frozen=True)
class Nearness:
    """``kind`` is overdue, today, soon or later; ``words`` says it."""

    kind: str
    words: str


def nearness(due_at: datetime) -> Nearness:
    """How near ``due_at`` is to this request's time, in calendar days of Beijing."""
    present = now()
    days = (due_at.astimezone(ZONE).date() - present.astimezone(ZONE).date()).days
    if due_at < present:
        return Nearness("overdue", gettext("Overdue by %(days)s days", days=-days) if days else gettext("Overdue"))
    if days == 0:
        return Nearness("today", gettext("Due today"))
    return Nearness("soon" if days <= SOON_DAYS else "later", gettext("%(days)s days left", days=days))


def page_window(page: int, page_count: int) -> list[int | None]:
    """The page numbers to offer: first, last, and some around ``page``; None stands for a gap."""
    near = {1, page_count, *range(max(1, page - _WINDOW), min(page_count, page + _WINDOW) + 1)}
    offered: list[int | None] = []
    for number in sorted(near):
        if offered and offered[-1] is not None and number - offered[-1] > 1:
            offered.append(None)
        offered.append(number)
    return offered
