"""Everything that is done with a file while it is read, compiled and drawn, done once where it can do no harm."""

from __future__ import annotations

from contextlib import suppress

from engine.decision.reader import read_definitions
from engine.definition.bpmn import read_diagrams
from engine.definition.lint import lint
from engine.definition.pages import read_pages
from engine.errors import ShangmenError
from engine.hardened import DIAGRAM, TABLE, parse_xml
from engine.runtime.interpreter import compile_definition

_SUFFIXES = {"process": "bpmn", "decision": "dmn"}


def examine(kind: str, key: str, content: bytes) -> None:
    """Raises ``Rejected`` for a file that is not plain, small XML. Other mistakes end the examination: they are
    told by ``lint``, which nothing here keeps from running."""
    parse_xml(content, f"{key}.{_SUFFIXES.get(kind, 'xml')}", TABLE if kind == "decision" else DIAGRAM)
    with suppress(ShangmenError):
        _read_table(key, content) if kind == "decision" else _read_diagram(key, content)


def _read_table(key: str, content: bytes) -> None:
    read_definitions(content)
    lint({("decision", key): content})


def _read_diagram(key: str, content: bytes) -> None:
    read_diagrams(content)
    read_pages(content)
    lint({("process", key): content})
    compile_definition(key, {("process", key): content})
