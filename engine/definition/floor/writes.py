"""What an element may write into the followed variables when it is done: answers, results, assignments."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.definition.diagram import Element
from engine.definition.floor.choices import Followed
from engine.definition.floor.composed import Node
from engine.definition.roles import said
from engine.errors import ShangmenError
from engine.feel import compile_expression
from engine.feel import syntax as s
from forms.schema import Field, Form

Writes = Mapping[str, frozenset[Any]]
_LITERALS = (s.StringLiteral, s.BooleanLiteral, s.NullLiteral)


def writes_of(node: Node, followed: Followed, forms: Mapping[str, Form]) -> Writes:
    """Variable → what it may be afterwards, for everything that the element may write."""
    element, found = node.element, dict[str, frozenset[Any]]()
    if element.kind == "userTask":
        role = said(node.diagram, element.id).get("role", "")
        roles = frozenset() if role.startswith("=") else frozenset({role})
        found |= answered(forms.get(element.attributes.get("form", "")), roles, followed)
    for definition in element.definitions:
        message = node.diagram.messages.get(definition.ref or "")
        if definition.kind == "message" and message is not None:
            found |= answered(forms.get(message.form), frozenset(message.roles), followed)
    message = node.diagram.messages.get(element.message or "")
    if element.kind == "receiveTask" and message is not None:
        found |= answered(forms.get(message.form), frozenset(message.roles), followed)
    if element.kind == "scriptTask":
        found |= _assigned(element.script, followed)
    anything = {element.attributes.get("result", ""), *_collected(element)}
    found |= {name: followed.domains[name] for name in anything & set(followed.names)}
    return found


def answered(form: Form | None, roles: frozenset[str], followed: Followed) -> Writes:
    """What people in ``roles`` may answer (no roles: anybody)."""
    if form is None:
        return {}
    hides = form.hides
    found = {}
    for field in form.fields:
        may = not roles or field.may_write(roles) or bool(field.computed)
        if may and field.key in followed.names:
            found[field.key] = _answers(field, bool(hides[field.key]), followed)
    return found


def _answers(field: Field, hideable: bool, followed: Followed) -> frozenset[Any]:
    domain = followed.domains[field.key]
    if field.kind == "checkbox":
        return frozenset({True, False})
    optional = hideable or not field.limits.required
    if not field.options or field.computed:
        return domain if optional else domain - {None}
    offered = frozenset(followed.known_as(field.key, option.kept) for option in field.options)
    return offered | {None} if optional else offered


def _assigned(script: str, followed: Followed) -> Writes:
    try:
        tree = compile_expression(script).tree
    except ShangmenError:
        return dict(followed.domains)
    if not isinstance(tree, s.ContextLiteral):
        return dict(followed.domains)
    found = {}
    for entry in tree.entries:
        if entry.name in followed.names:
            literal = isinstance(entry.value, _LITERALS)
            value = getattr(entry.value, "value", None) if literal else None
            known = frozenset({followed.known_as(entry.name, value)})
            found[entry.name] = known if literal else followed.domains[entry.name]
    return found


def _collected(element: Element) -> set[str]:
    loop = element.loop
    names = {found.target for found in (*element.inputs, *element.outputs)} | set(element.properties)
    return names if loop is None else names | {loop.outputs, loop.item}
