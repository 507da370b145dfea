"""A day that somebody typed, as the moment at which it begins."""

from __future__ import annotations

from datetime import date, datetime, time

from engine.errors import Rejected
from web.language import ZONE


def start_of_day(text: str) -> datetime | None:
    """``2027-01-01`` → the beginning of that day in Beijing; None for nothing. Raises ``Rejected``."""
    if not text.strip():
        return None
    try:
        return datetime.combine(date.fromisoformat(text.strip()), time(), ZONE)
    except ValueError:
        raise Rejected(
            "Expected a day like 2027-01-01 but found %(found)s. Correct it, or leave it empty.", found=text[:40]
        ) from None
