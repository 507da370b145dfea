"""For auditors, who look and change nothing."""

from __future__ import annotations

from web.audit.pages import audit

BLUEPRINTS = (audit,)
