"""FEEL, the one expression language: conditions, assignments, timers, tables and forms (DMN 1.5, clause 10.3).

    compile_expression("=金额 > 1000 and 部门 = \\"财务\\"").evaluate({"金额": 1500, "部门": "财务"})   # True
    compile_unary_tests("[1..10], 99").matches(5)                                            # True

Text in, values out; never code. Every evaluation has a budget, and time comes in with the ``Environment``.
"""

from engine.feel.builtins import BUILTINS
from engine.feel.comparison import compare, contains, equal
from engine.feel.environment import NOWHERE, Environment, Evaluation
from engine.feel.errors import FeelError, FeelLimit, FeelSyntaxError, FeelWarning
from engine.feel.expression import Expression, Outcome, UnaryTests, compile_expression, compile_unary_tests
from engine.feel.functions import Builtin, call_function, call_function_by_name
from engine.feel.limits import PROFILES, Limits
from engine.feel.temporal import Date, DateTime, DaysTimeDuration, Time, YearsMonthsDuration
from engine.feel.text import value_text
from engine.feel.type_checks import is_instance
from engine.feel.values import FeelFunction, Range, kind, to_feel, to_python

__all__ = [
    "BUILTINS",
    "NOWHERE",
    "PROFILES",
    "Builtin",
    "Date",
    "DateTime",
    "DaysTimeDuration",
    "Environment",
    "Evaluation",
    "Expression",
    "FeelError",
    "FeelFunction",
    "FeelLimit",
    "FeelSyntaxError",
    "FeelWarning",
    "Limits",
    "Outcome",
    "Range",
    "Time",
    "UnaryTests",
    "YearsMonthsDuration",
    "call_function",
    "call_function_by_name",
    "compare",
    "compile_expression",
    "compile_unary_tests",
    "contains",
    "equal",
    "is_instance",
    "kind",
    "to_feel",
    "to_python",
    "value_text",
]
