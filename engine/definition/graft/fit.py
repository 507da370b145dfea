"""Which element of the edited file is which element of the original."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable

from engine.definition.graft.editor import digest, kind
from engine.definition.graft.source import Node


class Fit:
    """Partners by id wherever they stand; elements without one by what they show, say and are, in that order."""

    def __init__(self, original: Node, edited: Node) -> None:
        self.original_ids = _by_id(original)
        self.edited_ids = _by_id(edited)

    def children(self, original: Node | None, edited: Node) -> dict[Node, Node]:
        """For each child of ``edited`` that has one, its partner. A partner with the same id may stand elsewhere."""
        found: dict[Node, Node] = {}
        for child in edited.children:
            partner = self.original_ids.get(child.id or "")
            if partner is not None and partner.parent is not None:
                found[child] = partner
        if original is None:
            return found
        for key in (_shown, _said, _named, _kind):
            _pair(found, self._free(original, self.edited_ids), edited.children, self.original_ids, key)
        return found

    def _free(self, original: Node, taken: dict[str, Node]) -> list[Node]:
        return [child for child in original.children if child.id not in taken]


def _pair(
    found: dict[Node, Node],
    originals: list[Node],
    edited: list[Node],
    known: dict[str, Node],
    key: Callable[[Node], Hashable],
) -> None:
    """Pair what has the same ``key``, first with first."""
    used = set(found.values())
    free = [node for node in originals if node not in used]
    alone = [node for node in edited if node not in found and node.id not in known]
    if not free or not alone:
        return
    waiting: dict[Hashable, list[Node]] = defaultdict(list)
    for node in free:
        waiting[key(node)].append(node)
    for node in alone:
        wanted = key(node)
        if wanted is not None and waiting.get(wanted):
            found[node] = waiting[wanted].pop(0)


def _shown(node: Node) -> Hashable:
    """A shape or an edge: by the element that it shows."""
    shown = node.attributes.get("bpmnElement") or node.attributes.get("dmnElementRef")
    return (kind(node), shown.value) if shown is not None else None


def _said(node: Node) -> Hashable:
    return digest(node)


def _named(node: Node) -> Hashable:
    """An element whose id was changed keeps its name."""
    name = node.attributes.get("name")
    return (kind(node), name.value) if name is not None and name.value else None


def _kind(node: Node) -> Hashable:
    return kind(node) if node.id is None else None


def _by_id(root: Node) -> dict[str, Node]:
    """Elements by id; an id that stands twice names nothing."""
    nodes = [(node.id, node) for node in root.walk() if node.id]
    often = Counter(key for key, _ in nodes)
    return {key: node for key, node in nodes if key is not None and often[key] == 1}
