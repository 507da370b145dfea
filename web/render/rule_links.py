"""Which page of the handbook is about the rule that a finding is of."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Final

from engine.definition.finding import Finding

FOLDER: Final = Path(__file__).parents[1] / "help" / "rules"


@lru_cache(1)
def rule_pages() -> frozenset[str]:
    """The names of all pages about rules."""
    return frozenset(path.stem for path in FOLDER.glob("*.toml"))


def page_of(finding: Finding) -> str:
    """The page about the rule that a finding is of; "" if nobody wrote one."""
    name = f"floor_{finding.params.get('kind', '')}" if finding.rule == "floor" else finding.rule.replace("-", "_")
    if name.startswith("form_"):
        return "feel/expressions_in_forms"
    name = "feel" if name.startswith("feel_") else name
    return f"rules/{name}" if name in rule_pages() else ""
