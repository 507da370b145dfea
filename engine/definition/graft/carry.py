"""The original's text with the differences carried over, element by element.

Every element of the result is made of slices of the original: its start tag with single attributes exchanged,
then its children, each with the white space and comments before it. Only what is new is written anew.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from xml.sax.saxutils import escape

from engine.definition.graft.editor import (
    XSI_TYPE,
    has_order,
    kind,
    left_out_attribute,
    left_out_element,
    put_in_element,
    same_value,
)
from engine.definition.graft.fit import Fit
from engine.definition.graft.source import XML, Attribute, Node, Source


@dataclass(slots=True)
class _Unit:
    """A child with what stands before it."""

    lead: str
    text: str
    edited: Node | None
    """The child in the edited file; None for what the editor has no place for and the original keeps."""


class Carry:
    """One graft under way."""

    def __init__(self, original: Source, edited: Source) -> None:
        self._source = original
        self._text = original.text
        self._edited_text = edited.text
        self._fit = Fit(original.root, edited.root)
        self._ids = {node.id for node in original.root.walk() if node.id}
        self._line_end = "\r\n" if "\r\n" in original.text else "\n"
        self._root = original.root
        self._declared: dict[str, str] = {}

    def whole(self, edited: Node) -> str:
        """The whole file."""
        root = self._root
        text = self._text[: root.begin] + self._element(root, edited) + self._text[root.end :]
        declared = "".join(f' xmlns:{prefix}="{_quoted(uri, chr(34))}"' for uri, prefix in self._declared.items())
        place = root.begin + 1 + len(root.name)
        return text[:place] + declared + text[place:]

    # One element that stands in both

    def _element(self, before: Node, after: Node) -> str:
        name = before.name if kind(before) == kind(after) else self._name(after.tag, after)
        head = "<" + name + self._attributes(before, after)
        content = self._content(before, after)
        if not before.is_empty_tag:
            end = self._text[before.tail : before.end].replace(before.name, name)
            return head + self._text[before.attributes_end : before.head_end] + content + end
        if not content:
            return head + self._text[before.attributes_end : before.head_end]
        return f"{head}>{content}</{name}>"

    def _attributes(self, before: Node, after: Node) -> str:
        parts, place = [], before.begin + 1 + len(before.name)
        for key, old in before.attributes.items():
            parts.append(self._text[place : old.begin])
            new = after.attributes.get(key)
            if new is None:
                if left_out_attribute(key, old.value, self._ids):
                    parts.append(self._text[old.begin : old.end])
            elif same_value(key, old, new, before, after):
                parts.append(self._text[old.begin : old.end])
            else:
                quote = self._text[old.value_end]
                parts.append(self._text[old.begin : old.value_begin])
                parts.append(_quoted(self._value(key, new, after), quote))
                parts.append(self._text[old.value_end : old.end])
            place = old.end
        parts.append(self._text[place : before.attributes_end])
        added = [
            (key, new)
            for key, new in after.attributes.items()
            if key not in before.attributes and not (key == XSI_TYPE and before.local != after.local == "expression")
        ]
        return "".join(parts) + "".join(self._attribute(key, new, after) for key, new in added)

    def _content(self, before: Node, after: Node) -> str:
        """What stands between the tags."""
        kept = self._text[before.head_end : before.tail]
        if before.children or after.children:
            said = after.text.strip()
            if said and (said != before.text.strip() or not before.children):
                return self._fresh_content(after, self._indentation(before))
            return self._children(before, after)
        if after.text.strip() == before.text.strip():
            return kept
        written = escape(after.text).replace("\n", self._line_end)
        if re.fullmatch(r"\s*<!\[CDATA\[.*\]\]>\s*", kept, re.DOTALL) and after.text and "]]>" not in after.text:
            written = f"<![CDATA[{after.text.replace(chr(10), self._line_end)}]]>"
        return written

    # The children of an element that stands in both

    def _children(self, before: Node, after: Node) -> str:
        partners = self._fit.children(before, after)
        edited = {original: child for child, original in partners.items()}
        units, lead, place = [], "", before.head_end
        for child in before.children:
            lead += self._text[place : child.begin]
            place = child.end
            partner = edited.get(child)
            if partner is not None:
                units.append(_Unit(lead, self._element(child, partner), partner))
                lead = ""
            elif left_out_element(child, self._ids):
                units.append(_Unit(lead, self._text[child.begin : child.end], None))
                lead = ""
            else:
                lead = lead.rstrip()
        tail = lead + self._text[place : before.tail]
        _reorder(units, after)
        self._insert(units, before, after, partners)
        if units and not before.children:
            tail += self._line_end + self._indentation(before)
        return "".join(unit.lead + unit.text for unit in units) + tail

    def _insert(self, units: list[_Unit], before: Node, after: Node, partners: dict[Node, Node]) -> None:
        """Put what is new, or came from elsewhere, behind what it follows in the edited file."""
        lead = self._lead_of_children(before)
        indentation = lead.rpartition("\n")[2]
        places = {unit.edited for unit in units}
        previous: Node | None = None
        for child in after.children:
            if child not in places and not put_in_element(child):
                partner = partners.get(child)
                text = self._element(partner, child) if partner is not None else self._fresh(child, indentation)
                index = next((n + 1 for n, unit in enumerate(units) if unit.edited is previous), 0) if previous else 0
                units.insert(index, _Unit(lead, text, child))
            previous = child

    def _lead_of_children(self, before: Node) -> str:
        """The line break and indentation that children of this element have."""
        place = before.head_end
        for child in before.children:
            white = re.search(r"\s*$", self._text[place : child.begin])
            if white is not None and "\n" in white[0]:
                return white[0]
            place = child.end
        if before.children:
            return ""
        return self._line_end + self._indentation(before) + self._step()

    def _indentation(self, node: Node) -> str:
        line = self._text[: node.begin].rpartition("\n")[2]
        return line if not line.strip() else ""

    def _step(self) -> str:
        """What one level is indented by in this file."""
        first = self._root.children[0] if self._root.children else None
        return (self._indentation(first) if first is not None else "") or "  "

    # What is new

    def _fresh(self, node: Node, indentation: str) -> str:
        name = self._name(node.tag, node)
        head = f"<{name}" + "".join(self._attribute(key, a, node) for key, a in node.attributes.items())
        content = self._fresh_content(node, indentation)
        return f"{head}>{content}</{name}>" if content else f"{head} />"

    def _fresh_content(self, node: Node, indentation: str) -> str:
        if not node.children:
            return escape(node.text).replace("\n", self._line_end)
        inner = indentation + self._step()
        partners = self._fit.children(None, node)
        parts = [escape(node.text.strip())] if node.text.strip() else []
        for child in node.children:
            partner = partners.get(child)
            text = self._element(partner, child) if partner is not None else self._fresh(child, inner)
            parts.append(f"{self._line_end}{inner}{text}")
        return "".join(parts) + self._line_end + indentation

    def _attribute(self, key: str, attribute: Attribute, node: Node) -> str:
        uri, local = attribute.namespace(node.scope), attribute.name.rpartition(":")[2]
        name = self._name(f"{{{uri}}}{local}", node, attribute=True) if uri else local
        return f' {name}="{_quoted(self._value(key, attribute, node), chr(34))}"'

    def _value(self, key: str, attribute: Attribute, node: Node) -> str:
        """The value; a type's prefix is translated into this file's."""
        prefix, _, local = attribute.value.rpartition(":")
        uri = node.scope.get(prefix)
        return self._name(f"{{{uri}}}{local}", node) if key == XSI_TYPE and uri else attribute.value

    def _name(self, tag: str, node: Node, attribute: bool = False) -> str:
        """The name of ``{namespace}name`` with this file's prefix, which is declared at the root if it is new."""
        uri, _, local = tag[1:].rpartition("}")
        if uri == XML:
            return f"xml:{local}"
        prefixes = [p for p, known in self._root.scope.items() if known == uri and (p or not attribute)]
        if prefixes:
            return f"{prefixes[0]}:{local}" if prefixes[0] else local
        if not uri and "" not in self._root.scope:
            return local
        if uri not in self._declared:
            wanted = next((p for p, known in node.scope.items() if known == uri and p), "ns")
            taken = set(self._root.scope) | set(self._declared.values())
            self._declared[uri] = next(p for p in (wanted, *(f"{wanted}{n}" for n in range(99))) if p not in taken)
        return f"{self._declared[uri]}:{local}"


def _reorder(units: list[_Unit], after: Node) -> None:
    """Give elements of one kind the order of the edited file. Between kinds, order has no meaning in BPMN and
    DMN, and the editor arranges them by its own schema."""
    rank = {child: n for n, child in enumerate(after.children)}
    places: dict[str, list[int]] = {}
    for n, unit in enumerate(units):
        if unit.edited is not None and has_order(unit.edited):
            places.setdefault(unit.edited.tag, []).append(n)
    for found in places.values():
        wanted = sorted((units[n] for n in found), key=lambda unit: rank[unit.edited] if unit.edited else 0)
        for n, unit in zip(found, wanted, strict=True):
            units[n] = unit


def _quoted(value: str, quote: str) -> str:
    marks = {'"': "&quot;"} if quote == '"' else {"'": "&apos;"}
    return escape(value, {**marks, "\n": "&#10;", "\t": "&#9;", "\r": "&#13;"})
