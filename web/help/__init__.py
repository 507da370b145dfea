"""The handbook: one Markdown file a page and language (``<page>.zh.md``, ``<page>.en.md``), in folders by subject."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import lru_cache
from pathlib import Path
from typing import Final

from flask import Blueprint, Response, abort, g, render_template
from flask.typing import ResponseReturnValue
from werkzeug.security import safe_join

from engine.history.events import TYPES
from web.help import examples, rule_pages
from web.language import N_, current, translate
from web.render.markdown import markdown, title_of
from web.render.sentences import QUIET

handbook = Blueprint("help", __name__, url_prefix="/help")
BLUEPRINTS = (handbook,)

FOLDER: Final = Path(__file__).parent
FIRST: Final = (
    "desk",
    "case",
    "deputies",
    "units",
    "keyboard",
    "audit",
    "dossier",
    "history",
    "publish",
    "merge",
    "move",
    "procedure",
)
"""The pages for everybody, in the order of reading; folders follow."""

SUBJECTS: Final = {
    "constructs": N_("What can be drawn (BPMN)"),
    "rules": N_("What the check says, and why"),
    "decision": N_("Decision tables"),
    "feel": N_("Expressions (FEEL)"),
}
"""Folder → what it is about."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A page in the table of contents."""

    page: str
    title: str


@handbook.get("")
def index() -> ResponseReturnValue:
    """The table of contents."""
    subjects = {folder: _entries(folder) for folder in SUBJECTS}
    return render_template("help/index.html", first=_first(), subjects=subjects, names=SUBJECTS)


@handbook.get("/<path:page>")
def show(page: str) -> ResponseReturnValue:
    """One page, in the reader's language if it is written in it."""
    text = _text(page, current())
    if text is None:
        abort(404)
    facts = _facts() if page == "history" else ()
    folder, _, name = page.partition("/")
    shown = []
    if folder == "constructs":
        g.words = examples.words()
        shown = [examples.shown(example) for example in examples.examples_of(name)]
    return render_template(
        "help/page.html",
        title=title_of(text) or page,
        content=markdown(text),
        facts=facts,
        examples=shown,
        pictures=rule_pages.examples_of(name) if folder == "rules" else [],
    )


@handbook.get("/pictures/<name>.svg")
def picture(name: str) -> ResponseReturnValue:
    """A picture of the handbook."""
    path = safe_join(str(FOLDER / "pictures"), f"{name}.svg")
    if path is None or not Path(path).is_file():
        abort(404)
    return Response(Path(path).read_text("utf-8"), mimetype="image/svg+xml")


def _facts() -> list[tuple[str, bool]]:
    """Every kind of fact as its sentence, and whether the staff's short history tells it."""
    return [
        (translate(kind.sentence, {field.name: "…" for field in fields(kind)}), not issubclass(kind, QUIET))
        for kind in TYPES.values()
    ]


def _first() -> list[Entry]:
    return [Entry(page, title_of(text)) for page in FIRST if (text := _text(page, current()))]


def _entries(folder: str) -> list[Entry]:
    names = sorted({file.name.split(".")[0] for file in (FOLDER / folder).glob("*.md")})
    found = [Entry(f"{folder}/{name}", title_of(_text(f"{folder}/{name}", current()) or "")) for name in names]
    return [Entry(entry.page, entry.title or entry.page) for entry in found]


def _text(page: str, language: str) -> str | None:
    wanted = "zh" if language == "zh-CN" else "en"
    other = "en" if wanted == "zh" else "zh"
    return next((text for tag in (wanted, other) if (text := _read(f"{page}.{tag}.md")) is not None), None)


@lru_cache(maxsize=200)
def _read(name: str) -> str | None:
    path = safe_join(str(FOLDER), name)
    return Path(path).read_text("utf-8") if path is not None and Path(path).is_file() else None
