"""For administrators: what is published for whom, and publishing."""

from __future__ import annotations

from web.studio.pages import studio

BLUEPRINTS = (studio,)
