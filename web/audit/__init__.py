"""For auditors, who look and change nothing."""

from __future__ import annotations

from web.audit import dossier, film, inspections, mining, oversight, proofs, readers, search, why
from web.audit.pages import audit
from web.purpose import purpose

SECTIONS = (dossier, film, inspections, mining, oversight, proofs, readers, search, why)
"""The files that add their routes to the section."""

BLUEPRINTS = (audit, readers.looks, purpose)
