"""Which followed variables still matter: one that nobody reads before it is written again is forgotten.

States that differ only in what is forgotten are one state, which keeps the space small and loses nothing.
"""

from __future__ import annotations

from collections.abc import Mapping

from engine.definition.floor.composed import Net, Node
from engine.definition.floor.writes import Writes
from engine.feel import compile_expression


def live_variables(
    net: Net, writes: Mapping[str, Writes], asked: Mapping[str, frozenset[str]]
) -> dict[str, frozenset[str]]:
    """Token → the variables that may be read from there on. ``asked``: element id → what rules read there."""
    reads = {key: _reads(node) | asked.get(node.id, frozenset()) for key, node in net.nodes.items()}
    before: dict[str, frozenset[str]] = dict.fromkeys(net.nodes, frozenset())
    after: dict[str, frozenset[str]] = dict.fromkeys(net.nodes, frozenset())
    links = _link_catches(net)
    changed = True
    while changed:
        changed = False
        for key, node in reversed(list(net.nodes.items())):
            out = _out(net, node, before, links)
            aside = frozenset[str]().union(*(before[one] for one in net.boundaries.get(key, ())))
            inside = frozenset[str]().union(*(before[one] for one in net.starts.get(key, ())))
            again = before[key] if node.element.loop is not None else frozenset[str]()
            later = aside | again | (out if key in net.starts else out - writes.get(key, {}).keys())
            found = reads[key] | inside | later
            if (found, later) != (before[key], after[key]):
                before[key], after[key], changed = found, later, True
    tokens = {f"f:{flow}": before[target] for flow, (_, target) in net.flows.items()}
    tokens |= {f"a:{key}": after[key] | reads[key] for key in net.nodes}
    return tokens | {f"b:{key}": before[key] for key in net.nodes}


def _link_catches(net: Net) -> dict[tuple[str, str], str]:
    catching = (node for node in net.nodes.values() if node.kind == "intermediateCatchEvent")
    return {(n.path, link.name): n.key for n in catching if (link := n.element.definition("link")) is not None}


def _out(
    net: Net, node: Node, before: Mapping[str, frozenset[str]], links: Mapping[tuple[str, str], str]
) -> frozenset[str]:
    targets = [net.flows[flow][1] for flow in net.outgoing(node)]
    if node.kind == "intermediateThrowEvent" and (link := node.element.definition("link")) is not None:
        targets += [key for key in [links.get((node.path, link.name))] if key]
    return frozenset[str]().union(*(before[target] for target in targets))


def _reads(node: Node) -> frozenset[str]:
    if node.kind not in ("exclusiveGateway", "inclusiveGateway"):
        return frozenset()
    conditions = [flow.condition for flow in node.diagram.flows_out(node.id) if flow.condition is not None]
    return frozenset[str]().union(*(compile_expression(text).names for text in conditions))
