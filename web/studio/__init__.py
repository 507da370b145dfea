"""For administrators: what is published for whom, drafts, and publishing by two people."""

from __future__ import annotations

from web.studio.beginning import beginning
from web.studio.calendar import calendar
from web.studio.drafts import drafts
from web.studio.editing import editor
from web.studio.migrate import migrate
from web.studio.migrate_orders import orders
from web.studio.overrides import overrides
from web.studio.pages import studio
from web.studio.plain import plain
from web.studio.proposals import proposals
from web.studio.recording import recording
from web.studio.stories import stories

BLUEPRINTS = (
    beginning,
    calendar,
    drafts,
    editor,
    migrate,
    orders,
    overrides,
    plain,
    proposals,
    recording,
    stories,
    studio,
)
