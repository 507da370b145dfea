"""For administrators: what is published for whom, drafts, and publishing."""

from __future__ import annotations

from web.studio.drafts import drafts
from web.studio.pages import studio

BLUEPRINTS = (studio, drafts)
