"""Finds every sentence that a page can say, and keeps ``web/translations/zh_CN.po`` complete.

``python -m tests.web.messages`` adds what is missing (with an empty translation) and drops what is said no more.
A sentence is: the first text of ``_()``, ``N_()``, ``gettext()``, ``translate()`` in Python and templates; the
first text of an error's constructor; ``hint``; ``sentence`` of an event; and any text in Python with ``%(places)s``.
"""

from __future__ import annotations

import ast
import io
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po
from jinja2.ext import babel_extract

ROOT = Path(__file__).resolve().parents[2]
CATALOGUE = ROOT / "web" / "translations" / "zh_CN.po"
SAYERS = {"_", "N_", "gettext", "translate", "say"}
ERRORS = {
    "Rejected", "NotFound", "Conflict", "Invalid", "ShangmenError", "TooManyFailures", "FormNotOurs", "FormError",
    "FeelError", "FeelSyntaxError", "FeelLimit", "warn", "error", "warning", "_refused",
    "Finding", "Difference", "Problem", "FieldProblem", "Mistake", "Change", "Term", "wrong",
}  # fmt: skip
NOT_SAID = {"Corrupt"}  # for the log and the administrator's terminal, which are English
PLACES = re.compile(r"%\([a-z_]+\)[sd]")
TEMPLATE_OPTIONS = {"trim_blocks": "true", "lstrip_blocks": "true", "silent": "false"}


def python_files() -> Iterator[Path]:
    """The product's own Python: what the terminal alone says (``web/cli.py``) stays English."""
    for folder in ("engine", "forms", "web"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            if "node_modules" not in path.parts and path.name not in {"cli.py", "assets_build.py"}:
                yield path


def said_in_python(path: Path) -> Iterator[str]:
    """Sentences in one Python file."""
    tree = ast.parse(path.read_text("utf-8"))
    quiet = set(_docstrings(tree)) | set(_inside_calls_of(tree, NOT_SAID))
    for node in ast.walk(tree):
        match node:
            case ast.Call() if _name_of(node.func) in SAYERS | ERRORS:
                yield from _first_sentence(node)
            case ast.keyword(arg="hint", value=ast.Constant(value=str(text))) if text:
                yield text
            case ast.AnnAssign(target=ast.Name(id="sentence"), value=ast.Constant(value=str(text))) if text:
                yield text
            case ast.Constant(value=str(text)) if PLACES.search(text) and " " in text and node not in quiet:
                yield text


def _first_sentence(call: ast.Call) -> Iterator[str]:
    given = [*call.args, *[keyword.value for keyword in call.keywords if keyword.arg == "template"]]
    texts = [value.value for value in given if isinstance(value, ast.Constant) and isinstance(value.value, str)]
    yield from [text for text in texts if " " in text or _name_of(call.func) in SAYERS][:1]


def _name_of(function: ast.expr) -> str:
    return getattr(function, "attr", "") or getattr(function, "id", "")


def _docstrings(tree: ast.AST) -> Iterator[ast.Constant]:
    for node in ast.walk(tree):
        for child in getattr(node, "body", []) if isinstance(getattr(node, "body", []), list) else []:
            if isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant):
                yield child.value


def _inside_calls_of(tree: ast.AST, names: set[str]) -> Iterator[ast.Constant]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _name_of(node.func) in names:
            yield from (inner for inner in ast.walk(node) if isinstance(inner, ast.Constant))


def said_in_templates() -> Iterator[str]:
    """Sentences in all templates."""
    for path in sorted((ROOT / "web" / "templates").rglob("*.html")):
        with io.BytesIO(path.read_bytes()) as file:
            for _line, message, _comments, _context in extract(babel_extract, file, options=TEMPLATE_OPTIONS):
                if isinstance(message, str):
                    yield message


def all_messages() -> set[str]:
    """Every sentence of the product."""
    found = set(said_in_templates())
    for path in python_files():
        found.update(said_in_python(path))
    return found - {""}


def read() -> Catalog:
    """The catalogue as it stands."""
    if not CATALOGUE.exists():
        return Catalog(locale="zh_CN")
    with CATALOGUE.open("rb") as file:
        return read_po(file)


def update() -> tuple[int, int]:
    """Brings the catalogue's keys up to date; returns how many are new and how many untranslated."""
    kept = {message.id: message.string for message in read() if message.id}
    fresh = Catalog(locale="zh_CN", project="shangmen", charset="utf-8")
    wanted = all_messages()
    for message in sorted(wanted):
        fresh.add(message, kept.get(message, ""))
    with CATALOGUE.open("wb") as file:
        write_po(file, fresh, width=0, omit_header=False, no_location=True, sort_output=True, ignore_obsolete=True)
    return len(wanted - set(kept)), sum(not message.string for message in fresh if message.id)


if __name__ == "__main__":
    new, untranslated = update()
    sys.stdout.write(f"{new} new, {untranslated} without a translation, in {CATALOGUE.relative_to(ROOT)}\n")
