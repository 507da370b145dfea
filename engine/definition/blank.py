"""Files to begin with: the smallest process, table, form and paper that are valid, named as their author calls them.

They lie in ``beginnings/`` as they look, with ``@key@`` and ``@name@`` where the author's go.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Final
from xml.sax.saxutils import escape

from engine.errors import Rejected

NAME_LENGTH_MAX: Final = 60
BEGINNINGS: Final[Mapping[str, str]] = {
    "process": "process.bpmn",
    "decision": "decision.dmn",
    "form": "form.form.json",
    "document": "document.html.j2",
}
"""Kind of a file that can be begun in a draft → how it begins."""
_FOLDER: Final = Path(__file__).parent / "beginnings"
_MARKUP: Final = {'"': "&quot;", "{": "&#123;", "}": "&#125;"}


def blank(kind: str, key: str, name: str) -> bytes:
    """The content of a new file; ``key`` is one that files may have.

    Raises ``Rejected`` for a kind that nobody begins here, and for a name that is none.
    """
    if kind not in BEGINNINGS:
        raise Rejected("Expected a diagram, table, form or paper but found %(found)s.", found=kind[:40])
    title = " ".join(name.split())
    if not 0 < len(title) <= NAME_LENGTH_MAX or not title.isprintable():
        raise Rejected(
            "Expected a name of 1 to %(max)s characters but found %(found)s. Say shortly what it is.",
            max=NAME_LENGTH_MAX,
            found=len(title),
        )
    written = json.dumps(title, ensure_ascii=False)[1:-1] if kind == "form" else escape(title, _MARKUP)
    text = (_FOLDER / BEGINNINGS[kind]).read_text("utf-8")
    return text.replace("@key@", key).replace("@name@", written).encode()
