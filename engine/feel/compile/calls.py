"""Closures for function definitions, calls and ``instance of`` (DMN 1.5, clauses 10.3.2.9.1 and 10.3.2.12)."""

from __future__ import annotations

from engine.feel.builtins import BUILTINS
from engine.feel.compile.frame import Closure, Compiler, Frame
from engine.feel.functions import Builtin, call_function, call_function_by_name
from engine.feel.syntax import Call, ExternalFunction, FunctionDefinition, InstanceOf, Name, NamedCall, Node, Type
from engine.feel.type_checks import has_type
from engine.feel.values import FeelFunction, Value, kind


def function_definition(node: FunctionDefinition, compiler: Compiler) -> Closure:
    """``function(a, b) …``: a value that remembers where it was made."""
    names = tuple(parameter.name for parameter in node.parameters)
    types = tuple(parameter.type for parameter in node.parameters)
    with compiler.binding(names):
        body = compiler.compile(node.body)

    def define(frame: Frame) -> FeelFunction:
        def call(*arguments: Value) -> Value:
            if not _have_types(arguments, types, frame):
                return None
            return body(Frame(dict(zip(names, arguments, strict=True)), frame, frame.evaluation))

        return FeelFunction(names, call, types=types)

    return define


def _have_types(arguments: tuple[Value, ...], types: tuple[Type | None, ...], frame: Frame) -> bool:
    return all(
        expected is None or argument is None or has_type(argument, expected, frame.evaluation) is True
        for argument, expected in zip(arguments, types, strict=True)
    )


def external_function(node: ExternalFunction, compiler: Compiler) -> Closure:
    """``function(…) external …``: refused, always null."""
    at = node.at
    return lambda frame: frame.evaluation.warn(at, "External functions are not allowed.")


def _compile_function(node: Node, compiler: Compiler) -> Closure:
    """What is called. A variable that only happens to have a built-in's name does not hide the function."""
    read = compiler.compile(node)
    builtin = BUILTINS.get(node.name) if isinstance(node, Name) else None
    if builtin is None:
        return read

    def choose(frame: Frame) -> Value:
        found = read(frame)
        return found if type(found) is FeelFunction else builtin

    return choose


def _not_a_function(frame: Frame, node: Node, found: Value) -> Value:
    if isinstance(node, Name):
        return frame.evaluation.warn(node.at, "There is no function “%(name)s”.", name=node.name)
    return frame.evaluation.warn(node.at, "A %(kind)s cannot be called.", kind=kind(found))


def call(node: Call, compiler: Compiler) -> Closure:
    """``function(a, b)``."""
    read = _compile_function(node.function, compiler)
    arguments = compiler.compile_all(node.arguments)
    function, at = node.function, node.at

    def invoke(frame: Frame) -> Value:
        found = read(frame)
        if type(found) is not Builtin and type(found) is not FeelFunction:
            return _not_a_function(frame, function, found)
        return call_function(found, [argument(frame) for argument in arguments], frame.evaluation, at)

    return invoke


def named_call(node: NamedCall, compiler: Compiler) -> Closure:
    """``function(a: 1, b: 2)``."""
    read = _compile_function(node.function, compiler)
    arguments = [(entry.name, compiler.compile(entry.value)) for entry in node.arguments]
    function, at = node.function, node.at

    def invoke(frame: Frame) -> Value:
        found = read(frame)
        if type(found) is not Builtin and type(found) is not FeelFunction:
            return _not_a_function(frame, function, found)
        given = {name: argument(frame) for name, argument in arguments}
        if len(given) != len(arguments):
            return frame.evaluation.warn(at, "The same parameter is given twice.")
        return call_function_by_name(found, given, frame.evaluation, at)

    return invoke


def instance_of(node: InstanceOf, compiler: Compiler) -> Closure:
    """``operand instance of type``."""
    operand = compiler.compile(node.operand)
    expected = node.type
    return lambda frame: has_type(operand(frame), expected, frame.evaluation)
