"""A diagram or table saved by a browser's editor, without losing what its author wrote by hand.

The editors of the bpmn.io family read a file into objects and write all of it anew: comments, line breaks, the order of
attributes, prefixes, CDATA, the declaration and elements unknown to them are lost. So the saved text is never
stored. ``graft`` compares it with the original, element by element (by id; else by what it shows, says or is), and
splices the real differences into the original's text. What nobody edited stays byte for byte.

What the editor leaves out by itself (``editor.py`` lists it) stays unless the element around it was removed.
"""

from __future__ import annotations

from engine.definition.graft.carry import Carry
from engine.definition.graft.source import as_text, read_source
from engine.errors import Rejected
from engine.hardened import parse_xml

__all__ = ["as_text", "graft"]


def graft(original: bytes, edited: bytes) -> bytes:
    """``original`` with the differences of ``edited`` carried over. Raises ``Rejected`` if either is not plain XML.

    Another document than the original (another root), or an original with a turn that cannot be spliced, is taken
    as the editor wrote it: what was saved is never lost."""
    before, after = read_source(original, "the original"), read_source(edited, "the edited file")
    if before.root.tag != after.root.tag:
        return edited
    result = before.encode(Carry(before, after).whole(after.root))
    try:
        ids = {node.get("id") for node in parse_xml(result, "the result").iter("*")}
    except Rejected:
        return edited
    return result if all(node.id in ids for node in after.root.walk() if node.id) else edited
