"""Take away technical rows that have had their day. No fact of any case is among them."""

from __future__ import annotations

from datetime import datetime, timedelta

from engine.store import tables as t
from engine.store.database import Database
from engine.store.sessions import FAILURE_WINDOW_MINUTES, SESSION_HOURS_MAX

SUBMISSION_DAYS_KEPT = 30  # how long the same form sent again still gets the same answer
NOTE_DAYS_KEPT = 2  # a look that was sealed, so that the same look is not sealed again on its day


def clear_away(database: Database, now: datetime) -> int:
    """Delete ended sessions, forgotten failures of log-in and old answers to forms. Returns how many rows."""
    old = (
        (t.session, t.session.c.opened_at < now - timedelta(hours=SESSION_HOURS_MAX)),
        (t.login_failure, t.login_failure.c.at < now - timedelta(minutes=FAILURE_WINDOW_MINUTES)),
        (t.draft_editor, t.draft_editor.c.seen_at < now - timedelta(days=1)),
        (t.access_note, t.access_note.c.sealed & (t.access_note.c.at < now - timedelta(days=NOTE_DAYS_KEPT))),
        (t.submission, t.submission.c.at < now - timedelta(days=SUBMISSION_DAYS_KEPT)),
    )
    with database.write() as connection:
        return sum(connection.execute(table.delete().where(condition)).rowcount for table, condition in old)
