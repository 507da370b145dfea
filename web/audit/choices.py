"""Which cases: the choice that search, samples, mining, oversight and exports share."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Final

from flask import request

from engine.errors import Rejected
from engine.queries.traces import Wanted
from web.audit.pages import STATES
from web.language import ZONE
from web.render.words import words

_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def wanted() -> Wanted:
    """The choice of cases that all these pages share. Raises ``Rejected`` for a day that is none."""
    state = request.args.get("state", "")
    until = _day("until")
    return Wanted(
        procedure=request.args.get("procedure", "")[:80],
        state=state if state in STATES else "",
        opened_from=_day("from"),
        opened_until=until + timedelta(days=1) if until else None,
    )


def _day(name: str) -> datetime | None:
    text = request.args.get(name, "").strip()
    if not text:
        return None
    try:
        if not _DAY.fullmatch(text):
            raise ValueError
        return datetime.fromisoformat(text).replace(tzinfo=ZONE)
    except ValueError:
        raise Rejected(
            "Expected a day like 2026-03-31, but found %(found)s. Choose the day again.", found=text[:40]
        ) from None


def choices() -> dict[str, object]:
    """What the fields of the choice show (``audit/choice.html``)."""
    kept = {name: request.args.get(name, "")[:80] for name in ("procedure", "state", "from", "until")}
    return {"kept": kept, "states": STATES, "procedures": words().procedures}
