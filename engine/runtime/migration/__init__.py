"""Moving a running case to another version of its definition: what can move, what cannot and why, and the move.

A case moves as a whole or not at all. What waits keeps waiting: tasks, drafts, due dates, timers, positions in a
collection. New boundary events and event subprocesses begin to listen, removed ones stop.
"""

from __future__ import annotations

from engine.runtime.migration.move import migrate
from engine.runtime.migration.news import NewFile, files_that_differ, what_is_new
from engine.runtime.migration.plan import Blocker, Plan, plan
from engine.runtime.migration.renaming import fitting

__all__ = ["Blocker", "NewFile", "Plan", "files_that_differ", "fitting", "migrate", "plan", "what_is_new"]
