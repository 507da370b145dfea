"""Writes small DMN files for tests."""

from __future__ import annotations

from collections.abc import Sequence
from xml.sax.saxutils import escape, quoteattr

from engine.decision import Model, read_decisions

NAMESPACES = {
    "1.3": "https://www.omg.org/spec/DMN/20191111/MODEL/",
    "1.4": "https://www.omg.org/spec/DMN/20211108/MODEL/",
    "1.5": "https://www.omg.org/spec/DMN/20230324/MODEL/",
}


def definitions(body: str, *, version: str = "1.5", namespace: str = "urn:test") -> bytes:
    """A file with this content."""
    return (
        f'<definitions xmlns="{NAMESPACES[version]}" id="d" name="test" namespace="{namespace}">{body}</definitions>'
    ).encode()


def decision(name: str, expression: str, requires: Sequence[str] = (), type_name: str = "") -> str:
    """A decision whose id is its name; ``requires``: inputs by name, decisions as ``#name``, knowledge as ``!name``."""
    kinds = {"#": "requiredDecision", "!": "requiredKnowledge"}
    parts = []
    for required in requires:
        tag = kinds.get(required[0], "requiredInput")
        wrapper = "knowledgeRequirement" if required[0] == "!" else "informationRequirement"
        parts.append(f"<{wrapper}><{tag} href={quoteattr('#' + required.lstrip('#!'))}/></{wrapper}>")
    typed = f' typeRef="{type_name}"' if type_name else ""
    return (
        f'<decision id="{name}" name="{name}"><variable name="{name}"{typed}/>{"".join(parts)}{expression}</decision>'
    )


def input_data(name: str, type_name: str = "") -> str:
    """An input whose id is its name."""
    typed = f' typeRef="{type_name}"' if type_name else ""
    return f'<inputData id="{name}" name="{name}"><variable name="{name}"{typed}/></inputData>'


def literal(text: str) -> str:
    """A literal expression."""
    return f"<literalExpression><text>{escape(text)}</text></literalExpression>"


def table_xml(
    hit_policy: str,
    inputs: Sequence[str | tuple[str, ...]],
    outputs: Sequence[str | tuple[str, ...]],
    rules: Sequence[Sequence[str]],
    aggregation: str = "",
) -> str:
    """A decision table. An input or output is its name, or (name, type) or (name, type, values)."""
    aggregated = f' aggregation="{aggregation}"' if aggregation else ""
    parts = [f'<decisionTable id="table" hitPolicy="{hit_policy}"{aggregated}>']
    for clause in inputs:
        name, type_name, values = _clause(clause)
        typed = f' typeRef="{type_name}"' if type_name else ""
        allowed = f"<inputValues><text>{escape(values)}</text></inputValues>" if values else ""
        parts.append(
            f'<input label="{name}"><inputExpression{typed}><text>{name}</text></inputExpression>{allowed}</input>'
        )
    for clause in outputs:
        name, type_name, values = _clause(clause)
        typed = f' typeRef="{type_name}"' if type_name else ""
        allowed = f"<outputValues><text>{escape(values)}</text></outputValues>" if values else ""
        parts.append(f'<output name="{name}"{typed}>{allowed}</output>')
    for rule in rules:
        entries = [
            f"<{tag}><text>{escape(cell)}</text></{tag}>"
            for place, cell in enumerate(rule)
            for tag in ["inputEntry" if place < len(inputs) else "outputEntry"]
        ]
        parts.append(f"<rule>{''.join(entries)}</rule>")
    return "".join([*parts, "</decisionTable>"])


def _clause(clause: str | tuple[str, ...]) -> tuple[str, str, str]:
    if isinstance(clause, str):
        return clause, "", ""
    return (*clause, "", "")[:3]  # type: ignore[return-value]


def table_model(
    hit_policy: str,
    inputs: Sequence[str | tuple[str, ...]],
    outputs: Sequence[str | tuple[str, ...]],
    rules: Sequence[Sequence[str]],
    aggregation: str = "",
) -> Model:
    """A model with the one decision ``answer``, a table over input data of those names."""
    names = [_clause(clause)[0] for clause in inputs]
    body = "".join(input_data(name) for name in names)
    xml = table_xml(hit_policy, inputs, outputs, rules, aggregation)
    return read_decisions(definitions(body + decision("answer", xml, names)))
